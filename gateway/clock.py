"""The only clock and the only dice of the house.

Rule: nothing else asks the operating system for the time or for randomness (ruff's TID251 sees to it). Whoever needs
either is given a ``Clock``, so that a test can live through ninety days in a second.
"""

import secrets  # noqa: TID251  here is where they are thrown
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from stdnum import damm

#: A code never begins with 0 (people drop it) nor with 800 (toll-free numbers have nine digits and begin so).
_FIRST = 10_000_000
_LAST = 99_999_999
_TOLL_FREE = "800"


class Clock(Protocol):
    """What the house may ask of time and chance."""

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back; for leases, pacing and time-outs within one process."""

    def new_id(self) -> str:
        """An id that nobody else has: names this process in leases, and messages of channels that bring none."""

    def new_codes(self, count: int) -> Sequence[str]:
        """``count`` distinct tracking codes, each nine digits with a Damm check digit. May be taken: ask the store."""

    def jitter(self) -> float:
        """A number from 0 up to 1, to spread retries."""

    def new_secret(self) -> str:
        """A secret of 256 bits, for a path or a signing key."""


class SystemClock:
    """The real one."""

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251  here is where it is known

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()  # noqa: TID251  here is where it is known

    def new_id(self) -> str:
        """Name something once."""
        return uuid.uuid4().hex  # noqa: TID251  here is where it is known

    def new_codes(self, count: int) -> Sequence[str]:
        """Draw distinct codes."""
        drawn: dict[str, None] = {}
        while len(drawn) < count:
            body = str(_FIRST + secrets.randbelow(_LAST - _FIRST + 1))
            if not body.startswith(_TOLL_FREE):
                drawn[with_check_digit(body)] = None
        return list(drawn)

    def jitter(self) -> float:
        """A number from 0 up to 1."""
        return secrets.randbelow(1_000_000) / 1_000_000

    def new_secret(self) -> str:
        """A secret of 256 bits, safe in a URL."""
        return secrets.token_urlsafe(32)


def with_check_digit(body: str) -> str:
    """Append the Damm digit, which catches every single wrong digit and every swap of neighbours."""
    return body + str(damm.calc_check_digit(body))
