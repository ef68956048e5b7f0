"""Guessing codes: limited by number and for all, counted once, told to staff; and no answer tells a hit from a miss."""

import asyncio
from datetime import timedelta

import pytest

from dialogs.cases import Case, CaseKind, CaseStatus
from dialogs.contacts import Contact
from dialogs.facts import Facts
from dialogs.messages import ChannelKind, InboundMessage, SessionEvent
from dialogs.understand import codes
from gateway.inbound import guessing
from gateway.inbound.inbox import Inbox
from store import cases, guesses, open_store

PHONE, OTHER = "+59170000001", "+59170000003"
ALL = guesses.EVERYBODY


class Street:
    """People who text codes to one gateway. ``says`` gives the answer as template and text, its code blotted out."""

    def __init__(self, world):
        self.world = world
        self.box = Inbox(world.store, world.house, lambda: None)
        self.count = 0

    def text(self, text, sender=PHONE, **more):
        self.count += 1
        given = {"channel": "demo", "external_id": f"t{self.count}", "recipient": "4040"} | more
        return InboundMessage(sender=sender, text=text, received_at=self.world.clock.now(), **given)

    async def says(self, text, sender=PHONE, box=None, **more):
        await (box or self.box).receive([self.text(text, sender, **more)])
        row = (await self.world.rows("outbound"))[-1]
        told = row.text
        for code in codes.find(text):
            told = told.replace(codes.show(code), "CODE")
        return row.template, told

    async def dials(self, history, session, sender=PHONE):
        event = SessionEvent.RESUME if history else SessionEvent.NEW
        more = {"channel": "keys", "session_event": event, "session_key": session, "history": history}
        [screen] = await self.box.receive([self.text(history, sender, external_id=f"{session}:{history}", **more)])
        return screen.text

    async def misses(self, times, sender=PHONE):
        for code in self.nobodys(times):
            assert (await self.says(code, sender))[0] == "status/unknown"

    def nobodys(self, count):
        return self.world.clock.new_codes(count)

    async def counted(self):
        return {row.contact_id: row.misses for row in await self.world.rows("code_misses")}

    async def seen(self, code, sender=PHONE):
        """Whether somebody is told how a case of another's is."""
        template, _ = await self.says(code, sender)
        assert template in {"status/stranger", "status/unknown"}
        return template == "status/stranger"

    async def case_of(self, number, **more):
        return await self.world.open_case(await self.world.person(number), **more)


@pytest.fixture
def street(world):
    world.configure("limits", texts_minute=1000)
    world.at(2026, 3, 2, 10)
    return Street(world)


@pytest.fixture
def limited(world):
    """A street with limits that a test can reach; to be used before ``street``."""

    def limit(**limits):
        world.configure("limits", texts_minute=1000, **limits)
        world.at(2026, 3, 2, 10)
        return Street(world)

    return limit


async def test_three_misses_and_others_cases_are_found_no_more(street):
    code = await street.case_of(2)
    await street.misses(2)
    assert await street.seen(code)
    await street.misses(1)
    await street.misses(3, OTHER)
    [unknown] = street.nobodys(1)
    for form in ("{}", "que paso con el reclamo {}", "apoyo {}", "{} y mi vecina dice que ahi no hay agua tampoco hoy"):
        assert await street.says(form.format(code)) == await street.says(form.format(unknown), OTHER), form
    assert await street.seen(code, "+59170000004")


async def test_a_hit_costs_nothing_and_neither_does_a_slip_of_the_thumb(street):
    code = await street.case_of(2)
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    for _ in range(5):
        assert await street.seen(code)
        assert (await street.says(wrong))[0] == "status/unknown"
    assert await street.counted() == {ALL: 0}


async def test_ones_own_case_is_always_found(street):
    await street.misses(3)
    own = await street.case_of(1)
    hidden = await street.case_of(1, confidential=True)
    assert [(await street.says(code))[0] for code in (own, hidden)] == ["status/own"] * 2
    [unknown] = street.nobodys(1)
    assert (await street.says(f"{unknown} {own}"))[0] == "status/own"


async def test_a_confidential_case_counts_like_none_and_is_answered_like_none(street):
    hidden = await street.case_of(2, confidential=True)
    [unknown] = street.nobodys(1)
    for form in ("{}", "apoyo {}", "{} mi hermano me paso este papelito de ayer"):
        assert await street.says(form.format(hidden)) == await street.says(form.format(unknown), OTHER), form
    assert sorted((await street.counted()).values()) == [3, 3, 6]


async def test_a_text_full_of_codes_is_as_many_guesses(street):
    code = await street.case_of(2)
    unknown = street.nobodys(3)
    assert await street.seen(" ".join([*unknown[:2], code]), OTHER)
    assert await street.seen(" ".join([*unknown, code])) is False
    assert [reason for reason, _ in await street.world.alerts()] == ["codes_guessed"]


