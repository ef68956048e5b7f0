"""A store with many old messages and a broadcast that waits: what is asked for every message stays a matter of rows.

Both engines say how they answer, with statistics of a filled store: they choose by them, and choose wrongly without.
"""

import pytest
import sqlalchemy as sa

from dialogs.messages import MessageKind
from store import handover, outbox

OLD, WAITING = 8_000, 4_000

_PEOPLE = """
INSERT INTO contacts (msisdn, language, created_at, last_seen_at)
SELECT '+591700' || (1000000 + n), 'es', :now, :now FROM {numbers}
"""
_MESSAGES = """
INSERT INTO outbound (channel, contact_id, recipient, text, kind, segments, broadcast_id, state, priority, created_at,
                      due_at, expires_at, attempts, external_id)
SELECT 'demo', c.id, c.msisdn, 'hola', 'broadcast', 1, {broadcast}, :state, 2, :now, {due}, :later, 0, {theirs}
FROM contacts AS c, {numbers} WHERE c.id <= :people
"""
_NUMBERS = {
    "sqlite": "(WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < :count) SELECT n FROM up) AS x",
    "postgresql": "generate_series(1, :count) AS x(n)",
}


@pytest.fixture
async def crowd(world):
    """Many messages long since delivered; a whole broadcast due at one instant, as on a morning after a night."""
    now = world.clock.now()
    numbers = _NUMBERS[world.store.dialect]
    micros = int(now.timestamp() * 1_000_000)
    given = {"now": micros, "later": micros + 10**12, "people": WAITING}

    def fill(tx):
        tx.execute(sa.text(_PEOPLE.format(numbers=numbers)), {"now": micros, "count": WAITING})
        old = _MESSAGES.format(broadcast="x.n", due="NULL", theirs="'P' || x.n || '-' || c.id", numbers=numbers)
        tx.execute(sa.text(old), {**given, "state": "delivered", "count": OLD // WAITING})
        waiting = _MESSAGES.format(broadcast="9", due=":now", theirs="NULL", numbers=numbers)
        tx.execute(sa.text(waiting), {**given, "state": "queued", "count": 1})

    await world.store.transact(fill)
    await world.store.transact(lambda tx: tx.exec_driver_sql("ANALYZE") and None)
    return world


async def plan(world, statement, **given):
    """How the engine answers, as one text."""

    def explain(tx):
        said = statement.compile(dialect=tx.dialect)
        values = tuple(said.construct_params(given)[name] for name in said.positiontup)
        bound = [said.binds[name].type.dialect_impl(tx.dialect).bind_processor(tx.dialect) for name in said.positiontup]
        ready = tuple(turn(value) if turn else value for turn, value in zip(bound, values, strict=True))
        word = "EXPLAIN" if tx.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        rows = tx.exec_driver_sql(f"{word} {said.string}", ready)
        return "\n".join(str(row[-1]) for row in rows)

    return await world.store.transact(explain)


STATEMENTS = {
    "broadcasts that are due": (handover._DUE, {"channel": "demo", "priority": 2, "limit": 32}),
    "replies that are due": (handover._DUE, {"channel": "demo", "priority": 0, "limit": 32}),
    "what holds up others": (handover._HURRY, {"line": "demo", "limit": 500}),
    "what has expired": (outbox._EXPIRE, {"line": "demo", "urgency": 2, "why": "expired"}),
    "what is left": (outbox._LEFT, {"broadcast": 9}),
    "what is taken out": (outbox._OF_BROADCAST, {"broadcast": 9, "after": 0, "limit": 500}),
}


async def test_no_more_is_read_than_is_asked_for(crowd):
    for name, (statement, given) in STATEMENTS.items():
        times = {name: crowd.clock.now() for name in ("now", "tried", "since") if name in statement.compile().params}
        how = await plan(crowd, statement, **given, **times)
        assert "Seq Scan on outbound" not in how, name
        assert "SCAN outbound" not in how, name
        # All that wait would be sorted for the sake of a few.
        assert "Sort" not in how, name
        assert "TEMP B-TREE FOR ORDER BY" not in how, name


async def test_a_reply_behind_a_broadcast_is_found_at_once(crowd):
    reply = await crowd.queue(await crowd.person(1))
    found = await crowd.transact(handover.due, "demo", crowd.clock.now(), 32)
    assert found[0].id == reply
    assert (len(found), found[1].kind) == (32, MessageKind.BROADCAST)


async def test_replies_come_in_while_a_broadcast_goes_out(crowd):
    """Each goes before what is left of the broadcast, whenever it comes."""
    sender = crowd.with_rate(10)
    for number in range(1, 4):
        reply = await crowd.queue(await crowd.person(number))
        assert await sender.drain_once(crowd.clock.advance(seconds=1)) > 0
        assert reply in crowd.network.ids[-2:]
