"""One number that sends more than a person does: all of it is kept, the first texts of a minute are acted on."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialogs.messages import InboundMessage, SessionEvent
from gateway.inbound.inbox import Inbox
from store import StoreUnavailable, schema

PHONE, NEIGHBOUR = "+59170000001", "+59170000002"


@pytest.fixture
def box(world):
    """An inbox that acts on three texts of a number in a minute; it begins at the top of one."""
    world.configure("limits", texts_minute=3)
    world.at(2026, 3, 2, 10)
    return Inbox(world.store, world.house, lambda: None)


def sms(world, id_, text="hola", sender=PHONE, **more):
    given = {"channel": "demo", "external_id": id_, "sender": sender, "recipient": "4040", "text": text}
    return InboundMessage(**given | more, received_at=world.clock.now())


async def fates(world):
    rows = await world.rows("inbound")
    return [(row.external_id, row.state, row.rule) for row in rows]


async def acted_on(world):
    return [name for name, state, _ in await fates(world) if state == "done"]


async def test_what_is_too_much_is_kept_and_staff_are_told_once(world, box):
    for number in range(6):
        await box.receive([sms(world, f"f{number}")])
    await box.receive([sms(world, "n", sender=NEIGHBOUR)])
    assert await acted_on(world) == ["f0", "f1", "f2", "n"]
    assert (await fates(world))[3] == ("f3", "silent", "flood")
    contact = (await world.rows("inbound"))[3].contact_id
    assert await world.alerts() == [("contact_floods", f"contact {contact}")]
    assert {row.in_reply_to for row in await world.rows()} == {1, 2, 3, 7}


async def test_the_next_minute_is_a_new_one(world, box):
    for number in range(4):
        await box.receive([sms(world, f"f{number}")])
    world.clock.advance(seconds=60)
    await box.receive([sms(world, "later")])
    assert await acted_on(world) == ["f0", "f1", "f2", "later"]


async def test_what_a_phone_brings_late_is_counted_when_it_was_sent(world, box):
    for number in range(6):
        at = world.clock.now() - timedelta(minutes=9 - number)
        await box.receive([sms(world, f"f{number}", sent_at=at)])
    assert len(await acted_on(world)) == 6


async def test_an_opt_out_is_heard_all_the_same(world, box):
    for number in range(5):
        await box.receive([sms(world, f"f{number}")])
    await box.receive([sms(world, "last", "BAJA")])
    assert (await acted_on(world))[-1] == "last"
    [contact] = await world.rows("contacts")
    assert contact.opted_out_at is not None


async def test_a_number_in_two_forms_is_one(world, box):
    for number, form in enumerate((PHONE, "70000001") * 3):
        await box.receive([sms(world, f"f{number}", sender=form)])
    assert len(await acted_on(world)) == 3


async def test_screens_are_not_counted(world, box):
    for number in range(6):
        hop = {"channel": "keys", "session_event": SessionEvent.NEW, "session_key": f"S{number}", "history": ""}
        [screen] = await box.receive([sms(world, f"s{number}", "", **hop)])
        assert screen.text


async def test_many_at_once_are_few_transactions(world, box, monkeypatch):
    """A flood must not cost the others a transaction for each of its texts."""
    count, transact = [0], world.store.transact

    async def counted(fn):
        count[0] += 1
        return await transact(fn)

    monkeypatch.setattr(world.store, "transact", counted)
    for number in range(3):
        await box.receive([sms(world, f"f{number}")])
    before = count[0]
    flood = [box.receive([sms(world, f"g{number}")]) for number in range(19)]
    await asyncio.gather(*flood)
    assert count[0] - before <= 2
    assert len(await fates(world)) == 22


async def test_what_comes_again_is_there_once(world, box):
    for _ in range(2):
        for number in range(5):
            await box.receive([sms(world, f"f{number}")])
    assert [name for name, *_ in await fates(world)] == ["f0", "f1", "f2", "f3", "f4"]


async def test_what_could_not_be_kept_is_not_counted(world, box, monkeypatch):
    """A carrier that tries again while the store is away must not use up what its person may say."""
    with monkeypatch.context() as away:

        async def gone(_fn):
            raise StoreUnavailable("away")

        away.setattr(world.store, "transact", gone)
        for number in range(6):
            with pytest.raises(StoreUnavailable):
                await box.receive([sms(world, f"f{number % 3}")])
    for number in range(4):
        await box.receive([sms(world, f"f{number}")])
    assert len(await acted_on(world)) == 3


async def test_a_name_that_floods_is_kept_too(world, box):
    for number in range(5):
        await box.receive([sms(world, f"f{number}", sender="TIGO")])
    kept = await world.store.read(lambda tx: tx.execute(sa.select(schema.inbound.c.rule)).scalars().all())
    assert kept == ["no_number"] * 5
    assert await world.alerts() == []


async def test_closing_waits_for_what_was_put_aside(world, box):
    for number in range(3):
        await box.receive([sms(world, f"f{number}")])
    last = asyncio.create_task(box.receive([sms(world, "last")]))
    await asyncio.sleep(0)
    await box.close()
    await last
    assert (await fates(world))[-1] == ("last", "silent", "flood")
