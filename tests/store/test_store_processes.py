"""Two processes on one PostgreSQL: they share the work, wait for one another where they must, and never in a ring."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.util import await_only

from dialogs.session import Session
from store import audit, cases, contacts, messages, open_store, schema, sessions
from store.contacts import Seen


@pytest.fixture
async def server_store(postgres_url):
    store = open_store(postgres_url)
    await store.start()
    yield store
    await store.close()


@pytest.fixture
def store(server_store):
    """So that ``people`` makes them here, on this engine only."""
    return server_store


@pytest.fixture
async def other_store(postgres_url):
    """A second process's store on the same database."""
    store = open_store(postgres_url)
    await store.start()
    yield store
    await store.close()


async def test_two_processes_that_meet_the_same_strangers_never_wait_in_a_ring(server_store, other_store, clock):
    runs = []

    def meet(numbers):
        def work(tx):
            runs.append(1)
            seen = [Seen(msisdn=f"+5917000{n:04d}", language="es", sms_channel="demo", at=clock.now()) for n in numbers]
            known = contacts.ensure(tx, seen)
            contacts.lock(tx, [one.id for one in known.values()])
            return known

        return work

    for start in range(0, 200, 20):
        clock.advance(days=1)  # so that those known already are rewritten, which takes locks too
        ways = [range(start, start + 40), range(start + 39, start - 1, -1), range(start + 20, start + 60)]
        known = await asyncio.gather(
            *(store.transact(meet(way)) for way in ways for store in (server_store, other_store))
        )
        assert known[0] == known[1] == known[2]
    assert len(runs) == 60  # nobody lost a deadlock


async def test_a_message_given_to_two_processes_is_kept_by_one(server_store, other_store, message):
    def batch(order):
        return lambda tx: messages.record(tx, [(message(f"{n:03d}"), None) for n in order])

    both = await asyncio.gather(
        *(
            store.transact(batch(order))
            for order in (range(50), range(49, -1, -1), range(50))
            for store in (server_store, other_store)
        )
    )
    assert sum(ident is not None for ids in both for ident in ids) == 50


async def test_codes_taken_in_two_orders_clash_and_never_wait_in_a_ring(server_store, other_store, new_case, clock):
    rows = [new_case() for _ in range(30)]

    def take(order):
        return lambda tx: cases.open_cases(tx, order, clock.now())

    done = await asyncio.gather(
        server_store.transact(take(rows)), other_store.transact(take(rows[::-1])), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["Clash", "list"]


async def test_whoever_is_locked_waits_and_their_messages_can_still_be_queued(server_store, other_store, people, clock):
    (contact,) = await people(1)
    order, held, referred = [], asyncio.Event(), asyncio.Event()

    def hold(tx):
        contacts.lock(tx, [contact.id])
        held.set()
        await_only(referred.wait())
        order.append("let go")

    def wait(tx):
        contacts.lock(tx, [contact.id])
        order.append("waited")

    def refer(tx):
        tx.execute(
            sa.insert(schema.consents), {"contact_id": contact.id, "kind": "out", "source": "x", "at": clock.now()}
        )
        order.append("referred")

    holding = asyncio.create_task(server_store.transact(hold))
    await held.wait()
    waiting = asyncio.create_task(other_store.transact(wait))
    await server_store.transact(refer)
    referred.set()
    await asyncio.gather(holding, waiting)
    assert order == ["referred", "let go", "waited"]


async def test_expired_sessions_are_shared_out_between_processes(server_store, other_store, people, clock):
    ids = [one.id for one in await people(4)]
    session = Session(dialog="report", step="place", expires_at=clock.now() - timedelta(minutes=1))
    await server_store.transact(lambda tx: sessions.save(tx, [(ident, session) for ident in ids], clock.now()))
    meeting = asyncio.Barrier(2)

    def take(tx):
        taken = [ident for ident, _ in sessions.expired(tx, clock.now(), 2)]
        await_only(meeting.wait())
        return taken

    first, second = await asyncio.gather(server_store.transact(take), other_store.transact(take))
    assert sorted(first + second) == sorted(ids)


async def test_a_session_is_not_ended_while_its_contact_is_being_answered(server_store, other_store, people, clock):
    (one,) = await people(1)
    session = Session(dialog="report", step="place", expires_at=clock.now() - timedelta(minutes=1))
    await server_store.transact(lambda tx: sessions.save(tx, [(one.id, session)], clock.now()))
    held, looked = asyncio.Event(), asyncio.Event()

    def answer(tx):
        contacts.lock(tx, [one.id])
        held.set()
        await_only(looked.wait())

    answering = asyncio.create_task(server_store.transact(answer))
    await held.wait()
    meanwhile = await other_store.transact(lambda tx: sessions.expired(tx, clock.now(), 9))
    looked.set()
    await answering
    assert meanwhile == []
    assert await other_store.transact(lambda tx: sessions.expired(tx, clock.now(), 9)) == [(one.id, session)]


async def test_acts_of_many_processes_make_one_chain(server_store, other_store, clock):
    def act(n):
        return lambda tx: audit.append(tx, actor=f"cli:{n}", act="x", subject=None, data={}, at=clock.now())

    await asyncio.gather(*(store.transact(act(n)) for n in range(6) for store in (server_store, other_store)))
    assert await server_store.read(audit.broken) is None
    assert len(await server_store.read(lambda tx: audit.entries(tx, 99))) == 12


async def test_changes_of_one_case_from_two_processes_follow_one_another(server_store, other_store, new_case, clock):
    row = new_case()
    (ident,) = await server_store.transact(lambda tx: cases.open_cases(tx, [row], clock.now()))

    def note(n):
        return lambda tx: cases.change(tx, ident, actor=f"staff:{n}", what="noted", at=clock.now(), data={"n": n})

    await asyncio.gather(*(store.transact(note(n)) for n in range(6) for store in (server_store, other_store)))
    assert await server_store.read(lambda tx: cases.broken_chain(tx, ident)) is None
    assert len(await server_store.read(lambda tx: cases.events(tx, ident))) == 13
