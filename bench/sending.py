"""What the drain is measured on, in a process of its own: a bare client that keeps nothing, or the gateway's sender.

Prints one JSON line: messages a second, and microseconds on the core a message.
"""

import argparse
import asyncio
import json
import os
import time
from datetime import timedelta
from pathlib import Path

import aiohttp
import sqlalchemy as sa

from bench import twilio
from dialogs.messages import MessageKind, OutboundMessage
from gateway import app, log
from gateway.clock import SystemClock
from gateway.config import load
from gateway.metrics import Metrics
from providers.twilio import Twilio
from store import Store, Tx, contacts, outbox
from store.contacts import Seen
from store.outbox import NewOutbound
from store.schema import outbound

TASKS = 32
TEXT = "Manana no habra agua en su zona de 8 a 12. Junte agua hoy. Para no recibir avisos responda STOP"
#: People and messages written in one transaction.
CHUNK = 500

#: Word for word the condition of an index, so that what has gone is not read each time.
_LEFT = sa.select(outbound.c.id).where(sa.text("(due_at IS NOT NULL OR lease_until IS NOT NULL)")).limit(1)


class Arrivals(Metrics):
    """Metrics that say when so many messages have ended: the outbox counts them once their results are on disk.

    Asking the store instead would cost the sender a tenth of its time.
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self._left = count
        self.all = asyncio.Event()

    def outbound(self, channel: str, state: str, count: int = 1) -> None:
        """Count, and tell whoever waits for the last."""
        super().outbound(channel, state, count)
        self._left -= count
        if self._left <= 0:
            self.all.set()


async def fill(store: Store, count: int) -> None:
    """Queue a notice to each of so many people."""
    now = SystemClock().now()
    for start in range(0, count, CHUNK):
        seen = [
            Seen(msisdn=twilio.phone(index), language="es", sms_channel="twilio", at=now)
            for index in range(start, min(start + CHUNK, count))
        ]
        await store.transact(lambda tx, seen=seen: _queue(tx, seen))  # type: ignore[misc]


def _queue(tx: Tx, seen: list[Seen]) -> None:
    people = contacts.ensure(tx, seen)
    now = seen[0].at
    rows = [
        NewOutbound(
            channel="twilio", contact_id=one.id, recipient=one.msisdn, text=TEXT, kind=MessageKind.BROADCAST,
            segments=1, created_at=now, expires_at=now + timedelta(hours=24),
        )
        for one in people.values()
    ]  # fmt: skip
    outbox.queue(tx, rows)


async def bare(provider: int, count: int) -> tuple[float, float]:
    """Post ``count`` messages by 32 tasks of one session, and keep nothing."""
    codec = Twilio(
        channel="twilio", account_sid=twilio.ACCOUNT, auth_token=twilio.TOKEN, sender=twilio.OURS,
        reports=twilio.PUBLIC_URL, api=f"http://127.0.0.1:{provider}",
    )  # fmt: skip
    message = OutboundMessage(
        id=1, channel="twilio", recipient=twilio.phone(1), text=TEXT, kind=MessageKind.BROADCAST, in_reply_to=None
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
        return time.perf_counter() - begun, time.process_time() - on


async def gateway(file: Path, count: int) -> tuple[float, float]:
    """Send ``count`` queued messages as ``serve`` does; the clock runs from the start until the last result is kept."""
    config = load(file, os.environ)
    application = app.build(config, SystemClock())
    await application.store.start()
    await fill(application.store, count)
    await application.store.close()
    application = app.build(config, SystemClock())
    arrivals = application.metrics = Arrivals(count)
    begun, on = time.perf_counter(), time.process_time()
    await application.start()
    await arrivals.all.wait()
    took = time.perf_counter() - begun, time.process_time() - on
    if await application.store.read(_left):
        raise SystemExit("not all has gone: what was measured is not the work")
    await application.stop()
    return took


def _left(tx: Tx) -> bool:
    return tx.execute(_LEFT).first() is not None


def main() -> None:
    """Be one of the two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("bare", "gateway"))
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--provider", type=int, help="port of the stub, for the bare client")
    parser.add_argument("--config", type=Path, help="the gateway's config; its store is migrated and empty")
    asked = parser.parse_args()
    log.configure(SystemClock())
    work = bare(asked.provider, asked.count) if asked.what == "bare" else gateway(asked.config, asked.count)
    took, core = asyncio.run(work)
    print(json.dumps({"rate": asked.count / took, "cpu": core / asked.count * 1e6}))


if __name__ == "__main__":
    main()
