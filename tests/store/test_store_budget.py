"""The hot path costs a fixed number of statements, each served by an index and prepared once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialogs.messages import MessageKind
from dialogs.session import Session
from store import cases, contacts, messages, one_of, open_store, outbox, schema, sessions
from store.contacts import Seen
from store.messages import InboundState, Settled
from store.outbox import NewOutbound

#: What one batch of messages may cost, whatever its size. Raising it wants a reason and a run of the benchmark.
BUDGET = 15


@pytest.fixture
def converse(clock, message, new_case):
    """All that the inbox does with a batch: half of the people file a case, the others are asked something."""

    def work(tx, numbers, turn):
        now = clock.now()
        heard = [message(f"{turn}-{n}", sender=f"+5917000{n:04d}") for n in numbers]
        seen = [Seen(msisdn=one.sender, language="es", sms_channel="demo", at=now) for one in heard]
        known = contacts.ensure(tx, seen)
        ids = messages.record(tx, [(one, known[one.sender].id) for one in heard])
        people = sorted(one.id for one in known.values())
        contacts.lock(tx, people)
        sessions.load(tx, people)
        cases.own(tx, people)
        rows = [new_case(ident) for ident in people]
        cases.named(tx, [row.code for row in rows])
        assert len(cases.free_codes(tx, [row.code for row in rows])) == len(rows)
        opened = cases.open_cases(tx, rows, now)
        outbox.queue(
            tx,
            [
                NewOutbound(
                    channel="demo",
                    contact_id=known[one.sender].id,
                    recipient=one.sender,
                    text="Recibimos su reporte",
                    kind=MessageKind.REPLY,
                    template="report/thanks",
                    segments=1,
                    in_reply_to=ident,
                    case_id=case_id,
                    broadcast_id=None,
                    created_at=now,
                    expires_at=now + timedelta(hours=1),
                )
                for one, ident, case_id in zip(heard, ids, opened, strict=True)
            ],
        )
        waiting = Session(dialog="report", step="place", expires_at=now + timedelta(hours=1))
        sessions.save(tx, [(ident, waiting if ident % 2 else None) for ident in people], now)
        messages.settle(tx, [Settled(id=ident, state=InboundState.DONE, rule="report") for ident in ids])

    return work


@pytest.mark.parametrize("count", [2, 50])
async def test_a_batch_stays_within_its_budget(store, converse, count, statements):
    def spend(tx, turn):
        with statements(tx) as said:
            converse(tx, range(count), turn)
        return len(said)

    strangers = await store.transact(lambda tx: spend(tx, 1))
    known = await store.transact(lambda tx: spend(tx, 2))
    locked = store.dialect == "postgresql"
    assert strangers == BUDGET + locked
    assert known == strangers - 1


async def test_sqlite_finds_everything_by_an_index(sqlite_url, converse, overhear):
    said = []

    def explain(tx):
        with overhear(tx) as heard:
            converse(tx, range(3), 2)
        said.extend(heard)

    store = open_store(sqlite_url)
    await store.start()
    await store.transact(lambda tx: converse(tx, range(3), 1))
    await store.transact(explain)

    def plans(tx):
        for statement, given in said:
            if statement.startswith("INSERT"):
                continue  # nothing to find
            for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(given)):
                yield row[3]

    steps = await store.read(lambda tx: list(plans(tx)))
    await store.close()
    scanned = {step for step in steps if step.startswith("SCAN") and "json_each" not in step}
    assert scanned == set()
    assert any("contacts USING INDEX" in step for step in steps)


async def test_a_set_of_keys_is_one_parameter(store, statements, people):
    first, second, third = await people(3)

    def ask(tx):
        with statements(tx) as said:
            contacts.by_ids(tx, [first.id])
            found = contacts.by_ids(tx, {first.id, third.id})
            contacts.by_ids(tx, range(500))
        return said, found

    said, found = await store.read(ask)
    assert len(set(said)) == 1
    assert set(found) == {first.id, third.id}
    assert second.id not in found


async def test_a_set_of_texts_keeps_every_character(store, clock):
    odd = ["plain", 'quo"te', "back\\slash", "ñandú 🙏", "{}", "a,b", "'; --", "NULL", "\u2028"]
    rows = [{"reason": "x", "subject": text, "at": clock.now()} for text in odd]
    await store.transact(lambda tx: tx.execute(sa.insert(schema.alerts), rows))

    found = sa.select(schema.alerts.c.subject).where(one_of(schema.alerts.c.subject, "texts"))
    assert set(await store.read(lambda tx: tx.execute(found, {"texts": odd}).scalars().all())) == set(odd)
    assert await store.read(lambda tx: tx.execute(found, {"texts": []}).scalars().all()) == []


async def test_an_absent_set_is_a_mistake(store):
    with pytest.raises(sa.exc.StatementError, match="may be empty, not missing"):
        await store.read(lambda tx: tx.execute(contacts._BY_ID, {"ids": None}))


async def test_an_unchanged_statement_is_not_prepared_again(sqlite_url):
    """A parameter compared with the condition of a partial index would make SQLite prepare it anew each time."""
    store = open_store(sqlite_url)
    await store.start()
    for statement in (cases._OWN, cases._CLOSED, cases._NAMED):
        text = str(statement._statement.compile(store._writer.engine))
        assert "status = ?" not in text.partition("AS asked")[0]
    await store.close()
