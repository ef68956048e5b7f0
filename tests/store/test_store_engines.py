"""What both engines promise alike."""

import asyncio
import traceback
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from store import Clash, Refused, StoreError, StoreUnavailable, open_store, schema, upgrade
from store.columns import words
from store.engines import address

CODES = schema.codes


def put(code):
    return lambda tx: tx.execute(sa.insert(CODES), {"code": code}) and None


def kept(tx):
    return sorted(tx.execute(sa.select(CODES.c.code)).scalars())


def outside(url, statement):
    """Do something to the store as another process would."""
    return upgrade._run(url, lambda tx: tx.exec_driver_sql(statement) and None)


async def test_what_was_returned_is_kept(store):
    assert await store.transact(lambda tx: put("1")(tx) or 7) == 7
    assert await store.read(kept) == ["1"]


async def test_an_exception_leaves_nothing_and_the_next_one_works(store):
    def fail(tx):
        put("1")(tx)
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await store.transact(fail)
    await store.transact(put("2"))
    assert await store.read(kept) == ["2"]


async def test_trouble_with_a_file_of_ones_own_is_not_the_stores(store):
    def fail(_tx):
        raise FileNotFoundError("a template is missing")

    for way in (store.transact, store.read):
        with pytest.raises(FileNotFoundError, match="a template is missing"):
            await way(fail)


async def test_writing_while_reading_is_refused(store):
    with pytest.raises(StoreError):
        await store.read(put("1"))
    assert await store.read(kept) == []
    await store.transact(put("2"))


async def test_reading_sees_one_picture(store, store_url):
    def twice(tx):
        first = kept(tx)
        outside(store_url, "INSERT INTO codes VALUES ('2')")
        return first, kept(tx)

    await store.transact(put("1"))
    assert await store.read(twice) == (["1"], ["1"])
    assert await store.read(kept) == ["1", "2"]


async def test_a_taken_key_names_its_table_only(store):
    await store.transact(put("1"))
    with pytest.raises(Clash) as clash:
        await store.transact(put("1"))
    assert clash.value.table == "codes"
    assert str(clash.value) == "a unique key of codes is taken"


SECRET = "vivo en la calle 7, casa azul"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"reason": SECRET, "subject": SECRET}, "at"),
        ({"reason": SECRET, "at": object()}, None),
        ({"id": SECRET, "reason": SECRET}, None),
    ],
)
async def test_an_error_never_quotes_the_row(store, row, column):
    statement = sa.insert(sa.table("alerts", *(sa.column(name) for name in row)))
    with pytest.raises(Exception) as caught:  # noqa: PT011  of any kind: it is what it says that counts
        await store.transact(lambda tx: tx.execute(statement, row))
    said = "".join(traceback.format_exception(caught.value))
    assert SECRET not in said
    if column:
        assert isinstance(caught.value, Refused)
        assert f"alerts{'.' if store.dialect == 'sqlite' else ' '}{column}" in str(caught.value)


async def test_a_statement_that_is_nonsense_is_said_to_be(store):
    with pytest.raises(Refused, match="nowhere"):
        await store.transact(lambda tx: tx.exec_driver_sql("SELECT * FROM nowhere"))
    await store.transact(put("1"))


async def test_a_missing_contact_is_refused(store):
    row = {"contact_id": 99, "kind": "out", "source": "x", "at": datetime.fromisoformat("2026-03-02T10:00Z")}
    with pytest.raises(Refused):
        await store.transact(lambda tx: tx.execute(sa.insert(schema.consents), row))


async def test_before_start_and_after_close_it_is_unavailable(store_url):
    store = open_store(store_url)
    for way in (store.transact, store.read):
        with pytest.raises(StoreUnavailable, match="closed"):
            await way(kept)
    await store.start()
    await store.transact(put("1"))
    await store.close()
    await store.close()
    for way in (store.transact, store.read):
        with pytest.raises(StoreUnavailable, match="closed"):
            await way(kept)


async def test_closing_lets_what_runs_end(store):
    running = [asyncio.create_task(store.transact(put(str(n)))) for n in range(3)]
    running += [asyncio.create_task(store.read(kept)) for _ in range(3)]
    await asyncio.sleep(0)
    await store.close()
    assert not [one for one in await asyncio.gather(*running, return_exceptions=True) if isinstance(one, Exception)]


