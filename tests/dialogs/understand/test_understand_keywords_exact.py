"""What mutants of the commands showed to be untested: which is tried first, and how unlike a word may be."""

from dataclasses import replace

import pytest

from dialogs.city import Words
from dialogs.understand.keywords import command, confusable, parts


def says(hamlet, **commands):
    """The hamlet with these words for its commands, in this order."""
    words = Words(language="es", name="Español", reviewed_by="tests", commands=commands, options={})
    return replace(hamlet, words={"es": words})


def test_the_upper_of_two_commands_is_meant_and_the_opt_out_before_all(hamlet):
    first, second = ("un aviso", ".. aviso .."), ("un aviso", "quiero .. aviso")
    assert command("un aviso", says(hamlet, one=first, two=second)) == "one"
    assert command("un aviso", says(hamlet, two=second, one=first)) == "two"
    assert command("quiero su aviso", says(hamlet, one=first, two=second)) == "one"
    assert command("quiero su aviso", says(hamlet, two=second, one=first)) == "two"
    assert command("quiero su aviso", says(hamlet, one=first, two=second, stop=("quiero .. aviso",))) == "stop"
    assert command("un aviso", says(hamlet, one=first, stop=("un aviso",))) == "stop"


def test_a_command_may_be_said_in_any_language_offered(hamlet):
    other = Words(language="en", name="English", reviewed_by="tests", commands={"rare": ("odd",)}, options={})
    both = replace(hamlet, languages=("es", "en"), words={**hamlet.words, "en": other})
    assert command("odd", both) == "rare"
    assert command("raro", both) == "rare"
    assert command("odd", hamlet) is None


@pytest.mark.parametrize("answer", ["yes", "no", "half"])
def test_what_an_open_answer_describes_is_no_command(hamlet, answer):
    city = says(hamlet, **{answer: ("al fin claro ..", "claro")})
    assert command("al fin claro que salio", city) is None
    assert command("al fin claro", city) is None
    assert command("claro", city) == answer


def test_a_seventh_of_a_word_may_be_wrong_and_a_sixth_may_not(hamlet):
    assert command("palobra", says(hamlet, rare=("palabra",))) == "rare"
    assert command("palobr", says(hamlet, rare=("palabr",))) is None


def test_a_word_of_four_letters_may_be_misspelt_and_one_of_three_may_not(hamlet):
    assert command("rario", says(hamlet, rare=("raro",))) == "rare"
    assert command("solt", says(hamlet, rare=("sol",))) is None
    assert command("rao", says(hamlet, rare=("raro",))) is None
    assert command("rapt", says(hamlet, rare=("rapto",))) == "rare"


@pytest.mark.parametrize("consent", ["stop", "start"])
def test_an_opt_out_of_ten_letters_may_be_misspelt_and_one_of_nine_may_not(hamlet, consent):
    assert command("salidisitat", says(hamlet, **{consent: ("salidisita",)})) == consent
    assert command("saliditast", says(hamlet, **{consent: ("saliditas",)})) is None


def test_a_number_of_six_digits_beside_a_phrase_speaks_for_itself_and_one_of_five_does_not(hamlet):
    city = says(hamlet, rare=("cosa rara ..",), stop=("no .. avisos ..",))
    assert command("cosa rara 12345", city) == "rare"
    assert command("cosa rara 123456", city) is None
    assert command("cosa rara 123 456", city) is None
    assert command("no quiero avisos 12345678", city) == "stop"


def test_a_word_like_two_commands_is_neither(hamlet):
    assert command("palabrta", says(hamlet, rare=("palabra",), help=("palabrt",))) is None
    assert command("palabrta", says(hamlet, rare=("palabra", "palabrt"))) == "rare"
    near = tuple(f"palabrta{letter}" for letter in "eioumf")  # six that are nearer than that of the other
    assert command("palabrta", says(hamlet, rare=near)) == "rare"
    assert command("palabrta", says(hamlet, rare=near, help=("palabra",))) is None


def test_the_first_letter_of_a_misspelt_word_agrees(hamlet):
    assert command("calabra", says(hamlet, rare=("palabra",), help=("casita",))) is None


def test_parts_are_all_known_or_none(hamlet):
    city = says(hamlet, rare=("raro",), help=("ayuda ya",), thanks=("gracias",))
    assert parts("raro ayuda ya por favor", city) == {"rare", "help"}
    assert parts("raro casa", city) == frozenset()
    assert parts(" ".join(["raro"] * 12), city) == {"rare"}
    assert parts(" ".join(["raro"] * 13), city) == frozenset()


def test_a_word_within_a_longer_one_is_not_like_it(hamlet):
    assert command("palabramente", says(hamlet, rare=("palabra",))) is None


def test_a_phrase_of_two_words_is_not_heard_by_likeness(hamlet):
    assert command("ayudaya", says(hamlet, help=("ayuda ya",))) is None


@pytest.mark.parametrize("thanks", ["gracias", "thanks", "por favor", "muchas gracias"])
def test_thanks_before_and_behind_a_phrase_are_no_part_of_it(hamlet, thanks):
    city = says(hamlet, rare=("una cos*",))
    assert command(f"una cosita {thanks}", city) == "rare"
    assert command(f"{thanks} una cosita", city) == "rare"
    assert command(f"una cosita {thanks}", says(hamlet, rare=(f"una cos* {thanks}",))) == "rare"


@pytest.mark.parametrize("text", ["", " ", "!", "...", "\r\n"])
def test_marks_without_a_question_are_no_command(hamlet, text):
    assert command(text, hamlet) is None


@pytest.mark.parametrize(
    ("word", "of", "other", "its", "may"),
    [
        ("rapto", "rare", "rapt", "stop", True),  # the opt-out is never guessed, but the other may be
        ("rapt", "stop", "rapto", "rare", True),
        ("rapt", "stop", "raptor", "start", False),
        ("raptadisimos", "stop", "raptadisimo", "start", True),
        ("rapto", "rare", "ropero", "help", False),
        ("rapto", "rare", "captor", "help", False),
        ("abcdefghijklmnopqrst", "rare", "abcdefghijklmnopqzyx", "help", True),  # 85 of 100
        ("abcdefghijklmnopqrs", "rare", "abcdefghijklmnopzyx", "help", False),
    ],
)
def test_which_words_may_be_taken_for_each_other(word, of, other, its, may):
    assert confusable(word, of, other, its) is may


@pytest.mark.parametrize("name", ["stop", "start", "mute", "unmute", "erase", "keep"])
def test_what_changes_who_hears_of_what_is_not_commanded_by_a_word_like_a_short_one(hamlet, name):
    city = says(hamlet, **{name: ["abrir"]})
    assert command("abrir", city) == name
    assert command("abrirs", city) is None
    assert command("abrirs", says(hamlet, help=["abrir"])) == "help"
