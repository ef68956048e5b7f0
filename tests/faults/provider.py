"""Three providers in a process of their own, in a mood that a seed decides. Writes P and D; prints its port.

Rule: a line of P is on disk before the answer begins, so that it tells the truth whoever dies then.

    python -m tests.faults.provider --books FOLDER --gateway http://127.0.0.1:8080 --seed 1 --moods '{"busy": 0.05}'
"""

import argparse
import asyncio
import json
import random  # noqa: TID251  a provider has moods of its own
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web

from dialogs.messages import DeliveryStatus
from gateway.invariants import HandedOver, Reported
from tests.faults.books import Book, now
from tests.process import knocks, vendors

#: How likely each mood is where the script does not say; otherwise a message is taken and answered.
MOODS = {
    "busy": 0.03,  # 429 with Retry-After: not taken
    "away": 0.02,  # 503: not taken
    "broken": 0.01,  # 500: not taken, but who knows
    "hangs_up": 0.01,  # taken, and the connection closed without an answer
    "garbage": 0.01,  # taken, and answered with what nobody can read
    "drip": 0.0,  # taken, and answered a byte a second
    "early": 0.1,  # taken, and reported before it is answered
}
#: What is reported of a message that was taken, and how likely; otherwise that it was sent and then delivered.
REPORTS = {
    "never": 0.05,
    "failed": 0.03,
    "reversed": 0.08,  # delivered, then sent
    "twice": 0.08,
    "stranger": 0.02,  # and of a message that nobody knows
}
_SENT, _DELIVERED, _FAILED = DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED
_ORDERS = {
    "never": (),
    "failed": (_SENT, _FAILED),
    "reversed": (_DELIVERED, _SENT),
    "twice": (_SENT, _SENT, _DELIVERED, _DELIVERED),
    "stranger": (_SENT, _DELIVERED),
}
#: How often and how fast a report is tried again while the gateway is away.
TRIES, PAUSE = 60, 0.5


#: The longest that an answer takes, in seconds.
WAIT = 0.02


@dataclass(slots=True)
class Provider:
    """All lines' providers. ``wait`` is the longest time that an answer takes, in seconds."""

    gateway: str
    p: Book
    d: Book
    dice: random.Random
    moods: dict[str, float]
    reports: dict[str, float]
    wait: float = WAIT
    session: aiohttp.ClientSession = field(init=False)
    had: set[str] = field(default_factory=set)
    busy: set[asyncio.Task[None]] = field(default_factory=set)
    _count: int = 0

    async def message(self, request: web.Request) -> web.StreamResponse:
        """One message comes in."""
        line = next(line for line, path in vendors.PATHS.items() if path == request.path)
        form = vendors.form(line, await request.read())
        mood = self._draw(self.moods)
        self._count += 1
        theirs, status, document = vendors.taken(line, form, self._count)
        await asyncio.sleep(self.dice.uniform(0.001, self.wait))
        again = theirs in self.had  # the phone knows our ids
        refused = mood in {"busy", "away", "broken"}
        self._note(line, form, theirs, mood, taken=not (refused or again))
        if refused:
            return _refusal(str(mood))
        if again:
            return web.json_response({"message": "exists"}, status=409)
        self.had.add(theirs)
        self._later(line, form, theirs)
        if mood == "early":
            report = asyncio.create_task(self._report(line, form, theirs, _DELIVERED))
            self.busy.add(report)
            report.add_done_callback(self.busy.discard)
            await asyncio.wait({report}, timeout=1)  # it answers all the same
        return await self._answer(request, mood, status, document)

    def _note(self, line: str, form: dict[str, object], theirs: str, mood: str | None, *, taken: bool) -> None:
        posted = vendors.read(line, form)
        self.p.write(
            HandedOver(
                at=now(),
                channel=line,
                our_id=posted.our_id,
                recipient=posted.recipient,
                text=posted.text,
                answered=mood in {None, "early"},
                external_id=theirs,
                taken=taken,
            )
        )

    async def _answer(
        self, request: web.Request, mood: str | None, status: int, document: dict[str, object]
    ) -> web.StreamResponse:
        if mood == "hangs_up" and request.transport is not None:
            request.transport.abort()
            return web.Response()
        if mood == "garbage":
            return web.Response(status=200, body=b"<html>\xff\xfe", content_type="text/html")
        if mood == "drip":
            answer = web.StreamResponse(status=status)
            await answer.prepare(request)
            for byte in json.dumps(document).encode():
                await answer.write(bytes([byte]))
                await asyncio.sleep(1)
            return answer
        return web.json_response(document, status=status)

    def _later(self, line: str, form: dict[str, object], theirs: str) -> None:
        kind = self._draw(self.reports)
        statuses = _ORDERS.get(kind or "", (_SENT, _DELIVERED))
        task = asyncio.create_task(self._tell(line, form, theirs, statuses, stranger=kind == "stranger"))
        self.busy.add(task)
        task.add_done_callback(self.busy.discard)

    async def _tell(
        self, line: str, form: dict[str, object], theirs: str, statuses: Sequence[DeliveryStatus], *, stranger: bool
    ) -> None:
        for status in statuses:
            await asyncio.sleep(self.dice.uniform(0.05, 0.5))
            await self._report(line, form, theirs, status)
        if stranger:
            await self._report(line, None, f"stranger{self._count}", _DELIVERED)

    async def _report(self, line: str, form: dict[str, object] | None, theirs: str, status: DeliveryStatus) -> None:
        ours = None if form is None else vendors.read(line, form).our_id
        line_of_d = Reported(at=now(), channel=line, external_id=theirs, status=status, our_id=ours, acknowledged=False)
        self.d.write(line_of_d)
        knock = knocks.report(line, theirs, status, our_id=ours)
        for _ in range(TRIES):
            try:
                url = f"{self.gateway}{knock.path}"
                async with self.session.post(url, data=knock.body, headers=knock.headers) as answer:
                    if answer.status // 100 == 2:
                        self.d.write(Reported(at=now(), channel=line, external_id=theirs, status=status, our_id=ours))
                        return
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
            await asyncio.sleep(PAUSE)

    def _draw(self, likely: dict[str, float]) -> str | None:
        drawn = self.dice.random()
        for name, share in likely.items():
            drawn -= share
            if drawn < 0:
                return name
        return None


def _refusal(mood: str) -> web.Response:
    if mood == "busy":
        return web.json_response({"code": 20429, "status": 429}, status=429, headers={"Retry-After": "1"})
    return web.Response(status=503 if mood == "away" else 500, text="not now")


async def serve(asked: argparse.Namespace) -> None:
    """Take messages until SIGTERM; then finish reporting, for a few seconds."""
    folder = Path(asked.books)
    provider = Provider(
        gateway=asked.gateway,
        p=Book(folder / "P.jsonl"),
        d=Book(folder / "D.jsonl"),
        dice=random.Random(asked.seed),  # noqa: S311  moods, not secrets
        moods=MOODS | json.loads(asked.moods),
        reports=REPORTS | json.loads(asked.reports),
        wait=asked.wait,
    )
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as provider.session:
        app = web.Application()
        for path in vendors.PATHS.values():
            app.router.add_post(path, provider.message)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        print(runner.addresses[0][1], flush=True)  # how its parent learns where it is
        await told.wait()
        if provider.busy:
            await asyncio.wait(provider.busy, timeout=10)
        await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--books", required=True)
    parser.add_argument("--wait", type=float, default=WAIT, help="the longest that an answer takes, in seconds")
    parser.add_argument("--gateway", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--moods", default="{}")
    parser.add_argument("--reports", default="{}")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
