"""Who asked to be forgotten: from when on, not while an answer is on its way to them, and not if they took it back."""

from datetime import timedelta

import pytest

from dialogs.messages import MessageKind
from store import erasure, farewells, outbox
from store.outbox import NewOutbound

HOUR = timedelta(hours=1)


@pytest.fixture
async def asked(store, people, clock):
    """Two who asked for it, for an hour and two hours later."""
    ids = [one.id for one in await people(2)]
    for hours, who in enumerate(ids, start=1):
        await store.transact(
            lambda tx, who=who, hours=hours: farewells.ask(tx, who, clock.now(), clock.now() + hours * HOUR)
        )
    return ids


async def due(store, clock):
    return await store.read(lambda tx: farewells.due(tx, clock.now()))


async def test_their_time_comes_to_the_instant(store, asked, clock):
    clock.advance(HOUR - timedelta(microseconds=1))
    assert await due(store, clock) == []
    clock.advance(microseconds=1)
    assert await due(store, clock) == asked[:1]
    stands = [await store.read(lambda tx, who=who: farewells.stands(tx, who, clock.now())) for who in asked]
    assert stands == [True, False]
    clock.advance(HOUR)
    assert await due(store, clock) == asked


async def test_who_asks_again_is_forgotten_later(store, asked, clock):
    clock.advance(HOUR)
    await store.transact(lambda tx: farewells.ask(tx, asked[0], clock.now(), clock.now() + 9 * HOUR))
    clock.advance(HOUR)
    assert await due(store, clock) == asked[1:]


async def test_what_is_taken_back_is_not_due(store, asked, clock):
    clock.advance(2 * HOUR)
    for _ in range(2):
        await store.transact(lambda tx: farewells.take_back(tx, asked[0]))
    assert await due(store, clock) == asked[1:]


async def test_nobody_is_forgotten_while_an_answer_is_on_its_way(store, asked, clock):
    def queue(tx, kind, who):
        line = {"channel": "demo", "recipient": "+59170000001", "text": "hola", "segments": 1}
        return outbox.queue(tx, [NewOutbound(contact_id=who, kind=kind, created_at=clock.now(), **line)])

    clock.advance(2 * HOUR)
    await store.transact(lambda tx: queue(tx, MessageKind.NOTICE, asked[1]))
    await store.transact(lambda tx: queue(tx, MessageKind.REPLY, asked[0]))
    assert await due(store, clock) == asked[1:]


async def test_the_wish_goes_with_the_number(store, asked, clock):
    await store.transact(lambda tx: erasure.erase_contact(tx, asked[0], clock.now()))
    clock.advance(2 * HOUR)
    assert await due(store, clock) == asked[1:]
