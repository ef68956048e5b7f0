"""Backups: whole or not there, read before they are named, put back without losing what stood there."""

import fcntl
import sqlite3
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway import backups
from gateway.backups import NotKept
from gateway.work import forgetting
from store import SchemaState, StoreUnavailable, backup, contacts, crash, open_store, schema

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)


@pytest.fixture
def live(sqlite_url):
    return Path(sqlite_url.removeprefix("sqlite:///"))


@pytest.fixture(autouse=True)
def _disarmed():
    yield
    crash.watch(None)


def rows(path, table):
    return backup.look(path, lambda tx: list(tx.execute(sa.select(schema.metadata.tables[table]))))


def add(path, count):
    """So many codes, which stand for commits."""
    backup.once(path, lambda tx: tx.execute(schema.codes.insert(), [{"code": f"{n:09d}"} for n in range(count)]))


def test_a_backup_is_one_file_its_owners_alone_and_holds_what_is_in_the_log(live, tmp_path):
    held = sqlite3.connect(live)  # somebody serves: nothing is brought from the log into the file
    held.execute("PRAGMA wal_autocheckpoint = 0")
    held.execute("INSERT INTO codes VALUES ('482105930')")
    held.commit()
    made = backups.make(live, tmp_path / "copy.db", NOW)
    held.close()
    assert made.sound
    assert [row.code for row in rows(tmp_path / "copy.db", "codes")] == ["482105930"]
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert not backup.copied_live(tmp_path / "copy.db")
    assert sorted(file.name for file in tmp_path.glob("*copy*")) == ["copy.db"]


def test_it_replaces_nothing_unless_it_is_said(live, tmp_path):
    (tmp_path / "copy.db").write_text("dear")
    with pytest.raises(NotKept, match=r"copy\.db is there already"):
        backups.make(live, tmp_path / "copy.db", NOW)
    assert (tmp_path / "copy.db").read_text() == "dear"
    assert backups.make(live, tmp_path / "copy.db", NOW, overwrite=True).sound


def test_where_it_cannot_be_written_it_says_so(live, tmp_path):
    with pytest.raises(NotKept, match="is not a folder"):
        backups.make(live, tmp_path / "nowhere" / "copy.db", NOW)
    (tmp_path / ".copy.db.partial").mkdir()
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        backups.make(live, tmp_path / "copy.db", NOW)
    with pytest.raises(StoreUnavailable, match="no such file"):
        backup.copy(tmp_path / "nothing.db", tmp_path / "copy.db")


def test_two_at_once_to_one_name_are_one(live, tmp_path):
    with (tmp_path / ".copy.db.partial").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(StoreUnavailable, match="another copy"):
            backups.make(live, tmp_path / "copy.db", NOW)
    assert backups.make(live, tmp_path / "copy.db", NOW).sound


def test_dying_before_it_has_its_name_leaves_no_such_file_and_does_not_hinder_the_next(live, tmp_path):
    def die():
        raise KeyboardInterrupt

    crash.watch(crash.at("backup.copied", 1, die))
    with pytest.raises(KeyboardInterrupt):
        backups.make(live, tmp_path / "copy.db", NOW)
    assert not (tmp_path / "copy.db").exists()
    assert backups.make(live, tmp_path / "copy.db", NOW).sound


def test_writers_go_on_while_it_is_made_and_it_is_one_moment(live, tmp_path):
    """Each commit adds two rows; a backup that saw half of one would hold an odd number."""
    end, done = threading.Event(), []

    def write():
        with sqlite3.connect(live, isolation_level=None) as writer:
            while not end.is_set():
                first = f"{len(done) * 2:09d}"
                writer.execute("BEGIN IMMEDIATE")
                writer.execute("INSERT INTO codes VALUES (?)", [first])
                writer.execute("INSERT INTO codes VALUES (?)", [f"{len(done) * 2 + 1:09d}"])
                writer.execute("COMMIT")
                done.append(first)
        writer.close()

    busy = threading.Thread(target=write)
    busy.start()
    try:
        counts = []
        for number in range(3):
            before = len(done)
            backups.make(live, tmp_path / f"{number}.db", NOW)
            counts.append((before, len(rows(tmp_path / f"{number}.db", "codes"))))
    finally:
        end.set()
        busy.join()
    assert all(count % 2 == 0 and count >= before * 2 for before, count in counts)
    assert len(done) > counts[-1][0]


