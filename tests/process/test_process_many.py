"""Several real processes on one store: they share the work on PostgreSQL; on SQLite there is one."""

import asyncio
from statistics import median

import pytest

from tests.process.conftest import PATIENCE, running
from tests.process.house import COMPLAINT, housed, texts

pytestmark = pytest.mark.process


@pytest.fixture
async def house(stub, postgres_url, tmp_path):
    async with housed(stub, postgres_url, tmp_path) as made:
        yield made


async def test_what_one_takes_another_sends_within_milliseconds(house, stub):
    worker = await house.begin("worker")
    assert (await worker.text(COMPLAINT, *texts(1)))[0] == 404
    loop, waits = asyncio.get_running_loop(), []
    for number in range(1, 12):
        assert (await house.first.text(COMPLAINT, *texts(number)))[0] == 200
        answered = loop.time()
        await stub.wait_for(number)
        waits.append(loop.time() - answered)
    assert median(waits) < 0.25, waits  # without the bell it would be half a second
    for one in (house.first, worker):
        async with one.session.get(f"{one.address}/ready") as answer:
            assert answer.status == 200
        assert await one.stop() == 0


async def test_a_worker_killed_while_it_claims_leaves_all_to_the_other(house, stub):
    """Dead before the commit that would have marked them: nothing was claimed, and the other has it within a second."""
    doomed = await house.begin("worker", BARRIO_CRASH_AT="outbox.marked:3")
    await house.begin("worker")
    people = range(1, 41)
    done = await asyncio.gather(*(house.first.text(COMPLAINT, *texts(number)) for number in people))
    assert {status for status, _ in done} == {200}
    async with asyncio.timeout(PATIENCE):
        assert await doomed.process.wait() == 137
    await stub.wait_for(len(people))
    assert sorted(one["To"] for one in stub.posted) == [texts(number)[1] for number in people]
    await house.first.until(lambda: house.all_are("accepted"))


async def test_a_file_has_one_process_that_serves_and_any_number_of_guests(stub, sqlite_url, tmp_path):
    async with running(stub, sqlite_url, tmp_path) as gateway:
        for words, said in (
            (("serve",), "another barrio serve runs on this store already"),
            (("serve", "--role", "web"), "needs a store on PostgreSQL"),
            (("serve", "--role", "worker"), "needs a store on PostgreSQL"),
        ):
            second = await gateway._run(*words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
            async with asyncio.timeout(PATIENCE):
                printed, complained = await second.communicate()
            assert (second.returncode, printed) == (2, b"")
            [line] = complained.decode().splitlines()
            assert said in line
        assert (await gateway.text(COMPLAINT, *texts(1)))[0] == 200
        assert len(await gateway.command("case", "list")) == 1
