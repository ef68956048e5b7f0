"""Follow-ups and other conversations: nobody is interrupted, and nothing half told is lost."""

from datetime import timedelta

import pytest

from dialogs.cases import CaseStatus
from dialogs.session import Session
from gateway.work import followups
from store import sessions

DAY = timedelta(days=1)


async def tick(world, **more):
    return await world.store.transact(lambda tx: followups.tick(tx, world.house, world.clock.now(), **more))


async def talk(world, contact, dialog="report", step="place", case=None, lasts=DAY):
    session = Session(dialog=dialog, step=step, expires_at=world.clock.now() + lasts, case=case)
    await world.transact(sessions.save, [(contact.id, session)], world.clock.now())


@pytest.fixture
async def resolved(world):
    """A resident, and the code of their case that was resolved now."""
    contact = await world.person()
    code = await world.open_case(contact)
    await world.resolve(code)
    return contact, code


async def test_it_waits_while_they_talk_about_something_else(world, resolved):
    contact, _ = resolved
    world.clock.advance(3 * DAY)
    await talk(world, contact)
    world.clock.advance(minutes=29)
    assert await tick(world) == 0
    await talk(world, contact)
    world.clock.advance(minutes=29)
    assert await tick(world) == 0
    await world.transact(sessions.save, [(contact.id, None)], world.clock.now())
    assert await tick(world) == 1
    assert len(await world.rows()) == 1


async def test_after_half_an_hour_of_silence_the_other_conversation_ends_first(world, resolved):
    """Its time is over now, so that what was half told is filed; then the question is asked."""
    contact, _ = resolved
    world.clock.advance(3 * DAY)
    await talk(world, contact)
    world.clock.advance(minutes=30)
    assert await tick(world) == 1
    assert await world.rows() == []
    expired = await world.store.transact(lambda tx: sessions.expired(tx, world.clock.now(), 10))
    assert [who for who, _ in expired] == [contact.id]
    assert await tick(world) == 0
    await world.transact(sessions.save, [(contact.id, None)], world.clock.now())
    assert await tick(world) == 1
    assert len(await world.rows()) == 1


async def test_two_cases_of_one_person_are_asked_one_after_the_other(world):
    contact = await world.person()
    first, second = await world.open_case(contact), await world.open_case(contact)
    await world.resolve(first)
    await world.resolve(second)
    world.clock.advance(3 * DAY)
    assert await tick(world) == 1
    assert await tick(world) == 0
    world.clock.advance(minutes=30)
    await tick(world)
    await world.transact(sessions.save, [(contact.id, None)], world.clock.now())
    await tick(world)
    assert [first[:3] in row.text or second[:3] in row.text for row in await world.rows()] == [True, True]
    assert len({row.case_id for row in await world.rows()}) == 2


async def test_while_they_are_answering_neither_the_reminder_nor_the_closing_interrupts(world, resolved):
    contact, code = resolved
    world.clock.advance(3 * DAY)
    await tick(world)
    world.clock.advance(3 * DAY)
    await talk(world, contact, "confirm", "what_now", case=code)
    assert await tick(world) == 0
    world.clock.advance(8 * DAY)
    await talk(world, contact, "confirm", "what_now", case=code)
    assert await tick(world) == 0
    assert (await world.case(code)).status is CaseStatus.RESOLVED
    world.clock.advance(minutes=30)
    await tick(world)
    assert (await world.case(code)).status is CaseStatus.CLOSED


async def test_our_own_question_is_not_in_the_way_of_its_reminder(world, resolved):
    contact, code = resolved
    world.clock.advance(3 * DAY)
    await tick(world)
    world.clock.advance(3 * DAY)
    await talk(world, contact, "confirm", "ask", case=code)
    assert await tick(world) == 1
