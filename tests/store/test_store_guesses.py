"""How many codes that nobody has were texted: kept for a day, of each contact and of all, by one process at a time."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from store import guesses, open_store, schema
from store.guesses import EVERYBODY, Tally


@pytest.fixture
def tally(clock):
    """So many misses, which count for an hour."""
    return lambda misses, **later: Tally(misses=misses, until=clock.now() + timedelta(**(later or {"hours": 1})))


async def test_nothing_stands_of_who_texted_none(store):
    stood = await store.transact(lambda tx: guesses.tallies(tx, [1, 2]))
    assert {who: one.misses for who, one in stood.items()} == {EVERYBODY: 0}


async def test_what_is_kept_stands_in_the_place_of_what_was(store, tally):
    for kept in ({1: tally(2), EVERYBODY: tally(9)}, {1: tally(3, days=1), 2: tally(1), EVERYBODY: tally(11)}, {}):
        await store.transact(lambda tx, kept=kept: guesses.keep(tx, kept))
    stood = await store.transact(lambda tx: guesses.tallies(tx, [1, 5]))
    assert stood == {1: tally(3, days=1), EVERYBODY: tally(11)}


async def test_what_counts_no_longer_is_deleted_a_part_at_a_time(store, tally, clock):
    rows = {EVERYBODY: tally(7), 1: tally(3), 2: tally(1, hours=2), 3: tally(2)}
    await store.transact(lambda tx: guesses.keep(tx, rows))
    assert await store.transact(lambda tx: guesses.forget(tx, clock.now(), 10)) == 0
    clock.advance(hours=1)
    parts = [await store.transact(lambda tx: guesses.forget(tx, clock.now(), 2)) for _ in range(3)]
    assert parts == [2, 1, 0]
    left = await store.read(lambda tx: tx.execute(sa.select(schema.code_misses.c.contact_id)).scalars().all())
    assert left == [2]


async def test_reading_is_one_statement_but_for_the_first_time_ever(store, statements):
    def ask(tx):
        with statements(tx) as said:
            guesses.tallies(tx, [1, 2, 3])
        return len(said)

    assert [await store.transact(ask) for _ in range(3)] == [3, 1, 1]


async def test_processes_that_count_at_once_count_all(store_url, store, tally):
    """Also the very first time, when there is no row yet that one could hold and another wait for."""
    others = [open_store(store_url) for _ in range(2)] if store.dialect == "postgresql" else []
    for other in others:
        await other.start()

    def one_more(tx):
        stood = guesses.tallies(tx, [])
        guesses.keep(tx, {EVERYBODY: tally(stood[EVERYBODY].misses + 1)})

    await asyncio.gather(*(process.transact(one_more) for process in (store, *others) for _ in range(8)))
    stood = await store.transact(lambda tx: guesses.tallies(tx, []))
    assert stood[EVERYBODY].misses == 8 * (1 + len(others))
    for other in others:
        await other.close()
