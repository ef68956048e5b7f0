"""The nightly digest: made of the day that has ended, and withdrawn where the clock is set back behind it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from gateway import doctor, invariants
from gateway.scheduler import TICKS, Scheduler
from gateway.work import digests
from store import alerts, audit, cases, schema
from store.cases import MARGIN


@pytest.fixture
async def night(world):
    """A case, and a digest that covers it, made after midnight."""
    world.at(2026, 3, 2, 12)
    await world.open_case()
    world.at(2026, 3, 3, 0, 15)
    await world.transact(digests.make, world.house, world.clock.now())
    return world


async def _act(world):
    """Staff do something to the case, by whatever the clock says."""
    await world.transact(lambda tx: cases.change(tx, 1, actor="ana", what="noted", at=world.clock.now(), data={}))


def _cut(tx):
    tx.execute(sa.delete(schema.case_events).where(schema.case_events.c.seq == 1))


async def _broken(world):
    found = await world.store.read(lambda tx: invariants.standing(tx, world.clock.now()))
    return [one for one in found if one.invariant == "I14"]


async def test_a_clock_set_back_behind_it_makes_no_false_alarm(night):
    night.clock.advance(hours=-3)
    await _act(night)
    assert await _broken(night) == []
    assert await night.transact(TICKS["withdraw_digests"], night.house, night.clock.now()) == 1
    night.clock.advance(hours=6)
    assert await _broken(night) == []


async def test_what_was_withdrawn_is_written_down_and_told(night):
    [kept] = await night.rows("digests")
    night.clock.advance(hours=-3)
    await night.transact(digests.withdraw, night.house, night.clock.now())
    [entry] = await night.store.read(lambda tx: audit.entries(tx, 1))
    assert (entry.actor, entry.act, entry.subject, entry.data) == (
        "system",
        "digest.withdrawn",
        "2026-03-02",
        {"digest": kept.digest},
    )
    waiting = await night.store.read(alerts.open_alerts)
    assert [(one.reason, one.subject) for one in waiting] == [("clock_set_back", "2026-03-02")]


async def test_its_day_gets_another_that_holds(night):
    night.clock.advance(hours=-3)
    await night.transact(digests.withdraw, night.house, night.clock.now())
    await _act(night)
    night.clock.advance(hours=3)
    await night.transact(digests.make, night.house, night.clock.now())
    assert [row.day for row in await night.rows("digests")] == ["2026-03-02"]
    assert await _broken(night) == []


async def test_a_clock_set_back_a_little_withdraws_nothing_and_it_still_tells_of_changes(night):
    night.clock.advance(seconds=-MARGIN.total_seconds())
    assert await night.transact(digests.withdraw, night.house, night.clock.now()) == 0
    await _act(night)
    assert await _broken(night) == []
    await night.transact(_cut)
    assert any("digest of" in one.where for one in await _broken(night))


async def test_the_scheduler_looks_at_its_start_and_after_every_jump(world):
    made = Scheduler(store=world.store, house=world.house, outbox=None, ticks=TICKS)
    made._add_jobs()
    first = {job.id: job for job in made._jobs.get_jobs()}["withdraw_digests"].next_run_time
    assert first == world.clock.now()


async def test_the_doctor_has_nothing_to_say_of_it(night):
    night.clock.advance(hours=-3)
    await night.transact(digests.withdraw, night.house, night.clock.now())
    said = await night.store.read(lambda tx: doctor.examine(tx, night.clock.now() + timedelta(hours=1)))
    assert [one.where for one in said if one.level == "error"] == []
    assert await night.store.read(lambda tx: cases.digest_holds(tx, night.clock.now().date())) is None
