"""Who goes before whom: replies before broadcasts, old answers before new ones, and nobody for hours."""

import asyncio
from datetime import timedelta

import pytest

from dialogs.messages import MessageKind
from gateway.outbound import order
from gateway.outbound.carrier import NetworkFailed
from gateway.outbound.handover import AWAKE, room
from gateway.outbound.order import PATIENCE

REPLY, NOTICE, BROADCAST = MessageKind.REPLY, MessageKind.NOTICE, MessageKind.BROADCAST
UNREACHABLE = NetworkFailed("unreachable", in_doubt=False)


async def tick(world):
    return await world.transact(order.tick, world.house, world.clock.now())


@pytest.fixture
def patient(world):
    """An outbox that tries six times, as services do; the world's own tries three times."""
    world.configure("outbox", max_attempts=6)
    world.outbox = world.sender()
    return world


async def in_long_back_off(world, person):
    """A reply that has failed three times: its next attempt is more than six minutes away."""
    message = await world.queue(person)
    for _ in range(3):
        world.clock.advance((await world.row(message)).due_at - world.clock.now())
        world.network.script.append(UNREACHABLE)
        await world.drain()
    return message


async def test_a_reply_goes_before_a_broadcast_that_waited_longer(world):
    await world.queue_all([(person, BROADCAST) for person in await world.people(30)])
    world.clock.advance(minutes=1)
    reply = await world.queue(await world.person(31))
    assert await world.with_rate(1).drain_once(world.clock.now()) == 1
    assert world.network.ids == [reply]


async def test_a_reply_finds_a_free_slot_while_broadcasts_hang(world):
    """Eight slots and three lines: a provider that takes its time over broadcasts gets five of them."""
    people = await world.people(20)
    await world.queue_all([(person, BROADCAST) for person in people[1:]])
    hang, five, replied = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slowly():
        if len(world.network.sent) == 5:
            five.set()
        await hang.wait()
        return world.network.taken(f"P{len(world.network.sent)}")

    async def at_once():
        replied.set()
        return world.network.taken("reply")

    world.network.script.extend([slowly] * 5 + [at_once])
    running = asyncio.create_task(world.outbox.run())
    world.outbox.wake()
    await asyncio.wait_for(five.wait(), 30)
    reply = await world.queue(people[0])
    world.outbox.wake()
    await asyncio.wait_for(replied.wait(), 30)
    assert world.network.ids[-1] == reply
    world.outbox.stop()
    hang.set()
    await asyncio.wait_for(running, 30)


def test_broadcasts_get_what_is_not_kept_for_others():
    assert (room(32, {"a": 0}, 0).free, room(32, {"a": 0}, 0).bulk) == (32, 28)
    assert (room(32, {"a": 30}, 28).free, room(32, {"a": 30}, 28).bulk) == (2, 0)
    assert (room(4, {"a": 0}, 0).free, room(4, {"a": 0}, 0).bulk) == (4, 4)


async def test_what_holds_up_a_newer_reply_is_tried_after_five_minutes_and_they_go_in_order(patient):
    person = await patient.person()
    first = await in_long_back_off(patient, person)
    second = await patient.queue(person)
    patient.clock.advance(PATIENCE - timedelta(seconds=1))
    assert (await tick(patient), await patient.drain()) == (0, 0)
    patient.clock.advance(seconds=1)
    assert await tick(patient) == 1
    assert await patient.drain() == 2
    assert patient.network.ids[-2:] == [first, second]


async def test_what_holds_up_nobody_keeps_its_back_off(patient):
    person, other = await patient.person(1), await patient.person(2)
    first = await in_long_back_off(patient, person)
    await patient.queue(other)
    await patient.queue(person, channel="other")
    await patient.queue(person, NOTICE)
    patient.clock.advance(PATIENCE)
    assert await tick(patient) == 0
    assert (await patient.row(first)).due_at > patient.clock.now()


async def test_a_newer_reply_waits_for_half_an_hour_at_most(patient):
    """Then the older one has had its six attempts."""
    person = await patient.person()
    await in_long_back_off(patient, person)
    second = await patient.queue(person)
    patient.network.script.extend([UNREACHABLE] * 3)
    begun = patient.clock.now()
    while (await patient.row(second)).state == "queued":
        patient.clock.advance(seconds=30)
        await tick(patient)
        await patient.drain()
    assert await patient.states() == ["failed", "accepted"]
    assert patient.clock.now() - begun < 4 * PATIENCE


async def test_what_is_being_handed_over_is_left_alone(world):
    """Its ``due_at`` is empty; made due it would be handed over twice."""
    person = await world.person()
    first = await world.queue(person)

    async def meanwhile():
        await world.queue(person)
        world.clock.advance(PATIENCE)
        assert await tick(world) == 0
        return world.network.taken("P1")

    world.network.script.append(meanwhile)
    await world.drain()
    assert world.network.ids[0] == first


async def test_a_reply_that_came_too_late_waits_for_the_morning(world):
    world.at(2026, 3, 2, 22, 0)
    late = await world.queue(await world.person(1))
    world.clock.advance(AWAKE)
    fresh = await world.queue(await world.person(2))
    assert await world.drain() == 1
    assert world.network.ids == [fresh]
    assert (await world.row(late)).due_at == world.at(2026, 3, 3, 8, 0)
    assert await world.drain() == 1


async def test_by_day_a_late_reply_goes(world):
    await world.queue(await world.person())
    world.clock.advance(hours=1)
    assert await world.drain() == 1


async def test_whoever_writes_in_the_night_gets_first_what_we_still_owed(world):
    person, other = await world.person(1), await world.person(2)
    world.at(2026, 3, 2, 22, 0)
    owed = await world.queue(person)
    not_theirs = await world.queue(other)
    world.clock.advance(AWAKE)
    assert await world.drain() == 0
    world.clock.advance(hours=1)
    asked = await world.queue(person)
    assert await world.drain() == 0  # the old one may not be overtaken
    assert await tick(world) == 1
    assert await world.drain() == 2
    assert world.network.ids == [owed, asked]
    assert (await world.row(not_theirs)).due_at == world.at(2026, 3, 3, 8, 0)


async def test_a_long_queue_is_looked_at_from_its_newest_end(patient, monkeypatch):
    monkeypatch.setattr(order, "CHUNK", 2)
    person = await patient.person(1)
    await in_long_back_off(patient, person)
    await patient.queue(person)
    patient.clock.advance(PATIENCE)
    await patient.queue_all([(await patient.person(n), REPLY) for n in (2, 3)])
    assert await tick(patient) == 0  # two newer ones hide it
    await patient.drain()
    assert await tick(patient) == 1


async def test_two_late_answers_of_the_night_wait_for_the_morning_and_are_left_alone(world):
    """The first is put aside till the morning and the second waits behind it: to hurry would be to turn in a circle."""
    world.at(2026, 3, 2, 23, 0)
    person = await world.person()
    first, second = [await world.queue(person) for _ in range(2)]
    world.network.script.append(NetworkFailed("timeout", in_doubt=True))
    await world.drain()
    world.clock.advance(hours=1)
    await world.drain()
    assert await tick(world) == 0
    assert world.network.ids == [first]
    world.at(2026, 3, 3, 8, 1)
    while await tick(world) + await world.drain():
        pass
    assert world.network.ids == [first, first, second]
