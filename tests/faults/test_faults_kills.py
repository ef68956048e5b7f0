"""SIGKILL again and again under load, SIGTERM in the middle of a broadcast: nothing acknowledged is lost or doubled."""

import asyncio
import os
import random  # noqa: TID251  when somebody pulls the plug is not the gateway's to say
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic  # noqa: TID251  the world outside has clocks of its own

import pytest
import sqlalchemy as sa

from dialogs.cases import CaseStatus
from gateway.invariants import Violation, inbound, outbound
from store import Tx, evidence, schema
from tests.faults.provider import WAIT
from tests.faults.scene import WELL, Scene, scene

pytestmark = [pytest.mark.process, pytest.mark.faults]

#: How often a loop kills: ``make faults`` and its short form.
KILLS = {"long": 200, "short": 20}[os.environ.get("FAULTS", "long")]
#: How long it lives at most after it was ready, in seconds.
LONGEST = 1.5 if KILLS == 200 else 0.8
#: So many wrote before, and so many write now; all get the broadcasts.
PEOPLE = 700 if KILLS == 200 else 100
CONCURRENCY = 4  # that of the scene's config
_c, _o = schema.cases.c, schema.outbound.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a loop came to, for a table that people read."""

    engine: str
    kills: int
    seconds: float
    posted: int
    acknowledged: int
    lost: int
    doubled: int
    handed_over: int
    twice: int
    by_crash: int
    bound: int
    marked: int
    ready: float
    ready_most: float

    def shown(self) -> str:
        """One figure a line."""
        rows = {
            "SIGKILLs": self.kills,
            "minutes": f"{self.seconds / 60:.1f}",
            "messages posted to us (tries)": self.posted,
            "messages acknowledged": self.acknowledged,
            "acknowledged and lost": self.lost,
            "effects doubled": self.doubled,
            "messages that providers took": self.handed_over,
            "taken twice": self.twice,
            "… because we died (at most kills times slots)": f"{self.by_crash} (of {self.bound})",
            "… and marked as doubted": self.marked,
            "ready again, median and longest (s)": f"{self.ready:.2f}  {self.ready_most:.2f}",
        }
        return "\n".join([f"--- {self.engine}", *(f"{name:<52}{value:>12}" for name, value in rows.items())])


@pytest.mark.timeout(7200)
async def test_killed_again_and_again_under_load(store_url: str, tmp_path: Path) -> None:
    began = monotonic()
    dice = random.Random(20260302)  # noqa: S311
    async with scene(store_url, tmp_path, seed=7) as here:
        await here.people(PEOPLE)
        await here.start()
        async with here.crowd(seed=7, rate=40, people=PEOPLE):
            await _kill_again_and_again(here, dice)
        await here.start()
        if KILLS != 200:  # a short run does not wait out the minutes
            for _ in range(2):
                await here.hurry()
                await here.drained()
        else:
            await here.drained(patience=1800, doubts=True)
        found = await here.judged()
        figures = await _figures(here, found, monotonic() - began)
    print(figures.shown())
    assert found == []
    assert (figures.lost, figures.doubled) == (0, 0)
    assert figures.by_crash <= figures.bound
    assert figures.marked == figures.twice


async def _kill_again_and_again(here: Scene, dice: random.Random) -> None:
    for number in range(KILLS):
        if number % 40 == 0:
            await here.notice(f"aviso {number}: manana se corta el agua")
        if number % 10 == 5:
            await _resolve_one(here)
        await asyncio.sleep(dice.uniform(0.05, LONGEST))
        await here.kill()
        if number < KILLS - 1:
            await here.start()


async def _resolve_one(here: Scene) -> None:
    """Staff say that a case is solved, by a command beside the gateway."""
    oldest = sa.select(_c.code).where(_c.status == CaseStatus.RECEIVED).order_by(_c.id).limit(1)
    code = await here.look(lambda tx: tx.execute(oldest).scalar())
    if code is not None:
        await here.gateway.command("case", "resolve", code, "--reply", "ya esta reparado")


async def _figures(here: Scene, found: list[Violation], seconds: float) -> Figures:
    w, p, _ = here.books()
    rows = await here.look(evidence.sent)
    twice = outbound.doubled(rows, [one for one in p if one.channel != "phone"])
    ready = sorted(here.ready)
    return Figures(
        engine=here.store_url.partition(":")[0],
        kills=here.crashes,
        seconds=seconds,
        posted=len(w),
        acknowledged=len({(one.channel, one.external_id) for one in w if one.acknowledged}),
        lost=sum(one.what in {inbound.LOST, inbound.UNTOUCHED} for one in found),
        doubled=sum(one.invariant == "I2" for one in found),
        handed_over=sum(one.taken for one in p),
        twice=twice["twice"],
        by_crash=twice["by_crash"],
        bound=here.crashes * CONCURRENCY,
        marked=twice["marked"],
        ready=ready[len(ready) // 2],
        ready_most=ready[-1],
    )


async def _until(here: Scene, what: Callable[[Tx], int], wanted: int) -> None:
    async with asyncio.timeout(60):
        while await here.look(what) < wanted:  # noqa: ASYNC110  another process's doing sets no event here
            await asyncio.sleep(0.05)


def _gone(tx: Tx) -> int:
    """How many messages of broadcasts have been handed over."""
    begun = sa.select(sa.func.count()).where(_o.broadcast_id.is_not(None), _o.attempts > 0)
    return tx.execute(begun).scalar_one()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("times", [1, pytest.param(2, marks=pytest.mark.long)])
async def test_told_to_stop_in_the_middle_of_a_broadcast(store_url: str, tmp_path: Path, times: int) -> None:
    """Once: what is under way is finished, within ten seconds. Twice: it ends at once, and what was cut is in doubt."""
    # Where it must end at once, providers answer slowly: something is under way whenever we look.
    people, gone, wait = (1000, 300, WAIT) if times == 1 else (100, 30, 1.0)
    async with scene(store_url, tmp_path, moods=WELL, wait=wait) as here:
        await here.people(people)
        await here.start()
        await here.notice("manana se corta el agua")
        await _until(here, _gone, gone)
        began, process = monotonic(), here.gateway.process
        assert process is not None
        process.send_signal(signal.SIGTERM)
        if times > 1:
            await asyncio.sleep(0.1)
            began = monotonic()
            process.send_signal(signal.SIGTERM)
        code = await process.wait()
        assert code == (0 if times == 1 else -signal.SIGTERM)
        assert monotonic() - began < (11 if times == 1 else 1)
        here.crashes += times - 1
        left = await here.look(lambda tx: people - _gone(tx))
        assert left > 0
        await here.start()
        for _ in range(2):
            await here.hurry()
            await here.drained()
        assert await here.judged() == []
        assert await here.look(_gone) == people
