"""Merging: one problem is one case, nobody who told of it is left out, and a mistake can be taken back."""

import asyncio
from datetime import timedelta

import pytest

from dialogs.cases import CaseStatus
from dialogs.session import Session
from gateway.work import casework, merging
from gateway.work.casework import NotPossible, Told
from store import audit, cases, erasure, merges, mutes, sessions


def act(world, fn, code, **words):
    """One act of Ana's, in a transaction of its own."""
    return world.store.transact(lambda tx: fn(tx, world.house, world.clock.now(), "Ana", code, **words))


def merge(world, code, into):
    return act(world, merging.merge, code, into=into)


def split(world, code):
    return act(world, merging.split, code)


async def happened(world, code):
    case = await world.case(code)
    found = await world.store.read(lambda tx: cases.events(tx, case.id))
    return [(event.what, dict(event.data)) for event in found[1:]]


async def supporters(world, code):
    case = await world.case(code)
    return await world.store.read(lambda tx: cases.supporters(tx, case.id))


async def support(world, code, contact):
    case = await world.case(code)
    await world.transact(cases.support, case.id, contact.id, world.clock.now())


async def told(world):
    return [(row.contact_id, row.template, row.text) for row in await world.rows("outbound")]


@pytest.fixture
async def people(world):
    return await world.people(4)


@pytest.fixture
async def two(world, people):
    """Two cases of the same hole in the street: the code of the first told, and of the second."""
    return [await world.open_case(one) for one in people[:2]]


async def test_the_reporter_supports_the_other_case_and_is_told_once(world, people, two):
    first, second = two
    done = await merge(world, second, first)
    assert (done.case.status, done.told, done.changed) == (CaseStatus.DUPLICATE, Told.BY_SMS, True)
    assert await supporters(world, first) == 1
    assert await happened(world, second) == [("merged", {"into": first, "was": "received", "status": "duplicate"})]
    assert await happened(world, first) == [("joined", {"code": second})]
    [(who, template, text)] = await told(world)
    assert (who, template) == (people[1].id, "notice/merged")
    assert "482-105-949" in text
    assert "482-105-930" in text


async def test_done_again_it_changes_nothing_and_tells_nobody(world, two):
    first, second = two
    await merge(world, second, first)
    before = (await happened(world, second), await told(world))
    assert not (await merge(world, second, first)).changed
    assert (await happened(world, second), await told(world)) == before


async def test_all_who_stand_behind_it_hear_how_the_other_one_ended(world, people, two):
    first, second = two
    await support(world, second, people[2])
    await merge(world, second, first)
    await act(world, casework.resolve, first, reply="tapado")
    said = {who: text for who, template, text in await told(world) if template == "notice/supported"}
    assert "482-105-930" in said[people[1].id]  # was told of it
    assert "482-105-949" in said[people[2].id]  # knows no other
    assert set(said) == {people[1].id, people[2].id}


async def test_who_wants_no_messages_is_not_told(world, people, two):
    first, second = two
    opted = await world.person(2, opted_out=True)
    assert opted.id == people[1].id
    assert (await merge(world, second, first)).told is Told.OPTED_OUT
    await act(world, casework.resolve, first, reply="tapado")
    assert opted.id not in {who for who, template, _ in await told(world) if template == "notice/supported"}


async def test_the_same_person_twice_is_nobodys_supporter(world, people):
    first, second = await world.open_case(people[0]), await world.open_case(people[0])
    await merge(world, second, first)
    assert await supporters(world, first) == 0


