"""The gateway under test: its config, its real ``serve`` process, and a look into its store from outside."""

import asyncio
import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench import twilio, ussd
from bench.stage import PYTHON, ROOT, Server, end, free_port, spawn, wait_until_ready
from gateway.clock import SystemClock
from store import Tx, chores, open_store

_CONFIG = """\
service: {{name: Bench, country: BO, timezone: America/La_Paz, languages: [es, en], public_url: "{public_url}"}}
http: {{host: 127.0.0.1, port: {port}}}
store: {{url: "{store}"}}
city: "{city}"
channels:
  twilio:
    provider: twilio
    kind: sms
    address: "{ours}"
    account_sid: {account}
    auth_token: "${{BENCH_TOKEN}}"
    api: "http://127.0.0.1:{provider}"{rate}
  ussd: {{provider: africastalking, kind: ussd, address: "{code}", secret: {secret}, speaks_through: twilio}}
quiet_hours: {{from: "{night}:00", to: "{night}:01"}}
broadcasts: {{approve_above: 10000000}}
limits: {{texts_minute: 10000, cases_day: 10000, contact_10_minutes: 1000, contact_day: 10000,
  prefix_day: {no}, channel_segments: {no},
  country_segments: {no}, abroad_segments: {no}, campaign_segments: {no}}}
"""
#: A limit that is none: what is measured here is speed, and ten thousand people who write all day are no attack.
_NO_LIMIT = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One gateway: its config file, and where its store is."""

    config: Path
    store: str
    port: int
    log: Path

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return Path(self.store.removeprefix("sqlite:///"))

    def command(self, *words: str) -> str:
        """Run ``barrio …`` on this house; give what it printed."""
        command = [*PYTHON, "gateway", *words, "--config", str(self.config)]
        env = os.environ | {"BENCH_TOKEN": twilio.TOKEN}
        done = subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout

    def all(self, question: str) -> list[tuple[int, ...]]:
        """Read rows of integers from its SQLite file, as another process would."""
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as db:
            return db.execute(question).fetchall()

    def ask(self, question: str) -> tuple[int, ...]:
        """Read one row."""
        return self.all(question)[0]

    def waiting(self) -> int:
        """How many messages are not with the provider yet."""
        return self.ask("SELECT count(*) FROM outbound WHERE due_at IS NOT NULL OR lease_until IS NOT NULL")[0]


def house(folder: Path, name: str, *, store: str = "", provider: int = 9, rate: float | None = None) -> House:
    """Write the config of a gateway and migrate its store (SQLite in ``folder`` unless ``store`` says otherwise).

    ``provider`` is the port of the stub that it sends to; ``rate`` holds its line to so many segments a second.
    """
    # It is four hours before UTC in La Paz; the quiet minute is put twelve hours away from now.
    made = House(
        config=folder / f"{name}.yaml",
        store=store or f"sqlite:///{folder / f'{name}.db'}",
        port=free_port(),
        log=folder / f"{name}.log",
    )
    made.config.write_text(
        _CONFIG.format(
            public_url=twilio.PUBLIC_URL, port=made.port, store=made.store, city=ROOT / "city", ours=twilio.OURS,
            account=twilio.ACCOUNT, provider=provider, rate=f"\n    rate: {rate}" if rate else "",
            code=ussd.CODE, secret=ussd.SECRET, night=f"{(time.gmtime().tm_hour + 8) % 24:02}", no=_NO_LIMIT,
        )
    )  # fmt: skip
    made.command("migrate")
    return put_off(made)


def put_off(one: House) -> House:
    """Have the hourly examination and the night's work done already: they would fall into the minute we measure."""

    async def work() -> None:
        kept = open_store(one.store)
        await kept.start()
        await kept.transact(_put_off)
        await kept.close()

    asyncio.run(work())
    return one


def _put_off(tx: Tx) -> None:
    now = SystemClock().now()
    for name in ("examination", "retention"):
        chores.claim(tx, name, now, again=now + timedelta(days=1))
        chores.done(tx, name, now, due=now + timedelta(days=1))


def start(one: House, *, core: int | None = 0) -> subprocess.Popen[bytes]:
    """Start its ``serve``; whoever calls ends it."""
    command = [*PYTHON, "gateway", "serve", "--config", str(one.config)]
    return spawn(command, core=core, log=one.log)


@contextmanager
def running(one: House, *, core: int | None = 0) -> Iterator[Server]:
    """Keep its ``serve`` up."""
    process = start(one, core=core)
    try:
        wait_until_ready(one.port, process)
        yield Server(ports=(one.port,), pids=(process.pid,))
    finally:
        end(process)
