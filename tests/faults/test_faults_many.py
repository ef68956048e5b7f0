"""Several processes on one PostgreSQL, one of them killed, or all given the same: nothing twice but what is marked (I24)."""

import asyncio

import pytest
import sqlalchemy as sa

from store import schema
from tests.process.conftest import providers
from tests.process.house import COMPLAINT, housed, texts

pytestmark = [pytest.mark.process, pytest.mark.faults]

LEASE_SECONDS = 45


@pytest.fixture
async def stub():
    async with providers() as made:
        yield made


@pytest.fixture
async def house(stub, postgres_url, tmp_path):
    async with housed(stub, postgres_url, tmp_path) as made:
        yield made


async def test_a_worker_killed_while_it_hands_over_is_taken_over_by_the_other(house, stub):
    doomed = await house.begin("worker")
    stub.hold = asyncio.Event()
    for number in (1, 2):  # the line's share of four slots
        await house.first.text(COMPLAINT, *texts(number))
    await stub.wait_for(2)
    await house.begin("worker")
    await doomed.kill()
    stub.hold.set()
    stub.hold = None
    for number in range(3, 7):  # the other goes on, and does not touch what may still be under way
        await house.first.text(COMPLAINT, *texts(number))
    await stub.wait_for(6)
    await house.let_time_go_by("lease_until", LEASE_SECONDS)
    await house.first.until(lambda: house.all_are("accepted", "in_doubt"))
    await house.let_time_go_by("due_at", 60)  # in which a report that carries our id could have settled it
    await house.first.until(lambda: house.all_are("accepted"))
    times = {row.recipient: sum(one["To"] == row.recipient for one in stub.posted) for row in await house.rows()}
    assert times == {texts(number)[1]: 2 if number < 3 else 1 for number in range(1, 7)}
    assert {row.recipient for row in await house.rows() if row.doubted} == {texts(1)[1], texts(2)[1]}


async def test_two_that_do_all_are_given_the_same_messages_and_act_once(house, stub):
    """A provider that tries again reaches the other process behind the load balancer, while the first is at it."""
    doors = [await house.begin("all"), await house.begin("all")]
    people = range(1, 41)
    done = await asyncio.gather(*(one.text(COMPLAINT, *texts(number)) for number in people for one in doors * 2))
    assert {status for status, _ in done} == {200}
    await stub.wait_for(len(people))
    await house.first.until(lambda: house.all_are("accepted"))
    for table in (schema.inbound, schema.cases, schema.outbound):
        assert (
            await house.store.read(lambda tx, t=table: tx.execute(sa.select(sa.func.count()).select_from(t)).scalar())
            == 40
        )
    assert sorted(one["To"] for one in stub.posted) == [texts(number)[1] for number in people]
