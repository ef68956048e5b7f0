"""A conversation whose time is over, and a text that comes before the tick has looked: nothing told is lost."""

import pytest
import sqlalchemy as sa

from dialogs.messages import InboundMessage
from dialogs.session import Session
from gateway.inbound import expiry
from gateway.inbound.inbox import Inbox
from store import schema, sessions

PHONE = "+59170000001"


@pytest.fixture
def box(world):
    return Inbox(world.store, world.house, lambda: None)


def sms(world, text, id_):
    return InboundMessage(
        channel="demo", external_id=id_, sender=PHONE, recipient="4040", text=text, received_at=world.clock.now()
    )


async def cases_of(world):
    columns = (schema.cases.c.category, schema.cases.c.place)
    return await world.store.read(lambda tx: [tuple(row) for row in tx.execute(sa.select(*columns))])


async def test_who_writes_again_before_the_tick_has_looked_loses_nothing(world, box):
    await box.receive([sms(world, "hay un bache enorme en la calle", "m1")])
    world.clock.advance(days=3)  # the service was down: no tick has run since
    await box.receive([sms(world, "no recogen la basura en Sopocachi", "m2")])
    assert await cases_of(world) == [("vias", None), ("basura", "sopocachi")]
    assert [row.template for row in await world.rows("outbound")] == ["report/place", "report/thanks", "report/thanks"]
    assert [row.case_id for row in await world.rows("inbound")] == [1, 2]
    assert await world.store.transact(lambda tx: expiry.tick(tx, world.house, world.clock.now())) == 0


async def test_a_question_that_was_only_asked_leaves_nothing_behind(world, box):
    await box.receive([sms(world, "hola", "m1")])
    world.clock.advance(days=3)
    await box.receive([sms(world, "no recogen la basura en Sopocachi", "m2")])
    assert await cases_of(world) == [("basura", "sopocachi")]


async def test_what_the_tick_files_shows_the_messages_it_was_made_of(world, box):
    await box.receive([sms(world, "hay un bache enorme en la calle", "m1")])
    world.clock.advance(days=1)
    assert await world.store.transact(lambda tx: expiry.tick(tx, world.house, world.clock.now())) == 1
    assert [row.case_id for row in await world.rows("inbound")] == [1]


async def test_one_that_fails_alone_is_shown_to_staff_and_keeps_nobody_elses_from_ending(world, box, logs):
    await box.receive([sms(world, "hay un bache enorme en la calle", "m1")])
    other, until = await world.person(2), world.clock.now()
    answers = {"description": "x", "kind": "a kind that is no more"}
    broken = Session(dialog="report", step="place", answers=answers, expires_at=until)
    await world.store.transact(lambda tx: sessions.save(tx, [(other.id, broken)], until))
    world.clock.advance(days=1)
    assert await world.store.transact(lambda tx: expiry.tick(tx, world.house, world.clock.now())) == 2
    assert await cases_of(world) == [("vias", None)]
    assert await world.alerts() == [("session_failed", f"contact {other.id}")]
    assert [entry["event"] for entry in logs] == ["sessions_failed", "session_failed"]
    assert await world.store.transact(lambda tx: expiry.tick(tx, world.house, world.clock.now())) == 0
