"""The gateway dies at each named place, starts again, and everything that was promised holds."""

import asyncio
import signal

import pytest
import sqlalchemy as sa

from dialogs.cases import CaseStatus
from gateway import app
from gateway.clock import SystemClock
from gateway.work import broadcasts, casework
from store import crash, schema
from tests.faults.books import now
from tests.faults.scene import WELL, Scene, scene
from tests.faults.weather import needed

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]

#: Points that ordinary talk passes, and how often at least: the later count at which they are tried too.
TALK = {
    "commit.before": 9,
    "commit.after": 9,
    "inbound.recorded": 4,
    "inbound.stepped": 4,
    "inbound.performed": 4,
    "inbound.saved": 4,
    "webhook.before_answer": 4,
    "receipts.applied": 4,
    "outbox.taken": 3,
    "outbox.marked": 3,
    "outbox.before_post": 3,
    "outbox.after_post": 3,
    "outbox.before_result": 3,
    "outbox.result_written": 3,
    "outbox.after_result": 3,
    "tick.before": 9,
    "tick.after": 9,
}
WORK = ("followups.asked", "expiry.ended")
NOTICES = {"broadcast.queued": 2, "broadcast.moved": 2, "broadcast.taken_out": 1}
#: Passed at a start, at a stop or by other commands; each has a test of its own.
ELSEWHERE = ("start.recovered", "lease.doubted", "stop.begun", "migrate.changed", "backup.copied", "backup.set_aside")


def test_every_point_is_died_at() -> None:
    assert {*TALK, *WORK, *NOTICES, *ELSEWHERE} == set(crash.POINTS)


async def talk(here: Scene) -> None:
    """Residents report, answer, dial, ask and leave."""
    async with here.one_by_one() as people:
        await people.report("+59170000001", "twilio")
        await people.half_told("+59170000002", "phone")
        await people.dial("+59170000003", "")
        await people.report("+59170000004", "africastalking")
        await people.status("+59170000001", "twilio")
        await people.leave("+59170000005", "twilio")


async def ends_well(here: Scene) -> None:
    """What was cut short goes on, and nothing that was promised is broken."""
    assert here.alive or await here.start()
    for _ in range(2):  # once for leases, once for the doubts they become
        await asyncio.sleep(0.3)
        await here.hurry()
        await here.drained()
    assert await here.judged() == []


async def dies_and_lives_on(here: Scene, point: str, story: object) -> None:
    await here.start(point)
    async with here.kept_running():
        await talk(here)
        await story(here)  # type: ignore[operator]
        async with asyncio.timeout(40):
            while not here.crashes:  # noqa: ASYNC110  another process's doing sets no event here
                await asyncio.sleep(0.05)
    await ends_well(here)


async def nothing_more(_here: Scene) -> None: ...


def _cases(points: dict[str, int]) -> list[object]:
    """Each at its first passing and at a later one; the first ones of a few stand for all in a short run."""
    quick = {"outbox.after_post", "webhook.before_answer", "commit.before"}
    return [
        pytest.param(f"{name}:{count}", marks=() if name in quick and count == 1 else pytest.mark.long)
        for name, later in points.items()
        for count in sorted({1, later})
    ]


@pytest.mark.faults
@pytest.mark.parametrize("point", _cases(TALK))
async def test_dies_while_people_talk(store_url: str, tmp_path, point: str) -> None:
    async with scene(store_url, tmp_path, moods=WELL) as here:
        await dies_and_lives_on(here, point, nothing_more)


@pytest.mark.faults
@pytest.mark.parametrize(
    "point", [pytest.param(f"{name}:{count}", marks=pytest.mark.long) for name in WORK for count in (1, 2)]
)
async def test_dies_while_time_does_its_work(store_url: str, tmp_path, point: str) -> None:
    async with scene(store_url, tmp_path, moods=WELL) as here:
        await dies_and_lives_on(here, point, time_passes)