async def test_a_text_full_of_codes_is_looked_at_in_order(street):
    first, last = await street.case_of(2), await street.case_of(3)
    template, told = await street.says(" ".join([first, *street.nobodys(4), last]))
    assert (template, "CODE" in told) == ("status/stranger", True)
    assert not await street.seen(last)


async def test_misses_count_for_a_day_from_the_first(street):
    code = await street.case_of(2)
    await street.misses(2)
    street.world.clock.advance(hours=23, minutes=59)
    await street.misses(1)  # the third: nobody is heard for a day from now
    assert not await street.seen(code)
    street.world.clock.advance(hours=23, minutes=59)
    assert not await street.seen(code)
    street.world.clock.advance(minutes=1)
    assert await street.seen(code)
    await street.misses(2)
    street.world.clock.advance(hours=24)
    await street.misses(2)
    assert await street.seen(code)


async def test_midnight_makes_no_difference_to_one_number(street):
    code = await street.case_of(2)
    street.world.at(2026, 3, 2, 23, 59)
    await street.misses(3)
    street.world.at(2026, 3, 3, 0, 1)
    assert not await street.seen(code)


async def test_staff_are_told_once_and_without_the_number(street):
    await street.misses(8)
    contact = (await street.world.rows("contacts"))[0].id
    assert await street.world.alerts() == [("codes_guessed", f"contact {contact}")]
    assert await street.counted() == {ALL: 3, contact: 3}
    street.world.clock.advance(hours=24)
    await street.misses(4)
    assert len(await street.world.alerts()) == 1  # nobody has looked yet


async def test_what_comes_again_counts_once(street):
    [unknown] = street.nobodys(1)
    text = street.text(unknown)
    for _ in range(5):
        await street.box.receive([text])
    assert list((await street.counted()).values()) == [1, 1]


async def test_what_was_not_kept_does_not_count(street, monkeypatch):
    """A message that fails runs again; what the first run counted went with its transaction."""
    runs = [0]
    plain = guessing.withhold

    def fails_at_first(*given):
        found = plain(*given)
        runs[0] += 1
        if runs[0] < 3:
            raise RuntimeError
        return found

    monkeypatch.setattr(guessing, "withhold", fails_at_first)
    await street.misses(1)
    assert runs[0] == 3
    assert list((await street.counted()).values()) == [1, 1]


async def test_a_transcript_counts_a_code_when_it_is_typed_and_not_at_each_key(street):
    code = await street.case_of(2)
    first, second, third = street.nobodys(3)
    own = await street.case_of(1)
    await street.dials("", "s1")
    assert "No encontramos" in await street.dials(first, "s1")
    await street.dials("", "s2")
    told = f"1*hay un bache enorme en la calle y el medidor dice {second}"
    for history in ("1", told, told, f"{told}*0"):
        await street.dials(history, "s2")
    assert len(await street.world.rows("ussd_sessions")) == 2
    contact = (await street.world.rows("contacts", msisdn=PHONE))[0].id
    assert (await street.counted())[contact] == 2
    assert "recibido" in await street.dials(code, "s3")
    await street.dials(third, "s4")
    assert codes.show(own) in await street.dials(own, "s5")
    assert "recibido" not in await street.dials(code, "s6")
    assert (await street.says(code))[0] == "status/hint"  # an unknown code that is near one's own


async def test_all_together_reach_their_limit_and_nobody_sees_anothers_case_until_tomorrow(limited):
    street = limited(guesses_day_all=4)
    code, own = await street.case_of(2), await street.case_of(4)
    await street.misses(3)
    await street.misses(1, OTHER)
    assert not await street.seen(code, OTHER)
    assert not await street.seen(code, "+59170000005")
    assert (await street.says(own, "+59170000004"))[0] == "status/own"
    assert (await street.world.alerts())[1:] == [("lookups_stopped", None)]
    await street.misses(5, "+59170000006")
    assert (await street.counted())[ALL] == 4
    assert len(await street.world.alerts()) == 2
    street.world.at(2026, 3, 2, 23, 59)
    assert not await street.seen(code, OTHER)
    street.world.at(2026, 3, 3, 0, 0)
    assert await street.seen(code, OTHER)
    assert not await street.seen(code)  # their own day is not over


async def test_one_phone_cannot_close_the_look_ups_of_a_city(limited):
    street = limited(guesses_day_all=4)
    code = await street.case_of(2)
    await street.misses(20)
    assert await street.seen(code, OTHER)


async def test_the_limit_of_all_holds_within_a_batch(limited):
    """What waits is taken together: the sixth miss closes for those behind it, and the count stops there."""
    street = limited(guesses_day_all=6)
    code = await street.case_of(2)
    askers = [f"+591700001{number:02d}" for number in range(10)]
    await asyncio.gather(*(street.says(street.nobodys(1)[0], who) for who in askers))
    assert (await street.counted())[ALL] == 6
    assert [reason for reason, _ in await street.world.alerts()] == ["lookups_stopped"]
    assert not await street.seen(code, OTHER)


