"""What looks after the service by itself: backups, the hourly examination, retention, who asks to be forgotten.

Rule 1: each is a chore, a row that one process of many claims; so nothing is done twice, and what a dead process
began is begun anew.
Rule 2: what reads the whole store is a command in a process of its own (``barrio backup``, ``barrio doctor``): it has
a processor to itself, messages do not wait for it, and it can be ended at any time.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any, Protocol

import structlog

from gateway import backups
from gateway.config import HOME
from gateway.effects import House
from gateway.findings import Level
from gateway.work import retention, watch
from gateway.work.anonymity import drop_numbers
from gateway.work.forgetting import finish_all
from store import Store, StoreUnavailable, alerts, chores, crash, farewells, remains
from store.chores import Chore

log = structlog.get_logger(__name__)

#: Seconds between two strides of the night's retention.
BREATH = 0.05
#: How often a chore is looked for, in seconds, and when one that failed is tried again.
LOOK_SECONDS = 60
RETRY = timedelta(hours=1)
#: Local hours at which what is due daily is due.
BACKUP_AT, RETENTION_AT = time(3), time(4)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ALERT_FAILED = "backup_failed"

#: Runs a command of ours and gives its exit code and what it said in JSON (None: nothing that could be read).
Command = Callable[[Sequence[str]], Awaitable[tuple[int, Any]]]


class Errands(Protocol):
    """Whatever runs an errand every so often."""

    def also(self, name: str, work: Callable[[], Awaitable[object]], *, seconds: int) -> None:
        """Run it from now on."""


class Keeping:
    """The chores. ``begin`` names them to the scheduler; each can be called by itself."""

    def __init__(self, store: Store, house: House, command: Command | None = None) -> None:
        self._store = store
        self._house = house
        self._command = command or self._run

    def begin(self, errands: Errands) -> None:
        """Have all of it done now and then."""
        errands.also("backup", self.back_up, seconds=LOOK_SECONDS)
        errands.also("examination", self.examine, seconds=LOOK_SECONDS)
        errands.also("farewells", self.forget_asked, seconds=LOOK_SECONDS)
        errands.also("retention", self.retain, seconds=LOOK_SECONDS)

    async def back_up(self) -> None:
        """Add a backup to the row, if one is due, and delete the oldest. SQLite, and only if the config says so."""
        row, file, now = self._house.config.backups, self._house.config.store.file, self._now()
        if row is None or row.folder is None or file is None:
            return
        late = now + watch.LATE * row.every
        if await self._claim(str(watch.Kind.BACKUP), now, again=now + RETRY, late=late) is None:
            return
        folder = _made(row.folder)
        code, said = await self._command(["backup", str(folder / backups.name(now))])
        if said is None:
            log.error("backup_failed", exit=code)
            await self._store.transact(lambda tx: alerts.raise_alert(tx, ALERT_FAILED, None, now))
            return
        if said["sound"]:
            backups.rotate(folder, row.keep)
        due = next_at(now, row.every, BACKUP_AT, self._house.config.service.timezone)
        await self._store.transact(lambda tx: chores.done(tx, str(watch.Kind.BACKUP), now, due=due, late=late))

    async def examine(self) -> None:
        """Let the doctor read the store, once an hour; errors are a problem for the watch."""
        now = self._now()
        if await self._claim("examination", now, again=now + HOUR) is None:
            return
        code, said = await self._command(["doctor"])
        if said is None:
            log.error("examination_failed", exit=code)
            return
        errors = [one for one in said["findings"] if one["level"] == Level.ERROR]
        if errors:
            log.error("doctor_found", errors=len(errors))
        await self._store.transact(lambda tx: watch.note(tx, self._house, now, watch.Kind.DOCTOR, stands=bool(errors)))

    async def forget_asked(self) -> None:
        """Let ``barrio forget`` erase those who asked for it and whose time has come; a failure is tried again."""
        now = self._now()
        if not await self._store.read(lambda tx: farewells.due(tx, now)):
            return
        if await self._claim("farewells", now, again=now + RETRY) is None:
            return
        code, said = await self._command(["forget", "--asked"])
        if said is None:
            log.error("forgetting_failed", exit=code)
            return
        if code:
            log.warning("remains_stay", exit=code)
        await self._store.transact(lambda tx: chores.done(tx, "farewells", now, due=now))

    async def retain(self) -> None:
        """Erase what is to be kept no longer, once a night, and finish what ``barrio forget`` could not."""
        now = self._now()
        if await self._claim("retention", now, again=now + RETRY) is None:
            return
        await finish_all(self._store, now, retention.SYSTEM)
        erased = await drop_numbers(self._store, self._house.config.retention.anonymous, now, retention.SYSTEM)
        for stride in retention.STRIDES:
            more = True
            while more:
                done = await self._store.transact(
                    lambda tx, stride=stride: stride(tx, self._house.config.retention, now)  # type: ignore[misc]
                )
                erased, more = erased + done.erased, done.more
                await asyncio.sleep(BREATH)  # stride upon stride would leave a command at the same file no turn
        await self._clean(erased)
        due = next_at(now, DAY, RETENTION_AT, self._house.config.service.timezone)
        await self._store.transact(lambda tx: chores.done(tx, "retention", now, due=due))

    async def _clean(self, erased: int) -> None:
        """Let nothing of what was erased lie about in the store's file: tonight's, and what was erased by day."""
        file = self._house.config.store.file
        if file is None:
            return
        try:
            await asyncio.to_thread(remains.cut_log, file)
            if erased and file.stat().st_size <= remains.SMALL:
                await asyncio.to_thread(remains.compact, file)
        except StoreUnavailable as error:
            log.warning("remains_stay", reason=error.reason)

    def _now(self) -> datetime:
        return self._house.clock.now()

    async def _claim(self, name: str, now: datetime, *, again: datetime, late: datetime | None = None) -> Chore | None:
        return await self._store.transact(lambda tx: chores.claim(tx, name, now, again=again, late=late))

    async def _run(self, words: Sequence[str]) -> tuple[int, Any]:
        config = str(self._house.config.path.resolve())
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "gateway", *words, "--json", "--config", config),
            cwd=HOME,
            env=_environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            said, _ = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        try:
            return process.returncode or 0, json.loads(said)
        except ValueError:
            return process.returncode or 0, None


def next_at(done: datetime, every: timedelta, at: time, zone: tzinfo) -> datetime:
    """When what was done at ``done`` is due again; what is due daily or less often, at the local hour ``at``."""
    due = done + every
    if every < DAY:
        return due
    local = due.astimezone(zone)
    return datetime.combine(local.date(), at, tzinfo=zone).astimezone(done.tzinfo)


def _made(folder: str) -> Path:
    path = Path(folder)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _environment() -> Mapping[str, str]:
    """Ours, without the wish to die at a certain place, which was meant for us."""
    return {name: value for name, value in os.environ.items() if name != crash.VARIABLE}
