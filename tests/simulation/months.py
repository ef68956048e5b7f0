"""Plays one seed from beginning to end, on a store of its own in memory."""

import gc
import io
import os
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

from gateway.config import Config, load
from gateway.work import broadcasts
from store import migrate
from tests.logged import logged
from tests.simulation import laws, virtual
from tests.simulation.carriers import ACCOUNT, KEYS, OUR_NUMBER, PHONE, PUBLIC_URL, SECRET, SIGNING_KEY, TOKEN, TWILIO
from tests.simulation.world import DAYS, PEOPLE, Plan, World

#: Seeds that failed once, each with what it found; ``make test`` plays them for ever.
FAILED_ONCE = Path(__file__).with_name("seeds.txt")
#: Every so many seeds one has a clock that jumps, and one draws its codes from so few that they clash.
JUMPS_EVERY, CLASHES_EVERY = 4, 5

#: Contacts of a broadcast queued at once: so few that one of two hundred takes several transactions, and dies between.
CHUNK = 25

_MEMORY = Path("/dev/shm")  # noqa: S108  where there is none, a folder on the disk does as well
_CONFIG = f"""\
service: {{name: Barrio Digital, country: BO, timezone: America/La_Paz, languages: [es, en], public_url: "{PUBLIC_URL}"}}
store: {{url: "sqlite:///barrio.db"}}
channels:
  {TWILIO}: {{provider: twilio, kind: sms, address: "{OUR_NUMBER[TWILIO]}", account_sid: {ACCOUNT}, auth_token: "${{T}}"}}
  {PHONE}: {{provider: smsgate, kind: sms, address: "{OUR_NUMBER[PHONE]}", username: u, password: "${{P}}", signing_key: "${{K}}", api: "https://phone.invalid"}}
  {KEYS}: {{provider: africastalking, kind: ussd, address: "{OUR_NUMBER[KEYS]}", secret: "${{S}}", speaks_through: {TWILIO}}}
quiet_hours: {{from: "20:00", to: "08:00"}}
followups: {{confirm_after: 3d, remind_after: 3d, close_after: 14d}}
broadcasts: {{approve_above: 20}}
outbox: {{concurrency: 16, max_attempts: 6, expire_after: 24h}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where seeds are played: a config, and an empty store that is copied for each."""

    config: Config
    migrated: Path
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What became of one seed. ``came`` and ``went`` are messages, ``events`` all that was seen from outside."""

    seed: int
    violations: tuple[str, ...]
    trace: str
    events: int
    came: int
    went: int
    reports: int
    commits: int
    crashes: int
    acts: int
    faults: Counter[str]


@contextmanager
def place() -> Iterator[Path]:
    """A folder in memory, if there is room for one there, that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="barrio-sim-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def stage() -> Iterator[Stage]:
    """A stage, for as long as it is needed."""
    with place() as folder:
        yield set_up(folder)


def set_up(folder: Path) -> Stage:
    """Set the stage in an empty folder."""
    written = folder / "config.yaml"
    written.write_text(_CONFIG, encoding="utf-8")
    config = load(written, {"T": TOKEN, "P": "password-of-the-phone", "K": SIGNING_KEY, "S": SECRET})
    migrated = folder / "empty.db"
    migrate(f"sqlite:///{migrated}")
    return Stage(config=config, migrated=migrated, folder=folder)


def plan(seed: int, *, people: int = PEOPLE, days: int = DAYS) -> Plan:
    """What a seed stands for."""
    return Plan(
        seed=seed,
        people=people,
        days=days,
        jumps=seed % JUMPS_EVERY == 0,
        few_codes=seed % CLASHES_EVERY == 0,
    )


def play(stage: Stage, plan: Plan, keep: Path | None = None) -> Month:
    """Live through the month of a plan. ``keep``: put its store and its log there, to be looked at."""
    database = stage.folder / "barrio.db"
    config = replace(stage.config, store=stage.config.store.model_copy(update={"url": f"sqlite:///{database}"}))
    shutil.copy(stage.migrated, database)
    said = io.StringIO()
    gc.collect()
    gc.disable()  # a month makes no more garbage than fits
    try:
        with mock.patch.object(broadcasts, "CHUNK", CHUNK):
            month = virtual.run(_live(plan, config, said))
    finally:
        gc.enable()
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            kept = keep / f"{plan.seed}.db"
            kept.unlink(missing_ok=True)
            with closing(sqlite3.connect(database)) as whole:  # with what stands in the log ahead of the file
                whole.execute("VACUUM INTO ?", (str(kept),))
            (keep / f"{plan.seed}.log").write_text(said.getvalue(), encoding="utf-8")
        for rest in stage.folder.glob("barrio.db*"):
            rest.unlink()
    return month


async def _live(plan: Plan, config: Config, said: io.StringIO) -> Month:
    world = World(plan, config)
    journal = world.journal
    with logged(world.clock, said):
        try:
            await world.live()
            violations = await world.judge(
                lambda tx: list(
                    laws.broken(
                        journal, tx, config, crashes=world.crashes, logged=said.getvalue(), jumps=world.plan.jumps
                    )
                )
            )
        finally:
            await world.end()
    return Month(
        seed=plan.seed,
        violations=(*world.seen, *violations),
        trace=journal.trace,
        events=journal.steps,
        came=len(journal.delivered),
        went=len(journal.taken),
        reports=len(journal.reports),
        commits=world.commits,
        crashes=world.crashes,
        acts=world.office.acts,
        faults=journal.faults,
    )


def failed_once() -> list[int]:
    """Read the seeds that failed once."""
    lines = FAILED_ONCE.read_text(encoding="utf-8").splitlines()
    return [int(line.split()[0]) for line in lines if line.strip() and not line.startswith("#")]
