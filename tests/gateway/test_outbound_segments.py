import unicodedata

import gsm0338
import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from gateway.outbound import segments
from gateway.outbound.segments import count, fold, parts, septets, ussd

BASIC = "".join(char for char, width in segments._SEPTETS.items() if width == 1)
EXTENSION = "".join(char for char, width in segments._SEPTETS.items() if width == 2)
GSM7 = st.text(st.sampled_from(BASIC + EXTENSION), max_size=400)
#: What people and templates write, dense in what goes wrong.
MIXED = st.text(st.sampled_from("aáéíñÑüÜ¿¡ €[]{}~^|\\\n“”…\u2019ïº😡👍🏽\u200d\ufe0fя漢"), max_size=400)
ANY = st.one_of(GSM7, MIXED, st.text(max_size=300))
SPEAKABLE = st.one_of(GSM7, MIXED, st.text(st.characters(exclude_categories=["Cs"]), max_size=300))


def test_the_alphabet_has_its_known_size():
    assert len(BASIC) == 127
    assert len(EXTENSION) == 10


@given(st.characters(exclude_characters="\x1b"))  # the escape has a code there, but is no letter
def test_the_alphabet_is_that_of_the_standard(char):
    codec = gsm0338.Codec()
    try:
        encoded = codec.encode(char)[0]
    except UnicodeError:
        encoded = None
    assert septets(char) == (None if encoded is None else len(encoded))


def test_the_escape_alone_is_no_letter():
    assert septets("\x1b") is None
    assert fold("a\x1bb") == "ab"


@given(GSM7)
def test_septets_are_the_octets_of_the_unpacked_alphabet(text):
    assert septets(text) == len(gsm0338.Codec().encode(text)[0])


@given(SPEAKABLE)
def test_counts_are_those_of_another_counter(text):
    assert count(text) == len(smsutil.split(text).parts)


@given(SPEAKABLE)
def test_parts_are_those_of_another_splitter(text):
    assert parts(text) == [part.content for part in smsutil.split(text).parts]


@given(ANY)
def test_parts_join_to_the_text_and_each_fits(text):
    pieces = parts(text)
    assert "".join(pieces) == text
    if len(pieces) > 1 and septets(text) is not None:
        assert all(0 < (septets(piece) or 0) <= 153 for piece in pieces)
    elif len(pieces) > 1:
        assert all(0 < len(piece.encode("utf-16-be", "surrogatepass")) // 2 <= 67 for piece in pieces)


@pytest.mark.parametrize(
    ("text", "segments_"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 158 + "€", 1),
        ("a" * 159 + "€", 2),
        ("í" * 70, 1),
        ("a" * 70 + "í", 2),
        ("í" * 134, 2),
        ("í" * 135, 3),
        ("👍" * 35, 1),
        ("👍" * 36, 2),
        ("ñ" * 160, 1),
        ("¿Quedó bien?", 1),
    ],
)
def test_what_a_text_costs(text, segments_):
    assert count(text) == segments_


def test_an_escape_and_its_letter_travel_together():
    assert [septets(part) for part in parts("a" * 152 + "€" + "a" * 20)] == [152, 22]


def test_the_halves_of_an_emoji_travel_together():
    assert [len(part) for part in parts("í" * 66 + "👍" + "í" * 20)] == [66, 21]


@pytest.mark.parametrize(
    "text",
    [
        "Su caso 482-105-930 está en trabajo.",
        "Año nuevo, ¿quedó bien?",
        "á" * 70,
        "",
        "¿Qué pasó, señora Ñusta?",
        "Reclamo [1] {a} ~ €5",
        "é" * 160,
        "mañana a las 8\nen la cancha",
    ],
)
def test_nothing_is_changed_where_nothing_is_saved(text):
    assert fold(text) == text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Está en trabajo. " * 5, "Esta en trabajo. " * 5),
        ("Mañana también é ü ¿sí? " * 5, "Mañana también é ü ¿si? " * 5),
        ("«Alto» \u2013 “ya”… n.º 5ª °\u2019 " * 4, '"Alto" - "ya"... n.o 5a o\' ' * 4),
        ("listo 👍🏽 gracias 😡 " * 5, "listo gracias " * 5),
        ("kunjamïsa ÿ ŵ ﬁn " * 5, "kunjamisa y w fin " * 5),
        ("[uno] {dos} " * 13, "(uno) (dos) " * 13),
        ("tarifa €5 " + "a" * 150, "tarifa €5 " + "a" * 150),
        ("漢字 " * 40, ""),
    ],
)
def test_what_saves_a_segment_is_folded(text, folded):
    assert fold(text).strip() == folded.strip()


def test_brackets_stay_where_they_save_nothing():
    assert fold("í[x] " * 20).startswith("i[x] i[x]")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\x00b", "ab"),
        ("a\tb", "a b"),
        ("a\r\nb", "a\nb"),
        ("a\u202eb\u200bc\ufeffd", "abcd"),
        ("a\ud83db", "ab"),
        ("e\u0301", "é"),
        ("\x1b[0m", "[0m"),
    ],
)
def test_what_no_phone_shows_is_not_sent(text, seen):
    assert fold(text) == seen
    assert ussd(text) == ussd(seen)


@given(ANY)
def test_folding_never_costs_more_and_never_again(text):
    folded = fold(text)
    assert count(folded) <= count(text)
    assert fold(folded) == folded


@given(ANY)
def test_what_is_folded_is_in_the_alphabet(text):
    folded = fold(text)
    assert septets(folded) is not None or folded == segments._seen(text)


@given(ANY)
def test_ene_is_never_touched(text):
    composed = unicodedata.normalize("NFC", text)
    for letter in "ñÑ":
        assert fold(text).count(letter) == composed.count(letter)
        assert ussd(text).count(letter) == composed.count(letter)


@given(st.text(st.sampled_from(BASIC), max_size=160))
def test_one_segment_of_the_alphabet_is_sent_as_it_is(text):
    shown = text.replace("\r", "").replace("\f", "")
    assert fold(text) == unicodedata.normalize("NFC", shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("¿Quedó bien?\n1 Sí\n2 No", "Quedo bien?\n1 Si\n2 No"),
        ("Año: mañana en Ñuñoa", "Año: mañana en Ñuñoa"),
        ("Següencoma Bajo", "Seguencoma Bajo"),
        ("[a] {b} ~c| \\d €5 ^", "(a) (b) -c/ /d EUR5 "),
        ("ÅØß£Δ 😡 x", "A x"),
        ("“hola”…", '"hola"...'),
        ("", ""),
    ],
)
def test_an_old_phones_screen(text, shown):
    assert ussd(text) == shown


@given(ANY)
def test_a_screen_is_ascii_and_ene(text):
    screen = ussd(text)
    assert all(char in "ñÑ\n" or " " <= char <= "~" for char in screen)
    assert not set(screen) & set("[]{}~^|\\")
    assert septets(screen) == len(screen)
    assert ussd(screen) == screen
