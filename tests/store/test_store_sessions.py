from dataclasses import replace
from datetime import timedelta

import pytest

from dialogs.session import Session
from store import sessions
from store.sessions import UssdState


@pytest.fixture
def session(clock):
    return Session(
        dialog="report",
        step="place",
        answers={"description": "un poste\x00 caído 🙏", "n": 3, "yes": True, "none": None},
        misses=1,
        page=2,
        expires_at=clock.now() + timedelta(hours=1),
    )


async def test_a_session_comes_back_as_it_was_left(store, people, clock, session):
    first, second = await people(2)
    await store.transact(lambda tx: sessions.save(tx, [(first.id, session)], clock.now()))
    assert await store.read(lambda tx: sessions.load(tx, [first.id, second.id])) == {first.id: session}


async def test_saving_again_replaces_and_none_ends(store, people, clock, session):
    first, second, third = await people(3)
    rows = [(one.id, session) for one in (first, second, third)]
    await store.transact(lambda tx: sessions.save(tx, rows, clock.now()))
    moved = replace(session, step="category", answers={}, misses=0, page=0, case="482105930")
    await store.transact(lambda tx: sessions.save(tx, [(first.id, moved), (second.id, None)], clock.now()))
    found = await store.read(lambda tx: sessions.load(tx, [first.id, second.id, third.id]))
    assert found == {first.id: moved, third.id: session}


async def test_expired_ones_are_still_read_and_listed_oldest_first(store, people, clock, session):
    first, second, third = await people(3)
    ends = {first.id: 30, second.id: 10, third.id: 90}
    rows = [(ident, replace(session, expires_at=clock.now() + timedelta(minutes=m))) for ident, m in ends.items()]
    await store.transact(lambda tx: sessions.save(tx, rows, clock.now()))
    now = clock.advance(minutes=30)
    expired = await store.transact(lambda tx: sessions.expired(tx, now, 10))
    assert [ident for ident, _ in expired] == [second.id, first.id]
    assert expired[0][1] == rows[1][1]
    assert len(await store.transact(lambda tx: sessions.expired(tx, now, 1))) == 1
    assert len(await store.read(lambda tx: sessions.load(tx, list(ends)))) == 3


async def test_the_end_of_a_case_ends_the_sessions_bound_to_it(store, people, clock, session):
    first, second, third = await people(3)
    bound = replace(session, case="482105930")
    rows = [(first.id, bound), (second.id, bound), (third.id, replace(session, case="482105938"))]
    await store.transact(lambda tx: sessions.save(tx, rows, clock.now()))
    assert await store.transact(lambda tx: sessions.end_for_case(tx, "482105930")) == 2
    assert list(await store.read(lambda tx: sessions.load(tx, [first.id, second.id, third.id]))) == [third.id]


@pytest.mark.parametrize("count", [1, 50])
async def test_a_batch_costs_the_same_whatever_its_size(store, people, clock, session, count, statements):
    ids = [one.id for one in await people(2 * count)]

    def cost(tx):
        with statements(tx) as said:
            sessions.load(tx, ids)
            sessions.save(tx, [(ident, session if place % 2 else None) for place, ident in enumerate(ids)], clock.now())
        return [one.split()[0] for one in said]

    assert await store.transact(cost) == ["SELECT", "INSERT", "DELETE"]
    assert await store.transact(cost) == ["SELECT", "INSERT", "DELETE"]


async def test_nothing_costs_nothing(store, clock, statements):
    def cost(tx):
        with statements(tx) as said:
            assert sessions.load(tx, []) == {}
            assert sessions.load_ussd(tx, []) == {}
            sessions.save(tx, [], clock.now())
            sessions.save_ussd(tx, [], clock.now())
        return said

    assert await store.transact(cost) == []


async def test_a_carriers_session_comes_back_and_moves_on(store, people, clock):
    first, second = await people(2)
    one = UssdState(contact_id=first.id, history="1", hops=1, screen="Elija: 1 luz", ended=False)
    await store.transact(lambda tx: sessions.save_ussd(tx, [(("ussd", "s-1"), one)], clock.now()))
    two = replace(one, history="1*2", hops=2, screen="Gracias\x00", ended=True)
    other = replace(one, contact_id=second.id)
    rows = [(("ussd", "s-2"), other), (("ussd", "s-1"), two)]
    await store.transact(lambda tx: sessions.save_ussd(tx, rows, clock.now()))
    found = await store.read(lambda tx: sessions.load_ussd(tx, [("ussd", "s-1"), ("ussd", "s-2"), ("ussd", "s-3")]))
    assert found == {("ussd", "s-1"): replace(two, screen="Gracias\ufffd"), ("ussd", "s-2"): other}


async def test_a_carriers_session_stays_with_who_began_it(store, people, clock):
    first, second = await people(2)
    one = UssdState(contact_id=first.id, history="", hops=1, screen="Hola", ended=False)
    await store.transact(lambda tx: sessions.save_ussd(tx, [(("ussd", "s"), one)], clock.now()))
    stolen = replace(one, contact_id=second.id)
    await store.transact(lambda tx: sessions.save_ussd(tx, [(("ussd", "s"), stolen)], clock.now()))
    assert await store.read(lambda tx: sessions.load_ussd(tx, [("ussd", "s")])) == {("ussd", "s"): one}


async def test_keys_of_two_lines_are_not_mixed_up(store, people, clock):
    (first,) = await people(1)
    one = UssdState(contact_id=first.id, history="", hops=1, screen="Hola", ended=False)
    long = "k" * 300
    keys = [("a", "1"), ("b", "2"), ("a", "2"), ("a", long)]
    await store.transact(lambda tx: sessions.save_ussd(tx, [(key, one) for key in keys], clock.now()))
    found = await store.read(lambda tx: sessions.load_ussd(tx, [("a", "1"), ("b", "2"), ("a", long)]))
    assert set(found) == {("a", "1"), ("b", "2"), ("a", long)}


async def test_old_carrier_sessions_are_forgotten(store, people, clock):
    (first,) = await people(1)
    one = UssdState(contact_id=first.id, history="", hops=1, screen="Hola", ended=False)
    await store.transact(lambda tx: sessions.save_ussd(tx, [(("ussd", "old"), one)], clock.now()))
    later = clock.advance(hours=1)
    await store.transact(lambda tx: sessions.save_ussd(tx, [(("ussd", "new"), one)], later))
    assert await store.transact(lambda tx: sessions.purge_ussd(tx, later)) == 1
    assert list(await store.read(lambda tx: sessions.load_ussd(tx, [("ussd", "old"), ("ussd", "new")]))) == [
        ("ussd", "new")
    ]


@pytest.mark.parametrize("count", [1, 50])
async def test_carrier_sessions_cost_the_same_whatever_the_size(store, people, clock, count, statements):
    (first,) = await people(1)
    one = UssdState(contact_id=first.id, history="", hops=1, screen="Hola", ended=False)
    keys = [("ussd", str(n)) for n in range(count)]

    def cost(tx):
        with statements(tx) as said:
            sessions.save_ussd(tx, [(key, one) for key in keys], clock.now())
            sessions.load_ussd(tx, keys)
        return [one.split()[0] for one in said]

    assert await store.transact(cost) == ["INSERT", "SELECT"]
