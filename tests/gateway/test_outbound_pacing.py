"""One pace for a line that several processes feed, on PostgreSQL; on SQLite one process feeds it alone."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.outbound.retry import Pace
from store import open_store


@pytest.fixture
def store_url(postgres_url):
    """These are about many processes, so they run on PostgreSQL only."""
    return postgres_url


@pytest.fixture
async def others(world, store_url):
    """Makes other processes: a store and an outbox of their own."""
    stores = []

    async def make(rate):
        stores.append(open_store(store_url))
        await stores[-1].start()
        paced = {**world.channels, "demo": replace(world.channels["demo"], rate=rate)}
        return world.sender(store=stores[-1], channels=paced)

    yield make
    for one in stores:
        await one.close()


async def drain(world, *senders):
    return sum(await asyncio.gather(*(sender.drain_once(world.clock.now()) for sender in senders)))


async def test_two_processes_feed_a_line_no_faster_than_one(world, others):
    one, two = await others(2), await others(2)
    await world.queue_all([(person, "reply") for person in await world.people(12)])
    sent = [await drain(world, one, two)]
    for _ in range(5):
        world.clock.advance(timedelta(seconds=0.5))
        sent.append(await drain(world, one, two))
    assert sent == [1] * 6


async def test_a_long_message_of_one_keeps_the_other_waiting(world, others):
    one, two = await others(1), await others(1)
    first, second = await world.people(2)
    await world.queue(first, segments=3)
    assert await drain(world, one) == 1
    await world.queue(second)
    for expected in (0, 0, 0, 1):
        assert await drain(world, two) == expected
        world.clock.advance(timedelta(seconds=1))


async def test_an_idle_line_is_no_credit_for_later(world, others):
    one, two = await others(1), await others(1)
    await world.queue_all([(person, "reply") for person in await world.people(4)])
    assert await drain(world, one) == 1
    world.clock.advance(timedelta(hours=1))
    assert await drain(world, two, one) == 1


async def test_a_clock_that_was_set_back_does_not_stop_the_line(world, others):
    one, two = await others(1), await others(1)
    await world.queue_all([(person, "reply") for person in await world.people(2)])
    assert await drain(world, one) == 1
    await world.transact(
        lambda tx: tx.exec_driver_sql("UPDATE outbound SET due_at = 0 WHERE due_at IS NOT NULL") and None
    )
    world.clock.set(world.clock.now() - timedelta(hours=1))
    assert await drain(world, two) == 1


async def test_a_line_without_a_rate_has_no_row(world):
    await world.queue((await world.people(1))[0])
    assert await world.drain() == 1
    assert await world.rows("paces") == []


def test_a_pace_says_how_far_it_is_booked_and_learns_it_from_others():
    pace = Pace(2)
    pace.book(4, 100.0)
    assert pace.ahead(100.5) == 1.5
    pace.booked(-3.0, 101.0)
    assert (pace.ahead(101.0), pace.wait(101.0), pace.rate) == (0.0, 0.0, 2)
