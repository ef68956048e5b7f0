"""Two processes look for what is due in the same second, on one PostgreSQL: each thing happens once (I24)."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.util import await_only

from dialogs.messages import DeliveryReport, DeliveryStatus, InboundMessage, MessageKind
from dialogs.outreach import Audience
from gateway.inbound.inbox import Inbox
from gateway.outbound.handover import LEASE
from gateway.scheduler import TICKS
from gateway.work import broadcasts
from store import open_store, receipts, schema

#: Ends when some transaction of this database waits for another's lock.
_UNTIL_ONE_WAITS = """DO $$ BEGIN
  WHILE NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock') LOOP
    PERFORM pg_sleep(0.005), pg_stat_clear_snapshot();
  END LOOP;
END $$"""


@pytest.fixture
def store_url(postgres_url):
    """Many processes share a server, never a file."""
    return postgres_url


@pytest.fixture
async def other(store_url):
    """A second process's store."""
    opened = open_store(store_url)
    await opened.start()
    yield opened
    await opened.close()


@pytest.fixture
def both(world, other):
    """Run a tick in two processes: the second while the first has done all but commit. Gives how much each did."""

    async def run(name):
        begun, go_on = asyncio.Event(), asyncio.Event()

        def first(tx):
            done = TICKS[name](tx, world.house, world.clock.now())
            begun.set()
            await_only(go_on.wait())
            return done

        one = asyncio.create_task(world.store.transact(first))
        await begun.wait()
        two = asyncio.create_task(other.transact(lambda tx: TICKS[name](tx, world.house, world.clock.now())))
        waits = asyncio.create_task(world.store.transact(lambda tx: tx.exec_driver_sql(_UNTIL_ONE_WAITS) and None))
        await asyncio.wait({two, waits}, return_when=asyncio.FIRST_COMPLETED)
        waits.cancel()
        go_on.set()
        await asyncio.gather(waits, return_exceptions=True)
        return await asyncio.gather(one, two)

    return run


async def test_a_question_is_asked_once(world, both):
    for number in range(1, 4):
        await world.resolve(await world.open_case(await world.person(number)))
    world.clock.advance(days=3, hours=1)
    assert sorted(await both("followups")) == [0, 3]
    assert [row.kind for row in await world.rows()] == ["followup"] * 3
    assert len([row for row in await world.rows("followups") if row.kind == "remind"]) == 3


async def test_a_case_closes_once(world, both):
    code = await world.open_case(await world.person())
    await world.resolve(code)
    world.clock.advance(days=3, hours=1)
    await both("followups")
    world.clock.advance(days=30)
    await both("followups")
    await both("followups")
    assert (await world.case(code)).status == "closed"
    assert [row.what for row in await world.rows("case_events")].count("closed") == 1


async def test_a_conversation_left_half_told_is_filed_once(world, both):
    box = Inbox(world.store, world.house, lambda: None)
    told = {"channel": "demo", "external_id": "m1", "sender": "+59170000001", "recipient": "4040"}
    await box.receive([InboundMessage(**told, text="hay un bache enorme en la calle", received_at=world.clock.now())])
    world.clock.advance(days=1)
    assert sorted(await both("sessions")) == [0, 1]
    assert len(await world.rows("cases")) == 1


async def test_a_broadcast_reaches_each_once(world, both, monkeypatch):
    monkeypatch.setattr(broadcasts, "CHUNK", 3)
    people = await world.people(10)
    made = await world.transact(broadcasts.create, world.house, world.clock.now(), "ana", {"es": "corte"}, Audience())
    while sum(await both("broadcasts")):
        pass
    assert sorted(row.contact_id for row in await world.rows()) == [one.id for one in people]
    await world.transact(broadcasts.cancel, world.clock.now(), "ana", made.id)
    while sum(await both("broadcasts")):
        pass
    assert await world.states() == ["cancelled"] * 10


async def test_a_lease_ends_once(world, both):
    [person] = await world.people(1)
    message = await world.queue(person, MessageKind.BROADCAST, broadcast_id=1)
    until = world.clock.now() + LEASE
    taken = {"state": "handing_over", "due_at": None, "owner": "a process that died", "attempts": 1}
    await world.transact(lambda tx: tx.execute(sa.update(schema.outbound).values(**taken, lease_until=until)) and None)
    assert await both("leases") == [0, 0]
    world.clock.advance(LEASE)
    assert sorted(await both("leases")) == [0, 1]
    assert (await world.row(message)).state == "in_doubt"
    assert await world.alerts() == [("in_doubt", "broadcast 1")]


async def test_parked_reports_are_applied_once(world, both):
    [person] = await world.people(1)
    await world.queue(person)
    await world.drain()
    report = DeliveryReport(channel="demo", external_id="P1", status=DeliveryStatus.DELIVERED, at=world.clock.now())
    await world.transact(receipts.park, [report], world.clock.now())
    assert sorted(await both("parked")) == [0, 1]
    assert await world.states() == ["delivered"]


async def test_what_is_too_old_expires_once(world, both):
    await world.queue_all(
        [(one, MessageKind.NOTICE) for one in await world.people(3)], expires_at=world.clock.now() + timedelta(hours=1)
    )
    world.clock.advance(hours=2)
    assert sorted(await both("expire")) == [0, 3]
    assert await world.states() == ["expired"] * 3


async def test_the_digest_of_a_day_is_one(world, both):
    await world.open_case()
    world.at(2026, 3, 3, 0, 15)
    await both("digest")
    assert [row.day for row in await world.rows("digests")] == ["2026-03-02"]


async def test_two_senders_hand_each_message_over_once_and_in_order(world, other):
    """The first has taken all but not said so when the second looks: it takes none of these people's messages."""
    people = await world.people(20)
    for _ in range(3):
        await world.queue_all([(one, MessageKind.REPLY) for one in people])
    two = world.sender(store=other)
    while sum(await asyncio.gather(world.drain(), two.drain_once(world.clock.now()))):
        pass
    assert sorted(world.network.ids) == [row.id for row in await world.rows()]
    theirs = {row.id: row.contact_id for row in await world.rows()}
    for one in people:
        mine = [ident for ident in world.network.ids if theirs[ident] == one.id]
        assert mine == sorted(mine)
