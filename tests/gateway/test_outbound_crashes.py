"""Death between mark and send, leases, several processes: nothing twice, nothing forgotten."""

import asyncio
from datetime import timedelta

import pytest

from dialogs.messages import MessageKind
from gateway.outbound import lease
from gateway.outbound.handover import LEASE
from gateway.outbound.results import DOUBT

REPLY, BROADCAST = MessageKind.REPLY, MessageKind.BROADCAST


class Killed(BaseException):
    """The process ends here."""


async def die_sending(world, sender=None):
    """Hand over what is due, and die when the carrier has it."""

    async def die():
        raise Killed

    world.network.script.append(die)
    with pytest.raises(Killed):
        await (sender or world.outbox).drain_once(world.clock.now())


async def test_the_mark_is_on_disk_before_the_carrier_is_called(world):
    message = await world.queue(await world.person())
    seen = []

    async def look():
        seen.append(await world.row(message))
        return world.network.taken("P1")

    world.network.script.append(look)
    await world.drain()
    assert (seen[0].state, seen[0].attempts, seen[0].due_at) == ("handing_over", 1, None)
    assert seen[0].lease_until == world.clock.now() + LEASE
    assert seen[0].owner


async def test_while_the_lease_runs_nobody_touches_the_message(world):
    await world.queue(await world.person())
    await die_sending(world)
    other = world.sender()
    world.clock.advance(LEASE - timedelta(seconds=1))
    assert await other.drain_once(world.clock.now()) == 0
    assert await world.transact(lease.tick, world.house, world.clock.now()) == 0
    assert await world.states() == ["handing_over"]


async def test_when_the_lease_has_ended_a_reply_is_in_doubt_and_goes_once_more(world):
    message = await world.queue(await world.person())
    await die_sending(world)
    world.clock.advance(LEASE)
    assert await world.transact(lease.tick, world.house, world.clock.now()) == 1
    row = await world.row(message)
    assert (row.state, row.reason, row.due_at) == ("in_doubt", "lease_ended", world.clock.now() + DOUBT)
    assert (row.owner, row.lease_until) == (None, None)
    world.clock.advance(DOUBT)
    await world.sender().drain_once(world.clock.now())
    row = await world.row(message)
    assert (row.state, row.doubted, len(world.network.sent)) == ("accepted", True, 2)


async def test_dying_twice_over_one_message_does_not_send_it_a_third_time(world):
    message = await world.queue(await world.person())
    for _ in range(2):
        await die_sending(world)
        world.clock.advance(LEASE)
        await world.transact(lease.tick, world.house, world.clock.now())
        world.clock.advance(DOUBT)
    assert await world.drain() == 0
    assert len(world.network.sent) == 2
    assert ((await world.row(message)).state, (await world.row(message)).due_at) == ("in_doubt", None)
    assert await world.alerts() == [("in_doubt", f"message {message}")]


async def test_a_broadcast_that_was_under_way_is_shown_to_staff(world):
    await world.queue(await world.person(), BROADCAST, broadcast_id=3)
    await die_sending(world)
    world.clock.advance(days=1)
    await world.transact(lease.tick, world.house, world.clock.now())
    assert await world.drain() == 0
    assert await world.alerts() == [("in_doubt", "broadcast 3")]


async def test_a_line_that_takes_our_id_is_simply_tried_again(world):
    message = await world.queue(await world.person(), BROADCAST, channel="phone", broadcast_id=3)
    await die_sending(world)
    world.clock.advance(LEASE)
    await world.transact(lease.tick, world.house, world.clock.now())
    world.clock.advance(minutes=1)
    await world.drain()
    row = await world.row(message)
    assert (row.state, row.doubted, len(world.network.sent)) == ("accepted", False, 2)


async def test_at_start_what_another_process_was_sending_is_in_doubt(world):
    """SQLite: who serves is alone, so the others are dead. PostgreSQL: they may live, until their lease ends."""
    await world.queue(await world.person())
    await die_sending(world)
    reborn = world.sender()
    alone = world.store.dialect == "sqlite"
    assert await reborn.recover(world.clock.now()) == int(alone)
    world.clock.advance(LEASE)
    assert await reborn.recover(world.clock.now()) == int(not alone)
    assert await world.states() == ["in_doubt"]


async def test_at_start_any_number_is_put_in_doubt(world, monkeypatch):
    monkeypatch.setattr(lease, "CHUNK", 2)
    for n in range(1, 6):
        await world.queue(await world.person(n))
        await die_sending(world)
    world.clock.advance(LEASE)
    assert await world.sender().recover(world.clock.now()) == 5
    assert await world.states() == ["in_doubt"] * 5


async def test_an_answer_that_comes_after_the_lease_still_settles_it(world):
    """The store was away for a while, so that the result could not be kept in time."""
    message = await world.queue(await world.person())

    async def slowly():
        world.clock.advance(LEASE)
        await world.transact(lease.tick, world.house, world.clock.now())
        return world.network.taken("P1")

    world.network.script.append(slowly)
    await world.drain()
    row = await world.row(message)
    assert (row.state, row.external_id, row.due_at) == ("accepted", "P1", None)
    world.clock.advance(DOUBT)
    assert await world.drain() == 0


async def test_a_result_of_an_attempt_that_was_overtaken_changes_nothing(world):
    message = await world.queue(await world.person())
    second = world.sender()

    async def overtaken():
        world.clock.advance(LEASE)
        await world.transact(lease.tick, world.house, world.clock.now())
        world.clock.advance(DOUBT)
        await second.drain_once(world.clock.now())
        return world.network.taken("late")

    world.network.script.append(overtaken)
    await world.drain()
    row = await world.row(message)
    assert (row.state, row.external_id, row.attempts) == ("accepted", "P2", 2)


async def test_two_processes_never_send_the_same_row(world):
    people = await world.people(40)
    await world.queue_all([(person, REPLY) for person in people])
    await world.queue_all([(person, REPLY) for person in people])
    senders = [world.sender() for _ in range(4)]
    flying = set()

    async def one_a_person():
        to = world.network.sent[-1]["to"]
        assert to not in flying
        flying.add(to)
        await asyncio.sleep(0)
        external_id = f"X{len(world.network.sent)}"
        flying.discard(to)
        return world.network.taken(external_id)

    world.network.script.extend([one_a_person] * 80)
    await asyncio.gather(*(sender.drain_once(world.clock.now()) for sender in senders))
    while await world.drain():
        pass
    assert sorted(world.network.ids) == sorted(row.id for row in await world.rows())
    assert set(await world.states()) == {"accepted"}
    for person in people:
        theirs = [int(sent["id"]) for sent in world.network.sent if sent["to"] == person.msisdn]
        assert theirs == sorted(theirs)
