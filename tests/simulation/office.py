"""The staff of a simulated city: in office hours they assign, resolve, take back, write notices, approve and stop them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from dialogs.outreach import Audience, BroadcastStatus
from gateway.app import Application
from gateway.work import broadcasts, casework
from store import StoreUnavailable, Tx
from store.schema import broadcasts as notices
from store.schema import cases
from tests.simulation import words
from tests.simulation.chance import Dice
from tests.simulation.log import Journal

#: How many open cases are touched on a working day, on average, and how often a notice is written.
A_DAY = 6
NOTICE = 0.2

_CASES = sa.select(cases.c.code, cases.c.status).where(cases.c.status.not_in(["closed", "withdrawn", "not_competent"]))
_NOTICES = sa.select(notices.c.id, notices.c.status).where(notices.c.status.in_(["waiting_approval", "queueing"]))


@dataclass(slots=True, kw_only=True)
class Office:
    """Works through whatever application is alive: ``alive()``; None while there is none, and then it waits."""

    alive: Callable[[], Application | None]
    journal: Journal
    dice: Dice
    acts: int = 0

    async def morning(self) -> None:
        """One working day's acts on cases."""
        rows = sorted(await self._do(lambda tx: [tuple(row) for row in tx.execute(_CASES)]) or [])
        self.dice.shuffle(rows)
        for code, status in rows[: self.dice.randint(A_DAY // 2, A_DAY * 3 // 2)]:
            await self._act(code, status)
        await self._seen()

    async def notice(self) -> None:
        """Write to a barrio or to everybody; a second person looks later."""
        place, text = self.dice.choice(words.AUDIENCES), self.dice.choice(words.NOTICES)
        author = self.dice.choice(("Ana", "Beto"))

        def create(tx: Tx, app: Application) -> object:
            return broadcasts.create(tx, app.house, app.clock.now(), author, {"es": text}, Audience(place=place))

        await self._staff("notice", create)
        await self._seen()

    async def second_look(self) -> None:
        """Approve what waits, unless it is one's own; now and then somebody stops a notice on its way."""
        for broadcast_id, status in await self._do(lambda tx: [tuple(row) for row in tx.execute(_NOTICES)]) or []:
            if self.dice.happens(0.2):
                await self._staff("stop", partial(_cancel, broadcast_id))
            elif status == BroadcastStatus.WAITING_APPROVAL:
                await self._staff("approve", partial(_approve, broadcast_id, self.dice.choice(("Ana", "Beto"))))

    async def _seen(self) -> None:
        """The gateway notices within 250 ms that commands have written."""
        await asyncio.sleep(0.25)
        if (app := self.alive()) is not None:
            app.outbox.wake()

    async def _act(self, code: str, status: str) -> None:
        def does(function: Any, **more: Any) -> Callable[[Tx, Application], object]:
            return lambda tx, app: function(tx, app.house, app.clock.now(), "Carla", code, **more)

        throw = self.dice.random()
        if status == "resolved" and throw < 0.9:
            if throw < 0.06:
                await self._staff("reopen", does(casework.reopen))
        elif throw < 0.5:
            await self._staff("resolve", does(casework.resolve, reply=self.dice.choice(words.REPLIES)))
        elif throw < 0.7:
            await self._staff("assign", does(casework.assign, to=self.dice.choice(("Cuadrilla 3", "Luz"))))
        elif throw < 0.8:
            await self._staff("start", does(casework.start))
        elif throw < 0.88:
            await self._staff("note", does(casework.note, text="revisado en el lugar"))
        elif throw < 0.94:
            days = self.dice.randint(2, 20)
            await self._staff("plan", partial(_plan, code, days))
        else:
            await self._staff("not_competent", does(casework.not_competent, body="ABC"))

    async def _staff(self, what: str, act: Callable[[Tx, Application], object]) -> None:
        """Do something as a command does: one transaction, again if the store was away."""
        for _ in range(3):
            app = self.alive()
            if app is None:
                return
            try:
                await app.store.transact(partial(_with, act, app))
            except StoreUnavailable:
                continue  # nobody knows whether it was kept: doing it again changes nothing
            except (casework.NotPossible, broadcasts.NotSendable):
                pass
            self.acts += 1
            self.journal.note("staff", what)
            return

    async def _do(self, fn: Callable[[Tx], Any]) -> Any:
        app = self.alive()
        try:
            return None if app is None else await app.store.read(fn)
        except StoreUnavailable:
            return None


def _with(act: Callable[[Tx, Application], object], app: Application, tx: Tx) -> object:
    return act(tx, app)


def _plan(code: str, days: int, tx: Tx, app: Application) -> object:
    now = app.clock.now()
    return casework.plan(tx, app.house, now, "Carla", code, due=now + timedelta(days=days))


def _approve(broadcast_id: int, by: str, tx: Tx, app: Application) -> object:
    return broadcasts.approve(tx, app.clock.now(), by, broadcast_id)


def _cancel(broadcast_id: int, tx: Tx, app: Application) -> object:
    return broadcasts.cancel(tx, app.clock.now(), "Dora", broadcast_id)
