"""How fast what is queued leaves: the outbox beside a bare aiohttp client that stores nothing, in one interleaved run.

A round plays the bare client (32 tasks, one session, the same form) and then the gateway's own sender on a store that
holds so many queued broadcast messages, each to another person, until every result is on disk. Client and sender run on
one core, the provider on the other. Quiet hours are put twelve hours away.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp

from bench import twilio
from bench.inbound import ROOT, free_port, machine, on_core, serving
from dialogs.messages import MessageKind, OutboundMessage
from gateway import app, log
from gateway.clock import SystemClock
from gateway.config import load
from providers.twilio import Twilio
from store import Store, Tx, contacts, migrate, outbox
from store.contacts import Seen
from store.outbox import NewOutbound
from store.schema import outbound

TASKS = 32
TEXT = "Manana no habra agua en su zona de 8 a 12. Junte agua hoy. Para no recibir avisos responda STOP"
ZONE = "America/La_Paz"
#: How often the store is asked whether all has gone, in seconds.
LOOK = 0.02

_CONFIG = """\
service: {{name: Bench, country: BO, timezone: {zone}, languages: [es, en], public_url: "{public_url}"}}
http: {{host: 127.0.0.1, port: {port}}}
store: {{url: "{url}"}}
city: "{city}"
channels:
  twilio:
    provider: twilio
    kind: sms
    address: "{ours}"
    account_sid: {account}
    auth_token: "{token}"
    api: "http://127.0.0.1:{provider}"
quiet_hours: {{from: "{begins:%H:%M}", to: "{ends:%H:%M}"}}
"""

_LEFT = outbound.select().where(outbound.c.due_at.is_not(None) | outbound.c.lease_until.is_not(None)).limit(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """One run: messages a second and microseconds on the core a message."""

    rate: float
    cpu: float


def config_file(folder: Path, *, provider: int, url: str, port: int = 0) -> Path:
    """Write a configuration whose line leads to the provider's stub and whose night is far from now."""
    begins = SystemClock().now().astimezone(ZoneInfo(ZONE)) + timedelta(hours=11)
    path = folder / "drain.yaml"
    path.write_text(
        _CONFIG.format(
            zone=ZONE, public_url=twilio.PUBLIC_URL, port=port or free_port(), url=url, city=ROOT / "city",
            ours=twilio.OURS, account=twilio.ACCOUNT, token=twilio.TOKEN, provider=provider,
            begins=begins, ends=begins + timedelta(hours=1),
        )
    )  # fmt: skip
    return path


def number(index: int) -> str:
    """Give one of ten million numbers that nobody has: the reserved range, longer than numbers are."""
    return f"+5917000{index:07d}"


async def people(store: Store, count: int, *, first: int = 0) -> list[int]:
    """Make contacts; give their ids."""
    ids: list[int] = []
    now = SystemClock().now()
    for start in range(first, first + count, 500):
        seen = [
            Seen(msisdn=number(index), language="es", sms_channel="twilio", at=now)
            for index in range(start, min(start + 500, first + count))
        ]
        found = await store.transact(lambda tx, seen=seen: contacts.ensure(tx, seen))  # type: ignore[misc]
        ids += [found[one.msisdn].id for one in seen]
    return ids


async def fill(store: Store, ids: list[int], kind: MessageKind = MessageKind.BROADCAST) -> None:
    """Queue a message to each of these people."""
    now = SystemClock().now()
    for start in range(0, len(ids), 500):
        rows = [
            NewOutbound(
                channel="twilio", contact_id=one, recipient=f"+5917000{one:07d}", text=TEXT, kind=kind, segments=1,
                created_at=now, expires_at=now + timedelta(hours=24),
            )
            for one in ids[start : start + 500]
        ]  # fmt: skip
        await store.transact(lambda tx, rows=rows: outbox.queue(tx, rows))  # type: ignore[misc]


