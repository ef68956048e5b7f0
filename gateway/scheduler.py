"""The pulse of the house: what falls due is looked for again and again. There are no rules here, only a table.

Rule 1: a tick claims what is due from rows, in its own transaction; so a tick that comes late, twice or in two
processes does no harm, and nothing is lost by a restart.
Rule 2: what must happen within a second beats with the monotonic clock. The rest is APScheduler's, whose jobs are
added anew when the wall clock jumps: set back by an hour, it would otherwise not tick for an hour.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from gateway.effects import House
from gateway.inbound import expiry, guessing
from gateway.outbound import brakes, lease, order, receipts
from gateway.outbound.outbox import Outbox
from gateway.work import broadcasts, digests, followups, watch
from store import Store, StoreError, StoreUnavailable, Tx, alerts, crash, messages, outbox, sessions

log = structlog.get_logger(__name__)

#: How often another process's work is looked for, and how many of these go into a beat: 250 ms, 1 s.
GLANCE_SECONDS = 0.25
GLANCES = 4
#: A difference between the clocks that is a jump of the wall clock and not a slow machine.
JUMP_SECONDS = 2.0

ALERT_FAILED = "tick_failed"


def expire(tx: Tx, _house: House, now: datetime) -> int:
    """End the wait of messages whose time is over, also on lines that are no more."""
    return outbox.expire(tx, now)


def purge_quarantine(tx: Tx, house: House, now: datetime) -> int:
    """Erase what nobody could read a month ago."""
    return messages.purge_quarantine(tx, now - house.config.retention.quarantine)


def purge_ussd(tx: Tx, house: House, now: datetime) -> int:
    """Forget carriers' sessions that no retry will ask for."""
    return sessions.purge_ussd(tx, now - house.config.retention.sessions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What to do with what is due. Call it as ``tick(tx, house, now)``; it says how much it did.

    ``cron`` (minute, hour, …) and ``seconds`` say when; with neither it beats every second. ``chunk`` is how much it
    does at most in one transaction: having done that much it runs again. ``at_once``: also at the start, and whenever
    the wall clock has jumped.
    """

    run: Callable[[Tx, House, datetime], int]
    chunk: int | None = None
    seconds: int | None = None
    cron: str | None = None
    at_once: bool = False

    def __call__(self, tx: Tx, house: House, now: datetime) -> int:
        """Do it."""
        crash.point("tick.before")
        return self.run(tx, house, now)

    @property
    def beats(self) -> bool:
        """Whether it runs every second, and not by a timetable of its own."""
        return self.cron is None and self.seconds is None

    def trigger(self, house: House) -> BaseTrigger | None:
        """When APScheduler runs it, None if it beats."""
        if self.cron is not None:
            return CronTrigger.from_crontab(self.cron, timezone=house.config.service.timezone)
        return None if self.seconds is None else IntervalTrigger(seconds=self.seconds)


#: All that happens by itself. Conversations end before questions begin, so that these find nobody talking.
TICKS: Mapping[str, Tick] = {
    "sessions": Tick(run=expiry.tick, chunk=expiry.CHUNK),
    "followups": Tick(run=followups.tick, chunk=followups.CHUNK),
    "broadcasts": Tick(run=broadcasts.expand, chunk=broadcasts.CHUNK),
    "leases": Tick(run=lease.tick, chunk=lease.CHUNK),
    "order": Tick(run=order.tick),
    "parked": Tick(run=receipts.tick, chunk=receipts.CHUNK, seconds=30),
    "expire": Tick(run=expire, chunk=outbox.CHUNK, seconds=60),
    "purge_reports": Tick(run=receipts.purge, cron="7 * * * *"),
    "purge_ussd": Tick(run=purge_ussd, cron="17 * * * *"),
    "purge_quarantine": Tick(run=purge_quarantine, cron="27 3 * * *"),
    "forget_sends": Tick(run=brakes.tick, chunk=brakes.CHUNK, cron="37 3 * * *"),
    "forget_guesses": Tick(run=guessing.tick, chunk=guessing.CHUNK, cron="47 * * * *"),
    "watch": Tick(run=watch.tick, seconds=60),
    "digest": Tick(run=digests.make, cron="15 0 * * *"),
    "withdraw_digests": Tick(run=digests.withdraw, seconds=60, at_once=True),
}


class Scheduler:
    """Runs the ticks. ``run_due`` does once what beats every second; ``start`` and ``stop`` are for a service."""

    def __init__(self, *, store: Store, house: House, outbox: Outbox, ticks: Mapping[str, Tick] = TICKS) -> None:
        self._store = store
        self._house = house
        self._outbox = outbox
        self._ticks = ticks
        self._jobs = AsyncIOScheduler(
            timezone=house.config.service.timezone,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._ahead = self._difference()
        self._beating: asyncio.Task[None] | None = None
        self._errands: dict[str, tuple[Callable[[], Awaitable[object]], int]] = {}
        #: Called when a tick finds that the store is lost until a restart.
        self.lost: Callable[[], None] = lambda: None

    def also(self, name: str, work: Callable[[], Awaitable[object]], *, seconds: int) -> None:
        """Run an errand every so often from ``start`` on: what talks to a provider and so cannot be a tick."""
        self._errands[name] = (work, seconds)

    async def run_errand(self, name: str) -> None:
        """Run one errand; trouble is logged, and the next time comes."""
        work, _ = self._errands[name]
        try:
            await work()
        except StoreUnavailable as error:
            log.warning("errand_waits", errand=name, reason=error.reason)
        except Exception:
            log.exception("errand_failed", errand=name)

    def start(self) -> None:
        """Begin to beat, in the running loop."""
        self._add_jobs()
        self._jobs.start()
        self._beating = asyncio.create_task(self._beat_on())

    async def stop(self) -> None:
        """Beat no more, once the tick that runs has ended."""
        if self._jobs.running:
            self._jobs.shutdown(wait=False)
        if self._beating is not None:
            self._beating.cancel()
            with suppress(asyncio.CancelledError):
                await self._beating
            self._beating = None

    async def run_due(self) -> int:
        """Do all that beats every second, once; say how much was done."""
        return sum([await self.run(name) for name, tick in self._ticks.items() if tick.beats])

    async def run(self, name: str) -> int:
        """Run one tick until it has done all that is due; say how much. Trouble is logged, and does not stop others."""
        tick, count = self._ticks[name], 0
        try:
            while True:
                done = await self._store.transact(lambda tx: tick(tx, self._house, self._house.clock.now()))
                count += done
                crash.point("tick.after")
                if tick.chunk is None or done < tick.chunk:
                    break
        except StoreUnavailable as error:
            log.warning("tick_waits", tick=name, reason=error.reason)
            if error.lasting:
                self.lost()
        except Exception:
            log.exception("tick_failed", tick=name)
            with suppress(StoreError):
                await self._store.transact(
                    lambda tx: alerts.raise_alert(tx, ALERT_FAILED, name, self._house.clock.now())
                )
        if count:
            self._outbox.wake()
        return count

    async def beat(self) -> None:
        """Look at the clocks, do what is due, and let the outbox look for what it may try again."""
        if abs(self._difference() - self._ahead) > JUMP_SECONDS:
            log.warning("clock_jumped")
            self._add_jobs()
        self._ahead = self._difference()
        await self.run_due()
        self._outbox.wake()

    async def _beat_on(self) -> None:
        while True:
            try:
                await self.beat()
            except Exception:  # whatever it was, the pulse must not stop
                log.exception("beat_failed")
            for _ in range(GLANCES):
                await asyncio.sleep(GLANCE_SECONDS)
                if await self._others_wrote():
                    break

    async def _others_wrote(self) -> bool:
        """Whether a command has written to the store, so that its work need not wait for the next beat."""
        try:
            return await self._store.changed()
        except StoreUnavailable:
            return False

    def _add_jobs(self) -> None:
        for name, tick in self._ticks.items():
            if (trigger := tick.trigger(self._house)) is not None:
                first = {"next_run_time": self._house.clock.now()} if tick.at_once else {}
                self._jobs.add_job(_as_job, trigger, args=[self.run, name], id=name, replace_existing=True, **first)
        for name, (_, seconds) in self._errands.items():
            trigger = IntervalTrigger(seconds=seconds)
            self._jobs.add_job(
                _as_job, trigger, args=[self.run_errand, name], id=f"errand {name}", replace_existing=True
            )

    def _difference(self) -> float:
        clock = self._house.clock
        return clock.now().timestamp() - clock.monotonic()


async def _as_job(run: Callable[[str], Awaitable[object]], name: str) -> None:
    """Run as APScheduler's jobs do: to be cancelled when the service stops is no trouble, and no trace for the log."""
    with suppress(asyncio.CancelledError):
        await run(name)
