"""Retention: each class of words goes when its time is over and no sooner; what happened stays and can be verified."""

from datetime import timedelta

import pytest

from dialogs.messages import InboundMessage
from gateway.care import Retention
from gateway.work import retention
from store import cases, contacts, messages

RULES = Retention()
DAY = timedelta(days=1)


async def retain(world, rules=RULES):
    """One night; how many rows each part of it erased."""
    erased = {}
    for stride in retention.STRIDES:
        more = True
        while more:
            done = await world.transact(stride, rules, world.clock.now())
            erased[stride.__name__] = erased.get(stride.__name__, 0) + done.erased
            more = done.more
    return {name: count for name, count in erased.items() if count}


async def close(world, code):
    def work(tx):
        case = cases.named(tx, [code])[code]
        cases.change(tx, case.id, actor="ana", what="rejected", at=world.clock.now(), data={}, status="rejected")
        cases.note(tx, case.id, "ana", "nota MARCADOR", world.clock.now())

    await world.store.transact(work)


async def heard(world, person, external_id, case_id=None):
    said = InboundMessage(
        channel="demo",
        external_id=external_id,
        sender=person.msisdn,
        recipient="4040",
        text="MARCADOR",
        received_at=world.clock.now(),
    )
    [ident] = await world.transact(messages.record, [(said, person.id)])
    await world.transact(messages.settle, [messages.Settled(id=ident, state="done", case_id=case_id)])


@pytest.mark.parametrize(("confidential", "kept"), [(False, RULES.texts), (True, RULES.sensitive)])
async def test_a_case_keeps_its_words_so_long_after_it_was_over(world, confidential, kept):
    person = await world.person()
    code = await world.open_case(person, description="MARCADOR", confidential=confidential)
    case = await world.case(code)
    await heard(world, person, "a", case.id)
    await world.queue(person, case_id=case.id, due_at=None)
    await world.drain()
    await close(world, code)
    world.clock.advance(kept)
    assert await retain(world) == {}
    world.clock.advance(seconds=1)
    assert (await retain(world))["erase_cases"] == 1
    case = await world.case(code)
    assert (case.description, case.code, case.contact_id) == ("", code, None if confidential else person.id)
    for table, words in (("inbound", ("text", "sender")), ("outbound", ("text", "recipient")), ("notes", ("text",))):
        assert {getattr(row, word) for row in await world.rows(table) for word in words} == {""}
    assert await world.store.read(lambda tx: cases.broken_chain(tx, case.id)) is None
    assert "erase_cases" not in await retain(world)


async def test_an_open_case_keeps_them_for_ever(world):
    code = await world.open_case(await world.person(), description="MARCADOR")
    world.clock.advance(10 * RULES.texts)
    await retain(world)
    assert (await world.case(code)).description == "MARCADOR"


async def test_what_is_said_after_a_case_came_back_goes_in_its_turn(world):
    code = await world.open_case(await world.person())
    await close(world, code)
    world.clock.advance(RULES.texts + DAY)
    await retain(world)
    world.clock.advance(DAY)

    def back(tx):
        case = cases.named(tx, [code])[code]
        cases.change(tx, case.id, actor="resident", what="closed", at=world.clock.now(), data={}, status="closed")
        cases.note(tx, case.id, "resident", "MARCADOR", world.clock.now())

    await world.store.transact(back)
    world.clock.advance(RULES.texts + DAY)
    assert (await retain(world))["erase_cases"] == 1
    assert {row.text for row in await world.rows("notes")} == {""}


async def test_messages_without_a_case_go_by_their_own_age(world):
    person = await world.person()
    await heard(world, person, "old")
    await world.queue(person)
    await world.drain()
    world.clock.advance(RULES.texts)
    await heard(world, person, "new")
    waiting = await world.queue(person)
    world.clock.advance(seconds=1)
    erased = await retain(world)
    assert (erased["erase_inbound"], erased["erase_outbound"]) == (1, 1)
    assert [row.text for row in await world.rows("inbound")] == ["", "MARCADOR"]
    assert (await world.row(waiting)).text == "hola"
    assert [row.external_id for row in await world.rows("inbound")] == ["old", "new"]


async def test_a_silent_persons_number_goes_once_no_case_has_words(world):
    person, other = await world.people(2)
    code = await world.open_case(person)
    world.clock.advance(RULES.numbers + DAY)
    await close(world, code)
    assert await retain(world) == {"erase_numbers": 1}
    assert [row.msisdn for row in await world.rows("contacts")] == [person.msisdn, f"gone-{other.id}"]
    world.clock.advance(RULES.texts + DAY)
    assert await retain(world) == {"erase_cases": 1, "erase_numbers": 1}
    assert await retain(world) == {}


async def test_a_walk_of_many_strides_finds_all_and_begins_anew(world):
    await world.people(1001)
    assert await retain(world) == {}
    world.clock.advance(RULES.numbers + DAY)
    assert await retain(world) == {"erase_numbers": 1001}


async def test_the_rules_are_the_configs(world):
    person = await world.person()
    await heard(world, person, "a")
    world.clock.advance(2 * DAY)
    assert "erase_inbound" in await retain(world, Retention(texts="1d"))
    assert await world.store.read(lambda tx: contacts.by_msisdn(tx, person.msisdn)) is not None
