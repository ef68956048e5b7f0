import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.understand.numbers import choice, rating


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", 2), ("2.", 2), (" 2 ", 2), ("2)", 2), ("(2)", 2), ("#2", 2), ("opcion 2", 2), ("OPCIÓN 2", 2), ("opcion2", 2),
        ("dos", 2), ("DOS", 2), ("la 2", 2), ("la 2da", 2), ("el segundo", 2), ("la 1 porfa", 1), ("numero 3 gracias", 3),
        ("nro 3", 3), ("quiero la 4 por favor", 4), ("uno", 1), ("la primera", 1), ("2 2", 2), ("2️⃣", 2), ("٢", 2), ("\uff12", 2),
        ("option 5", 5), ("the second", 2), ("sinco", 5), ("seis", 6), ("9", 9), ("nueve", 9),
    ],
)  # fmt: skip
def test_a_choice_is_heard(text, number):
    assert choice(text, 9) == number


@pytest.mark.parametrize(
    "text",
    ["", "0", "12", "2 y 3", "1 o 2", "agua", "calle 2", "hace 2 dias", "2 vecinos se cayeron", "no", "22", "x2y", "dos mil",
     "no hay agua hace 4 dias", "-", "opcion", "99999999999999999999"],
)  # fmt: skip
def test_what_is_no_choice(text):
    assert choice(text, 9) is None


def test_a_choice_beyond_the_last_is_none():
    assert choice("5", 5) == 5
    assert choice("6", 5) is None
    assert choice("1", 0) is None


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("5", 5), ("cinco", 5), ("mas o menos unas 3", 3), ("pesimo 1", 1), ("muy bien lo arreglaron al dia siguiente 5/5", 5),
        ("le pongo un 4", 4), ("le doi sinco", 5), ("4 estrellas", 4), ("3 de 5", 3), ("un 2 sobre 5", 2), ("4 out of 5", 4), ("muy bien", 5),
        ("Muy bien gracias", 5), ("bien", 4), ("regular", 3), ("mas o menos", 3), ("mal", 2), ("muy mal", 1), ("pésimo", 1),
        ("excelente", 5), ("very good", 5), ("bueno", 4), ("1", 1), ("excelente servicio 5", 5),
        ("1 mala la atencion", 1), ("4 buena la respuesta", 4),
    ],
)  # fmt: skip
def test_a_mark_is_heard(text, mark):
    assert rating(text) == mark


@pytest.mark.parametrize(
    "text",
    ["", "0", "6", "10", "9", "4 o 5", "hace 3 dias no vienen", "no arreglaron nada en 2 semanas", "gracias", "si", "5/50", "1/2/5/5x",
     "arreglaron todo muy rapido y muy bien por eso estoy contento gracias a todos"],
)  # fmt: skip
def test_what_is_no_mark(text):
    assert rating(text) is None


@given(st.text(), st.integers(0, 9))
def test_any_text_gives_a_choice_in_range_or_none(text, most):
    chosen = choice(text, most)
    assert chosen is None or 1 <= chosen <= most


@given(st.text())
def test_any_text_gives_a_mark_in_range_or_none(text):
    mark = rating(text)
    assert mark is None or 1 <= mark <= 5
