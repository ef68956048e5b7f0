from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialogs.messages import SessionEvent, Unreadable
from store import messages, schema
from store.messages import Direction, InboundState, Settled


async def all_inbound(store):
    return await store.read(lambda tx: tx.execute(sa.select(schema.inbound).order_by(schema.inbound.c.id)).all())


async def test_a_message_is_kept_as_it_came(store, message, people, clock):
    (contact,) = await people(1)
    heard = message(
        "id-1",
        "¿Cuándo vienen? 🙏",
        sent_at=clock.now() - timedelta(seconds=3),
        session_event=SessionEvent.RESUME,
        session_key="s-1",
    )
    (ident,) = await store.transact(lambda tx: messages.record(tx, [(heard, contact.id)]))
    (row,) = await all_inbound(store)
    assert row.id == ident
    assert (row.text, row.sender, row.recipient, row.contact_id) == (heard.text, heard.sender, "4040", contact.id)
    assert (row.sent_at, row.received_at) == (heard.sent_at, heard.received_at)
    assert (row.session_event, row.session_key, row.state, row.rule) == ("resume", "s-1", "new", None)


async def test_a_message_seen_before_has_no_id(store, message):
    first = await store.transact(lambda tx: messages.record(tx, [(message("a"), None), (message("b"), None)]))
    assert None not in first
    again = await store.transact(
        lambda tx: messages.record(tx, [(message("c"), None), (message("a", "changed"), None), (message("d"), None)])
    )
    assert [one is None for one in again] == [False, True, False]
    assert [row.text for row in await all_inbound(store)] == ["hay un poste caido"] * 4


async def test_the_same_id_on_another_line_is_another_message(store, message):
    ids = await store.transact(
        lambda tx: messages.record(tx, [(message("a"), None), (message("a", channel="other"), None)])
    )
    assert len(set(ids)) == 2
    assert None not in ids


async def test_of_two_alike_in_one_batch_the_first_counts(store, message):
    batch = [(message("a", "first"), None), (message("b"), None), (message("a", "second"), None)]
    ids = await store.transact(lambda tx: messages.record(tx, batch))
    assert ids[2] is None
    assert [(row.id, row.text) for row in await all_inbound(store) if row.external_id == "a"] == [(ids[0], "first")]


async def test_ids_come_back_in_the_order_of_the_messages(store, message):
    batch = [(message(f"{n:03d}", f"text {n}"), None) for n in (5, 3, 9, 1)]
    ids = await store.transact(lambda tx: messages.record(tx, batch))
    texts = {row.id: row.text for row in await all_inbound(store)}
    assert [texts[ident] for ident in ids] == [heard.text for heard, _ in batch]


async def test_what_no_engine_can_store_becomes_a_replacement_character(store, message):
    heard = message("id\x00\ud800", "a\x00b\udfffc", sender="\x00bank", recipient="40\x0040", session_key="k\x00")
    (first,) = await store.transact(lambda tx: messages.record(tx, [(heard, None)]))
    (row,) = await all_inbound(store)
    assert row.text == "a\ufffdb\ufffdc"
    assert (row.sender, row.recipient, row.session_key) == ("\ufffdbank", "40\ufffd40", "k\ufffd")
    assert first == row.id
    assert await store.transact(lambda tx: messages.record(tx, [(heard, None)])) == [None]


async def test_ids_too_long_for_their_column_stay_apart_and_are_known_again(store, message):
    long = [(message("x" * 300 + end), None) for end in "ab"]
    first = await store.transact(lambda tx: messages.record(tx, long))
    assert len(set(first)) == 2
    assert None not in first
    assert await store.transact(lambda tx: messages.record(tx, long)) == [None, None]
    assert {len(row.external_id) for row in await all_inbound(store)} == {255}


async def test_what_became_of_a_message_is_written_beside_it(store, message):
    first, second = await store.transact(lambda tx: messages.record(tx, [(message("a"), None), (message("b"), None)]))
    rows = [
        Settled(id=first, state=InboundState.DONE, rule="report", case_id=7),
        Settled(id=second, state=InboundState.SILENT),
    ]
    await store.transact(lambda tx: messages.settle(tx, rows))
    assert [(row.state, row.rule, row.case_id) for row in await all_inbound(store)] == [
        ("done", "report", 7),
        ("silent", None, None),
    ]


async def test_a_case_opened_later_gathers_what_was_said_before(store, message):
    ids = await store.transact(lambda tx: messages.record(tx, [(message(one), None) for one in "abc"]))
    await store.transact(lambda tx: messages.link(tx, [(ids[0], 7), (ids[2], 7)]))
    await store.transact(lambda tx: messages.link(tx, []))
    assert [row.case_id for row in await all_inbound(store)] == [7, None, 7]


