"""The outbox as a service runs it: woken, stopped, cancelled, and outliving a store that is away."""

import asyncio

import pytest

from dialogs.messages import MessageKind
from gateway.metrics import Metrics
from gateway.outbound import results
from gateway.outbound.carrier import NetworkFailed
from store import StoreUnavailable

REPLY = MessageKind.REPLY


class Away:
    """A store that is away while ``away`` is set."""

    def __init__(self, store):
        self._store, self.dialect, self.away = store, store.dialect, False

    async def transact(self, fn):
        if self.away:
            raise StoreUnavailable("SQLITE_FULL")
        return await self._store.transact(fn)


async def test_a_result_that_the_store_cannot_take_is_kept_until_it_can(world):
    store = Away(world.store)
    sender = world.sender(store=store)
    first = await world.queue(await world.person(1))

    async def then_full():
        store.away = True
        return world.network.taken("P1")

    world.network.script.append(then_full)
    with pytest.raises(StoreUnavailable):
        await sender.drain_once(world.clock.now())
    second = await world.queue(await world.person(2))
    with pytest.raises(StoreUnavailable):
        await sender.drain_once(world.clock.now())
    assert [(await world.row(first)).state, (await world.row(second)).state] == ["handing_over", "queued"]
    store.away = False
    assert await sender.drain_once(world.clock.now()) == 1
    assert [(await world.row(first)).state, (await world.row(second)).state] == ["accepted", "accepted"]
    assert world.network.ids == [first, second]


async def test_a_store_that_is_away_sends_nothing(world):
    store = Away(world.store)
    store.away = True
    await world.queue(await world.person())
    with pytest.raises(StoreUnavailable):
        await world.sender(store=store).drain_once(world.clock.now())
    assert world.network.sent == []


async def test_running_it_sends_as_soon_as_it_is_woken(world):
    running = asyncio.create_task(world.outbox.run())
    arrived = [asyncio.Event() for _ in range(3)]

    def arriving(event):
        async def answer():
            event.set()
            return world.network.taken(f"P{len(world.network.sent)}")

        return answer

    world.network.script.extend(arriving(event) for event in arrived)
    person = await world.person()
    for event in arrived:
        await world.queue(person)
        world.outbox.wake()
        await asyncio.wait_for(event.wait(), 30)
    world.outbox.stop()
    await asyncio.wait_for(running, 30)
    assert await world.states() == ["accepted"] * 3


async def test_running_it_sends_all_of_a_backlog_over_its_concurrency(world):
    ids = await world.queue_all([(person, REPLY) for person in await world.people(40)])
    last = asyncio.Event()

    async def answer():
        if len(world.network.sent) == len(ids):
            last.set()
        return world.network.taken(f"P{len(world.network.sent)}")

    world.network.script.extend([answer] * len(ids))
    running = asyncio.create_task(world.outbox.run())
    world.outbox.wake()
    await asyncio.wait_for(last.wait(), 30)
    world.outbox.stop()
    await asyncio.wait_for(running, 30)
    assert sorted(world.network.ids) == ids
    assert set(await world.states()) == {"accepted"}


async def test_stopping_waits_for_what_is_under_way_and_begins_nothing_new(world):
    first, second = await world.queue(await world.person(1)), await world.queue(await world.person(1))
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def answer():
        begun.set()
        await go_on.wait()
        return world.network.taken("P1")

    world.network.script.append(answer)
    running = asyncio.create_task(world.outbox.run())
    world.outbox.wake()
    await asyncio.wait_for(begun.wait(), 30)
    world.outbox.stop()
    go_on.set()
    await asyncio.wait_for(running, 30)
    assert [(await world.row(first)).state, (await world.row(second)).state] == ["accepted", "queued"]


async def test_cancelling_it_leaves_what_is_under_way_to_its_lease(world):
    message = await world.queue(await world.person())
    begun = asyncio.Event()

    async def answer():
        begun.set()
        await asyncio.Event().wait()

    world.network.script.append(answer)
    running = asyncio.create_task(world.outbox.run())
    world.outbox.wake()
    await asyncio.wait_for(begun.wait(), 30)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await world.row(message)).state == "handing_over"


async def test_running_it_outlives_a_store_that_is_away(world):
    store = Away(world.store)
    sender = world.sender(store=store)
    sent = asyncio.Event()

    async def answer():
        sent.set()
        return world.network.taken("P1")

    world.network.script.append(answer)
    await world.queue(await world.person())
    store.away = True
    running = asyncio.create_task(sender.run())
    sender.wake()
    for _ in range(3):
        await asyncio.sleep(0)
    store.away = False
    sender.wake()
    await asyncio.wait_for(sent.wait(), 30)
    sender.stop()
    await asyncio.wait_for(running, 30)
    assert await world.states() == ["accepted"]


async def test_running_it_outlives_a_row_that_breaks_the_rules(world, monkeypatch):
    await world.queue(await world.person())
    broke, sent = asyncio.Event(), asyncio.Event()
    take = world.outbox._exchange

    async def breaks(*_):
        monkeypatch.setattr(world.outbox, "_exchange", take)
        broke.set()
        raise KeyError("row")

    async def answer():
        sent.set()
        return world.network.taken("P1")

    world.network.script.append(answer)
    monkeypatch.setattr(world.outbox, "_exchange", breaks)
    running = asyncio.create_task(world.outbox.run())
    await asyncio.wait_for(broke.wait(), 30)
    world.outbox.wake()
    await asyncio.wait_for(sent.wait(), 30)
    world.outbox.stop()
    await asyncio.wait_for(running, 30)


async def test_what_became_of_messages_is_counted(world):
    metrics = Metrics()
    sender = world.sender(metrics=metrics)
    await world.queue_all([(person, REPLY) for person in await world.people(3)])
    world.network.script.append(NetworkFailed("unreachable", in_doubt=False))
    await sender.drain_once(world.clock.now())
    page = metrics.page().decode()
    assert 'barrio_outbound_total{channel="demo",state="accepted"} 2.0' in page
    assert 'barrio_outbound_total{channel="demo",state="retry_at"} 1.0' in page


async def test_a_result_that_cannot_be_kept_leaves_the_message_to_its_lease(world, monkeypatch, logs):
    spoiled, well = await world.queue_all([(person, REPLY) for person in await world.people(2)])
    record = results.record

    def trips(tx, rows):
        if any(row.settled.id == spoiled for row in rows):
            raise KeyError("row")
        return record(tx, rows)

    monkeypatch.setattr(results, "record", trips)
    sender = world.sender()
    await sender.drain_once(world.clock.now())
    assert [(await world.row(spoiled)).state, (await world.row(well)).state] == ["handing_over", "accepted"]
    assert {entry["event"] for entry in logs} == {"results_failed", "result_lost"}
    logs.clear()
