"""PostgreSQL killed, restarted, cut off, stalled, failed over under load: no 2xx without a commit, none of them lost."""

import asyncio
from contextlib import asynccontextmanager
from time import monotonic  # noqa: TID251  the world outside has clocks of its own

import pytest

from store import migrate
from tests.faults.cluster import cluster, standby
from tests.faults.people import Driver, becomes, verdict, world
from tests.faults.weather import wire

pytestmark = pytest.mark.faults

PEOPLE = 8


@pytest.fixture(scope="module")
def server():
    with cluster() as made:
        yield made


@pytest.fixture
async def empty(server):
    """The server, with a fresh database."""
    await server.execute("DROP SCHEMA public CASCADE")
    await server.execute("CREATE SCHEMA public")
    await asyncio.to_thread(migrate, server.url())
    return server


@asynccontextmanager
async def under_load(driver):
    """People text all the while, each insisting until it is taken; at the end all are."""
    going = True

    async def person():
        while going:
            await driver.insist()

    people = [asyncio.create_task(person()) for _ in range(PEOPLE)]
    try:
        while len(driver.acknowledged) < 2 * PEOPLE:  # noqa: ASYNC110  until the load is there
            await asyncio.sleep(0.05)
        yield
        before = len(driver.acknowledged)
        async with asyncio.timeout(60):
            while len(driver.acknowledged) < before + 2 * PEOPLE:  # noqa: ASYNC110  until it is there again
                await asyncio.sleep(0.05)
    finally:
        going = False
        await asyncio.gather(*people)


async def judged(driver, stub, server, what, began):
    """The checker finds nothing; say in a line what was seen."""
    found = await verdict(driver, stub, server.url())
    rows = await server.execute("SELECT count(*) AS n, count(DISTINCT external_id) AS ids FROM inbound")
    cases = await server.execute("SELECT count(*) AS n FROM cases")
    statuses = sorted({one.status for one in driver.w}, key=str)
    print(
        f"{what}: {monotonic() - began:.1f} s, {len(driver.w)} deliveries answered {statuses}, "
        f"{len(driver.acknowledged)} acknowledged, {rows[0]['n']} kept, {cases[0]['n']} cases, {len(stub.seen)} replies"
    )
    assert found == []
    assert rows[0]["n"] == rows[0]["ids"] == cases[0]["n"] == len(driver.acknowledged) == driver.sent
    assert {one.status for one in driver.w} <= {200, 503, None}


async def killed(server):
    server.kill()
    await asyncio.sleep(6)
    await asyncio.to_thread(server.start)


async def restarted(server):
    await asyncio.to_thread(server.restart)


async def cut_off(server):
    for _ in range(5):
        await server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'barrio'")
        await asyncio.sleep(0.5)


@pytest.mark.parametrize("fault", [killed, restarted, cut_off])
async def test_the_server_goes_away_under_load_and_comes_back(empty, tmp_path, fault):
    began = monotonic()
    async with world(tmp_path, empty.url()) as (gateway, stub):
        driver = Driver(gateway)
        async with under_load(driver):
            gone = asyncio.create_task(fault(empty))
            if fault is killed:
                assert await becomes(gateway, 503, within=5) < 5
            await gone
            await becomes(gateway, 200, within=15)
        await judged(driver, stub, empty, fault.__name__, began)
        assert await gateway.stop() == 0


@pytest.mark.long
async def test_a_server_that_says_nothing_for_thirty_seconds(empty, tmp_path):
    began = monotonic()
    async with wire(empty.port) as line, world(tmp_path, empty.url(line.port)) as (gateway, stub):
        driver = Driver(gateway)
        async with under_load(driver):
            line.stall()
            stalled = monotonic()
            assert await becomes(gateway, 503, within=5) < 5
            acknowledged = len(driver.acknowledged)
            status, took = await driver.text()
            assert status in {503, None}
            assert took < 15  # Twilio's patience
            await asyncio.sleep(30 - (monotonic() - stalled))
            assert len(driver.acknowledged) == acknowledged
            line.release()
            await becomes(gateway, 200, within=15)
        await driver.again()
        await judged(driver, stub, empty, "stalled", began)
        assert await gateway.stop() == 0


@pytest.fixture
async def pair(server, empty):
    """The server, whose commits wait for a second one that follows it; at the end the first is alone again."""
    with standby(empty) as second:
        await empty.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        await empty.execute("SELECT pg_reload_conf()")
        yield empty, second
        await asyncio.to_thread(server.revive)


async def test_failed_over_to_a_replica_that_has_all(pair, tmp_path):
    (first, second), began = pair, monotonic()
    async with wire(first.port) as line, world(tmp_path, first.url(line.port)) as (gateway, stub):
        driver = Driver(gateway)
        async with under_load(driver):
            first.kill()
            await asyncio.to_thread(second.promote)
            line.turn(second.port)
            await becomes(gateway, 200, within=20)
        await judged(driver, stub, second, "failed over", began)
        assert await gateway.stop() == 0