def test_what_was_written_damaged_is_thrown_away(live, tmp_path, monkeypatch):
    monkeypatch.setattr(backup, "flaw", lambda _path: "page 7 is never used")
    with pytest.raises(NotKept, match="page 7"):
        backups.make(live, tmp_path / "copy.db", NOW)
    assert not list(tmp_path.glob("*copy*"))


def test_a_row_keeps_the_newest_and_nobody_elses_files(tmp_path):
    names = [backups.name(NOW + timedelta(days=day)) for day in range(5)]
    left = f".{names[0]}.partial"
    for name in (*names, "barrio-mine.db", "barrio-20260302.db", left):
        (tmp_path / name).touch()
    assert [file.name for file in backups.rotate(tmp_path, 2)] == names[:3]
    assert [file.name for file in backups.kept(tmp_path)] == names[3:]
    assert (tmp_path / "barrio-mine.db").exists()
    assert not (tmp_path / left).exists()
    assert backups.made_at(tmp_path / names[3]) == NOW + timedelta(days=3)
    last = backups.last_day(tmp_path, tmp_path / names[3], keep=2, every=timedelta(days=1))
    assert last == NOW + timedelta(days=5)
    assert backups.kept(tmp_path / "nowhere") == []


def test_looking_into_one_leaves_it_alone_and_says_what_is_in_it(live, tmp_path):
    add(live, 3)
    backups.make(live, tmp_path / "copy.db", NOW)
    before = (tmp_path / "copy.db").read_bytes()
    seen = backups.examine(tmp_path / "copy.db")
    assert (seen.sound, seen.schema, seen.contents.cases, seen.contents.newest) == (True, SchemaState.CURRENT, 0, None)
    assert (tmp_path / "copy.db").read_bytes() == before
    assert sorted(file.name for file in tmp_path.glob("copy*")) == ["copy.db"]


def test_a_plain_copy_of_a_live_store_is_told_from_a_backup(live, tmp_path):
    held = sqlite3.connect(live)
    held.execute("INSERT INTO codes VALUES ('482105930')")
    held.commit()
    (tmp_path / "cp.db").write_bytes(live.read_bytes())  # its log stays behind
    held.close()
    seen = backups.examine(tmp_path / "cp.db")
    assert not seen.sound
    assert "its last messages may be missing" in seen.findings[0].what


@pytest.mark.parametrize(
    ("content", "said"), [(b"no database at all" * 99, "file is not a database"), (b"", "holds no store")]
)
def test_what_is_no_store_is_refused(content, said, tmp_path):
    (tmp_path / "odd.db").write_bytes(content)
    seen = backups.examine(tmp_path / "odd.db")
    assert not seen.sound
    assert said in seen.findings[0].what


def test_a_torn_page_is_found(live, tmp_path):
    add(live, 2000)
    backups.make(live, tmp_path / "copy.db", NOW)
    with (tmp_path / "copy.db").open("r+b") as file:
        file.seek(-4096 * 3, 2)
        file.write(b"\xa5" * 4096)
    seen = backups.examine(tmp_path / "copy.db")
    assert "the file is damaged" in seen.findings[0].what


