"""More is posted than a stalled store can take: refused in time, nothing grows, and the next text is taken."""

import asyncio
import sqlite3
from collections import Counter
from contextlib import asynccontextmanager
from time import monotonic  # noqa: TID251  the world outside has clocks of its own

import aiohttp
import asyncpg
import pytest
import sqlalchemy as sa

from store import open_store, schema
from tests.faults.weather import memory
from tests.process.conftest import providers, running
from tests.process.house import texts

pytestmark = [pytest.mark.process, pytest.mark.faults]

#: More than may wait (2,000), each on a connection of its own.
POSTED = 2_600


@asynccontextmanager
async def stalled(store_url):
    """Nobody else can write to the store while the block runs; reading goes on."""
    if store_url.startswith("sqlite"):
        connection = sqlite3.connect(store_url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.close()
    else:
        url = sa.make_url(store_url)
        holder = await asyncpg.connect(host=url.query["host"], user=url.username, database=url.database)
        async with holder.transaction():
            await holder.execute("LOCK TABLE inbound IN EXCLUSIVE MODE")
            yield
        await holder.close()


async def post(gateway, number, *, sender=None):
    """One text; the status, the seconds until it came, and when to come again."""
    sid, own = texts(number)
    form = {
        "MessageSid": sid,
        "AccountSid": "AC00000000000000000000000000000001",
        "From": sender or own,
        "To": "+12025550143",
        "Body": "hola",
    }
    begun = monotonic()
    status, _ = await gateway.twilio(form)
    return status, monotonic() - begun


@pytest.fixture
async def gateway(store_url, tmp_path):
    async with providers() as stub, running(stub, store_url, tmp_path) as made:
        made.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        yield made
        await made.session.close()


@pytest.mark.timeout(240)
async def test_a_storm_on_a_stalled_store_is_refused_in_time_and_leaves_nothing(gateway, store_url):
    assert (await post(gateway, 1))[0] == 200
    before = memory(gateway.process.pid)
    async with stalled(store_url):
        answers = await asyncio.gather(*(post(gateway, number) for number in range(2, POSTED)))
        grown = memory(gateway.process.pid) - before
    statuses = Counter(status for status, _ in answers)
    assert statuses == {503: POSTED - 2}
    # A dozen seconds: at most eight in the queue, the rest is this test's own making of 2,600 requests on two cores.
    slowest = max(seconds for _, seconds in answers)
    assert slowest < 20, slowest
    assert grown < 150, grown
    await gateway.until(lambda: _taken(gateway))
    store = open_store(store_url)
    await store.start()
    kept = await store.read(lambda tx: tx.execute(sa.select(sa.func.count()).select_from(schema.inbound)).scalar())
    await store.close()
    print(f"{statuses}, slowest {slowest:.1f} s, {grown:.0f} MiB more, {kept} kept")
    assert kept <= 2 + 256 * 2  # a batch that had begun may stand although its answer came too late


async def test_one_who_floods_is_refused_and_a_neighbour_is_not(gateway, store_url):
    async with stalled(store_url):
        flood = [asyncio.create_task(post(gateway, number, sender="+59170000001")) for number in range(1, 101)]
        refused = set()
        while len(refused) < 80:
            done, _ = await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
            refused |= done
            flood = [task for task in flood if not task.done()]
        neighbour = asyncio.create_task(post(gateway, 200))
        assert {task.result()[0] for task in refused} == {503}
        assert len(flood) <= 20
    assert (await neighbour)[0] == 200
    assert {(await task)[0] for task in flood} <= {200, 503}


async def _taken(gateway):
    return (await post(gateway, 9_000))[0] == 200
