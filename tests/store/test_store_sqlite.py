"""What is SQLite's own: its pragmas, its locks, its full disk."""

import asyncio
import re
import resource
import sqlite3
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime
from unittest.mock import Mock

import pytest
import sqlalchemy as sa

from store import SchemaMismatch, StoreError, StoreUnavailable, open_store, schema
from store.engines import sqlite
from store.engines.sqlite import translate


@pytest.fixture
async def file_store(sqlite_url, monkeypatch):
    """A started store whose patience is short."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    store = open_store(sqlite_url)
    await store.start()
    yield store
    await store.close()


def put(code):
    return lambda tx: tx.execute(sa.insert(schema.codes), {"code": code}) and None


def kept(tx):
    return sorted(tx.execute(sa.select(schema.codes.c.code)).scalars())


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("secure_delete", 1), ("foreign_keys", 1), ("busy_timeout", 50)],
)
async def test_every_commit_is_synced_and_what_is_deleted_is_overwritten(file_store, pragma, value):
    assert await file_store.transact(lambda tx: tx.exec_driver_sql(f"PRAGMA {pragma}").scalar_one()) == value


def test_a_stranger_may_hold_the_file_for_five_seconds():
    assert sqlite.BUSY_SECONDS == 5


async def test_a_file_locked_by_another_process_is_unavailable_and_then_not(file_store):
    with closing(sqlite3.connect(file_store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="SQLITE_BUSY") as busy:
            await file_store.transact(put("1"))
        assert not busy.value.lasting
        assert await file_store.read(kept) == []
        other.execute("ROLLBACK")
    await file_store.transact(put("2"))
    assert await file_store.read(kept) == ["2"]


async def test_a_writer_waits_for_a_short_lock(sqlite_url):
    store = open_store(sqlite_url)
    await store.start()
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(store.transact(put("1")))
        await store.read(kept)
        other.execute("ROLLBACK")
        await writing
    await store.close()


async def test_whoever_comes_while_a_file_is_being_made_waits(tmp_path):
    # SQLite itself gives up at once here: a file changes to the WAL by growing a read lock into a write lock.
    with closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        making = asyncio.create_task(asyncio.to_thread(sqlite.once, tmp_path / "new.db", schema.codes.create))
        await asyncio.sleep(0.1)
        assert not making.done()
        other.execute("ROLLBACK")
        await making
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_it_does_not_wait_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="SQLITE_BUSY"):
            sqlite.once(tmp_path / "new.db", schema.codes.create)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_CANTOPEN, None])
def test_only_a_busy_file_is_asked_again(code):
    error = sqlite3.OperationalError("not busy")
    if code:
        error.sqlite_errorcode = code
    cursor = Mock(**{"execute.side_effect": error})
    with pytest.raises(sqlite3.OperationalError, match="not busy"):
        sqlite._begin_log(cursor)
    assert cursor.execute.call_count == 1


AT = datetime(2026, 3, 2, tzinfo=UTC)


def fill(tx):
    row = {"channel": "c", "reason": "r", "raw": b"x" * 50_000, "received_at": AT}
    tx.execute(sa.insert(schema.quarantine), [row] * 20)


async def test_a_full_disk_keeps_nothing_and_passes(file_store):
    await file_store.transact(put("1"))

    def limit(tx, pages):
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    await file_store.transact(lambda tx: limit(tx, tx.exec_driver_sql("PRAGMA page_count").scalar_one()))
    with pytest.raises(StoreUnavailable, match="SQLITE_FULL") as full:
        await file_store.transact(lambda tx: (put("2")(tx), fill(tx)))
    assert not full.value.lasting
    assert await file_store.read(kept) == ["1"]
    await file_store.transact(lambda tx: limit(tx, 1_000_000))
    await file_store.transact(lambda tx: (put("2")(tx), fill(tx)))
    assert await file_store.read(kept) == ["1", "2"]


async def test_an_input_output_error_keeps_nothing_and_passes(file_store):
    await file_store.transact(put("1"))
    _, hard = soft_and_hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        with pytest.raises(StoreUnavailable, match="SQLITE_IOERR_WRITE"):
            await file_store.transact(lambda tx: (put("2")(tx), fill(tx)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, soft_and_hard)
    await file_store.transact(put("3"))
    assert await file_store.read(kept) == ["1", "3"]


async def test_a_file_that_became_read_only_is_unavailable(file_store):
    await file_store.transact(lambda tx: tx.exec_driver_sql("PRAGMA query_only = ON") and None)
    with pytest.raises(StoreUnavailable, match="SQLITE_READONLY"):
        await file_store.transact(put("1"))


async def test_a_connection_that_broke_is_the_stores_trouble(file_store):
    file_store._writer.connection.driver_connection.close()
    with pytest.raises(StoreError):
        await file_store.changed()
    with pytest.raises(StoreError):
        await file_store.transact(put("1"))


async def test_after_a_failed_sync_nothing_is_tried_again(file_store):
    def fail(_tx):
        raise StoreUnavailable("SQLITE_IOERR_FSYNC", lasting=True)

    runs = []
    with pytest.raises(StoreUnavailable):
        await file_store.transact(fail)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="FSYNC") as broken:
            await file_store.transact(runs.append)
        assert broken.value.lasting
    assert runs == []


@pytest.mark.parametrize(
    ("name", "lasting"),
    [
        ("SQLITE_FULL", False),
        ("SQLITE_IOERR", False),
        ("SQLITE_IOERR_WRITE", False),
        ("SQLITE_IOERR_FSYNC", True),
        ("SQLITE_IOERR_DIR_FSYNC", True),
        ("SQLITE_BUSY", False),
        ("SQLITE_BUSY_SNAPSHOT", False),
        ("SQLITE_LOCKED", False),
        ("SQLITE_READONLY", False),
        ("SQLITE_READONLY_DBMOVED", False),
        ("SQLITE_CANTOPEN", False),
        ("SQLITE_CORRUPT", True),
        ("SQLITE_NOTADB", True),
        ("SQLITE_NOMEM", False),
        ("SQLITE_PROTOCOL", False),
    ],
)
def test_trouble_with_the_disk_is_told_from_a_bug(name, lasting):
    error = sqlite3.OperationalError("words")
    error.sqlite_errorcode, error.sqlite_errorname = getattr(sqlite3, name), name
    said = translate(error)
    assert isinstance(said, StoreUnavailable)
    assert (said.reason, said.lasting) == (name, lasting)


def test_what_python_itself_says_about_a_value_is_not_repeated():
    assert str(translate(sqlite3.ProgrammingError("Error binding parameter 1: vivo en la calle 7"))) == (
        "the database refused a statement: ProgrammingError"
    )
    assert translate(ValueError("not the store's")) is None


async def test_a_file_that_is_no_database_is_unavailable(tmp_path):
    path = tmp_path / "barrio.db"
    path.write_bytes(b"this is a letter, not a database" * 200)
    with pytest.raises(StoreUnavailable, match="NOTADB"):
        await open_store(f"sqlite:///{path}").start()


async def test_a_file_that_is_not_there_is_not_made(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'barrio.db'}")
    with pytest.raises(StoreUnavailable, match="no such file"):
        await store.start()
    assert list(tmp_path.iterdir()) == []
    await store.close()


async def test_after_a_refused_start_it_can_be_closed(tmp_path):
    path = tmp_path / "barrio.db"
    path.touch()
    store = open_store(f"sqlite:///{path}")
    with pytest.raises(SchemaMismatch):
        await store.start()
    await store.close()


async def test_readers_are_few_and_say_so(file_store):
    async with AsyncExitStack() as held:
        for _ in range(sqlite.READERS):
            await held.enter_async_context(file_store._turns.one())
        with pytest.raises(StoreUnavailable, match="all connections are busy"):
            await file_store.read(kept)
    assert await file_store.read(kept) == []


async def test_a_reader_never_waits_for_the_writer(file_store):
    with closing(sqlite3.connect(file_store.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        other.execute("INSERT INTO codes VALUES ('1')")
        assert await file_store.read(kept) == []
        other.execute("COMMIT")
    assert await file_store.read(kept) == ["1"]


async def test_erased_words_are_in_no_file(file_store):
    words = "la casa azul de la esquina"
    row = {"reason": words, "subject": None, "at": AT}
    await file_store.transact(lambda tx: tx.execute(sa.insert(schema.alerts), row) and None)
    await file_store.transact(lambda tx: tx.execute(sa.delete(schema.alerts)) and None)
    with closing(sqlite3.connect(file_store.path, isolation_level=None)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in file_store.path.parent.iterdir():
        assert not re.search(re.escape(words.encode()), file.read_bytes())
