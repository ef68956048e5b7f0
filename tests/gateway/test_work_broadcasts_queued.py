"""Broadcasts on their way: each contact once whatever happens, everybody in their language, stopped at once."""

import asyncio

import pytest
import sqlalchemy as sa

from dialogs.messages import Consent
from dialogs.outreach import Audience, BroadcastStatus
from gateway.outbound.carrier import NetworkFailed
from gateway.work import broadcasts
from gateway.work.broadcasts import NotSendable
from store import contacts, schema

ALL = Audience()
TEXT = {"es": "Mañana habrá corte de agua de 8 a 12"}


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(broadcasts, "CHUNK", 4)


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


async def test_each_contact_gets_it_once(world):
    people = await world.people(10)
    made = await create(world)
    assert [await expand(world) for _ in range(4)] == [4, 4, 2, 0]
    await settled(world)
    assert sorted(sent["to"] for sent in world.network.sent) == [person.msisdn for person in people]
    assert {sent["text"] for sent in world.network.sent} == {(await world.rows())[0].text}
    found = await progress(world, made)
    assert (found.status, found.recipients, found.accepted, found.waiting) == (BroadcastStatus.QUEUED, 10, 10, 0)


async def test_an_audience_that_ends_with_a_whole_chunk_ends(world):
    await world.people(8)
    made = await create(world)
    assert [await expand(world) for _ in range(4)] == [4, 4, 0, 0]
    assert (await progress(world, made)).status is BroadcastStatus.QUEUED


async def test_everybody_reads_their_language_or_the_first(world):
    await world.person(1, language="en")
    await world.person(2, language="ay")
    await create(world, TEXT | {"en": "Water cut tomorrow"})
    await settled(world)
    assert ["Water" in sent["text"] for sent in world.network.sent] == [True, False]


async def test_a_text_in_one_language_only_goes_to_all(world):
    await world.person(1, language="es")
    await create(world, {"en": "Water cut tomorrow"})
    await settled(world)
    assert "Water" in world.network.sent[0]["text"]


async def test_what_no_engine_can_store_does_no_harm(world):
    await world.people(1)
    await create(world, {"es": "agua\x00 \ud800 hoy"})
    await settled(world)
    assert world.network.sent[0]["text"].startswith("agua")


async def test_a_template_in_the_text_is_just_text(world):
    await world.people(1)
    await create(world, {"es": "{{ service }} {% raw %}"})
    await settled(world)
    assert "service" in world.network.sent[0]["text"]


async def test_who_wrote_after_it_was_made_does_not_get_it(world):
    await world.people(2)
    await create(world)
    await world.person(3)
    await settled(world)
    assert len(world.network.sent) == 2


async def test_who_opts_out_meanwhile_is_skipped_or_cancelled(world):
    people = await world.people(6)
    made = await create(world)
    await expand(world)
    for person in (people[0], people[5]):
        await world.transact(contacts.consent, person.id, Consent.OUT, "sms", world.clock.now())
    await settled(world)
    found = await progress(world, made)
    assert (found.accepted, found.cancelled, found.skipped) == (4, 1, 1)
    assert found.accepted + found.cancelled + found.skipped == found.recipients


async def test_it_begins_at_its_hour(world):
    await world.people(1)
    await create(world, due_at=world.at(2026, 3, 3, 9, 0))
    world.at(2026, 3, 3, 9, 0)
    assert await expand(world) == 1
    later = await create(world, due_at=world.clock.advance(hours=1))
    world.clock.advance(hours=-1)
    assert await expand(world) == 0
    assert (await progress(world, later)).to_queue == 1


async def test_cancelled_nothing_more_of_it_is_handed_over(world):
    people = await world.people(10)
    made = await create(world)
    await expand(world)
    await expand(world)
    sender = world.with_rate(1)
    await sender.drain_once(world.clock.now())
    cancelled = await world.transact(broadcasts.cancel, world.clock.now(), "bea", made.id)
    assert cancelled.status is BroadcastStatus.CANCELLED
    while await sender.drain_once(world.clock.advance(seconds=1)):
        pass
    assert [sent["to"] for sent in world.network.sent] == [people[0].msisdn]
    await expand_all(world)
    found = await progress(world, made)
    assert (found.accepted, found.cancelled, found.waiting, found.to_queue) == (1, 9, 0, 0)


