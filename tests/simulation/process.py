"""One life of the gateway: the real ``gateway.app.Application`` from its start to its sudden end.

What stands in for the world: clock and dice (``chance``), the hop into the writer's thread (``memory``), the network
(``carriers``) and APScheduler, which knows no clock but the machine's. In its place a pulse runs the same ticks when
something is due, which is what a beat a second comes to.
"""

import asyncio
import math
from collections.abc import Coroutine
from pathlib import Path
from typing import Any
from unittest import mock

from dialogs.city import City
from gateway import app as house_app
from gateway.app import Application
from gateway.channels import Channel
from gateway.config import Config
from gateway.outbound.render import Renderer
from gateway.web.parts import WebParts
from gateway.web.webhooks import Webhooks
from providers.base import Request, Response
from tests.simulation.carriers import Network
from tests.simulation.chance import Dice, SimulatedClock
from tests.simulation.memory import Dead, SimulatedStore

#: Ticks that have a timetable of their own; run so often, in seconds.
RARE = 12 * 3600.0
SELDOM = ("parked", "expire", "withdraw_digests")
DAILY = ("purge_reports", "purge_ussd", "purge_quarantine", "digest")
#: How long the pulse waits when what is due cannot be done yet: each time twice as long.
IMPATIENT, PATIENT = 5.0, 3600.0

_DUE = """
SELECT min(at) FROM (
    SELECT min(due_at) AS at FROM outbound WHERE due_at IS NOT NULL
    UNION ALL SELECT min(lease_until) FROM outbound WHERE lease_until IS NOT NULL
    UNION ALL SELECT min(due_at) FROM followups WHERE status = 'waiting'
    UNION ALL SELECT min(expires_at) FROM sessions
    UNION ALL SELECT min(due_at) FROM broadcasts WHERE status = 'queueing'
    UNION ALL SELECT 0 FROM broadcasts WHERE status = 'cancelled' AND cursor < last_contact)
"""


_spoken: dict[int, tuple[City, Renderer]] = {}


def _renderer(city: City, templates: Path, service: str) -> Renderer:
    """Compile the words once for all lives."""
    if id(city) not in _spoken:
        _spoken[id(city)] = (city, Renderer(city, templates, service))
    return _spoken[id(city)][1]


class Process:
    """Begins with ``begin`` and ends with ``kill``; nothing of it is asked afterwards."""

    def __init__(self, config: Config, clock: SimulatedClock, dice: Dice, network: Network) -> None:
        self.store = SimulatedStore(Path(config.store.url.removeprefix("sqlite:///")), dice)
        self.store.written = self._nudge
        self.dead = False
        self._network = network
        self._clock = clock
        self._changed = asyncio.Event()
        self._running: list[asyncio.Task[object]] = []
        with (
            mock.patch.object(house_app, "open_store", return_value=self.store),
            mock.patch.object(house_app, "Renderer", _renderer),  # the words are the same in every life
        ):
            self.app = Application(config, clock, self._carry)
        parts = WebParts(
            config=config, channels=self.app.channels, inbox=self.app.inbox, store=self.store, clock=clock,
            metrics=self.app.metrics,
        )  # fmt: skip
        self._webhooks = Webhooks(parts)

    async def begin(self) -> None:
        """Open as ``barrio serve`` does, and run."""
        await self.app.open()
        self._spawn(self.app.outbox.run())
        self._spawn(self._pulse())
        self._spawn(self._timetable())

    async def knock(self, channel: Channel, request: Request) -> Response:
        """A provider calls."""
        return await self._webhooks.take(channel, request)

    def die(self) -> None:
        """End here and now: nothing is kept or sent from this moment on."""
        self.dead = self.store.dead = True

    def jumped(self) -> None:
        """The wall clock was moved, which the scheduler notices within a second."""
        self._spawn(self.app.scheduler.run("withdraw_digests"))
        self._nudge()

    async def _carry(self, request: Request) -> Response:
        if self.dead:
            raise Dead
        return await self._network.take(request)

    async def _pulse(self) -> None:
        patience = IMPATIENT
        while True:
            self._changed.clear()
            wait = self._until_due()
            try:
                async with asyncio.timeout(PATIENT if wait is None else max(wait, patience)):
                    await self._changed.wait()
                await asyncio.sleep(IMPATIENT)
                patience = IMPATIENT
            except TimeoutError:
                done = await self.app.scheduler.run_due()
                self.app.outbox.wake()
                patience = IMPATIENT if done else min(2 * patience, PATIENT)

    async def _timetable(self) -> None:
        while True:
            for name in SELDOM:
                await self.app.scheduler.run(name)
            await asyncio.sleep(RARE)
            if self._clock.now().hour < RARE // 3600:
                for name in DAILY:
                    await self.app.scheduler.run(name)

    def _until_due(self) -> float | None:
        """Seconds until the next row falls due, as the store says; None if none will."""
        due = self.store.peek(_DUE)
        if due is None:
            return None
        return math.ceil((due - self._clock.now().timestamp() * 1e6) / 1e6)

    def _nudge(self) -> None:
        self._changed.set()

    def _spawn(self, work: Coroutine[Any, Any, object]) -> None:
        self._running.append(asyncio.create_task(work))