async def test_poison_is_listed_oldest_first(store, message, clock):
    young = message("young", received_at=clock.now() + timedelta(minutes=1), sent_at=clock.now(), session_key="k")
    ids = await store.transact(
        lambda tx: messages.record(tx, [(young, None), (message("old"), None), (message("fine"), None)])
    )
    await store.transact(
        lambda tx: messages.settle(tx, [Settled(id=ident, state=InboundState.FAILED) for ident in ids[:2]])
    )
    assert await store.read(messages.failed) == [(ids[1], message("old")), (ids[0], young)]


async def test_quarantine_keeps_the_bytes_until_they_are_erased(store, clock):
    raw = bytes(range(256))
    items = [
        (Unreadable(channel="demo", reason="json", raw=raw), clock.now()),
        (Unreadable(channel="demo", reason="utf8", raw=b""), clock.advance(days=30)),
    ]
    await store.transact(lambda tx: messages.quarantine(tx, items))
    kept = await store.read(lambda tx: tx.execute(sa.select(schema.quarantine).order_by("id")).all())
    assert [(row.channel, row.reason, row.raw) for row in kept] == [("demo", "json", raw), ("demo", "utf8", b"")]
    assert await store.transact(lambda tx: messages.purge_quarantine(tx, clock.now())) == 1
    assert await store.transact(lambda tx: messages.purge_quarantine(tx, clock.now())) == 0


@pytest.mark.parametrize("count", [1, 50])
async def test_a_batch_costs_the_same_whatever_its_size(store, message, clock, count, statements):
    def cost(tx):
        with statements(tx) as said:
            ids = messages.record(tx, [(message(str(n)), None) for n in range(count)])
            messages.settle(tx, [Settled(id=ident, state=InboundState.DONE) for ident in ids])
            unreadable = Unreadable(channel="demo", reason="json", raw=b"{")
            messages.quarantine(tx, [(unreadable, clock.now())] * count)
        return [one.split()[0] for one in said]

    assert await store.transact(cost) == ["INSERT", "UPDATE", "INSERT"]


async def test_nothing_costs_nothing(store, statements):
    def cost(tx):
        with statements(tx) as said:
            assert messages.record(tx, []) == []
            messages.settle(tx, [])
            messages.quarantine(tx, [])
        return said

    assert await store.transact(cost) == []


@pytest.fixture
def say(store, people, clock):
    """``await say("text", ...)``: a row of the outbox, as the outbox writes it."""

    async def write(text, **more):
        (contact,) = await people(1)
        row = {
            "channel": "demo",
            "contact_id": contact.id,
            "recipient": contact.msisdn,
            "text": text,
            "kind": "reply",
            "segments": 1,
            "state": "queued",
            "priority": 0,
            "created_at": clock.now(),
        }
        await store.transact(lambda tx: tx.execute(sa.insert(schema.outbound), row | more))

    return write


async def test_a_thread_is_both_sides_in_order_even_within_one_instant(store, message, say, clock):
    first, other, second = await store.transact(
        lambda tx: messages.record(
            tx, [(message("a", "one"), None), (message("b", "elsewhere"), None), (message("c", "two"), None)]
        )
    )
    rows = [
        Settled(id=first, state=InboundState.DONE, case_id=7),
        Settled(id=other, state=InboundState.DONE, case_id=8),
        Settled(id=second, state=InboundState.DONE, case_id=7),
    ]
    await store.transact(lambda tx: messages.settle(tx, rows))
    await say("unasked", case_id=7)
    await say("to two", in_reply_to=second, case_id=7)
    await say("to one", in_reply_to=first, case_id=7)
    await say("to nobody's case", in_reply_to=other)
    clock.advance(days=1)
    await say("later", case_id=7, state="delivered")
    thread = await store.read(lambda tx: messages.thread(tx, 7))
    assert [(one.direction, one.text) for one in thread] == [
        (Direction.IN, "one"),
        (Direction.OUT, "to one"),
        (Direction.IN, "two"),
        (Direction.OUT, "to two"),
        (Direction.OUT, "unasked"),
        (Direction.OUT, "later"),
    ]
    assert (thread[0].status, thread[-1].status, thread[-1].channel) == ("done", "delivered", "demo")
    assert thread[-1].at == clock.now()
    assert await store.read(lambda tx: messages.thread(tx, 9)) == []
