"""The clock and the dice of a simulated gateway: time is the virtual loop's, chance is the seed's."""

import asyncio
import random  # noqa: TID251  the seed is what makes a run what it is
from collections.abc import Sequence
from datetime import datetime, timedelta

from gateway.clock import with_check_digit

#: So few codes are drawn from where the seed says so, that they clash again and again.
FEW = 400
_FIRST, _LAST = 10_000_000, 79_999_999


class Dice(random.Random):
    """A seeded source of chance, with the few throws that the simulation makes."""

    def happens(self, chance: float) -> bool:
        return self.random() < chance

    def after(self, mean: float) -> float:
        """Seconds until something that happens by chance, ``mean`` seconds on average."""
        return self.expovariate(1 / mean)


class SimulatedClock:
    """A ``gateway.clock.Clock``. ``jump`` moves the wall clock only, as an operator or a bad time server does."""

    def __init__(self, start: datetime, dice: Dice, *, few_codes: bool) -> None:
        self._start = start
        self._dice = dice
        self._few = few_codes
        self._loop = asyncio.get_running_loop()
        self.ahead = timedelta()

    def now(self) -> datetime:
        return self._start + timedelta(microseconds=round(self._loop.time() * 1e6)) + self.ahead

    def monotonic(self) -> float:
        return self._loop.time()

    def jump(self, by: timedelta) -> None:
        self.ahead += by

    def new_id(self) -> str:
        return f"{self._dice.getrandbits(128):032x}"

    def new_codes(self, count: int) -> Sequence[str]:
        last = _FIRST + FEW if self._few else _LAST
        drawn: dict[str, None] = {}
        while len(drawn) < count:
            drawn[with_check_digit(str(self._dice.randint(_FIRST, last)))] = None
        return list(drawn)

    def jitter(self) -> float:
        return self._dice.random()

    def new_secret(self) -> str:
        return f"secret-{self.new_id()}"
