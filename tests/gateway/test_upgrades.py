"""Every released shape of the store, with work in flight, comes up to this version; the doctor finds nothing wrong."""

import asyncio
import base64
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from structlog.testing import capture_logs

from gateway import app, backups, doctor
from gateway.cli.phone import Network, Phone
from gateway.config import load
from gateway.findings import Level
from store import SchemaState, cases, crash, migrate, open_store, revision, schema_state, upgrade

ROOT = Path(__file__).parents[2]
RELEASED = sorted((ROOT / "tests" / "schemas").glob("*.jsonl"))
CONFIG = """\
service: {{name: Barrio Digital, country: BO, timezone: America/La_Paz, languages: [es, en], public_url: "http://localhost:8080"}}
store: {{url: "{url}"}}
channels:
  demo: {{provider: simulator, kind: sms, address: "4040"}}
  demo-ussd: {{provider: simulator, kind: ussd, address: "*384*40#", speaks_through: demo}}
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """The address of nothing yet, on each engine in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'barrio.db'}"
    else:
        postgres = request.getfixturevalue("postgres")
        name = postgres.make()
        yield postgres.url(name)
        postgres.drop(name)


def fill(tx: sa.Connection, released: Path) -> None:
    """Make the tables of that release and put its rows in."""
    settings = revision.config()
    settings.attributes["tx"] = tx
    command.upgrade(settings, released.stem)
    tables = sa.MetaData()
    tables.reflect(tx)
    for line in released.read_text(encoding="utf-8").splitlines():
        name, row = json.loads(line)
        if name == "quarantine":
            row["raw"] = base64.b64decode(row["raw"])
        tx.execute(tables.tables[name].insert(), row)
    if tx.dialect.name == "postgresql":
        for table in tables.sorted_tables:
            if "id" in table.c:
                tx.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"  # noqa: S608  the names are ours
                )


def errors(store_url: str, at: datetime) -> list[str]:
    async def examined() -> Any:
        store = open_store(store_url)
        await store.start()
        try:
            return await store.read(lambda tx: doctor.examine(tx, at))
        finally:
            await store.close()

    return [one.what for one in asyncio.run(examined()) if one.level is Level.ERROR]


@pytest.mark.parametrize("released", RELEASED, ids=lambda file: file.stem)
def test_a_released_store_comes_up_with_its_work(place, released, tmp_path, clock):
    upgrade._run(place, lambda tx: fill(tx, released))
    assert schema_state(place) is SchemaState.BEHIND
    migrate(place)
    assert schema_state(place) is SchemaState.CURRENT
    rows = [json.loads(line) for line in released.read_text(encoding="utf-8").splitlines()]
    newest = max(row["received_at"] for name, row in rows if name == "inbound")
    now = datetime.fromtimestamp(newest / 1e6, UTC) + timedelta(seconds=5)
    assert errors(place, now) == []
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.format(url=place), encoding="utf-8")
    clock.set(now)
    sent = asyncio.run(go_on(load(config, {}), clock))
    assert errors(place, clock.now()) == []
    waited = sum(name == "outbound" and row["state"] == "queued" for name, row in rows)
    assert len(sent) >= waited


async def go_on(config, clock) -> list[Any]:
    """Serve the migrated store: what waited goes out, and who was asked a question can answer it."""
    network = Network([])
    with capture_logs():
        application = app.build(config, clock, network)
        await application.open()
        try:
            await application.settle()
            clock.advance(minutes=2)
            await application.settle()
            person = Phone(application, "+59170000021")  # was asked where
            await person.text("en Obrajes")
            await application.settle()
            found = await application.store.read(lambda tx: cases.listing(tx, place="obrajes"))
            assert found
        finally:
            await application.stop()
    return network.arrived


@pytest.mark.process
def test_killed_in_the_middle_a_populated_store_is_as_it_was(tmp_path):
    config, url = tmp_path / "config.yaml", f"sqlite:///{tmp_path / 'barrio.db'}"
    config.write_text(CONFIG.format(url=url), encoding="utf-8")
    upgrade._run(url, lambda tx: fill(tx, RELEASED[0]))
    words = [sys.executable, "-m", "gateway", "migrate", "--json", "--config", str(config)]
    environment = {**os.environ, crash.VARIABLE: "migrate.changed:1"}
    killed = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert (killed.returncode, killed.stdout) == (crash.KILLED, b"")
    assert (
        upgrade._run(url, lambda tx: tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()) == "0001"
    )
    [copy] = tmp_path.glob("barrio.db.before-upgrade-*")
    assert backups.examine(copy).sound
    done = subprocess.run(words, cwd=ROOT, capture_output=True, check=True)
    assert json.loads(done.stdout)["migrated"]
    now = datetime.fromtimestamp(0, UTC)
    assert errors(url, now) == []


def test_every_revision_but_the_newest_has_a_store_of_its_own():
    known = set(revision._known())
    assert known - {file.stem for file in RELEASED} == {max(known)}
