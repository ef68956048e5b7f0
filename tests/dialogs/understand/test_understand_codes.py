import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import damm

from dialogs.understand.codes import find, is_valid, near, show


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("482193063", "482193063"),
        ("482193063?", "482193063"),
        ("482-193-063", "482193063"),
        ("482 193 063", "482193063"),
        ("331.209.751", "331209751"),
        ("48/21/93063", "482193063"),
        ("73-01-55825", "730155825"),
        ("estado 4821 93063", "482193063"),
        ("estado482193063", "482193063"),
        ("E 482193063", "482193063"),
        ("caso#440912686", "440912686"),
        ("(482193063)", "482193063"),
        ("codigo:482193063.", "482193063"),
        ("9 0 2 1 1 7 4 3 1 diganme", "902117431"),
        ("55 67 01 249 pero no dice nada", "556701249"),
        ("cuatro ocho dos uno nueve tres cero seis tres", "482193063"),
        ("four eight two one nine three zero six three", "482193063"),
        ("cuatro ocho dos 193 063", "482193063"),
        ("kuatro ocho dos, uno nuebe tres, sero seis tres", "482193063"),
        ("quatro ocho dos uno cero sinco nueve tres cero", "482105930"),
        ("cuatro ocho dos uno cero cinko nueve tres cero", "482105930"),
        ("cuatro ocho dos uno cero sinko nueve tres cero", "482105930"),
        ("cuatro ochenta y dos, uno nueve tres, cero sesenta y tres", "482193063"),
        ("cuatrocientos cuarenta novecientos doce seiscientos ochenta y seis", "440912686"),
        ("quatrosientos ochenta dos ciento nobenta y tres zero sesenta tres", "482193063"),
        ("cuarenta y ocho veintiuno noventa y tres cero seis tres", "482193063"),
        ("four eight two one nine three oh six three", "482193063"),
        ("cuatro ocho dos uno cero cinco nueve treinta", "482105930"),
        ("ciento ochenta, trescientos cuarenta y siete, doscientos noventa y ocho", "180347298"),
        ("l8o347298", "180347298"),
        ("cuatro ocho dos dieciséis cero nueve tres ocho", "482160938"),
        ("y cuatrocientos ochenta y dos cien doscientos veintitres", "482100223"),
        ("cuatro ocho veintiuno nueve tres cero seis tres", "482193063"),
        ("cuatro ochenta diez dos dos dos cuatro", "480102224"),
        ("seis veintinueve ochenta y cuatro cinco tres nueve dos", "629845392"),
        ("treinta y uno cero cero veinte y dos ochenta y uno uno", "310022811"),
        ("cuatro ochenta i dos uno nueve tres cero seis tres", "482193063"),
        ("uno ocho cero trescientos cuarenta y siete doscientos noventa y ocho", "180347298"),
        ("4821930b3 482193063", "482193063"),
        ("48219306З 482193063", "482193063"),  # noqa: RUF001  a Cyrillic letter that looks like a three
        ("４８２１９３０６３", "482193063"),  # noqa: RUF001  full width
        ("٤٨٢١٩٣٠٦٣", "482193063"),
        ("482193063\n", "482193063"),
        ("calle 8 el 482193063", "482193063"),
        ("tengo 2 casos 482193063", "482193063"),
        ("482–193–063", "482193063"),  # noqa: RUF001  en dashes
    ],
)
def test_a_code_is_found_however_it_is_written(text, code):
    assert find(text) == (code,)


def test_many_codes_are_found_in_order_and_once():
    assert find("482193063 y 331209751, otra vez 482193063") == ("482193063", "331209751")
    assert find("482 193 063 331 209 751") == ("482193063", "331209751")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no hay agua en la calle 8",
        "48219306E",
        "4821930",
        # what stands between parts them, and so does what is full already
        "cuatro ochenta, y dos uno nueve tres cero sesenta y tres",
        "cuatro ochenta dos dos uno nueve tres cero sesenta y tres",
        "cuatrocientos y la ochenta y dos uno nueve tres cero seis tres",
        "18o-347-29b",
        "cuatrocientos ochenta calles dos uno nueve tres cero sesenta y tres",
        "cuatrocientos ochenta y y dos uno nueve tres cero sesenta y tres",
        "cuatro ocho dos siento nobenta y tres cero seis tres",
        "recarga 10 bs 71234567",
        "llamenme al +591 7 1234567",
        "GANASTE un AUTO llama ya al 800123",
        "99999999999999999999",
        "482193064",
        "el codigo el 229-4410",
        "av buenos aires n 1450 zona 8 de diciembre",
        "4821 calle 93063",
        "oooo llll",
        "800135555",
        "o" * 5000 + "1",
        "lo 1 il 2",
    ],
)
def test_what_is_no_code(text):
    assert find(text) == ()


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("482193064", ("482193064",)),
        ("48219306E", ("48219306",)),
        ("4821930", ("4821930",)),
        ("4821 930 633", ("4821930633",)),
        ("4821930x 12345678", ("4821930", "12345678")),
        ("482193064 por 482193064", ("482193064",)),
        ("482193063", ()),
        ("3 482193063", ()),
        ("cuatrocientos ochenta calles dos uno nueve tres cero sesenta y tres", ("2193063",)),
        ("123456", ()),
        ("12345678901", ()),
        ("hola", ()),
    ],
)
def test_what_may_be_a_damaged_code(text, digits):
    assert near(text) == digits


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        ("482193063", True),
        ("482193064", False),
        ("48219306", False),
        ("4821930633", False),
        ("48219306x", False),
        ("٤٨٢١٩٣٠٦٣", False),
        ("", False),
        ("012345675", False),
    ],
)
def test_what_could_have_been_given_out(code, valid):
    assert is_valid(code) is valid


def test_no_code_begins_with_nought_or_a_toll_free_prefix():
    for body in ("01234567", "80012345"):
        assert not is_valid(body + damm.calc_check_digit(body))


def test_a_code_is_shown_in_threes():
    assert show("482105930") == "482-105-930"
    assert show("") == ""


_CODES = st.integers(10_000_000, 79_999_999).map(str).map(lambda body: body + str(damm.calc_check_digit(body)))


@given(_CODES)
def test_what_we_show_we_read(code):
    assert find(show(code)) == find(f"mi codigo es {show(code)} gracias") == (code,)


@given(_CODES, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_near_and_never_another_code(code, at, by):
    wrong = code[:at] + str((int(code[at]) + by) % 10) + code[at + 1 :]
    assert find(wrong) == ()
    assert near(wrong) == (wrong,)


@given(_CODES, st.integers(0, 7))
def test_two_swapped_digits_are_never_another_code(code, at):
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    assert find(swapped) == ((code,) if swapped == code else ())


@given(st.text())
def test_any_text_has_only_valid_codes_and_near_ones_that_are_not(text):
    assert all(map(is_valid, find(text)))
    assert not any(map(is_valid, near(text)))
