"""A simulated month: two hundred people, an office, a network with weather, and a gateway that dies now and then.

One seed is one run. What happens is decided by the seed's dice and by nothing else, so a run can be had again.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway import invariants
from gateway.app import Application
from gateway.config import Config
from providers.base import Request, Response
from store import StoreUnavailable, Tx, crash
from tests.simulation import laws
from tests.simulation.carriers import PHONE, TWILIO, Network, Weather
from tests.simulation.chance import Dice, SimulatedClock
from tests.simulation.log import Journal
from tests.simulation.memory import Dead
from tests.simulation.office import NOTICE, Office
from tests.simulation.people import DAY, HOUR, Resident
from tests.simulation.process import Process

#: A Monday, six in the morning in La Paz.
START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PEOPLE = 200
DAYS = 30
#: Afterwards, without faults, until everything has come to its end: a message expires after one day.
EPILOGUE = 3
#: Every so many days what must hold at any time is looked at.
LOOK = 15
#: How many of each kind of trouble a month brings, on average.
CRASHES, KILLS, OUTAGES, STORMS, JUMPS = 12, 4, 4, 6, 2

_OURS = frozenset({"world", "network"})
#: Where the gateway dies. Elsewhere it is not: it does not migrate here, is not stopped, makes no backup.
_PLACES = tuple(name for name in crash.POINTS if name.partition(".")[0] not in {"migrate", "stop", "backup"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much happens. ``jumps``: the wall clock is set forth and back; ``few_codes``: codes clash again and again."""

    seed: int
    people: int = PEOPLE
    days: int = DAYS
    jumps: bool = False
    few_codes: bool = False


