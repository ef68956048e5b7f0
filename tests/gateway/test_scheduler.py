"""The pulse of the house: every tick runs on an empty store and twice, one that fails stops no other, clocks may jump."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace

import pytest

from dialogs.messages import MessageKind, Unreadable
from dialogs.outreach import Audience
from gateway.outbound.handover import LEASE
from gateway.scheduler import TICKS, Scheduler, Tick
from gateway.work import broadcasts
from store import StoreUnavailable, messages, sessions
from store.sessions import UssdState

BEATING = {"sessions", "followups", "broadcasts", "leases", "order"}


class Outbox:
    """Only counts how often it was woken."""

    def __init__(self):
        self.woken = 0

    def wake(self):
        self.woken += 1


def scheduler(world, ticks: Mapping[str, Tick] = TICKS, store=None):
    made = Scheduler(store=store or world.store, house=world.house, outbox=Outbox(), ticks=ticks)
    return made, made._outbox


async def tick(world, name):
    return await world.store.transact(lambda tx: TICKS[name](tx, world.house, world.clock.now()))


@pytest.mark.parametrize("name", sorted(TICKS.keys() - {"digest"}))
async def test_on_an_empty_store_there_is_nothing_to_do(world, name):
    assert await tick(world, name) == 0


async def test_every_second_what_people_wait_for(world):
    beating = {name for name, one in TICKS.items() if one.trigger(world.house) is None}
    assert beating == BEATING


async def test_conversations_end_before_questions_begin():
    assert list(TICKS)[:2] == ["sessions", "followups"]


async def test_the_digest_is_of_the_day_that_has_ended_here(world):
    world.at(2026, 3, 3, 0, 15)
    assert [await tick(world, "digest"), await tick(world, "digest")] == [1, 1]
    assert [row.day for row in await world.rows("digests")] == ["2026-03-02"]


async def test_what_nobody_could_read_is_kept_thirty_days(world):
    odd = Unreadable(channel="demo", reason="odd", raw=b"?")
    await world.transact(messages.quarantine, [(odd, world.clock.now())])
    world.clock.advance(days=30)
    assert await tick(world, "purge_quarantine") == 0
    world.clock.advance(seconds=1)
    assert await tick(world, "purge_quarantine") == 1


async def test_carriers_sessions_are_kept_a_day(world):
    contact = await world.person()
    state = UssdState(contact_id=contact.id, history="", hops=1, screen="", ended=True)
    await world.transact(sessions.save_ussd, [(("keys", "s1"), state)], world.clock.now())
    world.clock.advance(days=1, seconds=1)
    assert await tick(world, "purge_ussd") == 1


async def test_leases_end_and_messages_expire(world):
    await world.queue(await world.person(), channel="gone", expires_at=world.clock.now() + timedelta(hours=1))
    world.clock.advance(hours=2)
    assert await tick(world, "expire") == 1

    async def die():
        raise asyncio.CancelledError

    await world.queue(await world.person())
    world.network.script.append(die)
    with pytest.raises(asyncio.CancelledError):
        await world.drain()
    world.clock.advance(LEASE)
    assert await tick(world, "leases") == 1


async def test_what_is_due_is_done_to_its_end_and_the_outbox_woken(world, monkeypatch):
    monkeypatch.setattr(broadcasts, "CHUNK", 4)
    await world.people(10)
    audience, texts = Audience(), {"es": "Aviso"}
    now = world.clock.now()
    await world.store.transact(lambda tx: broadcasts.create(tx, world.house, now, "ana", texts, audience))
    made, outbox = scheduler(world, {"broadcasts": Tick(run=broadcasts.expand, chunk=4)})
    assert await made.run_due() == 10
    assert outbox.woken == 1
    assert await made.run_due() == 0
    assert outbox.woken == 1
    assert [row.kind for row in await world.rows()] == [MessageKind.BROADCAST] * 10


async def test_a_tick_that_fails_stops_no_other_and_is_shown_to_staff(world, logs):
    done = []

    def fails(_tx, _house, _now):
        raise KeyError("+59170000001")

    def works(_tx, _house, now):
        done.append(now)
        return 1

    made, _ = scheduler(world, {"fails": Tick(run=fails), "works": Tick(run=works)})
    assert await made.run_due() == 1
    assert await made.run_due() == 1
    assert len(done) == 2
    assert await world.alerts() == [("tick_failed", "fails")]
    assert [(entry["event"], entry["tick"]) for entry in logs] == [("tick_failed", "fails")] * 2


async def test_a_store_that_is_away_is_waited_for(world, logs):
    class Away:
        async def transact(self, _fn):
            raise StoreUnavailable("SQLITE_FULL")

        async def changed(self):
            raise StoreUnavailable("SQLITE_FULL")

    made, outbox = scheduler(world, {"works": Tick(run=lambda _tx, _house, _now: 1)}, store=Away())
    assert await made.run_due() == 0
    assert not await made._others_wrote()
    assert outbox.woken == 0
    assert [entry["event"] for entry in logs] == ["tick_waits"]


async def test_it_beats_until_it_is_stopped(world):
    beaten = asyncio.Event()

    def beats(_tx, _house, _now):
        loop.call_soon_threadsafe(beaten.set)
        return 0

    loop = asyncio.get_running_loop()
    made, outbox = scheduler(world, {"beats": Tick(run=beats), "late": TICKS["digest"]})
    made.start()
    await asyncio.wait_for(beaten.wait(), 30)
    await made.stop()
    assert made._beating is None
    assert not made._jobs.running
    assert outbox.woken <= 1
    await made.stop()


async def test_jobs_are_never_dropped_for_being_late_and_never_piled_up(world):
    made, _ = scheduler(world)
    made.start()
    jobs = {job.id: job for job in made._jobs.get_jobs()}
    await made.stop()
    assert jobs.keys() == TICKS.keys() - BEATING
    assert {(job.misfire_grace_time, job.coalesce, job.max_instances) for job in jobs.values()} == {(None, True, 1)}
    assert str(jobs["digest"].trigger.timezone) == "America/La_Paz"


@pytest.mark.parametrize(("jump", "again"), [(1.9, False), (2.1, True), (-2.1, True), (-86_400, True)])
async def test_when_the_wall_clock_jumps_the_jobs_are_added_anew(world, monkeypatch, jump, again):
    made, _ = scheduler(world, {"late": TICKS["digest"]})
    added = []
    monkeypatch.setattr(made, "_add_jobs", lambda: added.append(True))
    world.clock.advance(hours=5)
    await made.beat()
    assert added == []
    world.clock.set(world.clock.now() + timedelta(seconds=jump))
    await made.beat()
    await made.beat()
    assert added == [True] * again


async def test_adding_them_anew_makes_no_second_of_any(world):
    made, _ = scheduler(world)
    made.start()
    made._add_jobs()
    names = [job.id for job in made._jobs.get_jobs()]
    await made.stop()
    assert sorted(names) == sorted(TICKS.keys() - BEATING)


async def test_a_commands_work_is_seen_before_the_next_second(world):
    asked = []

    async def changed():
        asked.append(True)
        return True

    made, _ = scheduler(world, {}, store=SimpleNamespace(changed=changed))
    assert await made._others_wrote()
    assert asked == [True]


async def test_the_pulse_outlives_whatever_happens_in_a_beat(world, monkeypatch, logs):
    made, _ = scheduler(world, {})
    beaten = [asyncio.Event(), asyncio.Event()]

    async def beat():
        if not beaten[0].is_set():
            beaten[0].set()
            raise OSError("clock")
        beaten[1].set()

    async def at_once(_seconds):
        await asyncio.wait([asyncio.create_task(beaten[0].wait())])

    monkeypatch.setattr(made, "beat", beat)
    monkeypatch.setattr("gateway.scheduler.asyncio", SimpleNamespace(**vars(asyncio) | {"sleep": at_once}))
    made.start()
    await asyncio.wait_for(beaten[1].wait(), 30)
    await made.stop()
    assert [entry["event"] for entry in logs] == ["beat_failed"]


async def test_an_errand_that_fails_is_run_again_the_next_time(world, logs):
    made, _ = scheduler(world, {})
    troubles = [StoreUnavailable("SQLITE_FULL"), OSError("provider"), None]

    async def errand():
        if trouble := troubles.pop(0):
            raise trouble

    made.also("credit", errand, seconds=300)
    for _ in range(3):
        await made.run_errand("credit")
    assert [entry["event"] for entry in logs] == ["errand_waits", "errand_failed"]
    made.start()
    names = [job.id for job in made._jobs.get_jobs()]
    await made.stop()
    assert names == ["errand credit"]


async def test_a_store_lost_until_a_restart_is_said_aloud(world):
    class Broken:
        def __init__(self, *, lasting):
            self.lasting = lasting

        async def transact(self, _work):
            raise StoreUnavailable("SQLITE_IOERR_FSYNC", lasting=self.lasting)

    for lasting in (False, True):
        made, _ = scheduler(world, store=Broken(lasting=lasting))
        heard = []
        made.lost = lambda heard=heard: heard.append(True)
        await made.run("sessions")
        assert heard == [True] * lasting


async def test_a_tick_that_is_under_way_when_the_service_stops_leaves_no_trace_of_an_error(world, caplog):
    begun, never = asyncio.Event(), asyncio.Event()

    async def transact(_work):
        begun.set()
        await never.wait()

    only = {"watch": Tick(run=TICKS["watch"].run, seconds=60, at_once=True)}
    made, _ = scheduler(world, only, store=SimpleNamespace(transact=transact, changed=never.wait))
    made.start()
    await asyncio.wait_for(begun.wait(), 30)
    await made.stop()
    for _ in range(5):
        await asyncio.sleep(0)
    assert [one for one in caplog.records if one.name.startswith("apscheduler") and one.levelname == "ERROR"] == []
