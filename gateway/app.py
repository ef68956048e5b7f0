"""The one place where the parts of the house are joined. Nothing else knows how they are made."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

import structlog
from aiohttp import web as aiohttp_web

from dialogs.effects import Say
from dialogs.messages import ChannelKind, DeliveryReport
from gateway import accounts, web
from gateway import channels as lines
from gateway.channels import Channel
from gateway.clock import Clock
from gateway.config import WORDS, Config
from gateway.effects import House
from gateway.inbound.inbox import Inbox
from gateway.keeping import Keeping
from gateway.metrics import Metrics
from gateway.outbound.carrier import Carrier, HttpCarrier, SimulatorCarrier
from gateway.outbound.outbox import Outbox
from gateway.outbound.render import Renderer
from gateway.scheduler import Scheduler
from store import Store, chores, crash, open_store

log = structlog.get_logger(__name__)

#: How long what is under way may take to end when the service stops, in seconds.
GRACE = 10.0
#: How often the providers' accounts are asked for their credit, in seconds.
CREDIT_SECONDS = 300
#: The screen of a USSD answer that is not ready in time; what was committed stands.
TRY_AGAIN = Say(template="common/try_again")
_SIMULATOR = "simulator"


class Role(StrEnum):
    """What one of several processes on the same store does.

    ``web`` takes webhooks and shows pages; it sends nothing and nothing falls due in it. ``worker`` sends and does what
    is due; of HTTP it speaks ``/live``, ``/ready`` and ``/metrics`` only. ``all`` is both.
    """

    ALL = "all"
    WEB = "web"
    WORKER = "worker"


class Application:
    """A gateway, joined and ready to be opened.

    ``open`` makes it usable in process (the terminal, tests: ``settle`` does what is due). ``start`` also lets it run
    by itself; ``stop`` ends either. In the role ``web`` there is neither ``outbox`` nor ``scheduler``.
    """

    def __init__(self, config: Config, clock: Clock, carrier: Carrier | None, role: Role = Role.ALL) -> None:
        """``carrier`` stands in for every network there is; None for the real ones."""
        self.config = config
        self.role = role
        self.clock = clock
        self.metrics = Metrics()
        self.channels: Mapping[str, Channel] = lines.build(config)
        self.store: Store = open_store(config.store.url)
        renderer = Renderer(config.city, WORDS, config.service.name)
        self.house = House(config=config, channels=self.channels, renderer=renderer, clock=clock)
        self.inbox = Inbox(self.store, self.house, self._wake, self.metrics.batch)
        self._carrier = carrier
        self._http: HttpCarrier | None = None
        self._outbox: Outbox | None = None
        self._scheduler: Scheduler | None = None
        self._sending: asyncio.Task[None] | None = None

    @property
    def outbox(self) -> Outbox:
        """The sender; there once the application is open."""
        if self._outbox is None:
            raise RuntimeError("the application is not open")
        return self._outbox

    @property
    def scheduler(self) -> Scheduler:
        """The ticks; there once the application is open."""
        if self._scheduler is None:
            raise RuntimeError("the application is not open")
        return self._scheduler

    async def open(self) -> None:
        """Open the store and put in doubt what an earlier process was handing over when it ended."""
        await self.store.start()
        if self.role is Role.WEB:
            return
        self._outbox = Outbox(
            store=self.store,
            channels=self.channels,
            carriers=self._carriers(),
            config=self.config,
            clock=self.clock,
            metrics=self.metrics,
        )
        self._scheduler = Scheduler(store=self.store, house=self.house, outbox=self._outbox)
        self._scheduler.also("credit", self._read_credit, seconds=CREDIT_SECONDS)
        Keeping(self.store, self.house).begin(self._scheduler)
        doubted = await self._outbox.recover(self.clock.now())
        if doubted:
            log.warning("in_doubt_after_restart", messages=doubted)
        crash.point("start.recovered")

    async def start(self) -> None:
        """Open, and let it send and tick by itself, as far as its role goes."""
        await self.open()
        if self.role is Role.WEB:
            return
        self.store.listen(self._wake)
        self._sending = asyncio.create_task(self.outbox.run())
        self.scheduler.start()

    async def stop(self) -> None:
        """Take nothing new, finish what is under way (10 s at most), let go of everything."""
        if self._scheduler is not None:
            await self._scheduler.stop()
        crash.point("stop.begun")
        await self.inbox.close()
        if self._sending is not None:
            self.outbox.stop()
            _, late = await asyncio.wait([self._sending], timeout=GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        if self._http is not None:
            await self._http.close()
        await self.store.close()

    async def settle(self) -> None:
        """Do all that is due now and hand over all that may go, until nothing moves."""
        moved = 1
        while moved:
            moved = await self.scheduler.run_due() + await self.outbox.drain_once(self.clock.now())

    def website(self) -> aiohttp_web.Application:
        """Everything of its role that speaks HTTP."""
        parts = web.WebParts(
            config=self.config,
            channels=self.channels,
            inbox=self.inbox,
            store=self.store,
            clock=self.clock,
            metrics=self.metrics,
            apology=self.house.renderer.text(TRY_AGAIN, self.config.service.languages[0], ChannelKind.USSD),
        )
        return web.build_health(parts) if self.role is Role.WORKER else web.build(parts)

    async def _read_credit(self) -> None:
        """Ask for it, unless another process has just done so."""
        now = self.clock.now()
        again = now + timedelta(seconds=0.9 * CREDIT_SECONDS)
        if await self.store.transact(lambda tx: chores.claim(tx, "credit", now, again=again)) is None:
            return
        await accounts.read_credit(self.store, self.config, now)

    def _wake(self) -> None:
        if self._outbox is not None:
            self._outbox.wake()
        else:
            self.store.ring()

    def _carriers(self) -> Mapping[str, Carrier]:
        speaking = [channel for channel in self.channels.values() if channel.kind is ChannelKind.SMS]
        return {channel.id: self._carrier or self._network(channel) for channel in speaking}

    def _network(self, channel: Channel) -> Carrier:
        if channel.provider == _SIMULATOR:
            return SimulatorCarrier(self.clock, self._delivered)
        if self._http is None:
            self._http = HttpCarrier()
        return self._http

    async def _delivered(self, report: DeliveryReport) -> None:
        await self.inbox.receive([report])


def build(config: Config, clock: Clock, carrier: Carrier | None = None, role: Role = Role.ALL) -> Application:
    """Join the parts; nothing happens before ``open`` or ``start``."""
    return Application(config, clock, carrier, role)
