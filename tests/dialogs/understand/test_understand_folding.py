import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.understand.folding import by_ear, fold, sounded, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("  ", ""),
        ("Hola", "hola"),
        ("¡HOLAA!!", "hola"),
        ("ayudaaaa", "ayuda"),
        ("siiii", "si"),
        ("noo", "no"),
        ("Irpavi II", "irpavi ii"),
        ("leer", "leer"),
        ("calle", "calle"),
        ("MENÚ PRINCIPAL", "menu principal"),
        ("¿Qué pasó con el niño?", "que paso con el nino"),
        ("Següencoma", "seguencoma"),
        ("q'añu", "qanu"),
        ("yanapt\u2019ita", "yanaptita"),
        ("a\tb\nc\x00d", "a b c d"),
        ("z/ Kupini", "z kupini"),
        ("482-105-930", "482 105 930"),
        ("😡😡", ""),
        ("👍🏽👌", "ok ok"),
        ("ya🙏gracias", "ya gracias gracias"),
        ("👎", "no"),
        ("STОP", "stop"),  # noqa: RUF001  a Cyrillic O, on purpose
        ("ΑLΤΟ", "alto"),  # noqa: RUF001  Greek letters, on purpose
        ("ＳＴＯＰ", "stop"),  # noqa: RUF001  full width, on purpose
        ("𝐒𝐓𝐎𝐏", "stop"),  # noqa: RUF001  mathematical bold, on purpose
        ("s\u200bt\u200bo\u200bp", "stop"),
        ("\u202estop", "stop"),
        ("２ ③ ٤ ५", "2 3 4 5"),  # noqa: RUF001  digits of other scripts, on purpose
        ("2️⃣", "2"),
        ("ﬁn", "fin"),
        ("straße", "strasse"),
        ("ไทย", ""),
    ],
)
def test_one_shape_however_it_was_written(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "written_out"),
    [
        ("x q no vienen", ["por", "que", "no", "vienen"]),
        ("stop porfa", ["stop", "por", "favor"]),
        ("ya no manden msjs", ["ya", "no", "manden", "mensajes"]),
        ("z. bajo tejar", ["zona", "bajo", "tejar"]),
        ("grax x todo", ["gracias", "por", "todo"]),
        ("av. montes n 5", ["avenida", "montes", "en", "5"]),
        ("", []),
        ("aviso p q vengan pa arreglar", ["aviso", "para", "que", "vengan", "para", "arreglar"]),
        ("grcs", ["gracias"]),
    ],
)
def test_short_forms_are_written_out(text, written_out):
    assert words(text) == written_out


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kiero", "quiero"),
        ("alluda", "ayuda"),
        ("foko kemado", "foco quemado"),
        ("ueco", "hueco"),
        ("weco", "hueco"),
        ("undida", "hundida"),
        ("turvia", "turbia"),
        ("avandonado", "abandonado"),
        ("bosina", "bocina"),
        ("minivuses", "minibuses"),
        ("xorreando", "chorreando"),
        ("asera", "acera"),
        ("basural", "vasural"),
        ("ay", "hay"),
        ("ai", "hay"),
        ("ahi", "hay"),
        ("jente", "gente"),
        ("gia", "gia"),
        ("aser", "hacer"),
        ("calle", "caye"),
        ("reten polisial", "retén policial"),
        ("pasanqueri", "Pasankeri"),
        ("wawa", "huahua"),
        ("escremento", "excremento"),
        ("foto", "photo"),
        ("grassias", "gracias"),
    ],
)
def test_what_sounds_the_same_is_the_same(one, other):
    assert sounded(one) == sounded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alto", "alta"),
        ("baja", "bajo"),
        ("baja", "caja"),
        ("chorro", "choro"),
        ("perro", "pero"),
        ("correcto", "incorrecto"),
        ("si", "no"),
        ("muro", "mudo"),
        ("guerra", "jerga"),
        ("tree", "tres"),
    ],
)
def test_what_must_not_be_confused_stays_apart(one, other):
    assert sounded(one) != sounded(other)


def test_all_but_letters_and_digits_parts_words_in_ascii_and_beside_another_script():
    for letter in map(chr, range(128)):
        kept = letter.lower() if letter.isalnum() else " " if letter not in "'`" else ""
        assert fold(f"ab{letter}cd") == f"ab{kept}cd"
        assert fold(f"ab{letter}cd \u4e2d") == f"ab{kept}cd"


def test_gue_and_gui_are_not_ge_and_gi():
    assert by_ear("manguera guia gente girar") == "mangera gia jente jirar"


@given(st.text())
def test_any_text_becomes_plain_words(text):
    folded = fold(text)
    assert folded.isascii()
    assert folded == " ".join(folded.split())
    assert all(char.isalnum() or char == " " for char in folded)
    assert fold(folded) == folded


@given(st.text())
def test_any_text_can_be_heard(text):
    assert all(word and " " not in word for word in sounded(text))
    assert all(word and " " not in word for word in words(text))
