"""``barrio backup``, ``restore``, ``migrate`` and ``forget`` at the keyboard."""

import json
import os
import shutil
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway import backups
from gateway.care import Backups
from store import chores, farewells, open_store, outbox, upgrade
from tests.gateway.test_upgrades import RELEASED, fill

NUMBER = "+59170000001"
WORDS = "MARCADOR no hay luz en mi calle en Alto Tacagua"


def live(desktop):
    return desktop.config.store.file


def test_a_backup_says_what_it_holds(desktop):
    desktop.open()
    assert "1 cases (1 open), 1 people, 0 messages in and 1 out" in desktop.says("backup", "b.db")
    assert desktop.refuses("backup", "b.db").endswith("b.db is there already (--overwrite replaces it)")
    said = desktop.json("backup", "b.db", "--overwrite")
    assert (said["sound"], said["contents"]["cases"], said["findings"]) == (True, 1, [])


def test_on_postgresql_it_says_what_to_run(terminal):
    if terminal.config.store.file is None:
        for words in (("backup", "b.db"), ("restore", __file__, "--check")):
            assert "pg_dump --format=custom" in terminal.refuses(*words)
    else:
        assert "holds 0 cases" in terminal.says("backup", "b.db")


def test_one_made_by_postgresqls_tools_is_noted(terminal, tmp_path):
    dump = tmp_path / "barrio.sql"
    dump.write_text("--\n-- PostgreSQL database dump complete\n--\n")
    at = (terminal.clock.now() - timedelta(hours=5)).timestamp()
    os.utime(dump, (at, at))
    if terminal.config.store.file is not None:
        assert "is a SQLite file: barrio backup FILE copies it" in terminal.refuses("backup", dump, "--made")
        return
    assert "backups is not set in config.yaml" in terminal.refuses("backup", dump, "--made")
    terminal.config = replace(terminal.config, backups=Backups())
    assert "is no whole dump" in terminal.refuses("backup", __file__, "--made")
    assert "No such file" in terminal.refuses("backup", tmp_path / "gone", "--made")
    assert "plain SQL with its last line.\nThe watch expects the next before" in terminal.says("backup", dump, "--made")
    [chore] = [terminal.do(lambda tx: chores.read(tx, "backup"))]
    assert (chore.done_at.timestamp(), chore.late_at - chore.done_at) == (at, timedelta(days=2))
    assert terminal.acts()[-1][1] == "backup.noted"


def test_looking_into_a_backup(desktop):
    desktop.open()
    desktop.says("backup", "b.db")
    assert "It can be put back." in desktop.says("restore", "b.db", "--check")
    assert desktop.json("restore", "b.db", "--check")["contents"]["open_cases"] == 1


def test_a_plain_copy_of_the_live_store_is_not_put_back(desktop):
    desktop.open()
    shutil.copy(live(desktop), "cp.db")
    before = live(desktop).read_bytes()
    for words in (("--check",), ("--yes",)):
        result = desktop.type("restore", "cp.db", *words)
        assert result.exit_code == 1
        assert "copy with barrio backup, never with cp" in result.stdout
    assert live(desktop).read_bytes() == before
    assert "The store is now that of cp.db" in desktop.says("restore", "cp.db", "--yes", "--anyway")


def test_putting_one_back(desktop):
    first = desktop.open()
    desktop.says("backup", "b.db")
    desktop.open("no hay agua en Obrajes", "+59170000002")
    assert desktop.refuses("restore", "b.db", keys="n\n").endswith("Nothing was changed.")
    said = desktop.json("restore", "b.db", "--yes")
    assert [case["code"] for case in desktop.json("case", "list")] == [first]
    assert backups.examine(Path(said["aside"])).contents.cases == 2
    assert (said["in_doubt"], said["over"], said["stopped"], said["migrate"]) == (0, 0, [], False)
    assert desktop.acts()[-1] == ("cli:rosa", "store.restored", None)


def test_not_while_somebody_serves(desktop):
    desktop.says("backup", "b.db")
    holder = open_store(desktop.config.store.url)
    assert holder.own()
    assert desktop.refuses("restore", "b.db", "--yes") == "barrio serve runs on this store: stop it first"
    holder._lock.close()


@pytest.fixture
def old(desktop):
    """A desktop on a store of the first release."""
    live(desktop).unlink()
    upgrade._run(desktop.config.store.url, lambda tx: fill(tx, RELEASED[0]))
    return desktop


def test_an_upgrade_copies_the_store_before_and_can_be_taken_back(old):
    said = old.json("migrate")
    assert said["migrated"]
    copy = Path(said["backup"])
    assert copy.name == "barrio.db.before-upgrade-20260302T140000Z"
    assert old.json("case", "list")
    back = old.json("restore", copy, "--yes")
    assert back["migrate"]
    assert "older than this program" in old.refuses("case", "list", code=2)
    assert "What it was before is" in old.says("migrate")
    assert old.json("case", "list")


def test_an_upgrade_that_cannot_copy_changes_nothing(old):
    Path(".barrio.db.before-upgrade-20260302T140000Z.partial").mkdir()
    assert old.refuses("migrate").startswith("nothing was changed, because the store could not be copied")
    assert "older than this program" in old.refuses("case", "list", code=2)
    assert old.json("migrate", "--no-backup") == {"migrated": True}


def test_no_upgrade_under_a_service_that_runs(old):
    holder = open_store(old.config.store.url)
    assert holder.own()
    assert old.refuses("migrate") == "barrio serve runs on this store: stop it first"
    holder._lock.close()


