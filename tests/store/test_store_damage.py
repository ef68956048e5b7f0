"""A damaged file is seen before it is served; one that cannot be read in time is taken as it is."""

import os
import sqlite3

import pytest

from store import StoreUnavailable, damage, open_store
from store.engines import sqlite


@pytest.fixture
def file(sqlite_url, tmp_path):
    path = tmp_path / "barrio.db"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE heap (word TEXT)")
        made.executemany("INSERT INTO heap VALUES (?)", [("x" * 1000,)] * 5000)
    made.close()
    return path


def spoil(path, at, what):
    with path.open("r+b") as opened:
        opened.seek(at)
        opened.write(what)


def test_a_whole_file_is_whole(file):
    assert damage(file) is None


def test_noise_in_a_table_is_named(file):
    spoil(file, file.stat().st_size - 40 * 4096, os.urandom(4096))
    assert damage(file) == "heap"


@pytest.mark.parametrize("at", [0, 100])
def test_noise_in_the_first_page_is_found(file, at):
    spoil(file, at, b"\xff" * 200)
    assert damage(file) == "the file"


def test_a_file_too_large_for_the_time_is_not_called_damaged(file):
    spoil(file, file.stat().st_size - 40 * 4096, os.urandom(4096))
    assert damage(file, seconds=0) is None


def test_a_file_that_is_not_there_is_other_peoples_trouble(tmp_path):
    assert damage(tmp_path / "none.db") is None
    assert not (tmp_path / "none.db").exists()


async def test_behind_a_long_lock_nobody_waits_as_long_again(sqlite_url, tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "HASTY_SECONDS", 0.001)
    store = open_store(sqlite_url)
    await store.start()

    def patience():
        return store._writer.connection.cursor().execute("PRAGMA busy_timeout").fetchone()[0]

    other = sqlite3.connect(tmp_path / "barrio.db", isolation_level=None)
    store._writer.connection.cursor().execute("PRAGMA busy_timeout = 1")
    other.execute("BEGIN IMMEDIATE")
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="SQLITE_BUSY"):
            await store.transact(lambda _tx: None)
        assert await store._hop(patience) == 1
    other.execute("COMMIT")
    other.close()
    await store.transact(lambda _tx: None)
    assert await store._hop(patience) == sqlite.BUSY_SECONDS * 1000
    await store.close()
