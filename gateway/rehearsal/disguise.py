"""Words as they can stand in a test: codes of the play for real codes, nobody's numbers for somebody's.

Rule: a code keeps the way in which it was written, mistakes too, because that is what a transcript is to show.
Names stay: no program knows them all.
"""

import re
from collections.abc import Mapping
from difflib import SequenceMatcher

from dialogs.understand import codes
from gateway.clock import with_check_digit
from gateway.replay.masking import DATE, DIGITS

#: How alike digits and a code must be for the one to be a mistyped other.
_ALIKE = 0.75
#: The last digits of a number of nobody's begin so; a code of nobody's begins further up than any play comes.
_NOBODY, _STRANGER = "7000", 90_000_000


class Disguise:
    """Gives each real code and number one that stands for it, the same each time."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        self._strangers: dict[str, str] = {}

    def code(self, real: str, played: str) -> None:
        """Let ``played`` stand for ``real``."""
        self._codes[real] = played

    def __call__(self, text: str) -> str:
        """The words in disguise."""
        hidden = DIGITS.sub(lambda found: self._digits(found.group()), text)
        left = [code for code in codes.find(hidden) if code not in self._standing() and code in codes.find(text)]
        for code in left:  # spelt in words, or with letters among the digits: the code itself, in place of all that
            hidden = codes.show(self._code(code))
        return hidden

    def _standing(self) -> set[str]:
        return {*self._codes.values(), *self._strangers.values()}

    def _digits(self, run: str) -> str:
        bare = re.sub(r"\D", "", run)
        if DATE.fullmatch(run):
            return run
        if codes.is_valid(bare):
            return _spelt_like(run, self._code(bare))
        meant = _meant(bare, self._codes)
        if meant is not None:
            return _spelt_like(run, _mistyped(bare, meant, self._codes[meant]))
        return _spelt_like(run, self._number(bare))

    def _code(self, real: str) -> str:
        if real in self._codes:
            return self._codes[real]
        return self._strangers.setdefault(real, with_check_digit(str(_STRANGER + len(self._strangers))))

    def _number(self, real: str) -> str:
        """As many digits: a country's code stays, the rest is nobody's."""
        short = real[-8:]
        count = int(self._numbers.setdefault(short, str(len(self._numbers) + 11)))
        made = (
            f"{_NOBODY}{count:04d}"[-len(short) :] if len(short) == len("70000011") else f"2{count:0{len(short) - 1}d}"
        )
        return real[: -len(short)] + made if real.startswith("591") else made.rjust(len(real), "5")


def _meant(typed: str, known: Mapping[str, str]) -> str | None:
    """The code that was mistyped, if it was one of these."""
    if abs(len(typed) - codes.LENGTH) > 1:
        return None
    ratios = {code: SequenceMatcher(None, code, typed, autojunk=False).ratio() for code in known}
    best = max(ratios, key=ratios.__getitem__, default=None)
    return best if best is not None and ratios[best] > _ALIKE else None


def _mistyped(typed: str, real: str, played: str) -> str:
    """``played`` with the mistake that makes ``typed`` of ``real``: digits changed, swapped, lost or doubled."""
    if len(typed) != len(real):
        return _respelt(typed, real, played)
    made = list(played)
    for at, digit in enumerate(typed):
        if digit != real[at]:
            beside = next((near for near in (at - 1, at + 1) if 0 <= near < len(real) and real[near] == digit), None)
            made[at] = str((int(played[at]) + 1) % 10) if beside is None else played[beside]
    return "".join(made)


def _respelt(typed: str, real: str, played: str) -> str:
    made = ""
    for what, first, last, begin, end in SequenceMatcher(None, real, typed, autojunk=False).get_opcodes():
        made += played[first:last] if what == "equal" else typed[begin:end]
    return made


def _spelt_like(run: str, digits: str) -> str:
    """The digits with the marks that stood between the old ones."""
    rest = iter(digits)
    spelt = "".join(next(rest, "") if mark.isdigit() else mark for mark in run)
    return spelt + "".join(rest)