async def test_taken_out_again_it_stands_as_it_did(world, people, two):
    first, second = two
    await support(world, second, people[2])
    await support(world, first, people[2])
    await act(world, casework.assign, second, to="Beto")
    await act(world, casework.start, second)
    before = await world.case(second)
    await merge(world, second, first)
    assert (await supporters(world, first), await supporters(world, second)) == (2, 1)
    done = await split(world, second)
    after = await world.case(second)
    assert (after.status, after.assignee, after.due_at) == (CaseStatus.IN_PROGRESS, "Beto", before.due_at)
    assert (done.told, done.case) == (Told.BY_SMS, after)
    assert (await supporters(world, first), await supporters(world, second)) == (1, 1)
    assert [what for what, _ in await happened(world, second)][-3:] == ["merged", "split", "restored"]
    assert (await happened(world, first))[-1] == ("parted", {"code": second})
    assert [template for _, template, _ in await told(world)] == ["notice/merged", "notice/reopened"]


async def test_what_was_new_is_open_again_because_nothing_becomes_new_twice(world, two):
    first, second = two
    await merge(world, second, first)
    assert (await split(world, second)).case.status is CaseStatus.REOPENED


async def test_taking_out_again_what_was_taken_out_changes_nothing(world, two):
    first, second = two
    with pytest.raises(NotPossible, match="482-105-949 is not merged with another"):
        await split(world, second)
    await merge(world, second, first)
    await split(world, second)
    before = (await happened(world, second), await told(world))
    assert not (await split(world, second)).changed
    assert (await happened(world, second), await told(world)) == before


async def test_a_date_that_went_by_meanwhile_is_promised_anew(world, two):
    first, second = two
    await merge(world, second, first)
    world.clock.advance(days=30)
    done = await split(world, second)
    assert done.case.due_at > world.clock.now()
    promised = await world.store.read(lambda tx: cases.promises(tx, done.case.id))
    assert [one.reason for one in promised] == ["opened", "split"]


async def test_it_can_be_merged_again_and_elsewhere(world, people, two):
    first, second = two
    third = await world.open_case(people[2])
    await merge(world, second, first)
    await split(world, second)
    await merge(world, second, third)
    assert (await supporters(world, first), await supporters(world, third)) == (0, 1)
    await split(world, second)
    assert (await supporters(world, first), await supporters(world, third)) == (0, 0)


async def test_what_was_merged_into_a_case_goes_with_it(world, people, two):
    first, second = two
    third = await world.open_case(people[2])
    await merge(world, third, second)
    await merge(world, second, first)
    assert await supporters(world, first) == 2
    await split(world, second)
    assert (await supporters(world, first), await supporters(world, second)) == (0, 1)


async def test_a_case_without_a_number_is_one_voice_and_tells_nobody(world, two):
    first, _ = two
    nobodys = await world.open_case()
    assert (await merge(world, nobodys, first)).told is Told.NO_NUMBER
    assert await supporters(world, first) == 1
    assert await told(world) == []
    await split(world, nobodys)
    assert await supporters(world, first) == 0


async def test_a_conversation_about_the_merged_case_ends(world, people, two):
    first, second = two
    talk = Session(dialog="confirm", step="ask", expires_at=world.clock.now() + timedelta(days=1), case=second)
    await world.transact(sessions.save, [(people[1].id, talk)], world.clock.now())
    await merge(world, second, first)
    assert await world.store.read(lambda tx: sessions.load(tx, [people[1].id])) == {}


async def status(world, code, wanted):
    case = await world.case(code)
    await world.store.transact(
        lambda tx: cases.change(tx, case.id, actor="x", what="moved", at=world.clock.now(), data={}, status=wanted)
    )