def test_forgetting(terminal):
    code = terminal.open(WORDS, NUMBER)
    before = terminal.json("forget", NUMBER, "--dry-run")
    assert (before["done"], before["cases"], before["outbound"]) == (False, 1, 1)
    assert terminal.refuses("forget", NUMBER, keys="n\n").endswith("Nothing was changed.")
    assert "Erased: number and words in 1 cases" in terminal.says("forget", "70000001", "--yes")
    case = terminal.json("case", "show", code)
    assert (case["category"], [message["text"] for message in case["messages"]]) == ("alumbrado", [""])
    assert terminal.queued() == [("", "")]
    assert terminal.acts()[-1] == ("cli:rosa", "contact.erased", "contact 1")
    assert terminal.refuses("forget", NUMBER, "--yes") == "nobody with this number is in the store"
    assert terminal.refuses("forget", "nobody", "--yes").startswith("this is not a telephone number")


def test_forgetting_who_asked_for_it_by_telephone(terminal):
    code = terminal.open(WORDS, NUMBER)
    assert terminal.json("forget", "--asked")["cases"] == 0
    terminal.do(lambda tx: farewells.ask(tx, 1, terminal.clock.now(), terminal.clock.now()))
    assert terminal.json("forget", "--asked")["cases"] == 0  # an answer to them waits
    terminal.do(lambda tx: outbox.expire(tx, terminal.clock.now() + timedelta(days=2)))
    done = terminal.json("forget", "--asked")
    assert (done["done"], done["cases"], done["outbound"], done["still_in"]) == (True, 1, 1, [])
    assert [message["text"] for message in terminal.json("case", "show", code)["messages"]] == [""]
    assert terminal.acts()[-2:] == [
        ("resident", "contact.forgotten", "contact 1"),
        ("resident", "contact.erased", "contact 1"),
    ]
    assert terminal.json("forget", "--asked")["cases"] == 0


@pytest.mark.parametrize("words", [(), ("--asked", NUMBER), ("--asked", "--dry-run")])
def test_one_number_or_all_who_asked(terminal, words):
    assert "name one number, or say --asked" in terminal.type("forget", *words).stderr


def test_it_says_which_backups_still_hold_the_number_and_until_when(desktop):
    row = Backups(folder=str(Path("row").absolute()), keep=2)
    desktop.config = replace(desktop.config, backups=row)
    desktop.open(WORDS, NUMBER)
    Path("row").mkdir()
    backups.make(live(desktop), Path("row") / backups.name(desktop.clock.now()), desktop.clock.now())
    desktop.says("backup", "mine.db")
    said = desktop.json("forget", NUMBER, "--yes")
    assert {Path(one["file"]).name: one["until"] for one in said["still_in"]} == {
        "mine.db": None,
        "barrio-20260302T140000Z.db": "2026-03-04T14:00:00Z",
    }
    desktop.clock.advance(timedelta(days=1))
    backups.make(live(desktop), Path("row") / backups.name(desktop.clock.now()), desktop.clock.now())
    assert b"MARCADOR" not in (Path("row") / backups.name(desktop.clock.now())).read_bytes()


def test_when_others_wrote_the_number_too_it_says_so(desktop):
    desktop.open(WORDS, NUMBER)
    desktop.open(f"mi vecino del {NUMBER} no tiene luz en Alto Tacagua", "+59170000002")
    assert desktop.refuses("forget", NUMBER, "--yes").startswith("the number still stands in the store")


def test_pieces_in_a_large_file_are_left_for_a_quiet_hour(desktop, monkeypatch):
    monkeypatch.setattr("store.remains.SMALL", 0)
    desktop.open(WORDS, NUMBER)
    desktop.open(f"mi vecino del {NUMBER} no tiene luz en Alto Tacagua", "+59170000002")
    assert "do the same with --compact" in desktop.refuses("forget", NUMBER, "--yes")
    assert desktop.refuses("forget", NUMBER).startswith("nobody with this number")
    desktop.says("forget", "+59170000002", "--yes")
    assert "Erased" in desktop.says("forget", NUMBER, "--compact")


def test_a_reader_who_stays_is_named_and_the_rest_can_be_done_later(desktop, monkeypatch):
    desktop.open(WORDS, NUMBER)
    monkeypatch.setattr("store.remains._TRIES", 0)
    assert "somebody reads the store without an end" in desktop.refuses("forget", NUMBER, "--yes")


def test_no_file_in_the_folder_holds_the_person(desktop):
    """While somebody has the store open, so that its log is not simply thrown away."""
    desktop.open(WORDS, NUMBER)
    held = sqlite3.connect(live(desktop))
    held.execute("SELECT count(*) FROM cases").fetchone()
    desktop.says("forget", NUMBER, "--yes")
    marks = [mark.encode(way) for mark in ("MARCADOR", "59170000001") for way in ("utf-8", "utf-16-le")]
    assert Path(f"{live(desktop)}-wal").exists()
    assert [
        file for file in Path().rglob("*") if file.is_file() and any(mark in file.read_bytes() for mark in marks)
    ] == []
    held.close()


def test_what_it_says_to_a_program_is_json_to_the_end(desktop):
    desktop.open(WORDS, NUMBER)
    result = desktop.type("forget", NUMBER, "--yes", "--json")
    assert json.loads(result.stdout)["done"]
