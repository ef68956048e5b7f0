"""Tracking codes as people write them: dotted, spaced, spoken, glued to a word, with an O for a nought.

A code is nine digits: eight random ones and a Damm digit, which catches every wrong digit and every swap of neighbours.
It never begins with 0 nor with 800 (toll-free numbers have nine digits and begin so).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from stdnum import damm

from dialogs.understand.folding import MOST_READ, by_ear

LENGTH = 9
#: Texts remembered with their codes, which are asked for before a batch is acted on and again while it is.
_RECENT = 512
#: Words remembered with the number that they are: people use few.
_WORDS = 4096
#: A code with a digit lost or doubled. Eight digits may also be a telephone number: compare with own cases only.
_NEAR = range(7, 11)
_NEVER = ("0", "800")
#: Spoken numbers by their sound (see ``folding.by_ear``), which "kuatro" and "nuebe" share with the right spelling.
_FROM_NOUGHT = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete "
    "dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete "
    "veintiocho veintinueve"
)
_IN_ENGLISH = "zero one two three four five six seven eight nine"
_TENS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa"
_HUNDREDS = "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
_SPOKEN = {
    by_ear(word): number * step
    for step, first, words in (
        (1, 0, _FROM_NOUGHT),
        (1, 0, _IN_ENGLISH),
        (10, 3, _TENS),
        (100, 1, _HUNDREDS),
        (100, 1, "cien"),
    )
    for number, word in enumerate(words.split(), first)
}
#: Not by their sound: an O spoken in English would be the Spanish for "or", and who is sorry says no hundred.
_EXACT = {"oh": 0, "siento": None}
#: Between tens and ones: "ochenta y dos".
_AND = frozenset({"y", "i"})
_NOTHING_BETWEEN = re.compile(r"\s+(?:[yi]\s+)?")
_HUNDRED, _SCORE = 100, 20
_MISTAKEN = str.maketrans("oil|", "0111")
#: A run of digits, where o and l count as digits only beside one; or a word; or what parts them.
_PIECE = re.compile(r"(?<![a-z|])[oil|]*[0-9][0-9oil|]*(?![a-z])|[0-9](?:[0-9oil|]*[0-9])?|[a-z]+|[^a-z0-9]+")
#: Every run that can hold digits is in one of these, so that their letters are at least as many as the digits.
#: Only looked for where a run begins, or a long one without a digit would be read again from each of its letters.
_AT_MOST = re.compile(r"(?<![0-9oil|])(?=[oil|]*+[0-9])[0-9oil|]++")
_WORD = re.compile(r"[a-z]+")
_ACCENTS = str.maketrans("áéíóú", "aeiou")
#: A digit of any script.
_DECIMAL = re.compile(r"\d")
_PARTS_CODES = re.compile(r"[^\s.,\-_/#()*:\u2013\u2014]")


@lru_cache(maxsize=_RECENT)
def find(text: str) -> tuple[str, ...]:
    """Return the valid codes in ``text``, as nine bare digits, in the order they are written."""
    found: dict[str, None] = {}
    for run in _runs(_plain(text)):
        for at, taken in _codes(run):
            found["".join(piece.digits for piece in run[at : at + taken])] = None
    return tuple(found)


def beside(text: str) -> str:
    """Return what stands in ``text`` beside its valid codes, in small letters and single spaces."""
    plain = _plain(text)
    kept, end = [], 0
    for run in _runs(plain):
        for at, taken in _codes(run):
            kept.append(plain[end : run[at].start])
            end = run[at + taken - 1].end
    return " ".join(" ".join([*kept, plain[end:]]).split())


def near(text: str) -> tuple[str, ...]:
    """Return digits that look like a damaged code: nine that fail the check, or seven, eight or ten.

    For "did you mean" among the sender's own cases and nobody else's.
    """
    joined = ("".join(piece.digits for piece in run) for run in _runs(_plain(text)) if not any(_codes(run)))
    return tuple(dict.fromkeys(digits for digits in joined if len(digits) in _NEAR))


def is_valid(code: str) -> bool:
    """Whether ``code`` is nine digits that could have been given out."""
    if len(code) != LENGTH or not (code.isascii() and code.isdigit()) or code.startswith(_NEVER):
        return False
    return bool(damm.is_valid(code))


def show(code: str) -> str:
    """Return a code as it is printed and read aloud: ``482-105-930``."""
    return "-".join(code[at : at + 3] for at in range(0, len(code), 3))


class _Piece(NamedTuple):
    """Digits, and where they stand in the text; ``open``: how many noughts at their end another word may fill."""

    digits: str
    start: int
    end: int
    open: int = 0


def _codes(run: Sequence[_Piece]) -> Iterator[tuple[int, int]]:
    """Where valid codes begin in a run, and how many pieces each takes."""
    at = 0
    while at < len(run):
        taken = _whole_code(run, at)
        if taken:
            yield at, taken
        at += taken or 1


def _whole_code(run: Sequence[_Piece], at: int) -> int:
    """How many pieces from ``at`` make up one valid code; 0 if none do."""
    digits, taken = "", 0
    while len(digits) < LENGTH and at + taken < len(run):
        digits += run[at + taken].digits
        taken += 1
    return taken if is_valid(digits) else 0


def _runs(plain: str) -> Iterator[list[_Piece]]:
    """Digits that stand together, with nothing between them but spaces and the marks people part numbers with."""
    if _digits_at_most(plain) < _NEAR.start:
        return  # as in nearly every text
    run: list[_Piece] = []
    for found in _PIECE.finditer(plain):
        piece = found[0]
        if piece[0].isdigit() or piece[-1].isdigit():
            run.append(_Piece(piece.translate(_MISTAKEN), found.start(), found.end()))
        elif (number := _number(piece)) is not None:
            _speak(run, plain, _Piece(str(number), found.start(), found.end(), _noughts(number)))
        elif not _goes_on(piece, run):
            yield run
            run = []
    yield run


def _goes_on(piece: str, run: Sequence[_Piece]) -> bool:
    """Whether a run of digits may go on behind ``piece``: a mark or a blank, or the "y" of "ochenta y dos"."""
    if piece[0].isalpha():
        return piece in _AND and bool(run) and run[-1].open > 0
    return not _PARTS_CODES.search(piece)


def _number(word: str) -> int | None:
    return _EXACT[word] if word in _EXACT else _SPOKEN.get(by_ear(word))


def _noughts(number: int) -> int:
    """How many of its noughts the words after it may fill: "cuatrocientos", two; "ochenta", one."""
    return 2 if number >= _HUNDRED else int(number >= _SCORE and number % 10 == 0)


def _speak(run: list[_Piece], plain: str, piece: _Piece) -> None:
    """Add a spoken number to the run, or to the hundreds or tens right before it."""
    before = run[-1] if run else piece
    fills = 0 < int(piece.digits) < 10**before.open
    if fills and _NOTHING_BETWEEN.fullmatch(plain, before.end, piece.start):
        piece = _Piece(str(int(before.digits) + int(piece.digits)), before.start, piece.end, piece.open)
        run.pop()
    run.append(piece)


def _digits_at_most(plain: str) -> int:
    written = sum(map(len, _AT_MOST.findall(plain))) if _DECIMAL.search(plain) else 0
    return written + sum(map(_spoken_digits, _WORD.findall(plain)))


@lru_cache(maxsize=_WORDS)
def _spoken_digits(word: str) -> int:
    number = _number(word)
    return 0 if number is None else len(str(number))


def _plain(text: str) -> str:
    text = text[:MOST_READ]
    if text.isascii():
        return text.lower()
    compatible = unicodedata.normalize("NFKC", text).lower().translate(_ACCENTS)
    return _DECIMAL.sub(lambda found: str(unicodedata.decimal(found[0])), compatible)
