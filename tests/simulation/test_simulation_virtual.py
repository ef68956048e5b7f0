"""The virtual loop and the dice: time jumps, order holds, a standstill is said."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from dialogs.understand import codes
from tests.simulation import virtual
from tests.simulation.chance import FEW, Dice, SimulatedClock


def test_a_month_of_sleep_takes_no_time():
    async def live():
        await asyncio.sleep(30 * 86400)
        return asyncio.get_running_loop().time()

    began = time.monotonic()  # noqa: TID251  that none goes by is the point
    assert virtual.run(live()) == pytest.approx(30 * 86400)
    assert time.monotonic() - began < 1  # noqa: TID251


def test_timers_fire_in_their_order_and_timeouts_do_too():
    seen = []

    async def after(seconds):
        await asyncio.sleep(seconds)
        seen.append((seconds, asyncio.get_running_loop().time()))

    async def live():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2.5):
                await asyncio.gather(after(3), after(1), after(2))

    virtual.run(live())
    assert seen == [(1, pytest.approx(1)), (2, pytest.approx(2))]


def test_waiting_for_nothing_is_said_and_does_not_hang():
    async def live():
        await asyncio.Event().wait()

    with pytest.raises(virtual.Standstill):
        virtual.run(live())


def test_a_jump_moves_the_wall_and_not_the_seconds():
    start = datetime(2026, 3, 2, tzinfo=UTC)

    async def live():
        clock = SimulatedClock(start, Dice(1), few_codes=True)
        await asyncio.sleep(10)
        clock.jump(timedelta(days=-1))
        return clock.now(), clock.monotonic(), clock.new_codes(FEW // 2)

    now, seconds, drawn = virtual.run(live())
    assert (now, seconds) == (start + timedelta(seconds=10, days=-1), pytest.approx(10))
    assert all(codes.is_valid(code) for code in drawn)
    assert len(set(drawn)) == FEW // 2
