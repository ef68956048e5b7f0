"""A hot statement says what SQLAlchemy would have said, only sooner: same values, same order, same errors."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from store import Clash, Refused, StoreUnavailable, hot, one_of, open_store, schema
from store.hot import Hot
from store.sql import insert

ALERTS = schema.alerts
AT = datetime(2026, 7, 16, 14, 0, tzinfo=UTC)
COLUMNS = ("reason", "subject", "at")
KEEP = sa.insert(ALERTS).returning(ALERTS.c.id, ALERTS.c.reason)
READ = sa.select(ALERTS.c.id, ALERTS.c.reason, ALERTS.c.subject, ALERTS.c.at).order_by(ALERTS.c.id)
OF = READ.where(one_of(ALERTS.c.reason, "reasons"), ALERTS.c.subject != "nothing")
SAY = sa.update(ALERTS).where(ALERTS.c.id == sa.bindparam("row")).values(subject=sa.bindparam("as_"))
TAKE = sa.insert(schema.codes)


def _rows(count):
    return [
        {"reason": str(n * 7 % 300), "subject": None if n % 3 else "señal \u2026 ñ", "at": AT} for n in range(count)
    ]


async def test_what_is_kept_reads_as_through_sqlalchemy(store):
    def work(tx):
        kept = Hot(KEEP, columns=COLUMNS).returning(tx, _rows(300))
        return kept, Hot(READ).all(tx, {}), [tuple(row) for row in tx.execute(READ)]

    kept, ours, theirs = await store.transact(work)
    assert ours == theirs
    assert len(ours) == 300
    assert [(row[1], row[2], row[3]) for row in ours] == [(row["reason"], row["subject"], AT) for row in _rows(300)]
    assert sorted(kept) == [row[:2] for row in ours]


async def test_values_that_the_statement_holds_itself_go_along(store):
    def work(tx):
        Hot(sa.insert(ALERTS), columns=COLUMNS).each(tx, _rows(30))
        asked = {"reasons": ["7", "21", "none"]}
        return Hot(OF).all(tx, asked), [tuple(row) for row in tx.execute(OF, asked)]

    ours, theirs = await store.transact(work)
    assert ours == theirs
    assert [row[1] for row in ours] == ["21"]


async def test_an_update_of_rows_that_stand_apart_changes_each_and_no_other(store):
    change = sa.update(ALERTS).where(ALERTS.c.id == sa.bindparam("row"), ALERTS.c.reason != "0")
    change = change.values(subject=sa.bindparam("as_"), seen_by=sa.bindparam("by"), at=sa.bindparam("when"))
    seen = sa.select(ALERTS.c.subject, ALERTS.c.seen_by, ALERTS.c.at).order_by(ALERTS.c.id)

    def work(tx):
        Hot(sa.insert(ALERTS), columns=COLUMNS).each(tx, _rows(5))
        ids = [row[0] for row in Hot(READ).all(tx, {})]
        rows = [
            {"row": ident, "as_": None if ident == ids[2] else f"nr {n}", "by": "ana", "when": AT}
            for n, ident in enumerate(ids[:4])
        ]
        Hot(change, apart=True).each(tx, rows)
        return [tuple(row) for row in tx.execute(seen)]

    found = await store.transact(work)
    assert [row[:2] for row in found] == [
        ("señal \u2026 ñ", None), ("nr 1", "ana"), (None, "ana"), ("nr 3", "ana"), (None, None)
    ]  # fmt: skip
    assert {row[2] for row in found} == {AT}


async def test_an_update_runs_for_each_row(store):
    def work(tx):
        Hot(sa.insert(ALERTS), columns=COLUMNS).each(tx, _rows(3))
        ids = [row[0] for row in Hot(READ).all(tx, {})]
        Hot(SAY).each(tx, [{"row": ident, "as_": f"nr {ident}"} for ident in ids])
        Hot(SAY).run(tx, {"row": ids[0], "as_": "first"})
        return ids, [row[2] for row in Hot(READ).all(tx, {})]

    ids, subjects = await store.transact(work)
    assert subjects == ["first", f"nr {ids[1]}", f"nr {ids[2]}"]


async def test_no_rows_cost_nothing(store, statements):
    def work(tx):
        with statements(tx) as said:
            Hot(SAY).each(tx, [])
            assert Hot(KEEP, columns=COLUMNS).returning(tx, []) == []
        return said

    assert await store.transact(work) == []


@pytest.mark.parametrize("known", [2, 12])
async def test_conflicts_leave_the_others_in(store, known):
    keep = insert(schema.contacts).on_conflict_do_nothing(index_elements=["msisdn"]).returning(schema.contacts.c.msisdn)
    columns = ("msisdn", "language", "created_at", "last_seen_at")

    def work(tx):
        rows = [
            {"msisdn": f"+5917000{n:04d}", "language": "es", "created_at": AT, "last_seen_at": AT}
            for n in range(2 * known)
        ]
        statement = Hot(keep, columns=columns)
        return statement.returning(tx, rows[:known]), statement.returning(tx, rows)

    first, second = await store.transact(work)
    assert sorted(first) == [(f"+5917000{n:04d}",) for n in range(known)]
    assert sorted(second) == [(f"+5917000{n:04d}",) for n in range(known, 2 * known)]


async def test_many_rows_are_inserted_at_once_on_sqlite(sqlite_url):
    said = []
    store = open_store(sqlite_url)
    await store.start()

    def work(tx):
        tx.connection.dbapi_connection.set_trace_callback(said.append)
        try:
            Hot(KEEP, columns=COLUMNS).returning(tx, _rows(20))
        finally:
            tx.connection.dbapi_connection.set_trace_callback(None)

    await store.transact(work)
    await store.close()
    assert len([one for one in said if one.startswith("SELECT")]) == 2
    assert not any("RETURNING" in one for one in said)


def test_the_id_must_stand_first():
    table = sa.Table("odd", sa.MetaData(), sa.Column("a", sa.Text), sa.Column("id", sa.Integer, primary_key=True))
    with pytest.raises(ValueError, match="first column"):
        hot._numbered(sa.insert(table).returning(table.c.id), ["a"], sa.create_engine("sqlite://").dialect)


async def test_a_code_that_is_taken_is_a_clash(store):
    take = Hot(TAKE, columns=("code",))
    await store.transact(lambda tx: take.each(tx, [{"code": "482105930"}]))
    with pytest.raises(Clash) as clash:
        await store.transact(lambda tx: take.each(tx, [{"code": "123456782"}, {"code": "482105930"}]))
    assert "codes" in str(clash.value)
    assert await store.read(lambda tx: tx.execute(sa.select(schema.codes.c.code)).scalars().all()) == ["482105930"]


async def test_what_the_engine_refuses_is_told_without_the_values(store):
    statement = Hot(sa.insert(ALERTS), columns=COLUMNS)
    with pytest.raises(Refused) as refused:
        await store.transact(lambda tx: statement.each(tx, [{"reason": None, "subject": "+59170000001", "at": AT}]))
    assert "70000001" not in f"{refused.value} {refused.value.__cause__}"


async def test_what_is_no_driver_error_passes(store):
    with pytest.raises(ValueError, match="zone"):
        await store.transact(
            lambda tx: Hot(sa.insert(ALERTS), columns=COLUMNS).each(
                tx, [{"reason": "x", "subject": None, "at": AT.replace(tzinfo=None)}]
            )
        )
    assert await store.transact(lambda tx: Hot(READ).all(tx, {})) == []


async def test_a_reading_connection_reads_and_refuses_to_write(store):
    await store.transact(lambda tx: Hot(sa.insert(ALERTS), columns=COLUMNS).each(tx, _rows(2)))
    assert [row[1] for row in await store.read(lambda tx: Hot(READ).all(tx, {}))] == ["0", "7"]
    with pytest.raises((Refused, StoreUnavailable)):
        await store.read(lambda tx: Hot(SAY).each(tx, [{"row": 1, "as_": "x"}]))


async def test_a_server_that_went_away_is_unavailable_and_comes_back(postgres_url):
    store = open_store(postgres_url)
    await store.start()

    def ended(tx):
        tx.exec_driver_sql("SELECT 1")
        tx.connection.dbapi_connection.run_async(lambda driver: driver.close(timeout=1))
        return Hot(READ).all(tx, {})

    with pytest.raises(StoreUnavailable):
        await store.transact(ended)
    assert await store.transact(lambda tx: Hot(READ).all(tx, {})) == []
    await store.close()


def test_only_rows_of_values_are_taken_in_bulk():
    with pytest.raises(ValueError, match="one row of values"):
        hot._bulk("INSERT INTO alerts DEFAULT VALUES", apart=False)
