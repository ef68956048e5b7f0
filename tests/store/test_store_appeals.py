"""What may be appealed, and who decided it before."""

from datetime import timedelta

import pytest

from dialogs.cases import CaseStatus
from store import cases, deciders


@pytest.fixture
async def mine(store, people, new_case, clock):
    """Two cases of one person, and who it is."""
    [one] = await people(1)
    ids = await store.transact(lambda tx: cases.open_cases(tx, [new_case(one.id), new_case(one.id)], clock.now()))
    return one.id, ids


async def change(store, clock, case_id, what, status, actor="Ana", **columns):
    await store.transact(
        lambda tx: cases.change(tx, case_id, actor=actor, what=what, at=clock.now(), data={}, status=status, **columns)
    )


async def appealable(store, clock, who, days=30):
    since = clock.now() - timedelta(days=days)
    return [one.id for one in (await store.read(lambda tx: cases.appealable(tx, [who], since)))[who]]


async def test_what_was_decided_may_be_appealed_once_the_newest_first(store, clock, mine):
    who, [first, second] = mine
    assert await appealable(store, clock, who) == []
    await change(store, clock, first, "resolved", CaseStatus.RESOLVED, resolved_at=clock.now())
    await change(store, clock, second, "not_competent", CaseStatus.NOT_COMPETENT)
    assert await appealable(store, clock, who) == [second, first]
    await change(store, clock, first, "appealed", CaseStatus.APPEALED, actor="resident")
    await change(store, clock, first, "resolved", CaseStatus.RESOLVED, actor="Eva", resolved_at=clock.now())
    assert await appealable(store, clock, who) == [second]


async def test_only_for_a_time(store, clock, mine):
    who, [first, second] = mine
    await change(store, clock, first, "resolved", CaseStatus.RESOLVED, resolved_at=clock.now())
    await change(store, clock, second, "not_competent", CaseStatus.NOT_COMPETENT)
    clock.advance(timedelta(days=30))
    assert await appealable(store, clock, who) == []
    assert await appealable(store, clock, who, days=31) == [second, first]


async def test_a_note_does_not_make_the_time_longer_where_it_was_resolved(store, clock, mine):
    who, [first, _] = mine
    await change(store, clock, first, "resolved", CaseStatus.RESOLVED, resolved_at=clock.now())
    clock.advance(timedelta(days=30))
    await store.transact(lambda tx: cases.change(tx, first, actor="Ana", what="noted", at=clock.now(), data={}))
    assert await appealable(store, clock, who) == []


async def test_another_persons_is_not_ones_own(store, clock, mine, people):
    _, [first, _] = mine
    await change(store, clock, first, "resolved", CaseStatus.RESOLVED, resolved_at=clock.now())
    [other] = [one.id for one in await people(2)][1:]
    assert await appealable(store, clock, other) == []
    assert await store.read(lambda tx: cases.appealable(tx, [], clock.now())) == {}


async def test_who_decided_before_the_appeal_and_nobody_else(store, clock, mine):
    _, [first, second] = mine
    await change(store, clock, first, "assigned", CaseStatus.ASSIGNED, actor="Dora")
    await change(store, clock, first, "resolved", CaseStatus.RESOLVED)
    assert await store.read(lambda tx: deciders.before_appeal(tx, first)) == frozenset()
    await change(store, clock, first, "reopened", CaseStatus.REOPENED, actor="resident")
    await change(store, clock, first, "not_competent", CaseStatus.NOT_COMPETENT, actor="Beto")
    await change(store, clock, first, "appealed", CaseStatus.APPEALED, actor="resident")
    await change(store, clock, first, "resolved", CaseStatus.RESOLVED, actor="Eva")
    assert await store.read(lambda tx: deciders.before_appeal(tx, first)) == {"ana", "beto"}
    assert await store.read(lambda tx: deciders.before_appeal(tx, second)) == frozenset()