def test_one_of_a_newer_version_is_refused(live, tmp_path):
    backup.once(live, lambda tx: tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    backups.make(live, tmp_path / "copy.db", NOW)
    seen = backups.examine(tmp_path / "copy.db")
    assert seen.schema is SchemaState.AHEAD
    assert "newer version" in seen.findings[0].what


def test_put_back_it_keeps_what_stood_there_with_its_log(live, tmp_path):
    add(live, 2)
    backups.make(live, tmp_path / "copy.db", NOW)
    held = sqlite3.connect(live)
    held.execute("INSERT INTO codes VALUES ('482105930')")
    held.commit()  # only in the log, which a killed process leaves behind
    log = live.with_name(f"{live.name}-wal").read_bytes()
    done = backups.put_back(tmp_path / "copy.db", live, NOW, "rosa")
    assert done.aside.with_name(f"{done.aside.name}-wal").read_bytes() == log
    held.close()
    assert len(rows(live, "codes")) == 2
    assert (done.in_doubt, done.forgotten, done.schema) == (0, 0, SchemaState.CURRENT)
    assert [row.act for row in rows(live, "audit")] == ["store.restored"]
    assert stat.S_IMODE(live.stat().st_mode) == 0o600


def test_dying_between_the_two_names_it_is_done_again(live, tmp_path):
    add(live, 2)
    backups.make(live, tmp_path / "copy.db", NOW)

    def die():
        raise KeyboardInterrupt

    crash.watch(crash.at("backup.set_aside", 1, die))
    with pytest.raises(KeyboardInterrupt):
        backups.put_back(tmp_path / "copy.db", live, NOW, "rosa")
    assert not live.exists()
    [aside] = tmp_path.glob("barrio.db.before-restore-*")
    assert len(rows(aside, "codes")) == 2
    done = backups.put_back(tmp_path / "copy.db", live, NOW, "rosa")
    assert done.aside is None
    assert len(rows(live, "codes")) == 2


def message(state, due_at, **more):
    plain = {"channel": "demo", "contact_id": 1, "recipient": "+59170000001", "text": "hola", "kind": "notice"}
    times = {"created_at": NOW, "due_at": due_at, "segments": 1, "priority": 1, "attempts": 0, "doubted": False}
    return plain | times | {"state": state} | more


def person(number="+59170000001"):
    return {"msisdn": number, "language": "es", "created_at": NOW, "last_seen_at": NOW}


LATER = NOW + timedelta(hours=1)


def given(*found):
    """Somebody, and messages to them."""

    def fill(tx):
        tx.execute(schema.contacts.insert(), person())
        tx.execute(schema.outbound.insert(), found)

    return fill


def set_to(message_id, **columns):
    return lambda tx: tx.execute(schema.outbound.update().where(schema.outbound.c.id == message_id).values(**columns))


def test_what_waited_to_be_sent_is_in_doubt_where_the_former_store_is_lost(live, tmp_path):
    after = message("queued", NOW + timedelta(hours=2))
    backup.once(live, given(message("queued", NOW), message("retry_at", NOW), after, message("sent", None)))
    backups.make(live, tmp_path / "copy.db", NOW)
    live.unlink()
    done = backups.put_back(tmp_path / "copy.db", live, LATER, "rosa")
    assert (done.in_doubt, done.over) == (2, 0)
    states = [row.state for row in rows(live, "outbound")]
    assert states == ["handing_over", "handing_over", "queued", "sent"]  # as a process leaves them that was killed


def test_what_the_former_store_has_not_sent_either_waits_as_before(live, tmp_path):
    backup.once(live, given(message("queued", NOW), message("retry_at", NOW)))
    backups.make(live, tmp_path / "copy.db", NOW)
    before = rows(live, "outbound")
    done = backups.put_back(tmp_path / "copy.db", live, LATER, "rosa")
    assert (done.in_doubt, done.over) == (0, 0)
    assert rows(live, "outbound") == before


@pytest.mark.parametrize("state", ["accepted", "sent", "delivered", "failed", "expired", "cancelled"])
def test_what_the_former_store_knows_to_be_over_is_over(state, live, tmp_path):
    backup.once(live, given(message("queued", NOW)))
    backups.make(live, tmp_path / "copy.db", NOW)
    backup.once(live, set_to(1, state=state, due_at=None, external_id="SM1", attempts=1, settled_at=LATER))
    done = backups.put_back(tmp_path / "copy.db", live, LATER, "rosa")
    assert (done.in_doubt, done.over) == (0, 1)
    [row] = rows(live, "outbound")
    assert (row.state, row.due_at, row.external_id, row.settled_at) == (state, None, "SM1", LATER)


@pytest.mark.parametrize("state", ["handing_over", "in_doubt"])
def test_what_the_former_store_does_not_know_either_is_in_doubt(state, live, tmp_path):
    backup.once(live, given(message("queued", NOW)))
    backups.make(live, tmp_path / "copy.db", NOW)
    backup.once(live, set_to(1, state=state, due_at=None))
    assert backups.put_back(tmp_path / "copy.db", live, LATER, "rosa").in_doubt == 1


def test_another_stores_message_of_the_same_number_says_nothing(live, tmp_path):
    backup.once(live, given(message("queued", NOW)))
    backups.make(live, tmp_path / "copy.db", NOW)
    backup.once(live, set_to(1, created_at=LATER))
    assert backups.put_back(tmp_path / "copy.db", live, LATER, "rosa").in_doubt == 1


def test_a_damaged_store_is_not_asked(live, tmp_path):
    backup.once(live, given(*[message("queued", NOW, text="x" * 900)] * 500))
    backups.make(live, tmp_path / "copy.db", NOW)
    with live.open("r+b") as file:
        file.seek(-4096 * 3, 2)
        file.write(b"\xa5" * 4096)
    assert backups.put_back(tmp_path / "copy.db", live, LATER, "rosa").in_doubt == 500


def notice(status, **more):
    plain = {"texts": {"es": "hola"}, "text_hash": "x", "place": None, "created_by": "ana", "recipients": 900}
    return plain | {"created_at": NOW, "due_at": NOW, "status": status, "cursor": 500, "last_contact": 900} | more


def test_a_broadcast_half_queued_goes_on_only_if_it_did_not_go_on(live, tmp_path):
    standing, gone, later = notice("queueing"), notice("queueing"), notice("queueing", due_at=NOW + timedelta(days=1))
    backup.once(live, lambda tx: tx.execute(schema.broadcasts.insert(), [standing, gone, later, notice("queued")]))
    backups.make(live, tmp_path / "copy.db", NOW)
    on = schema.broadcasts.update().where(schema.broadcasts.c.id == 2).values(cursor=900, status="queued")
    backup.once(live, lambda tx: tx.execute(on))
    done = backups.put_back(tmp_path / "copy.db", live, LATER, "rosa")
    assert done.stopped == [2]
    assert [row.status for row in rows(live, "broadcasts")] == ["queueing", "cancelled", "queueing", "queued"]
    assert [(row.reason, row.subject) for row in rows(live, "alerts")] == [("broadcast_stopped", "broadcast 2")]


async def test_who_was_forgotten_since_stays_forgotten(sqlite_url, live, tmp_path):
    backup.once(live, lambda tx: tx.execute(schema.contacts.insert(), [person(), person("+59170000002")]))
    backups.make(live, tmp_path / "copy.db", NOW)
    store = open_store(sqlite_url)
    await store.start()
    gone = await store.read(lambda tx: contacts.by_msisdn(tx, "+59170000001"))
    await forgetting.forget(store, gone, NOW, "rosa")
    await store.close()
    done = backups.put_back(tmp_path / "copy.db", live, NOW, "rosa")
    assert done.forgotten == 1
    assert [row.msisdn for row in rows(live, "contacts")] == ["gone-1", "+59170000002"]
    assert b"59170000001" not in live.read_bytes()


def test_a_foreign_stores_people_are_not_taken_for_ours(live, tmp_path):
    made = {"contact": 1, "made": 1}
    act = {"seq": 1, "at": NOW, "actor": "rosa", "act": "contact.forgotten", "data": made, "hash": "x"}
    backup.once(live, lambda tx: tx.execute(schema.contacts.insert(), person()))
    backups.make(live, tmp_path / "copy.db", NOW)
    backup.once(live, lambda tx: tx.execute(schema.audit.insert(), act))
    assert backups.put_back(tmp_path / "copy.db", live, NOW, "rosa").forgotten == 0
    assert [row.msisdn for row in rows(live, "contacts")] == ["+59170000001"]
