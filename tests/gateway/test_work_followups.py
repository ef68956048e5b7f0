"""Follow-ups: asked at the right time, never twice, never into another conversation, and closed only for real silence."""

from datetime import timedelta

import pytest

from dialogs.cases import CaseStatus, Outcome
from dialogs.messages import Consent
from gateway.outbound.carrier import NetworkFailed
from gateway.work import followups
from store import Refused, StoreUnavailable, cases, contacts, mutes, outreach, sessions

DAY = timedelta(days=1)


async def tick(world, **more):
    return await world.store.transact(lambda tx: followups.tick(tx, world.house, world.clock.now(), **more))


async def statuses(world):
    return {(row.resolution_no, row.kind): row.status for row in await world.rows("followups")}


@pytest.fixture
async def resolved(world):
    """A resident, and the code of their case that was resolved now."""
    contact = await world.person()
    code = await world.open_case(contact)
    await world.resolve(code)
    return contact, code


@pytest.mark.usefixtures("resolved")
async def test_a_resolution_plans_a_question_and_a_closing(world):
    now = world.clock.now()
    planned = {row.kind: row.due_at for row in await world.rows("followups")}
    assert planned == {"confirm": now + 3 * DAY, "close": now + 14 * DAY}


async def test_planning_again_changes_nothing(world, resolved):
    _, code = resolved
    case = await world.case(code)
    world.clock.advance(days=1)
    before = await world.rows("followups")
    await world.transact(followups.plan, case, world.config, world.clock.now())
    assert await world.rows("followups") == before


async def test_a_case_without_a_number_only_closes(world):
    code = await world.open_case()
    await world.resolve(code)
    assert list(await statuses(world)) == [(1, "close")]
    world.clock.advance(days=14)
    assert await tick(world) == 1
    assert (await world.case(code)).status is CaseStatus.CLOSED


@pytest.mark.usefixtures("resolved")
async def test_nothing_is_asked_before_its_time(world):
    world.clock.advance(3 * DAY - timedelta(microseconds=1))
    assert await tick(world) == 0
    world.clock.advance(microseconds=1)
    assert await tick(world) == 1
    assert await tick(world) == 0


async def test_the_question_goes_out_and_the_conversation_waits_for_its_answer(world, resolved):
    contact, code = resolved
    closes_at = world.clock.now() + 14 * DAY
    world.clock.advance(3 * DAY)
    await tick(world)
    message = (await world.rows())[0]
    assert (message.kind, message.template, message.case_id) == (
        "followup",
        "confirm/ask",
        (await world.case(code)).id,
    )
    assert code[:3] in message.text
    assert "\n1 " in message.text
    session = (await world.store.read(lambda tx: sessions.load(tx, [contact.id])))[contact.id]
    assert (session.dialog, session.step, session.case, session.expires_at) == ("confirm", "ask", code, closes_at)
    assert session.answers == {"code": code, "resolution_no": 1}
    assert (await world.case(code)).asked
    assert await statuses(world) == {(1, "confirm"): "asked", (1, "close"): "waiting", (1, "remind"): "waiting"}


async def test_it_speaks_their_language_on_their_line(world):
    contact = await world.person(language="en", sms_channel="other")
    await world.resolve(await world.open_case(contact))
    world.clock.advance(3 * DAY)
    await tick(world)
    message = (await world.rows())[0]
    assert (message.channel, "Case" in message.text) == ("other", True)


async def test_a_confidential_case_names_nothing_but_its_code(world):
    contact = await world.person()
    category = next(iter(world.config.city.categories.values()))
    code = await world.open_case(contact, confidential=True)
    await world.resolve(code)
    world.clock.advance(3 * DAY)
    await tick(world)
    text = (await world.rows())[0].text
    assert code[:3] in text
    assert category.name["es"] not in text


async def test_silence_is_reminded_once_and_then_closes_the_case_as_silent(world, resolved):
    contact, code = resolved
    asked = []
    for _ in range(15):
        world.clock.advance(DAY)
        await tick(world)
        await world.drain()
        asked.append(len(await world.rows()))
    assert asked == [0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    case = await world.case(code)
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, Outcome.SILENT)
    assert set((await statuses(world)).values()) == {"done"}
    assert await world.store.read(lambda tx: sessions.load(tx, [contact.id])) == {}
    last = (await world.store.read(lambda tx: cases.events(tx, case.id)))[-1]
    assert (last.what, last.actor, last.data["outcome"]) == ("closed", "system", "silent")


