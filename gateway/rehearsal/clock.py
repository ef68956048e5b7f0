"""A clock that moves when a transcript says so, and dice that fall the same way in every run."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from gateway.clock import Clock, with_check_digit

#: The first code, without its check digit: 482-105-930 is the code of every example.
_FIRST = 48_210_593
#: So many cases may open in a play.
_CASES = 250


class Movable(Clock, Protocol):
    """A clock that stands still until it is moved."""

    def set(self, at: datetime) -> None:
        """Put the wall clock to ``at``."""

    def advance(self, by: timedelta) -> datetime:
        """Put both clocks forward; give the new time."""


class StageClock:
    """The one for playing. Its codes begin anew with each draw, so that who asks gets the first ones that are free."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._seconds = 1000.0
        self._named = 0

    def now(self) -> datetime:
        """Tell the time of the play."""
        return self._at

    def monotonic(self) -> float:
        """Tell seconds that go on with each move."""
        return self._seconds

    def set(self, at: datetime) -> None:
        """Put the wall clock to ``at``, also backwards."""
        self._at = at

    def advance(self, by: timedelta) -> datetime:
        """Put both clocks forward; give the new time."""
        self._at += by
        self._seconds += by.total_seconds()
        return self._at

    def new_id(self) -> str:
        """Name something once."""
        self._named += 1
        return f"{self._named:032x}"

    def new_codes(self, count: int) -> Sequence[str]:
        """Always the first of one row of codes, more than were asked for: who asks leaves out those that are taken."""
        return [with_check_digit(str(number)) for number in range(_FIRST, _FIRST + count + _CASES)]

    def jitter(self) -> float:
        """Always the middle."""
        return 0.5

    def new_secret(self) -> str:
        """No secret at all: nothing in a play leaves the process."""
        return f"secret-{self.new_id()}"
