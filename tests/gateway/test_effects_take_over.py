"""A case that is taken over: whose it is, what its history says, and who is asked whether it is solved."""

import pytest

from dialogs.effects import TakeOver
from gateway.effects import RESIDENT
from gateway.work import casework
from store import cases


@pytest.fixture
async def other(world):
    return await world.person(2)


async def test_it_is_theirs_and_its_history_says_that_it_was_taken(world, other):
    code = await world.open_case(await world.person())
    before = await world.case(code)
    await world.asks(TakeOver(code=code), of=other)
    after = await world.case(code)
    assert (after.contact_id, after.status, after.due_at) == (other.id, before.status, before.due_at)
    [*_, last] = await world.store.read(lambda tx: cases.events(tx, after.id))
    assert (last.actor, last.what, last.data) == (RESIDENT, "taken_over", {})


async def test_what_is_asked_later_is_asked_of_them(world, other):
    code = await world.open_case(await world.person())
    await world.asks(TakeOver(code=code), of=other)
    now = world.clock.now()
    await world.store.transact(lambda tx: casework.resolve(tx, world.house, now, "Ana", code, reply="listo"))
    assert {row.contact_id for row in await world.rows("outbound")} == {other.id}


async def test_nobody_takes_nothing(world):
    code = await world.open_case(await world.person())
    before = await world.case(code)
    await world.asks(TakeOver(code=code))
    assert await world.case(code) == before