async def time_passes(here: Scene) -> None:
    """Twice: a case is resolved, so that its resident is asked; and a conversation is left half told for too long."""
    house = app.build(here.known, SystemClock()).house
    for number in (1, 2):
        async with here.one_by_one() as people:
            await people.text("twilio", f"hay un bache grande {number} frente a la cancha", f"+5917000001{number}")

        def work(tx):
            cases, sessions = schema.cases.c, schema.sessions.c
            code = tx.execute(sa.select(cases.code).where(cases.status == CaseStatus.RECEIVED).limit(1)).scalar()
            if code is not None:
                casework.resolve(tx, house, now(), "ana", code, reply="ya hay luz")
            tx.execute(sa.update(schema.sessions).where(sessions.case_code.is_(None)).values(expires_at=now()))

        await here.guest(work)
        await asyncio.sleep(2.5)  # another process's clock: a second until the question, a second until the tick


@pytest.mark.faults
@pytest.mark.long
@pytest.mark.parametrize(
    "point", [f"{name}:{count}" for name, later in NOTICES.items() for count in sorted({1, later})]
)
async def test_dies_while_a_broadcast_is_queued_or_stopped(store_url: str, tmp_path, point: str) -> None:
    async with scene(store_url, tmp_path, moods=WELL) as here:
        await here.people(broadcasts.CHUNK + 20)
        await dies_and_lives_on(here, point, a_notice_and_one_stopped)


async def a_notice_and_one_stopped(here: Scene) -> None:
    await here.notice("manana se corta el agua")
    stopped = await here.notice("pasado manana tambien")
    await here.guest(lambda tx: broadcasts.cancel(tx, now(), "ana", stopped))


@pytest.mark.faults
@pytest.mark.long
async def test_dies_at_its_start_and_while_it_sorts_out_what_was_cut(store_url: str, tmp_path) -> None:
    async with scene(store_url, tmp_path, moods=WELL) as here:
        await here.start("outbox.after_post:2")
        async with here.one_by_one() as people:
            for number in range(1, 4):
                await asyncio.wait_for(people.report(f"+5917000000{number}", "twilio"), 20)
        assert await here.died()
        await here.hurry()
        for point in ("lease.doubted:1", "start.recovered:1"):
            assert not await here.start(point)
            assert await here.died()
        assert await here.start()
        await ends_well(here)


#: At which of these system calls, by its number, the kernel ends the process: each commit of SQLite writes its log
#: (pwrite64) and makes it lasting (fdatasync); answers and hand-overs go out by sendto, new connections by connect.
SYSCALLS = {
    "fdatasync": (1, 2, 3, 5, 8, 13, 21),
    "pwrite64": (1, 3, 7, 20, 45, 90),
    "sendto": (2, 5, 9),
    "connect": (1, 2),
}


@pytest.mark.faults
@pytest.mark.parametrize(
    ("call", "number"),
    [
        pytest.param(call, number, marks=() if (call, number) == ("fdatasync", 8) else pytest.mark.long)
        for call, numbers in SYSCALLS.items()
        for number in numbers
    ],
)
async def test_dies_at_a_boundary_of_the_kernel(sqlite_url: str, tmp_path, call: str, number: int) -> None:
    needed("strace")
    under = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}")
    async with scene(
        sqlite_url, tmp_path, moods=WELL, under=(*under, "-e", f"inject={call}:signal=KILL:when={number}")
    ) as here:
        await here.start()
        async with here.kept_running():
            await talk(here)
            async with asyncio.timeout(40):
                while not here.crashes:  # noqa: ASYNC110  another process's doing sets no event here
                    await asyncio.sleep(0.05)
        await ends_well(here)


@pytest.mark.faults
@pytest.mark.long
async def test_dies_when_it_is_told_to_stop(store_url: str, tmp_path) -> None:
    async with scene(store_url, tmp_path, moods=WELL) as here:
        await here.start("stop.begun:1")
        await talk(here)
        here.gateway.process.send_signal(signal.SIGTERM)
        assert await here.died()
        await ends_well(here)
