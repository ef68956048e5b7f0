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

from dialogs.understand.folding import MOST_READ

LENGTH = 9
#: Texts remembered with their codes, which are asked for before a batch is acted on and again while it is.
_RECENT = 512
#: A code with a digit lost or doubled. Eight digits may also be a telephone number: compare with own cases only.
_NEAR = range(7, 11)
_NEVER = ("0", "800")
#: Digits spoken one by one; a number inside a sentence stays apart because other words stand around it.
_SPOKEN = {
    **dict(
        zip(
            ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
            "0123456789",
            strict=True,
        )
    ),
    **dict(
        zip(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), "0123456789", strict=True)
    ),
    "kuatro": "4",
    "quatro": "4",
    "sinco": "5",
    "cinko": "5",
    "sinko": "5",
    "nuebe": "9",
    "sero": "0",
    "oh": "0",
}
_MISTAKEN = str.maketrans("oil|", "0111")
#: A run of digits, where o and l count as digits only beside one; or a word; or what parts them.
_PIECE = re.compile(r"(?<![a-z|])[oil|]*[0-9][0-9oil|]*(?![a-z])|[0-9](?:[0-9oil|]*[0-9])?|[a-z]+|[^a-z0-9]+")
#: Every run that can hold digits is in one of these, so that their letters are at least as many as the digits.
#: Only looked for where a run begins, or a long one without a digit would be read again from each of its letters.
_AT_MOST = re.compile(r"(?<![0-9oil|])(?=[oil|]*+[0-9])[0-9oil|]++")
_WORD = re.compile(r"[a-z]+")
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
    """Digits, and where they stand in the text."""

    digits: str
    start: int
    end: int


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
        if piece[0].isdigit() or piece[-1].isdigit() or piece in _SPOKEN:
            run.append(_Piece(_SPOKEN.get(piece) or piece.translate(_MISTAKEN), found.start(), found.end()))
        elif piece[0].isalpha() or _PARTS_CODES.search(piece):
            yield run
            run = []
    yield run


def _digits_at_most(plain: str) -> int:
    return sum(map(len, _AT_MOST.findall(plain))) + sum(map(_SPOKEN.__contains__, _WORD.findall(plain)))


def _plain(text: str) -> str:
    text = text[:MOST_READ]
    if text.isascii():
        return text.lower()
    compatible = unicodedata.normalize("NFKC", text).lower()
    return _DECIMAL.sub(lambda found: str(unicodedata.decimal(found[0])), compatible)
