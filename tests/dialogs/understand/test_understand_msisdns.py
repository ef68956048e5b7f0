"""Whose number a report names as the one that it is told for; other numbers in it are nobody's."""

import pytest

from dialogs.understand.msisdns import meant_for

NUMBER = "+59170000002"


@pytest.mark.parametrize(
    "text",
    [
        "no hay luz en Kupini, para el 70000002",
        "no hay luz pa mi vecina 7000-0002",
        "PARA MI COMADRE DOÑA 70000002 no recogen basura",
        "a nombre de mi mama 591 70000002 se hundio la calle",
        "avisenle al +591 7000 0002 por favor",
        "el poste no prende respondan al nro 70000002",
        "contesten al cel 70000002",
        "the light is out, for my neighbour 70000002",
        "reply to my phone 70000002",
    ],
)
def test_the_number_that_it_is_told_for(text):
    assert meant_for(text, "BO") == NUMBER


def test_a_number_of_another_country_needs_no_plus():
    assert meant_for("no hay luz, para mi hijo 1 202 555 0143", "BO") == "+12025550143"


@pytest.mark.parametrize(
    "text",
    [
        "no hay luz en Kupini",
        "llamen al 70000002",  # who is to be called is not whose case it is
        "para el 482105930",  # a code
        "para el 12345678",  # no number of Bolivia
        "para el 00000000",  # nor of anywhere
        "para el 0011999999999",  # nor of a country that is none
        "para que vengan rapido mi casa es 70000002",
        "para las 7000000",
        "",
    ],
)
def test_any_other_number_is_nobodys(text):
    assert meant_for(text, "BO") is None


def test_where_no_country_is_said_it_is_ours():
    assert meant_for("para el 70000002", "PE") is None
    assert meant_for("para el 59170000002", "PE") == NUMBER
