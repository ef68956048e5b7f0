"""Beside a running service: backups under load and under SIGKILL, and a person who is forgotten down to the bytes."""

import asyncio
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text

from gateway import backups
from store import backup as copies
from store import crash, open_store, schema

pytestmark = pytest.mark.process

NUMBER = "+59170000077"
MARK = "MARCADOR señal única"


@pytest.fixture
async def served(stub, sqlite_url, tmp_path):
    """A service on SQLite."""
    from tests.process.conftest import running  # noqa: PLC0415  a fixture of this folder, for one engine only

    async with running(stub, sqlite_url, tmp_path) as gateway:
        yield gateway


def holders(folder, *marks):
    """The files below a folder that hold any of these words, however they are written."""
    forms = [
        way
        for mark in marks
        for way in (
            mark.encode(),
            mark.encode("utf-16-le"),
            mark.encode("utf-16-be"),
            quote(mark).encode(),
            mark.encode("ascii", "backslashreplace"),
            mark.encode("unicode_escape"),
        )
    ]
    files = [file for file in Path(folder).rglob("*") if file.is_file()]
    return [file.name for file in files if any(form in file.read_bytes() for form in forms)]


async def test_a_backup_under_load_is_one_moment_and_holds_what_was_acknowledged_before(served, tmp_path):
    acknowledged, told = [], asyncio.Event()

    async def texts(writer):
        for number in range(25):
            sid = f"SM{writer}-{number}"
            status, _ = await served.text("no hay luz en Alto Tacagua", sid, f"+5917000{writer}{number:03}")
            assert status == 200
            acknowledged.append(sid)
            if len(acknowledged) == 20:
                told.set()

    async def back_up():
        await told.wait()
        before = set(acknowledged)
        said = await served.command("backup", str(tmp_path / "copy.db"))
        return before, said

    *_, (before, said) = await asyncio.gather(*(texts(writer) for writer in range(4)), back_up())
    assert said["sound"]
    rows = copies.look(tmp_path / "copy.db", lambda tx: tx.execute(schema.inbound.select()).mappings().all())
    assert before <= {row["external_id"] for row in rows}
    seen = await served.command("restore", str(tmp_path / "copy.db"), "--check")
    assert seen["contents"]["inbound"] == len(rows)
    assert seen["findings"] == [] or {one["level"] for one in seen["findings"]} == {"warning"}


async def test_a_backup_that_is_killed_leaves_no_file_of_that_name(served, tmp_path):
    for number in range(10):
        await served.text("no hay luz en Alto Tacagua", f"SM{number}", f"+591700001{number:02}")
    name, partial = tmp_path / "copy.db", tmp_path / ".copy.db.partial"
    served.environment[crash.VARIABLE] = "backup.copied:1"
    process = await served._run("backup", str(name))
    assert await process.wait() == crash.KILLED
    assert (name.exists(), partial.exists()) == (False, True)
    del served.environment[crash.VARIABLE]
    partial.unlink()
    process = await served._run("backup", str(name))

    async def begun():
        return partial.exists() or name.exists()

    await served.until(begun)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    assert not name.exists() or backups.examine(name).sound
    assert (await served.command("backup", str(name), "--overwrite"))["sound"]
    assert backups.examine(name).contents.inbound == 10


async def test_who_is_forgotten_is_in_no_file_while_the_service_runs(served, stub, tmp_path):
    session = "ATUid-7"
    assert (await served.text(f"no hay luz en Alto Tacagua, {MARK}", "SM1", NUMBER))[0] == 200
    assert (await served.text(f"mas: {MARK}", "SM2", NUMBER))[0] == 200
    await served.ussd(session, "", NUMBER)
    await served.ussd(session, "1", NUMBER)
    await served.ussd(session, f"1*{MARK}", NUMBER)
    await served.post("/in/africastalking/no-secret/sms", {"from": NUMBER, "text": MARK})
    await stub.wait_for(1)
    assert "barrio.db" in " ".join(holders(tmp_path, "MARCADOR", NUMBER[1:]))

    busy = asyncio.create_task(_others(served))
    said = await served.command("forget", NUMBER, "--yes")
    assert said["done"]
    assert said["still_in"] == []
    await busy
    assert holders(tmp_path, "MARCADOR", "señal única", NUMBER[1:]) == []
    # Delivered again, it is known, and brings back neither number nor words.
    assert (await served.text(f"no hay luz en Alto Tacagua, {MARK}", "SM1", NUMBER))[0] == 200
    await served.command("forget", "+59170000888", "--compact", "--yes")
    assert holders(tmp_path, "MARCADOR", NUMBER[1:]) == []
    assert [one["level"] for one in (await served.command("doctor"))["findings"]] == []


async def test_who_asks_for_it_by_telephone_is_in_no_file_a_day_later(served, stub, tmp_path):
    said = (f"no hay luz en Alto Tacagua, {MARK}", "borrar mis datos", "si", f"falta agua en Obrajes, {MARK}")
    for number, words in enumerate(said):
        assert (await served.text(words, f"SM{number}", NUMBER))[0] == 200
        await stub.wait_for(number + 1)
    assert (await served.command("forget", "--asked"))["inbound"] == 0
    assert holders(tmp_path, "MARCADOR", NUMBER[1:]) != []

    with closing(sqlite3.connect(tmp_path / "barrio.db")) as store:  # the day that a test need not sit through
        store.execute("UPDATE farewells SET due_at = asked_at")
        store.commit()

    async def forgotten():
        return (await served.command("forget", "--asked"))["inbound"] == len(said)

    await served.until(forgotten)  # the last answer may still be under way
    assert holders(tmp_path, "MARCADOR", "señal única", NUMBER[1:]) == []
    assert (await served.text("hola", "SM9", NUMBER))[0] == 200
    assert (await served.command("forget", "--asked"))["inbound"] == 0
    assert [one["level"] for one in (await served.command("doctor"))["findings"]] == []


async def _others(served):
    for number in range(40):
        status, _ = await served.text("no hay agua en Obrajes", f"SM1{number:02}", f"+591700008{number:02}")
        assert status == 200


async def test_on_postgresql_no_table_holds_them_and_compact_clears_its_files_but_not_its_log(
    stub, postgres, postgres_url, tmp_path
):
    from tests.process.conftest import running  # noqa: PLC0415

    async with running(stub, postgres_url, tmp_path) as gateway:
        await gateway.text(f"no hay luz en Alto Tacagua, {MARK}", "SM1", NUMBER)
        assert (await gateway.command("forget", NUMBER, "--yes", "--compact"))["done"]
        store = open_store(postgres_url)
        await store.start()
        name = "SELECT oid FROM pg_database WHERE datname = current_database()"
        own = str(await store.read(lambda tx: tx.execute(text(name)).scalar_one()))
        for table in schema.metadata.sorted_tables:
            rows = repr(await store.read(lambda tx, table=table: tx.execute(table.select()).all()))
            assert "MARCADOR" not in rows, table.name
            assert NUMBER[1:] not in rows, table.name
        await store.close()
    assert holders(tmp_path, "MARCADOR", NUMBER[1:]) == []
    postgres.execute("CHECKPOINT")
    data = Path(postgres._server.pgdata)
    # Only its own database: those of other tests on this server have people with this number too.
    assert (data / "base" / own).is_dir()
    assert holders(data / "base" / own, "MARCADOR", NUMBER[1:]) == []
    assert holders(data / "pg_wal", "MARCADOR") != []  # what the command says of it is true