class World:
    """Everything of one run, and the gateway in it, which can be away."""

    def __init__(self, plan: Plan, config: Config) -> None:
        dice = Dice(plan.seed)
        self.plan, self.config, self.dice = plan, config, dice
        self.journal = Journal(START)
        self.clock = SimulatedClock(START, Dice(dice.random()), few_codes=plan.few_codes)
        self.network = Network(self.journal, Dice(dice.random()), self._rings)
        self.network.gateway = self
        self.office = Office(alive=self._alive, journal=self.journal, dice=Dice(dice.random()))
        self.people = {
            number: Resident(number, Dice(dice.random()), self.network, self._spawn)
            for number in (f"+5917000{n:04d}" for n in range(1, plan.people + 1))
        }
        self.process: Process | None = None
        self.crashes = self.commits = 0
        #: What did not hold while it went on.
        self.seen: list[str] = []
        self._armed: dict[str, int] = {}
        self._loop = asyncio.get_running_loop()
        if task := asyncio.current_task():
            task.set_name("world")
        self._loop.set_exception_handler(self._trouble)

    # The gateway's life and deaths ------------------------------------------------------------------------------------

    async def knock(self, channel: str, request: Request) -> Response | None:
        """A provider calls; nobody answers while the process is dead, or when it dies over it."""
        process = self.process
        if process is None:
            return None
        task = asyncio.create_task(process.knock(process.app.channels[channel], request))
        try:
            return await task
        except (Dead, asyncio.CancelledError):
            if process.dead:
                return None
            raise

    async def begin(self) -> None:
        """Start a gateway on what the last one left; one that dies of it at once is started again."""
        while self.process is None:
            process = Process(self.config, self.clock, Dice(self.dice.random()), self.network)
            self.process = process
            with contextlib.suppress(Dead):
                await process.begin()
                self.journal.note("started")
            if process.dead:
                await self._bury(process)

    def die(self, why: str) -> None:
        """End the gateway in this instant."""
        if self.process is None or self.process.dead:
            return
        self.crashes += 1
        self.journal.fault(f"crash {why}")
        self.process.die()
        self._spawn(0.0, lambda process=self.process: self._again(process))

    async def _again(self, process: Process) -> None:
        if self.process is process:
            await self._bury(process)
            await asyncio.sleep(1.0 + self.dice.after(30.0 if self.dice.happens(0.8) else 3 * HOUR))
            await self.begin()

    async def _bury(self, process: Process) -> None:
        self.process = None
        while rest := [task for task in asyncio.all_tasks() if task.get_name() not in _OURS]:
            for task in sorted(rest, key=_age):  # a set of tasks has no order of its own
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)
        process.store.bury()
        self.commits += process.store.commits

    def _alive(self) -> Application | None:
        return None if self.process is None or self.process.dead else self.process.app

    # Trouble ----------------------------------------------------------------------------------------------------------

    def _plan_trouble(self) -> None:
        spans: tuple[tuple[float, Callable[[], Coroutine[Any, Any, None]]], ...] = (
            (CRASHES, self._crash_at_a_point),
            (KILLS, self._kill),
            (OUTAGES, self._store_away),
            (STORMS, self._storm),
            (JUMPS if self.plan.jumps else 0, self._jump),
        )
        for many, work in spans:
            for _ in range(round(many * self.plan.days / DAYS)):
                self._spawn(self.dice.random() * self.plan.days * DAY, work)

    async def _crash_at_a_point(self) -> None:
        """Die the next time, or the second or third, that a place is passed; many wait for that at once."""
        self._armed[self.dice.choice(_PLACES)] = self.dice.choice((1, 1, 2, 3))

    def _passes(self, name: str) -> None:
        if left := self._armed.get(name, 0):
            self._armed[name] = left - 1
            if left == 1 and self.process is not None and not self.process.dead:
                self.die(f"at {name}")
                raise Dead

    async def _kill(self) -> None:
        self.die("by kill")

    async def _store_away(self) -> None:
        process = self.process
        if process is None:
            return
        self.journal.fault("store away")
        if self.dice.happens(0.5):
            process.store.doubtful = 0.2
        else:
            process.store.away = True
        await asyncio.sleep(self.dice.after(600.0))
        process.store.away, process.store.doubtful = False, 0.0

    async def _storm(self) -> None:
        line = self.dice.choice((TWILIO, PHONE))
        self.journal.fault("storm")
        self.network.weather[line] = self.dice.choice((Weather.BAD, Weather.BAD, Weather.DOWN))
        await asyncio.sleep(self.dice.after(4 * HOUR))
        self.network.weather[line] = Weather.FAIR

    async def _jump(self) -> None:
        by = timedelta(seconds=self.dice.choice((-86400, -7200, -60, 60, 7200, 86400)))
        self.journal.fault("clock jump")
        self._move_clock(by)
        await asyncio.sleep(self.dice.after(HOUR))
        self._move_clock(-by)

    def _move_clock(self, by: timedelta) -> None:
        self.clock.jump(by)
        self.journal.ahead += by
        if self.process is not None:
            self.process.jumped()

    # The run ----------------------------------------------------------------------------------------------------------

    async def live(self) -> None:
        """Go through the month and its end."""
        crash.watch(self._passes)
        await self.begin()
        for one in self.people.values():
            one.live(self.plan.days)
        self._plan_trouble()
        for day in range(self.plan.days):
            self._spawn(day * DAY + 3 * HOUR, self.office.morning)
            self._spawn(day * DAY + 10 * HOUR, self.office.second_look)
            if self.dice.happens(NOTICE):
                self._spawn(day * DAY + self.dice.uniform(2, 15) * HOUR, self.office.notice)
        for day in range(LOOK, self.plan.days, LOOK):
            self._spawn(day * DAY + 5 * HOUR, self._look)
        await asyncio.sleep(self.plan.days * DAY)
        await self._calm()
        await asyncio.sleep(EPILOGUE * DAY)
        await self.network.quiet()

    async def judge(self, check: Callable[[Tx], list[str]]) -> list[str]:
        """Ask the store as it stands."""
        assert self.process is not None
        return await self.process.store.read(check)

    async def _look(self) -> None:
        """What ``barrio doctor`` reads must hold at any time."""
        app = self._alive()
        if app is not None:
            with contextlib.suppress(StoreUnavailable):
                found = await app.store.read(lambda tx: invariants.standing(tx, self.clock.now()))
                self.seen += laws.in_between(found, jumps=self.plan.jumps)

    async def _calm(self) -> None:
        """No more faults from here on; those of the provider that were begun go on to their end."""
        self._armed.clear()
        self.network.calm = True
        self._move_clock(-self.clock.ahead)
        while self.process is None or self.process.dead:  # noqa: ASYNC110  an hour of virtual time is nothing
            await asyncio.sleep(HOUR)
        self.process.store.away, self.process.store.doubtful = False, 0.0

    async def end(self) -> None:
        """Take everything down."""
        crash.watch(None)
        if self.process is not None:
            self.process.die()
            await self._bury(self.process)

    def _rings(self, number: str, text: str) -> None:
        if number in self.people:
            self.people[number].hear(text)

    def _spawn(self, seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._loop.call_later(seconds, lambda: asyncio.create_task(self._guarded(work), name="world"))

    async def _guarded(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except Dead:
            pass
        except Exception as error:  # noqa: BLE001  it is shown, and the run fails
            self.journal.trouble(error)

    def _trouble(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, Dead) and error is not None:
            self.journal.trouble(error)


def _age(task: "asyncio.Task[Any]") -> int:
    return int(task.get_name().rpartition("-")[2])