async def test_a_text_without_anothers_code_asks_the_store_nothing_more(street, monkeypatch):
    def asked(*_given):
        raise AssertionError

    own = await street.case_of(1)
    monkeypatch.setattr(guesses, "tallies", asked)
    assert (await street.says(own))[0] == "status/own"
    assert (await street.says("no hay luz en Alto Tacagua"))[0] == "report/thanks"
    assert (await street.says("12345678"))[0] is not None
    assert await street.dials("", "s1")


async def test_a_clock_that_was_set_back_closes_nothing_for_long(street):
    code = await street.case_of(2)
    await street.misses(3)
    street.world.clock.advance(timedelta(days=-30))
    assert await street.seen(code)


async def test_what_counts_no_longer_is_thrown_away(street):
    await street.misses(2)
    await street.misses(1, OTHER)

    def tick():
        return street.world.transact(guessing.tick, street.world.house, street.world.clock.now())

    assert await tick() == 0
    street.world.clock.advance(hours=24)
    assert await tick() == 3
    assert await street.counted() == {}


async def test_processes_that_hear_at_once_count_as_one(limited, store_url):
    """Twelve guesses of one number and three of each of four others come to three processes at the same time."""
    street = limited(guesses_day_all=11)
    world = street.world
    others = [open_store(store_url) for _ in range(2)] if world.store.dialect == "postgresql" else []
    for other in others:
        await other.start()
    boxes = [street.box, *(Inbox(other, world.house, lambda: None) for other in others)]
    known = await street.case_of(99)
    texts = [(PHONE, code) for code in street.nobodys(12)]
    texts += [(f"+591700001{number % 4:02d}", code) for number, code in enumerate(street.nobodys(12))]
    await asyncio.gather(
        *(boxes[at % len(boxes)].receive([street.text(code, who)]) for at, (who, code) in enumerate(texts))
    )
    counted = await street.counted()
    assert counted.pop(ALL) == 11
    assert sum(counted.values()) == 11
    assert max(counted.values()) == 3
    assert [reason for reason, _ in await world.alerts()].count("lookups_stopped") == 1
    assert not await street.seen(known, OTHER)
    for other in others:
        await other.close()


@pytest.mark.parametrize(
    ("typed", "room", "seen", "misses"),
    [
        ("hit", 3, "hit", 0),
        ("own", 0, "own", 0),
        ("hit", 0, "", 0),
        ("hit", -1, "", 0),
        ("none", 3, "", 1),
        ("none", 0, "", 0),
        ("secret", 3, "", 1),
        ("secret mine", 0, "mine", 0),
        ("none hit", 1, "", 1),
        ("hit none", 1, "hit", 1),
        ("none secret hit own", 2, "own", 2),
        ("", 3, "", 0),
    ],
)
def test_who_may_see_what(typed, room, seen, misses, clock, gateway_config):
    cases = {"hit": (2, False), "own": (1, False), "secret": (2, True), "mine": (1, True), "gone": (None, False)}
    now = clock.now()
    named = {
        code: _case(code, contact, now, confidential=confidential) for code, (contact, confidential) in cases.items()
    }
    person = Contact(id=1, msisdn=PHONE, language="es", created_at=now, last_seen_at=now)
    facts = Facts(
        now=now, contact=person, channel_kind=ChannelKind.SMS, city=gateway_config.city, new_code="", named_cases=named
    )
    found, counted = guessing.look_up(facts, typed.split(), room)
    assert (" ".join(found), counted) == (seen, misses)


def _case(code, contact, now, *, confidential):
    return Case(
        id=1,
        code=code,
        kind=CaseKind.GRIEVANCE,
        category="agua",
        description="",
        status=CaseStatus.RECEIVED,
        unit="u",
        contact_id=contact,
        confidential=confidential,
        channel="demo",
        opened_at=now,
        due_at=now,
        updated_at=now,
    )


async def test_who_has_guessed_too_often_can_silence_what_they_support_and_learns_nothing_by_it(street):
    theirs, strange = await street.case_of(2), await street.case_of(2)
    me = await street.world.person(1)
    await street.world.transact(cases.support, (await street.world.case(theirs)).id, me.id, street.world.clock.now())
    await street.misses(3)
    assert not await street.seen(theirs)
    assert (await street.says(f"baja {theirs}"))[0] == "mute/done"
    assert await street.says(f"baja {strange}") == await street.says(f"baja {street.nobodys(1)[0]}")
    assert [(row.contact_id, row.case_id) for row in await street.world.rows("mutes")] == [
        (me.id, (await street.world.case(theirs)).id)
    ]