async def bare(provider: int, count: int) -> Drained:
    """Post ``count`` messages by 32 tasks of one session, and keep nothing."""
    codec = Twilio(
        channel="twilio", account_sid=twilio.ACCOUNT, auth_token=twilio.TOKEN, sender=twilio.OURS,
        reports=twilio.PUBLIC_URL, api=f"http://127.0.0.1:{provider}",
    )  # fmt: skip
    message = OutboundMessage(
        id=1, channel="twilio", recipient="+59170000001", text=TEXT, kind=MessageKind.BROADCAST, in_reply_to=None
    )
    request = codec.encode(message)
    left = iter(range(count))

    async def client(session: aiohttp.ClientSession) -> None:
        for _ in left:
            async with session.post(request.url, data=request.body, headers=dict(request.headers)) as answer:
                await answer.read()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        begun, on = time.perf_counter(), time.process_time()
        await asyncio.gather(*(client(session) for _ in range(TASKS)))
        return Drained(rate=count / (time.perf_counter() - begun), cpu=(time.process_time() - on) / count * 1e6)


async def gateway(file: Path, count: int) -> Drained:
    """Send ``count`` queued messages as ``serve`` does; the clock runs from the wake until nothing is under way."""
    config = load(file, {})
    application = app.build(config, SystemClock())
    await application.store.start()
    await fill(application.store, await people(application.store, count))
    await application.store.close()
    application = app.build(config, SystemClock())
    begun, on = time.perf_counter(), time.process_time()
    await application.start()
    while await application.store.read(_left):  # noqa: ASYNC110  a service tells nobody that it has nothing to do
        await asyncio.sleep(LOOK)
    took = Drained(rate=count / (time.perf_counter() - begun), cpu=(time.process_time() - on) / count * 1e6)
    await application.stop()
    return took


def _left(tx: Tx) -> bool:
    return tx.execute(_LEFT).first() is not None


def play(what: str, provider: int, count: int, folder: Path, url: str) -> Drained:
    """One run in a process of its own, on the first core."""
    command = [
        *on_core(0), sys.executable, "-m", "bench.drain", what, "--provider", str(provider), "--count", str(count),
        "--file", str(config_file(folder, provider=provider, url=url)),
    ]  # fmt: skip
    return Drained(**json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout))


def measure(*, rounds: int, count: int) -> list[tuple[Drained, Drained]]:
    """Play all rounds: the bare client, then the gateway on a new store."""
    found = []
    with tempfile.TemporaryDirectory(prefix="drain-", dir=ROOT / "var") as name:
        folder, port = Path(name), free_port()
        floors = [sys.executable, "-m", "bench.floors", "provider", "--port", str(port)]
        with serving(floors, port, core=1, log=folder / "provider.log"):
            for index in range(rounds):
                url = f"sqlite:///{folder}/{index}.db"
                found.append((play("bare", port, count, folder, url), play("gateway", port, count, folder, url)))
                print(*found[-1], file=sys.stderr)
    return found


def main() -> None:
    """Measure and print, or be one of the two that are measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", choices=("bare", "gateway"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--provider", type=int)
    parser.add_argument("--file", type=Path)
    asked = parser.parse_args()
    if asked.what:
        log.configure(SystemClock())
        if asked.what == "gateway":
            migrate(load(asked.file, {}).store.url)
        work = bare(asked.provider, asked.count) if asked.what == "bare" else gateway(asked.file, asked.count)
        print(json.dumps(asdict(asyncio.run(work))))
        return
    (ROOT / "var").mkdir(exist_ok=True)
    print(machine(ROOT / "var"))
    for floor, ours in measure(rounds=asked.rounds, count=asked.count):
        print(
            f"bare {floor.rate:,.0f}/s {floor.cpu:.0f} µs; gateway {ours.rate:,.0f}/s {ours.cpu:.0f} µs; "
            f"{ours.rate / floor.rate:.2f} of bare"
        )


if __name__ == "__main__":
    main()
