import hashlib
import json
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from dialogs.cases import CaseStatus
from store import audit, cases, schema
from store.case_events import MARGIN

DAY = date(2026, 3, 2)


@pytest.fixture
async def case(store, clock, new_case):
    """A case with a history of four events."""
    row = new_case()
    (ident,) = await store.transact(lambda tx: cases.open_cases(tx, [row], clock.now()))
    for status in (CaseStatus.ASSIGNED, CaseStatus.IN_PROGRESS, CaseStatus.RESOLVED):
        at = clock.advance(hours=1)
        await store.transact(
            lambda tx, status=status, at=at: cases.change(
                tx,
                ident,
                actor="staff:ana",
                what=status,
                at=at,
                data={"n": 1, "a": None, "ñ": [True, "é"]},
                status=status,
            )
        )
    return (await store.read(lambda tx: cases.named(tx, [row.code])))[row.code]


async def broken(store, case):
    return await store.read(lambda tx: cases.broken_chain(tx, case.id))


async def test_a_chain_can_be_checked_with_five_lines_and_no_program_of_ours(store, case):
    rows = await store.read(
        lambda tx: tx.execute(sa.text("SELECT seq, at, actor, what, data, hash FROM case_events ORDER BY seq")).all()
    )
    before = "0" * 64
    for seq, at, actor, what, data, hash_ in rows:
        row = {
            "case": case.code,
            "seq": seq,
            "at": at,
            "actor": actor,
            "what": what,
            "data": json.loads(data) if isinstance(data, str) else data,
        }
        text = json.dumps(row, sort_keys=True, separators=(",", ":"))
        before = hashlib.sha256((before + text).encode()).hexdigest()
        assert before == hash_
    assert len(rows) == 4
    assert await broken(store, case) is None


EVENTS = schema.case_events


@pytest.mark.parametrize(
    ("meddle", "seen_at"),
    [
        (sa.update(EVENTS).where(EVENTS.c.seq == 2).values(actor="staff:eva"), 2),
        (sa.update(EVENTS).where(EVENTS.c.seq == 3).values(what="looked"), 3),
        (sa.update(EVENTS).where(EVENTS.c.seq == 3).values(data={"n": 2}), 3),
        (sa.update(EVENTS).where(EVENTS.c.seq == 1).values(hash="0" * 64), 1),
        (sa.delete(EVENTS).where(EVENTS.c.seq == 2), 2),
        (sa.delete(EVENTS).where(EVENTS.c.seq == 4), 4),
        (sa.delete(EVENTS), 1),
        (sa.update(schema.cases).values(last_hash="f" * 64), 5),
        (sa.update(schema.cases).values(last_seq=9), 5),
    ],
)
async def test_meddling_with_history_shows_where(store, case, meddle, seen_at):
    await store.transact(lambda tx: tx.execute(meddle))
    assert await broken(store, case) == seen_at


async def test_a_time_moved_by_a_microsecond_shows(store, case):
    def meddle(tx):
        at = tx.execute(sa.select(EVENTS.c.at).where(EVENTS.c.seq == 2)).scalar_one()
        tx.execute(sa.update(EVENTS).where(EVENTS.c.seq == 2).values(at=at + timedelta(microseconds=1)))

    await store.transact(meddle)
    assert await broken(store, case) == 2


async def test_a_row_put_in_at_the_end_shows(store, case, clock):
    row = {"case_id": case.id, "seq": 5, "at": clock.now(), "actor": "x", "what": "x", "data": {}, "hash": "0" * 64}
    await store.transact(lambda tx: tx.execute(sa.insert(EVENTS), row))
    assert await broken(store, case) == 5


async def test_erasing_what_a_resident_wrote_leaves_the_chain_whole(store, case):
    await store.transact(lambda tx: tx.execute(sa.update(schema.cases).values(description="", location_text="")))
    assert await broken(store, case) is None


async def test_a_digest_is_made_once_a_day_and_holds(store, case, clock):
    now = clock.advance(hours=1)
    made = await store.transact(lambda tx: cases.digest(tx, DAY, now))
    await store.transact(
        lambda tx: cases.change(tx, case.id, actor="staff:ana", what="noted", at=clock.advance(hours=1), data={})
    )
    assert await store.transact(lambda tx: cases.digest(tx, DAY, clock.advance(hours=1))) == made
    assert await store.read(lambda tx: cases.digest_holds(tx, DAY)) is True
    assert await store.read(lambda tx: cases.digest_holds(tx, date(2026, 3, 3))) is None


async def test_what_happens_in_the_last_minutes_is_for_the_next_digest(store, case, clock):
    await store.transact(lambda tx: cases.digest(tx, DAY, clock.now() + MARGIN))
    kept = await store.read(lambda tx: tx.execute(sa.select(schema.digests)).one())
    await store.transact(lambda tx: cases.change(tx, case.id, actor="staff:ana", what="noted", at=clock.now(), data={}))
    assert kept.cases == 1
    assert await store.read(lambda tx: cases.digest_holds(tx, DAY)) is True


@pytest.mark.parametrize(
    "meddle",
    [
        [sa.delete(EVENTS), sa.delete(schema.promises), sa.delete(schema.cases)],
        [sa.delete(EVENTS).where(EVENTS.c.seq == 4), sa.update(schema.cases).values(last_seq=3)],
    ],
)
@pytest.mark.usefixtures("case")
async def test_a_case_deleted_whole_or_cut_short_shows_against_the_digest(store, clock, meddle):
    await store.transact(lambda tx: cases.digest(tx, DAY, clock.advance(hours=1)))
    await store.transact(lambda tx: [tx.execute(statement) for statement in meddle] and None)
    assert await store.read(lambda tx: cases.digest_holds(tx, DAY)) is False


async def test_an_empty_house_has_a_digest_too(store, clock):
    made = await store.transact(lambda tx: cases.digest(tx, DAY, clock.now()))
    assert made == hashlib.sha256().hexdigest()


@pytest.fixture
async def acts(store, clock):
    for n in range(4):
        at = clock.advance(minutes=1)
        await store.transact(
            lambda tx, n=n, at=at: audit.append(
                tx, actor="cli:ana", act="resolve", subject=f"48210593{n}" if n else None, data={"n": n}, at=at
            )
        )


@pytest.mark.usefixtures("acts")
async def test_acts_are_read_newest_first(store, clock):
    entries = await store.read(lambda tx: audit.entries(tx, 3))
    assert [(one.seq, one.subject, one.data) for one in entries] == [
        (4, "482105933", {"n": 3}),
        (3, "482105932", {"n": 2}),
        (2, "482105931", {"n": 1}),
    ]
    assert (entries[0].actor, entries[0].act, entries[0].at) == ("cli:ana", "resolve", clock.now())
    assert await store.read(audit.broken) is None


@pytest.mark.parametrize(
    ("meddle", "seen_at"),
    [
        (sa.update(schema.audit).where(schema.audit.c.seq == 3).values(actor="cli:eva"), 3),
        (sa.delete(schema.audit).where(schema.audit.c.seq == 2), 2),
        (sa.delete(schema.audit).where(schema.audit.c.seq == 1), 1),
    ],
)
@pytest.mark.usefixtures("acts")
async def test_meddling_with_the_audit_shows_where(store, meddle, seen_at):
    await store.transact(lambda tx: tx.execute(meddle))
    assert await store.read(audit.broken) == seen_at


async def test_an_empty_audit_is_whole(store):
    assert await store.read(audit.broken) is None
    assert await store.read(lambda tx: audit.entries(tx, 5)) == []
