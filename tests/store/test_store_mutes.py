"""Silenced cases: of one person and one case each, with what was merged into it, and gone with who is forgotten."""

from store import cases, erasure, merges, mutes, schema


async def _some(store, people, new_case, clock, count=2):
    who = [one.id for one in await people(count)]
    ids = await store.transact(lambda tx: cases.open_cases(tx, [new_case(one) for one in who], clock.now()))
    return who, ids


async def _silenced(store, ids):
    return await store.read(lambda tx: mutes.silenced(tx, ids))


async def test_one_case_is_silenced_for_one_person_once_and_spoken_of_again(store, people, new_case, clock):
    [one, _], [first, second] = await _some(store, people, new_case, clock)
    for _ in range(2):
        await store.transact(lambda tx: mutes.mute(tx, first, one, clock.now()))
    assert await _silenced(store, [first, second]) == {(first, one)}
    assert await _silenced(store, []) == set()
    await store.transact(lambda tx: mutes.unmute(tx, second, one))
    assert await _silenced(store, [first]) == {(first, one)}
    await store.transact(lambda tx: mutes.unmute(tx, first, one))
    assert await _silenced(store, [first, second]) == set()


async def test_who_silenced_a_merged_case_hears_of_neither(store, people, new_case, clock):
    [one, other], [first, second] = await _some(store, people, new_case, clock)
    await store.transact(lambda tx: mutes.mute(tx, second, other, clock.now()))
    case = (await store.read(lambda tx: cases.own(tx, [other])))[other][0]
    await store.transact(lambda tx: merges.link(tx, second, first, case.status, clock.now()))
    assert await _silenced(store, [first]) == {(first, other)}
    await store.transact(lambda tx: mutes.mute(tx, first, one, clock.now()))
    assert await _silenced(store, [first, second]) == {(first, other), (first, one), (second, other)}


async def test_who_stands_behind_a_case_supports_it_or_reported_what_was_merged_into_it(store, people, new_case, clock):
    [one, other, third], [first, second, _] = await _some(store, people, new_case, clock, 3)
    case = (await store.read(lambda tx: cases.own(tx, [other])))[other][0]
    await store.transact(lambda tx: merges.link(tx, second, first, case.status, clock.now()))
    await store.transact(lambda tx: cases.support(tx, second, third, clock.now()))
    found = await store.read(lambda tx: cases.behind(tx, [one, other, third], [first, second]))
    assert found == {(first, other), (first, third), (second, third)}
    assert await store.read(lambda tx: cases.behind(tx, [other], [first, second])) == {(first, other)}
    assert await store.read(lambda tx: cases.behind(tx, [one], [])) == set()


async def test_what_somebody_silenced_is_forgotten_with_them(store, people, new_case, clock):
    [one, other], [first, _] = await _some(store, people, new_case, clock)
    for who in (one, other):
        await store.transact(lambda tx, who=who: mutes.mute(tx, first, who, clock.now()))
    await store.transact(lambda tx: erasure.erase_contact(tx, one, clock.now()))
    left = await store.read(lambda tx: tx.execute(schema.mutes.select()).all())
    assert [(row.contact_id, row.case_id, row.at) for row in left] == [(other, first, clock.now())]
