"""What the gateway is measured against, and the provider that it speaks to. Each is one aiohttp process.

``bare``      reads the form and answers: what the HTTP server alone can do.
``floor``     checks the signature, writes contact, inbound and outbound rows in group commits
              with ``synchronous=FULL``, answers after the commit: the gateway's mechanism with no dialog in it.
``provider``  takes the gateway's sends as Twilio's API would.
"""

import argparse
import asyncio
import base64
import hashlib
import hmac
import itertools
import sqlite3
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aiohttp import web

from bench import twilio

Row = tuple[str, str, str, int]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: The most messages that one transaction takes, as in the gateway.
MOST = 256

#: What the floor and the Flask peer keep: a contact, the message, its answer.
TABLES = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
CREATE TABLE contacts (msisdn TEXT PRIMARY KEY, last_seen_at INTEGER NOT NULL);
CREATE TABLE inbound (id INTEGER PRIMARY KEY, external_id TEXT NOT NULL UNIQUE, sender TEXT NOT NULL,
  text TEXT NOT NULL, received_at INTEGER NOT NULL);
CREATE TABLE outbound (id INTEGER PRIMARY KEY, recipient TEXT NOT NULL, text TEXT NOT NULL, due_at INTEGER NOT NULL);
"""


def _empty() -> web.Response:
    return web.Response(body=b"<Response/>", content_type="text/xml")


async def bare(request: web.Request) -> web.StreamResponse:
    """Read the form, answer."""
    await request.post()
    return _empty()


class Floor:
    """Takes all that wait into one transaction in its one writer thread, then wakes them."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._connection.executescript(TABLES)
        self._writer = ThreadPoolExecutor(1)
        self._waiting: list[tuple[Row, asyncio.Future[None]]] = []
        self._busy: asyncio.Task[None] | None = None

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Check, wait for the commit, answer."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        signed = twilio.PUBLIC_URL + twilio.PATH + "".join(name + form[name] for name in sorted(form))
        wanted = base64.b64encode(hmac.digest(twilio.TOKEN.encode(), signed.encode(), hashlib.sha1))
        if not hmac.compare_digest(wanted, request.headers["X-Twilio-Signature"].encode()):
            return web.Response(status=403)
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(((form["MessageSid"], form["From"], form["Body"], time.time_ns()), done))
        if self._busy is None:
            self._busy = asyncio.create_task(self._drain())
        await done
        return _empty()

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            await loop.run_in_executor(self._writer, self._commit, [row for row, _ in batch])
            for _, done in batch:
                done.set_result(None)
        self._busy = None

    def _commit(self, rows: list[Row]) -> None:
        do = self._connection
        do.execute("BEGIN IMMEDIATE")
        do.executemany(
            "INSERT INTO contacts VALUES (?2, ?4) "
            "ON CONFLICT (msisdn) DO UPDATE SET last_seen_at = excluded.last_seen_at",
            rows,
        )
        do.executemany(
            "INSERT INTO inbound (external_id, sender, text, received_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            rows,
        )
        do.executemany("INSERT INTO outbound (recipient, text, due_at) VALUES (?2, ?3, ?4)", rows)
        do.execute("COMMIT")


def provider() -> Handler:
    """Answer every send with a new SID."""
    numbers = itertools.count(10**9)  # far from the numbers of what came in

    async def answer(request: web.Request) -> web.StreamResponse:
        await request.read()
        return web.json_response({"sid": f"SM{twilio.scattered(next(numbers))}", "status": "queued"}, status=201)

    return answer


def main() -> None:
    """Serve one of the three on 127.0.0.1 until terminated."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["bare", "floor", "provider"])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--file", type=Path, help="the floor's database")
    asked = parser.parse_args()
    kinds: dict[str, Callable[[], Handler]] = {
        "bare": lambda: bare,
        "floor": lambda: Floor(asked.file),
        "provider": provider,
    }
    handler = kinds[asked.kind]()
    app = web.Application()
    app.router.add_post("/{tail:.*}", handler)
    web.run_app(app, host="127.0.0.1", port=asked.port, access_log=None, print=None)


if __name__ == "__main__":
    main()
