"""The chores: done when due, by one process, again after a failure; what reads everything is a command of its own."""

import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway import backups, keeping
from gateway.care import Backups
from gateway.config import StoreConfig, load
from gateway.keeping import Keeping
from store import StoreUnavailable, chores, crash, farewells, remains

LA_PAZ = ZoneInfo("America/La_Paz")
SOUND = (0, {"sound": True})


class Errands:
    def __init__(self):
        self.names = {}

    def also(self, name, _work, *, seconds):
        self.names[name] = seconds


class Kept:
    """A world with a row of three backups, and what its commands say; each makes the file it is asked for."""

    def __init__(self, world, folder):
        file = folder / "barrio.db"
        row = Backups(folder=str(folder / "row"), keep=3)
        config = replace(world.config, backups=row, store=StoreConfig(url=f"sqlite:///{file}"))
        self.world, self.says, self.asked = world, [], []
        self.world.house = replace(world.house, config=config)
        self.keeping = Keeping(world.store, world.house, self.command)

    def __getattr__(self, name):
        return getattr(self.world, name)

    async def command(self, words):
        self.asked.append(words)
        said = self.says.pop(0) if self.says else SOUND
        if words[0] == "backup" and said[1] is not None:
            made(words[1])
        return said


def made(file):
    Path(file).touch()


@pytest.fixture
def kept(world, sqlite_url, tmp_path):
    return Kept(world, tmp_path)


def names(world):
    return [file.name for file in backups.kept(Path(world.house.config.backups.folder))]


async def test_it_names_its_chores(kept):
    errands = Errands()
    kept.keeping.begin(errands)
    assert set(errands.names) == {"backup", "examination", "farewells", "retention"}


async def test_a_backup_at_first_sight_and_then_each_night_at_three(kept):
    await kept.keeping.back_up()
    await kept.keeping.back_up()
    assert names(kept) == ["barrio-20260302T140000Z.db"]
    kept.at(2026, 3, 3, 2, 59)
    await kept.keeping.back_up()
    assert len(names(kept)) == 1
    for day in range(3, 7):
        kept.at(2026, 3, day, 3, 0)
        await kept.keeping.back_up()
    assert names(kept) == [f"barrio-2026030{day}T070000Z.db" for day in (4, 5, 6)]
    chore = await kept.store.read(lambda tx: chores.read(tx, "backup"))
    assert chore.done_at == kept.clock.now()
    assert chore.late_at == kept.clock.now() + timedelta(days=2)


async def test_one_that_failed_is_tried_again_within_the_hour_and_is_late_in_the_end(kept):
    kept.says = [(1, None)] * 3
    await kept.keeping.back_up()
    assert await kept.alerts() == [("backup_failed", None)]
    kept.clock.advance(minutes=59)
    await kept.keeping.back_up()
    assert len(kept.asked) == 1
    kept.clock.advance(minutes=1)
    await kept.keeping.back_up()
    assert len(kept.asked) == 2
    assert await kept.store.read(lambda tx: chores.late(tx, kept.clock.now())) == []
    kept.clock.advance(days=2)
    assert await kept.store.read(lambda tx: chores.late(tx, kept.clock.now())) == [("backup", None)]


async def test_an_unsound_one_pushes_no_older_one_out(kept):
    for _ in range(3):
        await kept.keeping.back_up()
        kept.clock.advance(days=2)
    kept.says = [(1, {"sound": False})]
    await kept.keeping.back_up()
    assert len(names(kept)) == 4


async def test_without_a_row_or_a_file_there_is_nothing_to_do(world):
    async def command(words):
        raise AssertionError(words)

    await Keeping(world.store, world.house, command).back_up()


