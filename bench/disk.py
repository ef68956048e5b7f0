"""What a message costs the disk: pages written for it, by table and index, and bytes that stay, all included.

In one process, through the real codec, conversation and outbox, with a carrier that takes everything at once: batches
of texts go in, what they caused goes out, and the log ahead of the store tells which pages each half wrote. Rows are
for a text that came in with its answer, its case, and all else it caused; the goal counts those two messages as two.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import struct
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from bench import twilio
from bench.house import House, house
from bench.large import LARGE, copy
from bench.playing import run
from bench.results import Result, Sample
from bench.stage import workplace
from dialogs.messages import Received
from gateway import app, log
from gateway.clock import SystemClock
from gateway.config import load
from gateway.inbound import conversation
from providers.base import Request, Response
from store.engines.sqlite import SqliteStore

#: Texts in a batch: what waits together at 64 clients.
BATCH = 32
NEW = "a new store"
_FRAME, _HEAD, _PAGE = 24, 32, 4096


class Provider:
    """Takes every message, and gives it an id as scattered as Twilio's."""

    def __init__(self) -> None:
        self.count = 10**9

    async def __call__(self, _request: Request) -> Response:
        """Take one."""
        self.count += 1
        body = json.dumps({"sid": f"SM{twilio.scattered(self.count)}", "status": "queued"}).encode()
        return Response(status=201, headers={"content-type": "application/json"}, body=body)


@dataclass(slots=True)
class Log:
    """The log ahead of a store that is never written back while we look: which pages each half of the work wrote."""

    path: Path
    read: int = _HEAD
    pages: dict[str, Counter[int]] = field(default_factory=lambda: {"in": Counter(), "out": Counter()})

    def note(self, half: str) -> None:
        """Count the pages that were written since the last look."""
        with self.path.open("rb") as file:
            file.seek(self.read)
            for at in range(self.read, self.path.stat().st_size - _FRAME - _PAGE + 1, _FRAME + _PAGE):
                file.seek(at)
                self.pages[half][struct.unpack(">I", file.read(4))[0]] += 1
                self.read = at + _FRAME + _PAGE


def texts(application: app.Application, first: int, people: int) -> Sequence[Received]:
    """A batch of texts, read by the codec as they come."""
    codec, now = application.channels["twilio"].receiver, application.clock.now()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    bodies = [urlencode(twilio.fields(number, people)).encode() for number in range(first, first + BATCH)]
    return [
        item
        for body in bodies
        for item in codec.parse(Request(method="POST", url="", headers=headers, body=body, event="sms"), now)
    ]


async def converse(config: Path, *, count: int, people: int) -> Log:
    """Let ``count`` texts in and their answers out; give what the log ahead of the store then holds."""
    application = app.build(load(config, os.environ), SystemClock(), Provider())
    await application.open()
    store = application.store
    if not isinstance(store, SqliteStore):
        raise TypeError("only SQLite has such a log")
    await store.transact(lambda tx: tx.exec_driver_sql("SELECT 1").all())
    await _pragma(application, "wal_autocheckpoint = 0")
    await _pragma(application, "wal_checkpoint(TRUNCATE)")
    written = Log(Path(f"{store.path}-wal"))
    for first in range(0, count, BATCH):
        items = texts(application, first, people)
        now = application.clock.now()
        await store.transact(lambda tx, items=items, now=now: conversation.receive(tx, application.house, now, items))  # type: ignore[misc]
        written.note("in")
        await application.outbox.drain_once(application.clock.now())
        written.note("out")
    await application.stop()
    return written


async def _pragma(application: app.Application, words: str) -> None:
    """Outside of any transaction, in the writer's own thread."""
    store = application.store
    assert isinstance(store, SqliteStore)  # noqa: S101  seen above
    await store._hop(lambda: store._usable().connection.cursor().execute(f"PRAGMA {words}").fetchall())  # noqa: SLF001


def trees(file: Path) -> tuple[dict[int, str], Counter[str]]:
    """Which table or index each page is of, and how many bytes each of them has."""
    with closing(sqlite3.connect(file)) as db:
        owners = {page: _named(tree) for page, tree in db.execute("SELECT pageno, name FROM dbstat")}
    sizes: Counter[str] = Counter()
    for name in owners.values():
        sizes[name] += _PAGE
    return owners, sizes


def _named(tree: str) -> str:
    """``sqlite_autoindex_inbound_1`` is the index of a unique key of ``inbound``."""
    table = tree.removeprefix("sqlite_autoindex_").rpartition("_")[0]
    return f"{table}, its unique key" if tree.startswith("sqlite_autoindex_") else tree


def measure(asked: argparse.Namespace, result: Result) -> None:
    """A store that is new, and then, if asked, the store of two years."""
    log.configure(SystemClock())
    os.environ["BENCH_TOKEN"] = twilio.TOKEN
    with workplace() as folder:
        _look(result, house(folder, "new"), NEW, count=asked.count, people=asked.count // 3)
        if asked.large:
            one = house(folder, "years")
            copy(LARGE, one.file)
            _look(result, one, "the store of two years", count=asked.count // 3, people=LARGE.people)
    result.goals = {"disk": sum(one.values["bytes"] for one in result.samples if one.case == NEW) / 2}


def _look(result: Result, one: House, name: str, *, count: int, people: int) -> None:
    before = trees(one.file)[1]
    written = asyncio.run(converse(one.config, count=count, people=people))
    owners, after = trees(one.file)
    for tree, _ in after.most_common():
        pages = {
            half: sum(times for page, times in numbers.items() if owners.get(page) == tree) / count
            for half, numbers in written.pages.items()
        }
        values = {"bytes": (after[tree] - before[tree]) / count, "pages_in": pages["in"], "pages_out": pages["out"]}
        if max(values.values()) >= 0.005:
            result.samples.append(Sample(case=name, server=tree, round=1, values=values))


if __name__ == "__main__":
    run(
        __doc__ or "", "disk", measure,
        options=[("count", int, 20_000, "texts let in"), ("large", int, 0, "1: also on the store of two years")],
    )  # fmt: skip