async def test_what_waits_of_a_cancelled_one_is_taken_out_in_chunks(world):
    await world.people(10)
    made = await create(world)
    await expand_all(world)
    await world.transact(broadcasts.cancel, world.clock.now(), "bea", made.id)
    assert [await expand(world) for _ in range(4)] == [4, 4, 2, 0]
    assert set(await world.states()) == {"cancelled"}
    await world.transact(broadcasts.cancel, world.clock.now(), "bea", made.id)
    assert [row.act for row in await world.rows("audit")].count("broadcast.cancelled") == 1


async def test_when_nothing_is_left_to_stop_cancelling_is_refused(world):
    await world.people(2)
    made = await create(world)
    await settled(world)
    for _ in range(2):
        with pytest.raises(NotSendable, match="nothing of broadcast 1 is left to stop"):
            await world.transact(broadcasts.cancel, world.clock.now(), "bea", made.id)
    found = await progress(world, made)
    assert (found.status, found.accepted) == (BroadcastStatus.QUEUED, 2)
    assert "broadcast.cancelled" not in [row.act for row in await world.rows("audit")]


async def test_what_is_in_doubt_may_be_tried_again_and_is_stopped(world):
    await world.people(1)
    made = await create(world)
    await expand_all(world)
    world.network.script.append(NetworkFailed("no_answer", in_doubt=True))
    await world.drain()
    cancelled = await world.transact(broadcasts.cancel, world.clock.now(), "bea", made.id)
    assert cancelled.status is BroadcastStatus.CANCELLED


ENDS = {"delivered": "done", "failed": "done", "expired": "done", "sent": "queued", "accepted": "queued"}


@pytest.mark.parametrize(("end", "shown"), ENDS.items())
async def test_it_is_done_when_each_message_is_at_an_end(world, end, shown):
    await world.people(1)
    made = await create(world)
    assert (await progress(world, made)).shown == "queueing"
    await settled(world)
    await world.transact(lambda tx: tx.execute(sa.update(schema.outbound).values(state=end)))
    found = await progress(world, made)
    assert (found.status, found.shown) == (BroadcastStatus.QUEUED, shown)


async def test_a_crash_between_chunks_goes_on_and_does_not_begin_again(world):
    await world.people(10)
    made = await create(world)
    await expand(world)

    class Killed(BaseException):
        pass

    def dies(tx):
        broadcasts.expand(tx, world.house, world.clock.now())
        raise Killed

    with pytest.raises(Killed):
        await world.store.transact(dies)
    assert len(await world.rows()) == 4
    await settled(world)
    assert len({sent["to"] for sent in world.network.sent}) == len(world.network.sent) == 10
    assert (await progress(world, made)).accepted == 10


async def test_two_processes_queue_each_contact_once(world):
    await world.people(20)
    await create(world)
    await asyncio.gather(*(expand(world) for _ in range(8)))
    await expand_all(world)
    assert len({row.contact_id for row in await world.rows()}) == len(await world.rows()) == 20


async def test_several_are_queued_one_after_the_other(world):
    await world.people(6)
    first, second = await create(world), await create(world, {"es": "Otro aviso"})
    await expand_all(world)
    counts = [(await progress(world, made)).waiting for made in (first, second)]
    assert counts == [6, 6]
    await world.drain()
    assert (await progress(world, second)).accepted == 6


async def test_progress_counts_every_end(world):
    await world.people(4)
    made = await create(world)
    await expand_all(world)
    assert (await progress(world, made)).waiting == 4
    for trouble in (NetworkFailed("no_answer", in_doubt=True), NetworkFailed("unreachable", in_doubt=False)):
        world.network.script.append(trouble)
    await world.drain()
    found = await progress(world, made)
    assert (found.in_doubt, found.waiting, found.accepted) == (1, 1, 2)
    world.clock.advance(days=2)
    await world.drain()
    found = await progress(world, made)
    assert (found.in_doubt, found.waiting, found.expired, found.accepted) == (1, 0, 1, 2)


async def test_at_night_it_waits_for_the_morning(world):
    world.at(2026, 3, 2, 21, 0)
    await world.people(5)
    made = await create(world)
    await settled(world)
    assert (await progress(world, made)).waiting == 5
    world.at(2026, 3, 3, 8, 0)
    await settled(world)
    assert (await progress(world, made)).accepted == 5