async def test_reopening_cancels_what_was_planned_and_what_is_queued(world, resolved):
    _, code = resolved
    world.at(2026, 3, 5, 23, 0)  # at night the question is queued, and not sent
    await tick(world)
    await world.drain()
    await world.reopen(code)
    assert set((await statuses(world)).values()) == {"cancelled"}
    assert await world.states() == ["cancelled"]
    world.clock.advance(30 * DAY)
    assert await tick(world) == 0
    assert (await world.case(code)).status is CaseStatus.REOPENED


async def test_resolved_again_it_is_asked_again(world, resolved):
    _, code = resolved
    world.clock.advance(3 * DAY)
    await tick(world)
    await world.reopen(code)
    world.clock.advance(DAY)
    await world.resolve(code)
    world.clock.advance(3 * DAY)
    await tick(world)
    found = await statuses(world)
    assert (found[1, "confirm"], found[2, "confirm"]) == ("cancelled", "asked")
    assert len(await world.rows()) == 2


async def test_an_answer_ends_it(world, resolved):
    _, code = resolved
    world.clock.advance(3 * DAY)
    await tick(world)
    await world.transact(outreach.answer_followups, (await world.case(code)).id)
    assert await statuses(world) == {(1, "confirm"): "answered", (1, "close"): "cancelled", (1, "remind"): "cancelled"}
    world.clock.advance(30 * DAY)
    assert await tick(world) == 0


async def test_a_follow_up_of_a_resolution_that_no_longer_stands_is_cancelled(world, resolved):
    """Whoever moved the case forgot to cancel it: the tick sees for itself."""
    _, code = resolved

    def move(tx):
        case = cases.named(tx, [code])[code]
        changed = {"status": CaseStatus.REOPENED}
        cases.change(tx, case.id, actor="ana", what="reopened", at=world.clock.now(), data={}, **changed)

    await world.store.transact(move)
    world.clock.advance(14 * DAY)
    while await tick(world):
        pass
    assert set((await statuses(world)).values()) == {"cancelled"}
    assert await world.rows() == []


async def test_who_opted_out_is_not_asked_and_the_case_closes_all_the_same(world, resolved):
    contact, code = resolved
    await world.transact(contacts.consent, contact.id, Consent.OUT, "sms", world.clock.now())
    world.clock.advance(3 * DAY)
    await tick(world)
    assert await statuses(world) == {(1, "confirm"): "cancelled", (1, "close"): "waiting"}
    world.clock.advance(11 * DAY)
    await tick(world)
    assert (await world.case(code)).outcome is Outcome.UNASKED
    assert await world.rows() == []


async def test_of_a_silenced_case_nobody_is_asked_and_it_closes_all_the_same(world, resolved):
    contact, code = resolved
    other = await world.open_case(contact)
    await world.resolve(other)
    await world.transact(mutes.mute, (await world.case(code)).id, contact.id, world.clock.now())
    world.clock.advance(3 * DAY)
    await tick(world)
    asked = {(row.case_id, row.kind): row.status for row in await world.rows("followups")}
    assert sorted(asked.values()) == ["asked", "cancelled", "waiting", "waiting", "waiting"]
    assert [row.case_id for row in await world.rows()] == [(await world.case(other)).id]
    await world.transact(outreach.answer_followups, (await world.case(other)).id)
    world.clock.advance(12 * DAY)
    await tick(world)
    assert (await world.case(code)).outcome is Outcome.UNASKED


async def test_a_case_silenced_after_the_question_is_not_asked_about_again(world, resolved):
    contact, code = resolved
    world.clock.advance(3 * DAY)
    await tick(world)
    await world.drain()
    await world.transact(mutes.mute, (await world.case(code)).id, contact.id, world.clock.now())
    world.clock.advance(3 * DAY)
    await tick(world)
    assert (await statuses(world))[1, "remind"] == "cancelled"
    world.clock.advance(9 * DAY)
    await tick(world)
    assert ((await world.case(code)).outcome, len(await world.rows())) == (Outcome.SILENT, 1)


async def test_a_case_that_is_spoken_of_again_in_time_is_asked_about(world, resolved):
    contact, code = resolved
    case = await world.case(code)
    await world.transact(mutes.mute, case.id, contact.id, world.clock.now())
    await world.transact(mutes.unmute, case.id, contact.id)
    world.clock.advance(3 * DAY)
    assert await tick(world) == 1
    assert (await statuses(world))[1, "confirm"] == "asked"


