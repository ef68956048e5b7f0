"""A gateway with its residents and its providers, each a process of its own, and the judgement at the end.

The gateway may die at any moment; residents, carriers and providers live on, and their books say what they saw.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic  # noqa: TID251  the world outside has clocks of its own
from typing import Any, TypeVar

import aiohttp
import sqlalchemy as sa

from dialogs.outreach import Audience
from gateway import app, invariants
from gateway.clock import SystemClock
from gateway.config import Config, load
from gateway.invariants import Delivered, HandedOver, Reported, Violation
from gateway.work import broadcasts
from store import Store, Tx, crash, open_store, schema
from tests.faults.books import Book, now, read
from tests.faults.driver import Crowd
from tests.faults.provider import MOODS, WAIT
from tests.process.conftest import CONFIG, ROOT, Gateway
from tests.process.knocks import ACCOUNT, KEY, LINE, PUBLIC, SECRET, TOKEN

T = TypeVar("T")

SECRETS = {"SID": ACCOUNT, "TOKEN": TOKEN, "KEY": KEY, "SECRET": SECRET}
#: The moods of a provider that is always well, so that only the gateway is at fault.
WELL = json.dumps(dict.fromkeys(MOODS, 0.0))
#: What nobody may find in a log: our secrets, and how every number of the residents begins.
NEVER_LOGGED = (TOKEN, SECRET, KEY, "5917000")
#: The brakes would stop people who write all day; they have tests of their own.
UNBRAKED = "limits: {texts_minute: 10000, cases_day: 10000, contact_10_minutes: 1000, contact_day: 10000, prefix_day: 100000000, channel_segments: 100000000, country_segments: 100000000, campaign_segments: 100000000, abroad_segments: 100000000}\n"

_o, _c = schema.outbound.c, schema.contacts.c


@dataclass(slots=True)
class Scene:
    """Everything of one run. ``crashes`` counts how often the gateway died; ``ready`` how long each start took."""

    folder: Path
    store_url: str
    gateway: Gateway
    port: int
    config: Config | None = None
    provider: asyncio.subprocess.Process | None = None
    crashes: int = 0
    started: datetime = field(default_factory=now)
    ready: list[float] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, at: str = "") -> bool:
        """Start the gateway, which dies at ``at`` (``name:count``); whether it came to be ready to commit."""
        began, self.started = monotonic(), now()
        self.gateway.environment[crash.VARIABLE] = at
        try:
            await self.gateway.start()
        except asyncio.IncompleteReadError:
            return False
        async with asyncio.timeout(30):
            while self.alive and await self._asked_ready() != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        if self.alive:
            self.ready.append(monotonic() - began)
        return self.alive

    @asynccontextmanager
    async def kept_running(self) -> AsyncIterator[None]:
        """Start it again, whenever it dies, while the block runs."""

        async def watch() -> None:
            while await self.died(600):
                self.gateway.under = ()  # what broke it the first time is not there the second time
                await self.start()

        keeper = asyncio.create_task(watch())
        try:
            yield
        finally:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper

    async def kill(self) -> None:
        """SIGKILL; under another program, the gateway itself, whose end that program follows."""
        assert self.gateway.process is not None
        if self.gateway.under:
            _end_children(self.gateway.process.pid)
        await self.gateway.kill()
        self.crashes += 1

    async def died(self, patience: float = 30.0) -> bool:
        """Wait for it to die by itself; whether it did, at a crash point."""
        assert self.gateway.process is not None
        try:
            async with asyncio.timeout(patience):
                code = await self.gateway.process.wait()
        except TimeoutError:
            return False
        assert code in {crash.KILLED, -signal.SIGKILL}, code
        self.crashes += 1
        return True

    @property
    def alive(self) -> bool:
        return self.gateway.process is not None and self.gateway.process.returncode is None

    async def guest(self, fn: Callable[[Tx], T]) -> T:
        """Run a transaction as a command does: beside the gateway, whether it lives or not."""
        async with self._opened() as store:
            return await store.transact(fn)

    async def look(self, fn: Callable[[Tx], T]) -> T:
        async with self._opened() as store:
            return await store.read(fn)

    async def people(self, count: int, first: int = 5000) -> None:
        """Put so many contacts into the store, who wrote long ago."""
        at = datetime(2026, 1, 1, tzinfo=UTC)
        common: Mapping[str, Any] = {"language": "es", "sms_channel": "twilio", "created_at": at, "last_seen_at": at}
        rows = [{"msisdn": f"+5917000{first + number:04}", **common} for number in range(count)]
        await self.guest(lambda tx: tx.execute(sa.insert(schema.contacts), rows))

    async def notice(self, text: str) -> int:
        """A broadcast to everybody, made by one person and approved by another where that is needed."""
        house = app.build(self.known, SystemClock()).house

        def make(tx: Tx) -> int:
            made = broadcasts.create(tx, house, now(), "ana", {"es": text}, Audience())
            if made.status == "waiting_approval":
                broadcasts.approve(tx, now(), "luis", made.id)
            return made.id

        return await self.guest(make)

    @property
    def known(self) -> Config:
        if self.config is None:
            self.config = load(self.gateway.config, SECRETS)
        return self.config

    async def drained(self, *, patience: float = 120.0, doubts: bool = False) -> None:
        """Wait until all that may go has gone. ``doubts``: also what waits a minute because it is in doubt."""

        def waiting(tx: Tx) -> int:
            due = sa.or_(_o.due_at.is_not(None) if doubts else _o.due_at <= now(), _o.lease_until.is_not(None))
            walk = sa.select(sa.func.count()).where(schema.broadcasts.c.status == "queueing")
            return tx.execute(sa.select(sa.func.count()).where(due)).scalar_one() + tx.execute(walk).scalar_one()

        async with asyncio.timeout(patience), self._opened() as store:
            while await store.read(waiting):  # noqa: ASYNC110  another process's doing sets no event here
                await asyncio.sleep(0.1)

    async def hurry(self) -> None:
        """Let go by, at once, the minute for which doubts and the leases of the dead wait."""
        dead = sa.and_(_o.lease_until.is_not(None), _o.handed_at < (self.started if self.alive else now()))

        def work(tx: Tx) -> None:
            tx.execute(sa.update(schema.outbound).where(dead).values(lease_until=now() - timedelta(seconds=1)))
            tx.execute(sa.update(schema.outbound).where(_o.due_at > now()).values(due_at=now()))

        await self.guest(work)

    async def judged(self, **more: Any) -> list[Violation]:
        """What does not hold, by the books and the database; and by SQLite itself. The providers end first."""
        if self.provider is not None and self.provider.returncode is None:
            self.provider.terminate()
            await self.provider.wait()
        w, p, d = self.books()
        found = await self.look(
            lambda tx: invariants.check(w, p, d, tx, config=self.known, now=now(), crashes=self.crashes, **more)
        )
        log = self.gateway.log.read_text(encoding="utf-8")
        found += invariants.leaks([log], NEVER_LOGGED)
        if self.store_url.startswith("sqlite"):
            with contextlib.closing(sqlite3.connect(self.store_url.removeprefix("sqlite:///"))) as file:
                assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return found

    def books(self) -> tuple[list[Delivered], list[HandedOver], list[Reported]]:
        """W, P and D."""
        return (
            read(self.folder / "W.jsonl", Delivered),
            read(self.folder / "P.jsonl", HandedOver),
            read(self.folder / "D.jsonl", Reported),
        )

    @asynccontextmanager
    async def crowd(self, *, seed: int, rate: float, people: int = 3000) -> AsyncIterator[None]:
        """Residents who write, in a process of their own, while the block runs; then each comes to an end."""
        words = ("--gateway", self.address, "--seed", str(seed), "--rate", str(rate), "--people", str(people))
        process = await _python("tests.faults.driver", "--books", str(self.folder), *words)
        try:
            yield
        finally:
            process.terminate()
            async with asyncio.timeout(60):
                assert await process.wait() == 0

    @asynccontextmanager
    async def one_by_one(self) -> AsyncIterator[Crowd]:
        """Residents whose every word a test gives them. They write into the same book."""
        import random  # noqa: PLC0415, TID251  only their carriers' repetitions are drawn

        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
            book = Book(self.folder / "W.jsonl")
            yield Crowd(gateway=self.address, w=book, dice=random.Random(1), session=session)  # noqa: S311
            book.close()

    async def _asked_ready(self) -> int:
        try:
            async with self.gateway.session.get(f"{self.address}/ready") as answer:
                return answer.status
        except aiohttp.ClientError:
            return 0

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Store]:
        store = open_store(self.store_url)
        await store.start()
        try:
            yield store
        finally:
            await store.close()


@asynccontextmanager
async def scene(
    store_url: str,
    folder: Path,
    *,
    seed: int = 1,
    moods: str = "{}",
    reports: str = "{}",
    wait: float = WAIT,
    under: tuple[str, ...] = (),
) -> AsyncIterator[Scene]:
    """Providers that run and a gateway that does not yet, on a migrated store. Each answer takes ``wait`` s at most."""
    port = _free_port()
    where = f"http://127.0.0.1:{port}"
    words = ("--gateway", where, "--seed", str(seed), "--moods", moods, "--reports", reports, "--wait", str(wait))
    provider = await _python("tests.faults.provider", "--books", str(folder), *words, stdout=asyncio.subprocess.PIPE)
    assert provider.stdout is not None
    api = f"http://127.0.0.1:{int(await provider.stdout.readline())}"
    said = CONFIG.format(public=PUBLIC, store=store_url, city=ROOT / "city", line=LINE, api=api)
    config = folder / "config.yaml"
    config.write_text(said.replace("port: 0", f"port: {port}") + UNBRAKED, encoding="utf-8")
    async with aiohttp.ClientSession() as session:
        environment = {**os.environ, **SECRETS}
        gateway = Gateway(config=config, environment=environment, session=session, log=folder / "log.jsonl")
        gateway.under = under
        made = Scene(folder=folder, store_url=store_url, gateway=gateway, port=port, provider=provider)
        try:
            yield made
        finally:
            if made.alive:
                await made.kill()
            if provider.returncode is None:
                provider.kill()
                await provider.wait()


async def _python(module: str, *words: str, **more: Any) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-m", module, *words, cwd=ROOT, **more)


def _end_children(pid: int) -> None:
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        os.kill(int(child), signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
