"""The same days of traffic, brought in different ways: what the house knows afterwards must be the same.

Brought once; each delivery three times and shuffled, as far as one person's order is kept; with the process dying
again and again and the provider calling until it has its 2xx. Ids, codes and times may differ, nothing else.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from dialogs.outreach import Audience, BroadcastStatus
from gateway import app as house_app
from gateway.app import Application
from gateway.config import Config
from gateway.web.parts import WebParts
from gateway.web.webhooks import Webhooks
from gateway.work import broadcasts, casework
from providers.base import Request, Response
from store import Tx, crash
from store import broadcasts as notices
from tests.simulation import carriers, words
from tests.simulation.carriers import KEYS, PHONE, TWILIO
from tests.simulation.chance import Dice
from tests.simulation.knowledge import code_of
from tests.simulation.memory import Dead

T = TypeVar("T")

#: The name of tasks that are not the gateway's and do not die with it.
OURS = "outside"
STRIDE = timedelta(hours=6)
#: How long a doubtful message waits, and longer than any lease.
DOUBT = timedelta(seconds=61)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message of one person. ``{code}`` in its text is the code of their latest case."""

    number: str
    line: str
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """What happens in one half hour: each person's messages in their order, then acts of staff, then time goes on."""

    deliveries: Sequence[Sequence[Delivery]]
    acts: Sequence[tuple[str, str]] = ()
    then: timedelta = timedelta(minutes=30)


