"""Which number an answer gives: a key pressed, an option named, a mark from 1 to 5."""

import re
from collections.abc import Sequence

from dialogs.understand.folding import fold, words

#: Numerals are part of the language and not of a city, so they stand here; Spanish and English, masculine and feminine.
_NUMBERS = {
    **dict.fromkeys(("uno", "una", "primero", "primera", "primer", "one", "first", "1ro", "1ra", "1er", "1st"), 1),
    **dict.fromkeys(("dos", "segundo", "segunda", "two", "second", "2do", "2da", "2nd"), 2),
    **dict.fromkeys(("tres", "tercero", "tercera", "three", "third", "3ro", "3ra", "3er", "3rd"), 3),
    **dict.fromkeys(("cuatro", "cuarto", "cuarta", "four", "fourth", "4to", "4ta", "4th"), 4),
    **dict.fromkeys(("cinco", "sinco", "quinto", "quinta", "five", "fifth", "5to", "5ta", "5th"), 5),
    **dict.fromkeys(("seis", "sexto", "sexta", "six", "sixth", "6to", "6ta", "6th"), 6),
    **dict.fromkeys(("siete", "septimo", "septima", "seven", "seventh", "7mo", "7ma", "7th"), 7),
    **dict.fromkeys(("ocho", "octavo", "octava", "eight", "eighth", "8vo", "8va", "8th"), 8),
    **dict.fromkeys(("nueve", "noveno", "novena", "nine", "ninth", "9no", "9na", "9th"), 9),
}


def _listed(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_BESIDE_A_CHOICE = _listed(
    "la el lo las los opcion opciones option op opc numero number num no tecla choice quiero elijo escojo prefiero "
    "marco es mi respuesta the por favor please gracias thanks pues ps nomas ya ok seria i want choose a de en senor "
    "senorita"
)
_BESIDE_A_MARK = _BESIDE_A_CHOICE | _listed(
    "le les pongo doy doi un unas unos con nota puntos punto puntaje estrella estrellas calificacion califico give it "
    "them points stars rate rating mas o menos muy bien mal bueno malo buena mala regular pesimo excelente servicio "
    "trabajo atencion respuesta pesima terrible perfecto very good bad poor great"
)
_COURTESY = _listed("gracias por favor thanks please nomas pues")
_OUT_OF_FIVE = re.compile(r"(?<![0-9.,/])([1-5])\s*(?:/|de|sobre|out of|of)\s*5(?![0-9/])", re.IGNORECASE)
_MARKS = {
    **dict.fromkeys(("muy mal", "muy malo", "muy mala", "pesimo", "pesima", "terrible", "horrible", "very bad"), 1),
    **dict.fromkeys(("mal", "malo", "mala", "bad", "poor"), 2),
    **dict.fromkeys(("regular", "mas o menos", "masomenos", "mas o menos bien", "so so", "ok"), 3),
    **dict.fromkeys(("bien", "bueno", "buena", "good", "esta bien"), 4),
    **dict.fromkeys(
        ("muy bien", "muy bueno", "muy buena", "excelente", "perfecto", "very good", "great", "excellent"), 5
    ),
}
BEST = 5
_LONGEST = 8


def choice(text: str, most: int) -> int | None:
    """Return the option from 1 to ``most`` that ``text`` names ("2.", "la 1 porfa", "opcion dos"), or None.

    Nothing but the number and words that go with a choice may stand in it, and only one number: a house number in a
    complaint is not a key pressed.
    """
    found = _alone(_pieces(text), _BESIDE_A_CHOICE)
    return found if found is not None and 1 <= found <= most else None


def rating(text: str) -> int | None:
    """Return the mark from 1 to 5 that ``text`` gives ("le pongo un 4", "5/5", "muy bien"), or None."""
    out_of_five = _OUT_OF_FIVE.search(text)
    if out_of_five is not None:
        return int(out_of_five.group(1))
    pieces = _pieces(text)
    if len(pieces) > _LONGEST:
        return None
    found = _alone(pieces, _BESIDE_A_MARK)
    if found is None:
        return _MARKS.get(" ".join(piece for piece in pieces if piece not in _COURTESY))
    return found if 1 <= found <= BEST else None


def _pieces(text: str) -> list[str]:
    """The folded words, with a word and a digit that were written together taken apart ("opcion2")."""
    apart = re.sub(r"(?<=[a-z]{2})(?=[0-9])", " ", fold(text))
    return words(apart)


def _alone(pieces: Sequence[str], beside: frozenset[str]) -> int | None:
    """The one number among ``pieces``, if all the rest are words of ``beside``."""
    found: set[int] = set()
    for piece in pieces:
        number = int(piece) if piece.isdigit() and len(piece) == 1 else _NUMBERS.get(piece)
        if number is not None:
            found.add(number)
        elif piece not in beside:
            return None
    return found.pop() if len(found) == 1 else None
