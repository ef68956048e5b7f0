"""One number that floods, and ten thousand at once: what is acknowledged is kept, and others do not wait for it."""

import asyncio
from dataclasses import replace
from time import monotonic  # noqa: TID251  the world outside has clocks of its own

import aiohttp
import pytest

from tests.faults.people import Driver, verdict, world
from tests.faults.weather import kept, memory

pytestmark = pytest.mark.faults

FLOODER = "+59170009998"


async def others(driver, seconds, channel="africastalking"):
    """Somebody new on another line texts every tenth of a second; how long each waited."""
    began, waits = monotonic(), []
    while monotonic() - began < seconds:
        status, took = await driver.text(channel=channel)
        waits.append(took)
        assert status == 200
        await asyncio.sleep(0.1)
    return sorted(waits)


def most(waits):
    return waits[int(len(waits) * 0.95)]


async def test_one_number_that_sends_a_hundred_messages_a_second(sqlite_url, tmp_path):
    async with world(tmp_path, sqlite_url) as (gateway, stub):
        driver = Driver(gateway)

        async def flood():
            tasks = []
            for number in range(1000):
                tasks.append(asyncio.create_task(driver.text(words=f"hola {number}", sender=FLOODER)))
                await asyncio.sleep(0.01)
            return [status for status, _ in await asyncio.gather(*tasks)]

        statuses, waits = await asyncio.gather(flood(), others(driver, 8))
        answered = {status: statuses.count(status) for status in set(statuses)}
        assert set(answered) <= {200, 503}
        assert set(kept(tmp_path / "barrio.db")) == driver.acknowledged
        found = await verdict(driver, stub, sqlite_url)
        replies = sum(one.evidence().recipient == FLOODER for one in stub.seen)
        print(
            f"1000 of one number answered {answered}, {replies} replies to it; others: 95 % under {most(waits):.3f} s"
        )
        assert most(waits) < 1
        assert replies <= 10
        assert found == []
        assert await gateway.stop() == 0


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_ten_thousand_numbers_at_once(sqlite_url, tmp_path):
    # Connections of their own for the others, or they would wait in this process for one of the storm's.
    async with aiohttp.ClientSession() as own, world(tmp_path, sqlite_url) as (gateway, _stub):
        driver, before, began = Driver(gateway), memory(gateway.process.pid), monotonic()
        another = Driver(replace(gateway, session=own), sent=9000)
        waiting = iter([driver.new() for _ in range(9000)])

        async def person():
            for sid in waiting:
                await driver.insist(sid)

        storm = asyncio.gather(*(person() for _ in range(300)))
        waits = await others(another, 8)
        await storm
        lasted = monotonic() - began
        put_off = sum(one.status == 503 for one in driver.w)
        grown = memory(gateway.process.pid) - before
        print(
            f"9000 numbers in {lasted:.0f} s, {put_off} put off; others: {len(waits)} texts, 95 % under {most(waits):.3f} s; "
            f"{grown:.0f} MiB more"
        )
        assert set(kept(tmp_path / "barrio.db")) == driver.acknowledged | another.acknowledged
        assert len(driver.acknowledged) == driver.sent
        assert most(waits) < 1
        assert await gateway.stop() == 0