def ours(work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    """Begin something that goes on when the gateway dies."""
    return asyncio.create_task(work, name=OURS)


def traffic(people: int = 16) -> list[Wave]:
    """A day of reports, answers and look-ups; then days in which staff resolve, people confirm and a notice goes out."""
    dice = Dice(2026)
    numbers = [f"+5917000{n:04d}" for n in range(1, people + 1)]
    lines = {number: dice.choice((TWILIO, TWILIO, PHONE, KEYS)) for number in numbers}
    made = _Made()
    waves = [Wave(deliveries=[made.say(n, lines[n], [words.report(dice)]) for n in numbers])]
    waves += [
        Wave(deliveries=[made.say(n, lines[n], _talk(dice)) for n in numbers if dice.happens(0.6)]) for _ in range(5)
    ]
    waves.append(Wave(deliveries=[], acts=[("resolve", n) for n in numbers[::2]], then=timedelta(days=3, hours=12)))
    waves.append(Wave(deliveries=[made.say(n, TWILIO, [dice.choice(_VERDICTS), "5"]) for n in numbers[::2]]))
    waves.append(Wave(deliveries=[], acts=[("notice", "sabado")]))
    waves.append(Wave(deliveries=[made.say(n, TWILIO, ["BAJA"]) for n in numbers[::5]], acts=[("notice", "domingo")]))
    waves.append(Wave(deliveries=[], then=timedelta(days=1)))
    return waves


_VERDICTS = (*words.YES, *words.HALF, *words.NO)


def _talk(dice: Dice) -> list[str]:
    said = (words.report(dice), "1", "2", dice.choice(words.PLACES) or "no se", "{code}", "estado {code}", "gracias")
    return [dice.choice(said) for _ in range(dice.choice((1, 1, 2, 3)))]


@dataclass(slots=True)
class _Made:
    """Names deliveries, each once."""

    count: int = 0

    def say(self, number: str, line: str, texts: Sequence[str]) -> list[Delivery]:
        self.count += 1
        if line == KEYS:  # one dial; every hop brings all keys so far
            hops = ["", *("*".join(["1", *texts][: n + 1]) for n in range(len(texts) + 1))]
            return [Delivery(number=number, line=KEYS, name=f"{self.count}", text=hop) for hop in hops]
        return [
            Delivery(number=number, line=line, name=f"SM{self.count:028x}{at:04x}", text=text)
            for at, text in enumerate(texts)
        ]


@dataclass(slots=True, kw_only=True)
class House:
    """A gateway that dies ``kills`` times, and everything around it that goes on."""

    config: Config
    clock: Any
    dice: Dice
    times: int = 1
    kills: int = 0
    died: int = 0
    app: Application = field(init=False)
    _web: Webhooks = field(init=False)
    _dead: bool = False
    _left: int = 0
    _taken: int = 0
    _burying: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def play(self, waves: Sequence[Wave]) -> None:
        """Live through all of it."""
        if task := asyncio.current_task():
            task.set_name(OURS)
        asyncio.get_running_loop().set_exception_handler(_but_death)
        await self._open()
        crash.watch(self._passes)
        try:
            for wave in waves:
                await asyncio.gather(*(ours(self._bring(said)) for said in wave.deliveries))
                await self._settle()
                for act, number in wave.acts:
                    await self._surely(partial(self._staff, act, number))
                    await self._settle()
                await self._pass(wave.then)
        finally:
            crash.watch(None)
        await self.app.stop()

    # Deliveries -------------------------------------------------------------------------------------------------------

    async def _bring(self, said: Sequence[Delivery]) -> None:
        """One person's messages: each acknowledged before the next is brought; copies come at any time after."""
        copies = []
        for one in said:
            text = one.text
            if "{code}" in text:
                code = await self._surely(partial(self._code, one.number))
                text = text.replace("{code}", code or "nada")
            await self._until_heard(one, text)
            copies += [ours(self._copy(one, text)) for _ in range(self.times - 1)]
        await asyncio.gather(*copies)

    async def _copy(self, one: Delivery, text: str) -> None:
        for _ in range(self.dice.randrange(12)):
            await asyncio.sleep(0)
        await self._until_heard(one, text)

    async def _until_heard(self, one: Delivery, text: str) -> None:
        request = self._request(one, text)
        await self._surely(lambda: self._web.take(self.app.channels[one.line], request))  # the web of whoever lives

    def _request(self, one: Delivery, text: str) -> Request:
        fields: Mapping[str, Any]
        if one.line == KEYS:
            fields = {
                "sessionId": one.name, "serviceCode": carriers.OUR_NUMBER[KEYS], "phoneNumber": one.number, "text": text
            }  # fmt: skip
        else:
            fields = carriers.message(one.line, one.name, one.number, text)
        event = "ussd" if one.line == KEYS else "sms"
        return carriers.signed(one.line, event, fields, int(self.clock.now().timestamp()))

    # Staff and time ---------------------------------------------------------------------------------------------------

    async def _staff(self, act: str, number: str) -> None:
        app, now = self.app, self.clock.now()

        def work(tx: Tx) -> None:
            if act == "notice":
                texts = {"es": f"Corte de agua el {number}"}
                if all(kept.broadcast.texts != texts for kept in notices.latest(tx, 100)):
                    made = broadcasts.create(tx, app.house, now, "Ana", texts, Audience())
                    if made.status is BroadcastStatus.WAITING_APPROVAL:
                        broadcasts.approve(tx, now, "Beto", made.id)
            elif code := code_of(tx, number=number):
                with contextlib.suppress(casework.NotPossible):
                    casework.resolve(tx, app.house, now, "Ana", code, reply="se cambio el foco")

        await app.store.transact(work)

    async def _pass(self, long: timedelta) -> None:
        """Let time pass, a few hours at a time."""
        ends = self.clock.now() + long
        while (left := ends - self.clock.now()) > timedelta():
            self.clock.advance(seconds=min(left, STRIDE).total_seconds())
            await self._settle()

    async def _settle(self) -> None:
        """Do what is due, and a minute later what was in doubt; again if it died over that."""
        before = -1
        while before != self.died:
            before = self.died
            await self._surely(self._due)
            if self.kills:
                self.clock.advance(seconds=DOUBT.total_seconds())
                await self._surely(self._due)

    async def _due(self) -> None:
        await self.app.settle()

    async def _code(self, number: str) -> str | None:
        return await self.app.store.read(partial(code_of, number=number))

    # Life and death ---------------------------------------------------------------------------------------------------

    async def _surely(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do it, however often the gateway dies over it, and until it is not refused."""
        while True:
            app = self.app
            try:
                done = await asyncio.create_task(work())
            except (Dead, asyncio.CancelledError):
                if self.app is app and not self._dead:
                    raise
            else:
                if not isinstance(done, Response) or done.status < 300:
                    return done
            if self._dead:
                await self._reborn()

    async def _reborn(self) -> None:
        """Whoever notices first buries the dead and starts another on what it left; the others find that done."""
        async with self._burying:
            while self._dead:
                while rest := [task for task in asyncio.all_tasks() if task.get_name() != OURS]:
                    for task in rest:
                        task.cancel()
                    await asyncio.gather(*rest, return_exceptions=True)
                await self.app.store.close()
                self.clock.advance(seconds=DOUBT.total_seconds())  # on PostgreSQL the leases of the dead must end
                with contextlib.suppress(Dead):
                    await self._open()

    async def _open(self) -> None:
        self._dead, self._left = False, self.dice.randint(5, 120)
        self.app = house_app.build(self.config, self.clock, self._carry)
        app = self.app
        parts = WebParts(
            config=self.config, channels=app.channels, inbox=app.inbox, store=app.store, clock=self.clock
        )  # fmt: skip
        self._web = Webhooks(parts)
        await app.open()

    def _passes(self, name: str) -> None:
        """Count down to the next death; the dead pass no place more, so that nothing of theirs is committed."""
        if self.died < self.kills and not self._dead and not name.startswith("stop"):
            self._left -= 1
            if self._left <= 0:
                self.died += 1
                self._dead = True
        if self._dead:
            raise Dead

    async def _carry(self, request: Request) -> Response:
        """Every message is taken, except by a process that is dead."""
        if self._dead:
            raise Dead
        self._taken += 1
        return carriers.taken(request, f"SM{self._taken:032x}")


def _but_death(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    if not isinstance(context.get("exception"), Dead):
        loop.default_exception_handler(context)
