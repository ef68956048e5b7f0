"""What is PostgreSQL's own: deadlocks lost and run again, a server that goes, falls silent or is not there."""

import asyncio
import os
import signal
import socket

import pytest
import sqlalchemy as sa
from sqlalchemy.util import await_only

from store import StoreUnavailable, contacts, open_store, schema
from store.engines import postgresql


@pytest.fixture
async def server_store(postgres_url):
    store = open_store(postgres_url)
    await store.start()
    yield store
    await store.close()


def put(code):
    return lambda tx: tx.execute(sa.insert(schema.codes), {"code": code}) and None


def run(statement):
    return lambda tx: tx.exec_driver_sql(statement) and None


RAISE = "DO $$ BEGIN RAISE EXCEPTION 'calle 7' USING ERRCODE = '{}'; END $$"


@pytest.mark.parametrize(
    ("setting", "value"),
    [("synchronous_commit", "on"), ("transaction_isolation", "read committed"), ("statement_timeout", "5s")],
)
async def test_a_commit_is_on_disk_and_nothing_runs_for_ever(server_store, setting, value):
    assert await server_store.transact(lambda tx: tx.exec_driver_sql(f"SHOW {setting}").scalar_one()) == value


@pytest.mark.parametrize("code", ["40001", "40P01"])
async def test_a_lost_race_is_run_again_after_a_moment(server_store, code, monkeypatch):
    runs, waited, sleep = [], [], asyncio.sleep

    async def slept(seconds):
        waited.append(seconds)
        await sleep(0)

    monkeypatch.setattr(postgresql.asyncio, "sleep", slept)

    def lose_twice(tx):
        runs.append(1)
        put(str(len(runs)))(tx)
        if len(runs) < 3:
            tx.exec_driver_sql(RAISE.format(code))
        return len(runs)

    assert await server_store.transact(lose_twice) == 3
    assert waited == [postgresql.GIVE_WAY_SECONDS, 2 * postgresql.GIVE_WAY_SECONDS]
    assert await server_store.read(lambda tx: tx.execute(sa.select(schema.codes.c.code)).scalars().all()) == ["3"]


async def test_a_race_lost_too_often_is_unavailable(server_store):
    runs = []

    def lose(tx):
        runs.append(1)
        tx.exec_driver_sql(RAISE.format("40001"))

    with pytest.raises(StoreUnavailable, match="40001"):
        await server_store.transact(lose)
    assert len(runs) == postgresql.ATTEMPTS


async def test_a_real_deadlock_ends_with_both_done(server_store, people):
    first, second = await people(2)
    meeting, runs = asyncio.Barrier(2), []

    def move(one, two, place):
        def work(tx):
            runs.append(place)
            contacts.set_places(tx, {one.id: place}, one.last_seen_at)
            if runs.count(place) == 1:
                await_only(meeting.wait())
            contacts.set_places(tx, {two.id: place}, two.last_seen_at)

        return work

    await asyncio.gather(
        server_store.transact(move(first, second, "here")), server_store.transact(move(second, first, "there"))
    )
    assert 3 <= len(runs) <= postgresql.ATTEMPTS + 1  # the loser may have taken its row again before the winner woke
    found = await server_store.read(lambda tx: contacts.by_ids(tx, [first.id, second.id]))
    assert len({one.place for one in found.values()}) == 1


@pytest.fixture
def store(server_store):
    """So that ``people`` makes them here, on this engine only."""
    return server_store


@pytest.mark.parametrize("code", ["53100", "53300", "57014", "58030", "25006", "55P03", "08006", "XX001", "40003"])
async def test_trouble_of_the_server_is_told_from_a_bug(server_store, code):
    with pytest.raises(StoreUnavailable, match=code) as trouble:
        await server_store.transact(run(RAISE.format(code)))
    assert "calle 7" not in str(trouble.value)
    await server_store.transact(put("1"))


async def test_a_connection_cut_under_way_is_unavailable_and_the_next_works(server_store):
    for way in (server_store.transact, server_store.read):
        with pytest.raises(StoreUnavailable):
            await way(run("SELECT pg_terminate_backend(pg_backend_pid())"))
        await server_store.transact(run("SELECT 1"))


async def test_connections_ended_while_they_lay_idle_are_not_noticed_by_anybody(server_store, postgres):
    ended = asyncio.Event()
    async with server_store._engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        driver.add_termination_listener(lambda _driver: ended.set())
    postgres.execute(f"SELECT pg_terminate_backend({driver.get_server_pid()})")
    await ended.wait()
    await server_store.transact(put("1"))


async def test_a_statement_that_takes_too_long_is_cut(postgres_url, monkeypatch):
    monkeypatch.setitem(postgresql._SETTINGS, "statement_timeout", "20ms")
    store = open_store(postgres_url)
    await store.start()
    with pytest.raises(StoreUnavailable, match="57014"):
        await store.transact(run("SELECT pg_sleep(5)"))
    await store.close()


async def test_a_study_takes_its_time_and_writes_nothing(postgres_url, monkeypatch):
    monkeypatch.setitem(postgresql._SETTINGS, "statement_timeout", "20ms")
    monkeypatch.setattr(postgresql, "ANSWER_SECONDS", 0.1)
    store = open_store(postgres_url)
    await store.start()

    def slowly(tx):
        tx.exec_driver_sql("SELECT pg_sleep(0.3)")
        return tx.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar_one()

    assert await store.study(slowly) == "0"
    with pytest.raises(StoreUnavailable, match="25006"):
        await store.study(put("1"))
    await store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.study(slowly)


async def test_a_server_that_falls_silent_is_unavailable(postgres_url, monkeypatch):
    monkeypatch.setattr(postgresql, "ANSWER_SECONDS", 0.1)
    store = open_store(postgres_url)
    await store.start()
    stopped = []

    def fall_silent(tx):
        stopped.append(tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        os.kill(stopped[0], signal.SIGSTOP)
        put("1")(tx)

    try:
        with pytest.raises(StoreUnavailable, match="disconnected"):
            await store.transact(fall_silent)
        await store.transact(put("2"))
    finally:
        os.kill(stopped[0], signal.SIGCONT)
    assert await store.read(lambda tx: tx.execute(sa.select(schema.codes.c.code)).scalars().all()) == ["2"]
    await store.close()


async def test_a_server_that_is_not_there_is_unavailable(tmp_path):
    store = open_store(f"postgresql://postgres@/barrio?host={tmp_path}")
    with pytest.raises(StoreUnavailable, match="cannot connect"):
        await store.start()
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.transact(put("1"))


async def test_a_server_that_takes_calls_and_says_nothing_is_unavailable(monkeypatch):
    monkeypatch.setattr(postgresql, "CONNECT_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        store = open_store(f"postgresql://postgres@127.0.0.1:{mute.getsockname()[1]}/barrio")
        with pytest.raises(StoreUnavailable, match="cannot connect"):
            await store.start()


async def test_all_connections_busy_is_unavailable(postgres_url, monkeypatch):
    monkeypatch.setattr(postgresql, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(postgresql, "CONNECTIONS", 1)
    store = open_store(postgres_url)
    await store.start()
    async with store._turns.one():
        with pytest.raises(StoreUnavailable, match="all connections are busy"):
            await store.transact(put("1"))
    await store.transact(put("1"))
    await store.close()