async def test_a_question_that_never_went_out_is_not_answered_by_silence(world, resolved):
    _, code = resolved
    world.clock.advance(3 * DAY)
    await tick(world)
    world.clock.advance(11 * DAY)
    while await tick(world):
        pass
    assert (await world.case(code)).outcome is Outcome.UNASKED


async def test_after_a_long_outage_who_was_never_asked_gets_the_time_to_answer(world, resolved):
    _, code = resolved
    world.clock.advance(20 * DAY)
    assert await tick(world) == 1
    await world.drain()
    assert (await world.case(code)).status is CaseStatus.RESOLVED
    due_at = {row.kind: row.due_at for row in await world.rows("followups")}
    assert due_at["close"] == world.clock.now() + 11 * DAY
    world.clock.advance(11 * DAY)
    while await tick(world):
        pass
    assert (await world.case(code)).outcome is Outcome.SILENT


@pytest.mark.usefixtures("resolved")
async def test_a_little_late_moves_nothing(world):
    closes_at = world.clock.now() + 14 * DAY
    world.clock.advance(3 * DAY + timedelta(hours=5))
    await tick(world)
    assert {row.due_at for row in await world.rows("followups") if row.kind == "close"} == {closes_at}


@pytest.mark.usefixtures("resolved")
async def test_the_reminder_counts_from_the_question(world):
    world.clock.advance(20 * DAY)
    await tick(world)
    reminders = [row.due_at for row in await world.rows("followups") if row.kind == "remind"]
    assert reminders == [world.clock.now() + 3 * DAY]


async def test_many_fall_due_at_once_and_each_is_asked_once(world):
    people = await world.people(30)
    for person in people:
        await world.resolve(await world.open_case(person))
    world.clock.advance(3 * DAY)
    assert [await tick(world, limit=20), await tick(world, limit=20), await tick(world, limit=20)] == [20, 10, 0]
    assert sorted(row.contact_id for row in await world.rows()) == sorted(person.id for person in people)


async def test_one_that_breaks_does_not_keep_the_others_back(world, monkeypatch, logs):
    people = await world.people(3)
    codes = []
    for person in people:
        codes.append(await world.open_case(person))
        await world.resolve(codes[-1])
    broken = (await world.case(codes[1])).id
    say = followups._say

    def trip(this, contact, case, answers):
        if case.id == broken:
            raise KeyError("broken")
        return say(this, contact, case, answers)

    monkeypatch.setattr(followups, "_say", trip)
    world.clock.advance(3 * DAY)
    assert await tick(world) == 3
    assert sorted(row.contact_id for row in await world.rows()) == [people[0].id, people[2].id]
    assert await world.alerts() == [("followup_failed", codes[1])]
    assert await tick(world) == 0
    assert [entry["event"] for entry in logs] == ["followups_failed", "followup_failed"]


@pytest.mark.usefixtures("resolved")
async def test_a_question_in_the_night_is_sent_in_the_morning(world):
    world.at(2026, 3, 5, 23, 0)
    await tick(world)
    assert await world.drain() == 0
    world.at(2026, 3, 6, 8, 0)
    assert await world.drain() == 1


@pytest.mark.usefixtures("resolved")
async def test_a_question_in_doubt_goes_once_more(world):
    world.clock.advance(3 * DAY)
    await tick(world)
    world.network.script.append(NetworkFailed("no_answer", in_doubt=True))
    await world.drain()
    world.clock.advance(minutes=1)
    assert await world.drain() == 1
    assert (await world.rows())[0].doubted


@pytest.mark.usefixtures("resolved")
async def test_a_store_that_is_away_cancels_nothing(world, monkeypatch):
    """Also when it goes away in the middle: the follow-up stays as it was, for the next tick."""

    def away(*_):
        raise StoreUnavailable("SQLITE_FULL")

    world.clock.advance(3 * DAY)
    monkeypatch.setattr(followups, "_say", away)
    with pytest.raises(StoreUnavailable):
        await tick(world)
    assert await statuses(world) == {(1, "confirm"): "waiting", (1, "close"): "waiting"}


@pytest.mark.usefixtures("resolved")
async def test_a_row_that_the_engine_refuses_stops_nobody_elses_question(world, monkeypatch, logs):
    def refused(*_):
        raise Refused("SQLITE_CONSTRAINT")

    world.clock.advance(3 * DAY)
    monkeypatch.setattr(followups, "_say", refused)
    assert await tick(world) == 1
    assert await statuses(world) == {(1, "confirm"): "cancelled", (1, "close"): "waiting"}
    assert [entry["event"] for entry in logs] == ["followups_failed", "followup_failed"]
