"""Replies to a notice: which messages they are, whose, and which notice somebody was sent last."""

from datetime import timedelta

import pytest

from dialogs.messages import MessageKind
from dialogs.outreach import Audience, Broadcast, BroadcastStatus, Notice
from store import broadcasts, erasure, handover, messages, outbox, replies, schema
from store.outbox import NewOutbound, State
from store.replies import Reply


@pytest.fixture
def notice(store, clock):
    """``await notice(person)``: the id of a notice that was handed over to them now, or stands in another state."""

    async def make(*people, state=State.SENT, texts=None, handed=True):
        now = clock.now()
        new = Broadcast(
            id=0,
            texts=texts or {"es": "Corte de agua"},
            audience=Audience(),
            created_by="ana",
            created_at=now,
            due_at=now,
            status=BroadcastStatus.QUEUED,
            recipients=1,
        )

        def work(tx):
            made = broadcasts.add(tx, new, text_hash="", last_contact=9)
            rows = [
                NewOutbound(
                    channel="demo",
                    contact_id=one.id,
                    recipient=one.msisdn,
                    text="Corte de agua",
                    kind=MessageKind.BROADCAST,
                    template="broadcast/notice",
                    segments=1,
                    broadcast_id=made,
                    created_at=now,
                    expires_at=None,
                )
                for one in people
            ]
            ids = outbox.queue(tx, rows)
            if handed:
                handover.mark(tx, ids, owner="me", now=now, lease_until=now, safe=False)
            tx.execute(schema.outbound.update().where(schema.outbound.c.id.in_(ids)).values(state=state))
            return made

        return await store.transact(work)

    return make


@pytest.fixture
def heard(store, message):
    """``await heard(person, "a", "text")``: the id of a message of theirs."""

    async def make(person, external_id, text):
        one = message(external_id, text, sender=person.msisdn)
        [ident] = await store.transact(lambda tx: messages.record(tx, [(one, person.id)]))
        return ident

    return make


async def _noticed(store, people, since):
    return await store.read(lambda tx: replies.noticed(tx, [one.id for one in people], since))


async def test_the_last_notice_of_each(store, people, notice, clock):
    one, other, third = await people(3)
    begun = clock.now()
    await notice(one, other)
    clock.advance(hours=1)
    both = {"es": "Reunion", "en": "Meeting"}
    last = await notice(one, texts=both)
    found = await _noticed(store, [one, other, third], begun)
    assert found[one.id] == Notice(id=last, text="Reunion Meeting", at=clock.now())
    assert found[other.id].at == begun
    assert found.keys() == {one.id, other.id}
    assert (await _noticed(store, [one, other], begun + timedelta(seconds=1))).keys() == {one.id}
    assert await _noticed(store, [], begun) == {}


@pytest.mark.parametrize("state", State)
async def test_only_what_left_the_house_is_known(store, people, notice, clock, state):
    [one] = await people(1)
    await notice(one, state=state)
    left = state in {State.ACCEPTED, State.SENT, State.DELIVERED, State.IN_DOUBT}
    assert bool(await _noticed(store, [one], clock.now())) is left


async def test_what_was_never_handed_over_is_not(store, people, notice, clock):
    [one] = await people(1)
    await notice(one, handed=False)
    assert await _noticed(store, [one], clock.now()) == {}


async def test_a_message_is_kept_once_with_the_notice_that_it_answers(store, people, notice, heard, clock):
    one, other = await people(2)
    first, second = await notice(one), await notice(one)
    ids = [await heard(one, "a", "hasta que hora?"), await heard(other, "b", "gracias"), await heard(one, "c", "no")]
    for _ in range(2):
        await store.transact(lambda tx: replies.keep(tx, first, ids[:2]))
    await store.transact(lambda tx: replies.keep(tx, second, ids[2:]))
    await store.transact(lambda tx: replies.keep(tx, second, []))
    found = await store.read(lambda tx: replies.of(tx, first))
    assert found == [
        Reply(id=ids[0], at=clock.now(), text="hasta que hora?", place=one.place),
        Reply(id=ids[1], at=clock.now(), text="gracias", place=other.place),
    ]
    assert await store.read(lambda tx: [replies.count(tx, each) for each in (first, second, 99)]) == [2, 1, 0]


async def test_who_wrote_a_reply_and_nobody_who_wrote_anything_else(store, people, notice, heard):
    [one] = await people(1)
    made = await notice(one)
    reply, other = await heard(one, "a", "hasta que hora?"), await heard(one, "b", "hay un bache")
    await store.transact(lambda tx: replies.keep(tx, made, [reply]))
    assert await store.read(lambda tx: [replies.author(tx, each) for each in (reply, other, 99)]) == [
        one.id,
        None,
        None,
    ]


async def test_the_words_go_with_the_messages(store, people, notice, heard, clock):
    [one] = await people(1)
    made, reply = await notice(one), await heard(one, "a", "hasta que hora?")
    await store.transact(lambda tx: replies.keep(tx, made, [reply]))
    found = await store.read(lambda tx: erasure.find(tx, one.id, 0))
    said = await store.transact(lambda tx: erasure.erase_messages(tx, found, clock.now()))
    assert said == ["hasta que hora?"]
    [left] = await store.read(lambda tx: replies.of(tx, made))
    assert (left.id, left.text) == (reply, "")


async def test_it_is_one_statement_for_all(store, people, notice, clock, statements):
    both = await people(2)
    await notice(*both)

    def count(tx):
        with statements(tx) as said:
            replies.noticed(tx, [one.id for one in both], clock.now())
        return len(said)

    assert await store.read(count) == 1