async def test_what_cannot_be_merged_is_refused_and_changes_nothing(world, people, two):
    first, second = two
    secret = await world.open_case(people[2], confidential=True)
    merged, over, away = [await world.open_case(people[2]) for _ in range(3)]
    await merge(world, merged, second)
    await world.resolve(over)
    await status(world, away, CaseStatus.WITHDRAWN)
    appealed = await world.open_case(people[3])
    for step in (CaseStatus.RESOLVED, CaseStatus.APPEALED):
        await status(world, appealed, step)
    before = await world.rows("merges"), await told(world), len(await world.rows("case_events"))
    for code, into, why in (
        (first, first, "a case cannot be merged with itself"),
        (first, secret, "what is confidential is merged with nothing"),
        (secret, first, "what is confidential is merged with nothing"),
        (first, merged, "is merged itself: name the case in which it is"),
        (merged, first, "is merged with another: take it out first"),
        (second, merged, "is merged itself"),  # a ring
        (first, over, "is resolved: only into an open case"),
        (first, away, "is withdrawn: only into an open case"),
        (over, first, "a case that is resolved cannot become duplicate"),
        (away, first, "a case that is withdrawn cannot become duplicate"),
        (appealed, first, "an appeal is decided, not merged"),
        (first, "482-105-931", "this is not a tracking code"),
    ):
        with pytest.raises(NotPossible, match=why):
            await merge(world, code, into)
    assert (await world.rows("merges"), await told(world), len(await world.rows("case_events"))) == before
    with pytest.raises(NotPossible, match="is merged with another: take it out with split"):
        await act(world, casework.reopen, merged)


async def test_two_who_merge_crosswise_at_once_make_no_ring(world, two):
    first, second = two
    both = await asyncio.gather(merge(world, first, second), merge(world, second, first), return_exceptions=True)
    assert sorted(type(one).__name__ for one in both) == ["Done", "NotPossible"]
    assert len(await world.rows("merges")) == 1


async def test_two_who_split_at_once_do_it_once(world, two):
    first, second = two
    await merge(world, second, first)
    done = await asyncio.gather(split(world, second), split(world, second))
    assert sorted(one.changed for one in done) == [False, True]
    assert [what for what, _ in await happened(world, second)].count("split") == 1


async def test_the_audit_log_names_the_cases_and_nobody(world, two):
    first, second = two
    await merge(world, second, first)
    await split(world, second)
    log = await world.store.read(lambda tx: audit.entries(tx, 9))
    assert [(entry.actor, entry.act, entry.subject) for entry in reversed(log)] == [
        ("Ana", "case.merged", second),
        ("Ana", "case.split", second),
    ]
    assert await world.store.read(audit.broken) is None
    for code in two:
        case = await world.case(code)
        assert await world.store.read(lambda tx, case=case: cases.broken_chain(tx, case.id)) is None


async def test_a_reporter_who_is_forgotten_is_still_one_voice_and_hears_nothing(world, people, two):
    first, second = two
    await merge(world, second, first)
    case = await world.case(second)
    await world.transact(forget, case.id, people[1].id, world.clock.now())
    assert await supporters(world, first) == 1
    await act(world, casework.resolve, first, reply="tapado")
    assert [template for _, template, _ in await told(world)].count("notice/supported") == 0
    assert (await world.store.read(lambda tx: merges.of(tx, case.id))).into == first


def forget(tx, case_id, contact_id, now):
    erasure.erase_cases(tx, [case_id], "Ana", now, leave=[case_id])
    erasure.erase_contact(tx, contact_id, now)


async def test_who_silenced_a_case_hears_nothing_of_it_nor_of_what_it_was_merged_into(world, people, two):
    """The one who did so, and nobody else; staff hear that nobody is told."""
    first, second = two
    await support(world, first, people[2])
    await support(world, first, people[3])
    for who, code in ((people[0], first), (people[1], second), (people[3], first)):
        await world.transact(mutes.mute, (await world.case(code)).id, who.id, world.clock.now())
    assert (await merge(world, second, first)).told is Told.MUTED
    done = await act(world, casework.resolve, first, reply="tapado")
    assert (done.told, done.case.status) == (Told.MUTED, CaseStatus.RESOLVED)
    assert [(who, template) for who, template, _ in await told(world)] == [(people[2].id, "notice/supported")]
    await world.transact(mutes.unmute, (await world.case(first)).id, people[0].id)
    done = await act(world, casework.reopen, first)
    assert (done.told, done.case.status) == (Told.BY_SMS, CaseStatus.REOPENED)
