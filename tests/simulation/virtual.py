"""An event loop whose time jumps to the next timer: a month takes as long as what happens in it.

Rule: nothing here waits for the world outside. A loop in which nothing is ready and no timer runs would sleep for
ever, so it says so instead.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

#: Two timers nearer than this fire together; a float of a month's seconds still tells them apart.
RESOLUTION = 1e-6


class Standstill(Exception):
    """Everybody waits for somebody else, and no timer will wake them."""


class _Jumping(selectors.SelectSelector):
    """Instead of waiting, moves the loop's time on by as long as it would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Standstill
        self.now += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """``time()`` begins at 0 and moves only when nothing else is left to do."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)
        self._clock_resolution = RESOLUTION

    def time(self) -> float:
        return self._jumping.now


def run(work: Coroutine[Any, Any, T]) -> T:
    """Like ``asyncio.run``, in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