async def test_the_doctor_reads_the_store_every_hour(kept):
    bad = {"level": "error", "where": "case 1", "what": "wrong", "mend": "mend"}
    kept.says = [(1, {"findings": [bad]}), (0, {"findings": [{**bad, "level": "warning"}]}), (1, None)]
    await kept.keeping.examine()
    await kept.keeping.examine()
    assert kept.asked == [["doctor"]]
    assert await kept.alerts() == [("doctor_found_errors", None)]
    assert [row.what for row in await kept.rows("problems")] == ["doctor"]
    kept.clock.advance(hours=1)
    await kept.keeping.examine()
    [row] = await kept.rows("problems")
    assert row.clear_at == kept.clock.now()
    kept.clock.advance(hours=1)
    await kept.keeping.examine()  # it said nothing, which is no news
    assert len(await kept.rows("problems")) == 1


async def test_once_a_night_what_is_to_be_kept_no_longer_goes(kept):
    await kept.queue(await kept.person())
    await kept.drain()
    await kept.keeping.retain()
    assert [row.text for row in await kept.rows()] == ["hola"]
    kept.clock.advance(days=731)
    await kept.keeping.retain()
    assert [row.text for row in await kept.rows()] == [""]
    due = (await kept.store.read(lambda tx: chores.read(tx, "retention"))).due_at
    assert due.astimezone(LA_PAZ).time() == time(4)


async def test_remains_that_must_stay_a_night_are_no_failure(kept, monkeypatch, logs):
    def busy(_path):
        raise StoreUnavailable("somebody reads")

    monkeypatch.setattr(remains, "cut_log", busy)
    await kept.keeping.retain()
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["remains_stay"]


async def test_who_asked_to_be_forgotten_is_forgotten_by_a_command_once_their_time_has_come(kept, logs):
    person = await kept.person()
    await kept.transact(farewells.ask, person.id, kept.clock.now(), kept.clock.now() + timedelta(hours=1))
    await kept.keeping.forget_asked()
    assert kept.asked == []
    kept.clock.advance(hours=1)
    kept.says = [(2, None), (1, {"done": True}), (0, {"done": True})]
    for _ in range(2):  # it failed: the same instant is too early to try again
        await kept.keeping.forget_asked()
    assert kept.asked == [["forget", "--asked"]]
    kept.clock.advance(keeping.RETRY)
    for _ in range(2):  # the command is another's here, and nobody went
        await kept.keeping.forget_asked()
    assert len(kept.asked) == 3
    said = [line["event"] for line in logs if line["log_level"] in {"warning", "error"}]
    assert said == ["forgetting_failed", "remains_stay"]


@pytest.mark.parametrize(
    ("done", "every", "due"),
    [
        ("2026-03-02 15:00", "1d", "2026-03-03 03:00"),
        ("2026-03-03 03:01", "1d", "2026-03-04 03:00"),
        ("2026-03-03 01:00", "1d", "2026-03-04 03:00"),
        ("2026-03-03 03:00", "7d", "2026-03-10 03:00"),
        ("2026-03-03 03:00", "6h", "2026-03-03 09:00"),
    ],
)
def test_what_is_due_daily_is_due_at_its_hour(done, every, due):
    def here(said):
        return datetime.fromisoformat(said).replace(tzinfo=LA_PAZ).astimezone(UTC)

    row = Backups(folder="x", every=every)
    assert keeping.next_at(here(done), row.every, time(3), LA_PAZ) == here(due)


@pytest.mark.process
async def test_a_real_command_in_a_real_process(sqlite_url, clock, tmp_path, monkeypatch, world):
    """Without our wish to die somewhere, which was meant for us."""
    monkeypatch.setenv(crash.VARIABLE, "backup.copied:1")
    config = tmp_path / "here.yaml"
    text = json.dumps(
        {
            "service": {
                "name": "B",
                "country": "BO",
                "timezone": "America/La_Paz",
                "languages": ["es"],
                "public_url": "http://localhost:1",
            },
            "store": {"url": sqlite_url},
            "channels": {"demo": {"provider": "simulator", "kind": "sms", "address": "4040"}},
            "backups": {"folder": "row"},
        }
    )
    config.write_text(text, encoding="utf-8")
    mine = Keeping(world.store, replace(world.house, config=load(config, {})))
    await mine.back_up()
    [file] = backups.kept(tmp_path / "row")
    assert backups.examine(file).sound
    assert (await mine._run(["backup", str(file)]))[1] is None  # it is there already
