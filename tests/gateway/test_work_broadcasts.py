"""Broadcasts before they go: what a preview says, what is refused, who must approve."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from dialogs.outreach import Audience, BroadcastStatus
from gateway.outbound import segments
from gateway.work import broadcasts
from gateway.work.broadcasts import NotSendable
from store.schema import metadata

ALL = Audience()
TEXT = {"es": "Mañana habrá corte de agua de 8 a 12"}
PLACE = "alto-tacagua"


@pytest.fixture
def place(world):
    return PLACE if PLACE in world.config.city.places else next(iter(world.config.city.places))


async def preview(world, texts=TEXT, audience=ALL):
    return await world.store.read(lambda tx: broadcasts.preview(tx, world.house, texts, audience))


async def create(world, texts=TEXT, audience=ALL, by="ana", **more):
    now = world.clock.now()
    return await world.store.transact(lambda tx: broadcasts.create(tx, world.house, now, by, texts, audience, **more))


async def expand(world):
    return await world.store.transact(lambda tx: broadcasts.expand(tx, world.house, world.clock.now()))


async def expand_all(world):
    while await expand(world):
        pass


async def progress(world, made):
    return await world.store.read(lambda tx: broadcasts.progress(tx, made.id))


async def settled(world):
    """Queue it all, send it all."""
    await expand_all(world)
    await world.drain()


async def test_a_preview_says_whom_how_long_and_what_it_costs(world):
    await world.people(5)
    await world.person(6, opted_out=True)
    found = await preview(world)
    assert (found.recipients, found.opted_out, found.segments, found.total_segments) == (5, 1, 1, 5)
    assert (found.cost, found.currency, found.needs_approval) == (Decimal("1.40"), "BOB", False)


async def test_a_preview_shows_what_phones_show(world):
    await world.people(1)
    text = (
        await preview(
            world, {"es": "  Habrá “corte” de agua en el período que viene, según el cronograma de la zona. " * 2}
        )
    ).texts["es"]
    assert segments.septets(text) is not None
    assert "BAJA" in text
    assert "Habra" in text or "Habrá" not in text


async def test_each_language_is_counted_by_itself(world):
    await world.people(2)
    await world.person(3, language="en")
    await world.person(4, language="ay")
    found = await preview(world, TEXT | {"en": "Water cut tomorrow. " * 12})
    assert (found.recipients, found.segments, found.total_segments) == (4, 2, 5)


async def test_without_a_price_there_is_no_cost(world):
    world.configure("broadcasts", price_per_segment=None)
    await world.people(1)
    assert (await preview(world)).cost is None


async def test_only_the_residents_of_a_place(world, place):
    await world.people(2)
    lives = await world.person(3, place=place)
    assert (await preview(world, audience=Audience(place=place))).recipients == 1
    made = await create(world, audience=Audience(place=place))
    await settled(world)
    assert [sent["to"] for sent in world.network.sent] == [lives.msisdn]
    assert (await progress(world, made)).delivered == 0


@pytest.mark.parametrize(
    ("texts", "audience", "problem"),
    [
        ({}, ALL, "it says nothing"),
        ({"es": "  "}, ALL, "it says nothing"),
        ({"es": "hoy", "en": ""}, ALL, "it says nothing"),
        ({"qu": "hoy"}, ALL, "we do not speak qu"),
        ({"es": "hoy"}, Audience(place="atlantis"), "there is no such place"),
        ({"es": "muy largo " * 120}, ALL, "at most 6 are sent"),
    ],
)
async def test_what_cannot_be_sent_is_said_in_one_line(world, texts, audience, problem):
    await world.people(1)
    with pytest.raises(NotSendable, match=problem):
        await preview(world, texts, audience)
    with pytest.raises(NotSendable, match=problem):
        await create(world, texts, audience)
    assert await world.rows("broadcasts") == []


async def test_a_broadcast_to_nobody_is_not_made(world):
    await world.person(opted_out=True)
    with pytest.raises(NotSendable, match="nobody"):
        await create(world)


async def test_to_many_it_waits_for_a_second_person(world):
    await world.people(3)
    world.configure("broadcasts", approve_above=2)
    assert (await preview(world)).needs_approval
    made = await create(world)
    assert made.status is BroadcastStatus.WAITING_APPROVAL
    assert await expand(world) == 0
    with pytest.raises(NotSendable, match="second person"):
        await world.transact(broadcasts.approve, world.clock.now(), "ana", made.id)
    approved = await world.transact(broadcasts.approve, world.clock.now(), "bea", made.id)
    assert (approved.status, approved.approved_by) == (BroadcastStatus.QUEUEING, "bea")
    with pytest.raises(NotSendable, match="does not wait"):
        await world.transact(broadcasts.approve, world.clock.now(), "carla", made.id)
    await settled(world)
    assert len(world.network.sent) == 3
    acts = [(row.act, row.actor, row.subject) for row in await world.rows("audit")]
    assert sorted(acts) == [("broadcast.approved", "bea", str(made.id)), ("broadcast.created", "ana", str(made.id))]


async def test_as_many_as_one_person_may_send_need_no_second(world):
    await world.people(3)
    world.configure("broadcasts", approve_above=3)
    assert (await create(world)).status is BroadcastStatus.QUEUEING


async def test_a_text_changed_after_it_was_approved_is_not_sent(world, logs):
    await world.people(3)
    made = await create(world)
    table = metadata.tables["broadcasts"]
    await world.store.transact(lambda tx: tx.execute(sa.update(table).values(texts={"es": "Vote por mí"})))
    await expand_all(world)
    assert await world.rows() == []
    assert (await progress(world, made)).status is BroadcastStatus.CANCELLED
    assert await world.alerts() == [("broadcast_changed", f"broadcast {made.id}")]
    assert [entry["event"] for entry in logs] == ["broadcast_changed"]


async def test_a_broadcast_that_is_not_there(world):
    for act in (broadcasts.approve, broadcasts.cancel):
        with pytest.raises(NotSendable, match="no broadcast 9"):
            await world.transact(act, world.clock.now(), "ana", 9)
    with pytest.raises(NotSendable, match="no broadcast 9"):
        await world.store.read(lambda tx: broadcasts.progress(tx, 9))
