"""What erased words leave in files: the log is cut, the file is written anew, and a reader in the way is waited for."""

import sqlite3
import threading
from pathlib import Path

import pytest

from store import StoreUnavailable, remains

MARK = b"MARCADOR-17"


@pytest.fixture
def path(sqlite_url):
    return Path(sqlite_url.removeprefix("sqlite:///"))


@pytest.fixture
def served(path):
    """Somebody who has the store open, so that its log stays."""
    held = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    held.execute("PRAGMA secure_delete = ON")
    held.execute("PRAGMA wal_autocheckpoint = 0")
    yield held
    held.close()


def files(path):
    return [file for file in (path, path.with_name(f"{path.name}-wal")) if file.exists()]


def say(served):
    served.execute("INSERT INTO codes VALUES ('MARCADOR-17')")
    served.execute("DELETE FROM codes")


def test_words_that_were_deleted_lie_in_the_log_until_it_is_cut(path, served):
    say(served)
    assert remains.holding(files(path), [MARK]) == [path.with_name(f"{path.name}-wal")]
    remains.cut_log(path)
    assert remains.holding(files(path), [MARK]) == []


def test_a_reader_in_the_way_is_waited_for(path, served, monkeypatch):
    reader = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM codes").fetchone()
    say(served)
    rests = []

    def rest(_seconds):
        rests.append(1)
        if len(rests) == 2:
            reader.execute("COMMIT")

    monkeypatch.setattr(remains.time, "sleep", rest)
    monkeypatch.setattr(remains, "_TRY_MS", 10)
    remains.cut_log(path)
    assert len(rests) == 2
    assert remains.holding(files(path), [MARK]) == []
    reader.close()


def test_a_reader_that_stays_is_an_error_and_no_lie(path, served, monkeypatch):
    with sqlite3.connect(path, isolation_level=None) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM codes").fetchone()
        say(served)
        monkeypatch.setattr(remains, "_TRY_MS", 10)
        monkeypatch.setattr(remains, "_TRIES", 2)
        with pytest.raises(StoreUnavailable, match="its log still holds"):
            remains.cut_log(path)
    reader.close()


def test_writing_it_anew_removes_what_no_pragma_reaches_while_others_write(path, served):
    """A page's unused middle may hold a copy of a row that was moved; here it is put there by hand."""
    served.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = bytearray(path.read_bytes())
    page = raw.rfind(b"\x0d", 0, len(raw))
    gap = next(at for at in range(len(raw) - 64, page, -1) if not any(raw[at : at + 32]))
    served.close()
    raw[gap : gap + len(MARK)] = MARK
    path.write_bytes(raw)
    assert remains.holding([path], [MARK]) == [path]
    end = threading.Event()

    def write():
        writer = sqlite3.connect(path, isolation_level=None, timeout=10)
        count = 0
        while not end.is_set():
            writer.execute("INSERT INTO codes VALUES (?)", [f"{count:09d}"])
            count += 1
            end.wait(0.01)
        writer.close()

    busy = threading.Thread(target=write)
    busy.start()
    remains.compact(path)
    end.set()
    busy.join()
    assert remains.holding(files(path), [MARK]) == []
    whole = sqlite3.connect(path)
    assert whole.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    whole.close()


def test_bytes_are_found_where_two_blocks_meet(tmp_path, monkeypatch):
    monkeypatch.setattr(remains, "_BLOCK", 8)
    (tmp_path / "file").write_bytes(b"xxxxxMARCADOR-17yyyy")
    assert remains.holding([tmp_path / "file"], [b"nowhere", MARK]) == [tmp_path / "file"]
    assert remains.holding([tmp_path / "file"], [b"MARCADOR-18"]) == []
    assert remains.holding([tmp_path / "file"], []) == []
