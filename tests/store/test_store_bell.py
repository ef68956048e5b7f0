"""The bell between processes: heard soon, rung once for many, and back after the server threw it out."""

import asyncio

import pytest

from store import open_store
from store.engines import bell


@pytest.fixture
async def house(postgres_url):
    """Two processes on one database: who rings, and who listens with what it heard."""
    web, worker = open_store(postgres_url), open_store(postgres_url)
    await web.start()
    await worker.start()
    yield web, worker
    await web.close()
    await worker.close()


class Ear:
    """Counts what it hears, and can be waited for."""

    def __init__(self):
        self.count = 0
        self._news = asyncio.Condition()
        self._tasks = set()

    def __call__(self):
        task = asyncio.create_task(self._note())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _note(self):
        async with self._news:
            self.count += 1
            self._news.notify_all()

    async def heard(self, times):
        async with asyncio.timeout(30), self._news:
            await self._news.wait_for(lambda: self.count >= times)


async def test_who_listens_hears_who_rings(house):
    web, worker = house
    ear = Ear()
    worker.listen(ear)
    await ear.heard(1)  # once at the beginning: something may have been queued before
    web.ring()
    await ear.heard(2)


async def test_many_rings_while_one_is_under_way_are_one(house):
    web, worker = house
    ear = Ear()
    worker.listen(ear)
    await ear.heard(1)
    for _ in range(100):
        web.ring()
    await ear.heard(2)
    web.ring()
    await ear.heard(3)
    assert ear.count <= 4


async def test_a_bell_that_the_server_threw_out_comes_back(house, postgres, monkeypatch):
    monkeypatch.setattr(bell, "AGAIN_SECONDS", 0.01)
    web, worker = house
    ear = Ear()
    worker.listen(ear)
    await ear.heard(1)
    web.ring()
    await ear.heard(2)
    postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'barrio bell'")
    await ear.heard(3)  # it listens again, and looks for what it may have missed
    web.ring()
    await ear.heard(4)


async def test_closing_lets_go_of_it_and_nobody_rings_a_closed_store(house, postgres):
    web, _ = house
    web.ring()
    await web.close()
    web.ring()


async def test_on_sqlite_nobody_rings(sqlite_url):
    store = open_store(sqlite_url)
    await store.start()
    store.listen(lambda: pytest.fail("nobody can ring"))
    store.ring()
    await store.close()