async def test_a_store_that_was_never_started_can_be_closed(store_url):
    await open_store(store_url).close()


async def test_many_at_once_all_get_their_own(store):
    async def both(n):
        await store.transact(put(str(n)))
        return str(n) in await store.read(kept)

    assert all(await asyncio.gather(*(both(n) for n in range(40))))


async def test_whoever_stops_waiting_does_no_harm(store):
    for n in range(20):
        task = asyncio.create_task(store.transact(put(str(n))))
        reading = asyncio.create_task(store.read(kept))
        for _ in range(n % 5):
            await asyncio.sleep(0)
        task.cancel()
        reading.cancel()
        await asyncio.wait([task, reading])
    await store.transact(put("last"))
    assert "last" in await store.read(kept)


async def test_work_of_others_is_noticed_where_somebody_waits_for_it(store, store_url):
    assert not await store.changed()
    await store.transact(put("1"))
    assert not await store.changed()
    await asyncio.to_thread(outside, store_url, "INSERT INTO codes VALUES ('2')")
    assert await store.changed() is (store.dialect == "sqlite")
    assert not await store.changed()


async def test_one_serves_a_file_many_a_server(store, store_url):
    other = open_store(store_url)
    assert store.own()
    assert store.own()
    assert other.own() is (store.dialect == "postgresql")
    await store.close()
    assert other.own()
    await other.close()


async def test_a_time_without_a_zone_is_refused(store):
    row = {"reason": "x", "at": datetime.fromisoformat("2026-03-02T10:00")}
    with pytest.raises(sa.exc.StatementError, match="a time without a zone"):
        await store.transact(lambda tx: tx.execute(sa.insert(schema.alerts), row))


@pytest.mark.parametrize(
    "text",
    ["1969-12-31T23:59:59.999999+00:00", "2026-03-02T10:00:00.000001-04:00", "9999-12-31T23:59:59.999999+00:00"],
)
async def test_times_come_back_to_the_microsecond_in_utc(store, text):
    at = datetime.fromisoformat(text)
    row = {"reason": "x", "at": at}
    await store.transact(lambda tx: tx.execute(sa.insert(schema.alerts), row))
    back = await store.read(lambda tx: tx.execute(sa.select(schema.alerts.c.at)).scalar_one())
    assert back == at
    assert back.utcoffset().total_seconds() == 0


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("hay un poste", "hay un poste"),
        ("ñandú 🙏 \U0010ffff", "ñandú 🙏 \U0010ffff"),
        ("a\x00b", "a\ufffdb"),
        ("\ud83d", "\ufffd"),
        ("ñ\x00\udc00", "ñ\ufffd\ufffd"),
        ("", ""),
        ("\x01\x1b\x7f", "\x01\x1b\x7f"),
    ],
)
def test_words_keep_all_that_can_be_kept(text, stored):
    assert words(text) == stored
    assert words(stored) == stored


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///var/barrio.db", "var/barrio.db"),
        ("sqlite:////var/lib/barrio.db", "/var/lib/barrio.db"),
    ],
)
def test_a_file_is_named_relative_or_absolute(url, path):
    assert address(url).path == Path(path)


def test_a_server_is_named_by_host_or_by_socket():
    host = address("postgresql://barrio:p%40ss@db.example:5433/barrio")
    assert (host.url.drivername, host.url.host, host.url.port, host.url.password) == (
        "postgresql+asyncpg",
        "db.example",
        5433,
        "p@ss",
    )
    assert host.path is None
    assert address("postgresql://barrio@/barrio?host=/run/postgresql").url.query == {"host": "/run/postgresql"}


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite://host/file.db",
        "postgresql://barrio:hunter2@host",
        "mysql://barrio:hunter2@host/barrio",
        "sqlite+aiosqlite:///file.db",
        "hunter2",
        "",
        "postgresql://barrio:hunter2@host:port/barrio",
    ],
)
def test_any_other_form_is_refused_without_repeating_it(url):
    with pytest.raises(ValueError, match=r"database URL|SQLite store|PostgreSQL store|a store is") as refusal:
        open_store(url)
    assert "hunter2" not in "".join(traceback.format_exception(refusal.value))
