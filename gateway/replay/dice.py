"""Dice that fall as they once fell: a case that opened then gets the code it had, so that later texts still name it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from dialogs.understand import codes


class SameDice:
    """A ``gateway.clock.Clock`` of which only the codes are asked: those laid out, then codes that nobody ever had."""

    def __init__(self) -> None:
        self._laid: Sequence[str] = ()
        self._invented = 0

    def lay(self, first: Sequence[str]) -> None:
        """Let these be the first codes, until others are laid out."""
        self._laid = first

    def invent(self) -> str:
        """Make a code that was never given out: those begin with no nought."""
        self._invented += 1
        return f"{self._invented:09d}"

    def new_codes(self, count: int) -> Sequence[str]:
        """Give what is laid out (who asks takes those that are free), and as many invented ones as are asked for."""
        return [*self._laid, *(self.invent() for _ in range(count))]

    def now(self) -> datetime:
        """Nobody may ask: the time of what happens again is passed along."""
        self._refuse()

    def monotonic(self) -> float:
        """Nobody may ask."""
        self._refuse()

    def new_id(self) -> str:
        """Nobody may ask."""
        self._refuse()

    def jitter(self) -> float:
        """Nobody may ask."""
        self._refuse()

    def new_secret(self) -> str:
        """Nobody may ask."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise RuntimeError("a replay asks the clock for codes only")


def is_invented(code: str) -> bool:
    """Whether these dice made it up."""
    return len(code) == codes.LENGTH and code.startswith("000")
