"""What mutants of the segments showed to be untested: the edges of parts, and each letter that is written otherwise."""

# ruff: noqa: RUF001  letters that look alike are what is tested

import pytest

from gateway.outbound import segments

#: U+10000, the first letter that takes two UCS-2 units, and U+FFFF, the last place that takes one.
FIRST_OF_TWO, LAST_OF_ONE = "\U00010000", "\uffff"


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("a" * 160, ["a" * 160]),
        ("a" * 161, ["a" * 153, "a" * 8]),
        ("a" * 306, ["a" * 153, "a" * 153]),
        ("ж" * 70, ["ж" * 70]),
        ("ж" * 71, ["ж" * 67, "ж" * 4]),
        ("€" + "a" * 159, ["€" + "a" * 151, "a" * 8]),
        ("€" * 160, ["€" * 76, "€" * 76, "€" * 8]),
        (FIRST_OF_TWO * 36, [FIRST_OF_TWO * 33, FIRST_OF_TWO * 3]),
        (LAST_OF_ONE * 69 + FIRST_OF_TWO, [LAST_OF_ONE * 67, LAST_OF_ONE * 2 + FIRST_OF_TWO]),
    ],
)
def test_parts_are_cut_at_their_very_edge(text, cut):
    assert segments.parts(text) == cut
    assert segments.count(text) == len(cut)


def test_half_an_emoji_is_counted_not_refused():
    assert segments.parts("\ud83d" * 71) == ["\ud83d" * 67, "\ud83d" * 4]


def test_a_long_text_is_folded_as_little_as_saves_the_segment():
    # Three segments as UCS-2, two in GSM-7; giving up the bracket, which takes two septets, would save no third.
    text = "á[" + "a" * 178
    assert segments.fold(text) == "a[" + "a" * 178


@pytest.mark.parametrize(
    ("letters", "written"),
    [
        ("“”„«»″", '"'),
        ("‘’‚‹›ʼ´`′", "'"),
        ("–—‒―−•·‐‑", "-"),
        ("º°", "o"),
        ("ª", "a"),
        ("…", "..."),
    ],
)
def test_each_letter_that_the_alphabet_lacks_has_one_that_is_written_for_it(letters, written):
    for letter in letters:
        assert segments.ussd(f"a{letter}b") == f"a{written}b", letter


@pytest.mark.parametrize("space", ["\u00a0", "\u2007", "\u2009", "\u202f"])
def test_a_space_of_any_width_is_a_space(space):
    assert segments.ussd(f"a{space}b") == "a b"


def test_blanks_left_by_folding_go_line_by_line():
    assert segments.ussd("á  \n  b  c") == "a\nb c"
