"""The rules at hand-over: opt-out, expiry, quiet hours, a stopped broadcast, pace."""

from datetime import timedelta

import pytest

from dialogs.messages import Consent, MessageKind
from gateway.outbound import handover
from gateway.outbound.carrier import NetworkFailed
from gateway.outbound.handover import AWAKE, Ruling, rule
from gateway.outbound.results import DOUBT
from store import contacts, mutes, outbox
from store.handover import Due
from store.outbox import State

REPLY, NOTICE = MessageKind.REPLY, MessageKind.NOTICE
FOLLOWUP, BROADCAST = MessageKind.FOLLOWUP, MessageKind.BROADCAST
UNASKED = [NOTICE, FOLLOWUP, BROADCAST]


def due(clock, **changed):
    fields = {
        "id": 1,
        "channel": "demo",
        "contact_id": 1,
        "recipient": "+59170000001",
        "text": "hola",
        "kind": REPLY,
        "segments": 1,
        "state": State.QUEUED,
        "attempts": 0,
        "doubted": False,
        "in_reply_to": None,
        "broadcast_id": None,
        "created_at": clock.now(),
        "expires_at": clock.now() + timedelta(hours=1),
        "opted_out": False,
        "muted": False,
        "stopped": False,
    }
    return Due(**(fields | changed))


@pytest.mark.parametrize(
    ("facts", "quiet", "ruling"),
    [
        ({}, False, Ruling.SEND),
        ({"kind": NOTICE}, False, Ruling.SEND),
        ({"expires_at": None}, True, Ruling.SEND),
        ({"opted_out": True}, True, Ruling.SEND),
        ({"muted": True}, False, Ruling.SEND),
        ({"kind": NOTICE, "muted": True}, False, Ruling.MUTED),
        ({"kind": FOLLOWUP, "muted": True, "opted_out": True}, False, Ruling.OPTED_OUT),
        ({"kind": NOTICE, "opted_out": True}, False, Ruling.OPTED_OUT),
        ({"kind": FOLLOWUP, "opted_out": True}, True, Ruling.OPTED_OUT),
        ({"kind": NOTICE}, True, Ruling.POSTPONE),
        ({"kind": FOLLOWUP}, True, Ruling.POSTPONE),
        ({"kind": BROADCAST}, True, Ruling.POSTPONE),
        ({"kind": BROADCAST, "stopped": True}, True, Ruling.STOPPED),
    ],
)
def test_what_may_go(clock, facts, quiet, ruling):
    assert rule(due(clock, **facts), clock.now(), quiet=quiet) is ruling


@pytest.mark.parametrize(
    ("age", "quiet", "talking", "ruling"),
    [
        (AWAKE, True, False, Ruling.POSTPONE),
        (AWAKE - timedelta(microseconds=1), True, False, Ruling.SEND),
        (AWAKE, True, True, Ruling.SEND),
        (AWAKE, False, False, Ruling.SEND),
    ],
)
def test_at_night_a_reply_goes_while_its_question_is_young(clock, age, quiet, talking, ruling):
    row = due(clock, created_at=clock.now() - age)
    assert rule(row, clock.now(), quiet=quiet, talking=talking) is ruling


def test_a_message_expires_at_its_instant(clock):
    last = due(clock, expires_at=clock.now())
    assert rule(last, clock.now(), quiet=False) is Ruling.EXPIRED
    assert rule(last, clock.now() - timedelta(microseconds=1), quiet=False) is Ruling.SEND


@pytest.mark.parametrize("kind", UNASKED)
async def test_whoever_opts_out_while_it_waits_does_not_get_it(world, kind):
    person = await world.person()
    message = await world.queue(person, kind)
    await world.transact(contacts.consent, person.id, Consent.OUT, "sms", world.clock.now())
    assert await world.drain() == 0
    row = await world.row(message)
    assert (row.state, row.reason, row.due_at) == ("cancelled", "opted_out", None)
    assert row.settled_at == world.clock.now()


@pytest.mark.parametrize("kind", [NOTICE, FOLLOWUP])
async def test_whoever_silences_a_case_while_it_waits_does_not_get_it(world, kind):
    person, other = await world.person(1), await world.person(2)
    code, another = await world.open_case(person), await world.open_case(person)
    case, heard = (await world.case(code)).id, (await world.case(another)).id
    waits = [(person, kind, case), (person, REPLY, case), (person, kind, heard), (other, kind, case)]
    ids = [await world.queue(to, what, case_id=about) for to, what, about in waits]
    await world.transact(mutes.mute, case, person.id, world.clock.now())
    await world.drain()
    rows = [await world.row(one) for one in ids]
    assert [row.state for row in rows] == ["cancelled", "accepted", "accepted", "accepted"]
    assert (rows[0].reason, rows[0].due_at, rows[0].settled_at) == ("muted", None, world.clock.now())


async def test_answers_to_their_own_texts_still_go(world):
    message = await world.queue(await world.person(opted_out=True))
    await world.drain()
    assert (await world.row(message)).state == "accepted"


async def test_opting_out_cancels_at_once_what_is_queued(world):
    person, other = await world.person(1), await world.person(2)
    for kind in (REPLY, *UNASKED):
        await world.queue(person, kind)
        await world.queue(other, kind)
    await world.transact(outbox.cancel_for_contact, person.id, world.clock.now())
    assert [row.state for row in await world.rows(contact_id=person.id)] == ["queued"] + ["cancelled"] * 3
    assert [row.state for row in await world.rows(contact_id=other.id)] == ["queued"] * 4


async def test_opting_out_leaves_a_doubt_a_doubt_and_does_not_send_it_again(world):
    person = await world.person()
    message = await world.queue(person, NOTICE)
    world.network.script.append(NetworkFailed("no_answer", in_doubt=True))
    await world.drain()
    await world.transact(contacts.consent, person.id, Consent.OUT, "sms", world.clock.now())
    await world.transact(outbox.cancel_for_contact, person.id)
    world.clock.advance(DOUBT)
    assert await world.drain() == 0
    assert ((await world.row(message)).state, (await world.row(message)).due_at) == ("in_doubt", None)


async def test_a_doubt_whose_time_is_over_stays_a_doubt(world):
    expires_at = world.clock.now() + timedelta(seconds=30)
    message = await world.queue(await world.person(), expires_at=expires_at)
    world.network.script.append(NetworkFailed("no_answer", in_doubt=True))
    await world.drain()
    world.clock.advance(DOUBT)
    assert await world.drain() == 0
    assert ((await world.row(message)).state, (await world.row(message)).due_at) == ("in_doubt", None)


async def test_stop_in_the_middle_of_a_broadcast(world):
    people = await world.people(6)
    await world.queue_all([(person, BROADCAST) for person in people], broadcast_id=1, channel="demo")
    sender = world.with_rate(1)
    assert await sender.drain_once(world.clock.now()) == 1
    await world.transact(contacts.consent, people[1].id, Consent.OUT, "sms", world.clock.now())
    await world.transact(outbox.cancel_for_contact, people[1].id)
    await world.transact(contacts.consent, people[2].id, Consent.OUT, "sms", world.clock.now())
    while await sender.drain_once(world.clock.advance(seconds=1)):
        pass
    sent = {message["to"] for message in world.network.sent}
    assert sent == {people[n].msisdn for n in (0, 3, 4, 5)}
    assert await world.states() == ["accepted", "cancelled", "cancelled", "accepted", "accepted", "accepted"]


async def test_what_is_too_old_expires(world):
    message = await world.queue(await world.person(), expires_at=world.clock.now() + timedelta(hours=24))
    world.clock.advance(hours=24)
    assert await world.drain() == 0
    row = await world.row(message)
    assert (row.state, row.reason, row.due_at) == ("expired", "expired", None)


async def test_messages_of_a_line_that_is_no_more_expire_too(world):
    now = world.clock.now()
    old = await world.queue(await world.person(1), channel="gone", expires_at=now + timedelta(hours=1))
    young = await world.queue(await world.person(2), channel="gone", expires_at=now + timedelta(hours=9))
    world.clock.advance(hours=2)
    assert await world.transact(outbox.expire, world.clock.now()) == 1
    assert [(await world.row(old)).state, (await world.row(young)).state] == ["expired", "queued"]
    assert await world.transact(outbox.expire, world.clock.now()) == 0


async def test_at_night_replies_go_and_all_else_waits_for_the_morning(world):
    evening = world.at(2026, 3, 2, 20, 0)
    ids = [await world.queue(await world.person(n), kind) for n, kind in enumerate([REPLY, *UNASKED], start=1)]
    assert await world.drain() == 1
    assert world.network.ids == ids[:1]
    assert {(await world.row(message)).due_at for message in ids[1:]} == {evening + timedelta(hours=12)}
    world.clock.advance(timedelta(hours=12) - timedelta(microseconds=1))
    assert await world.drain() == 0
    world.clock.advance(microseconds=1)
    assert await world.drain() == 3
    assert world.network.ids == ids


async def test_a_second_before_the_night_everything_goes(world):
    world.at(2026, 3, 2, 19, 59, 59)
    for n, kind in enumerate([REPLY, *UNASKED], start=1):
        await world.queue(await world.person(n), kind)
    assert await world.drain() == 4


async def test_after_midnight_it_is_still_the_same_night(world):
    world.at(2026, 3, 3, 0, 0)
    message = await world.queue(await world.person(), NOTICE)
    await world.drain()
    assert (await world.row(message)).due_at == world.at(2026, 3, 3, 8, 0)


async def test_a_notice_that_waits_for_the_morning_does_not_keep_a_reply_back(world):
    world.at(2026, 3, 2, 23, 0)
    person = await world.person()
    await world.queue(person, NOTICE)
    await world.drain()
    reply = await world.queue(person)
    await world.drain()
    assert world.network.ids == [reply]


async def test_a_whole_evening_of_notices_is_put_off_without_sending_any(world):
    world.at(2026, 3, 2, 22, 0)
    await world.queue_all([(person, BROADCAST) for person in await world.people(150)])
    assert await world.drain() == 0
    assert {row.due_at for row in await world.rows()} == {world.at(2026, 3, 3, 8, 0)}


async def test_a_retry_that_falls_into_the_night_waits_too(world):
    world.at(2026, 3, 2, 19, 59, 55)
    message = await world.queue(await world.person(), NOTICE)
    world.network.script.append(NetworkFailed("unreachable", in_doubt=False))
    await world.drain()
    world.clock.advance(minutes=1)
    assert await world.drain() == 0
    row = await world.row(message)
    assert (row.state, row.due_at) == ("retry_at", world.at(2026, 3, 3, 8, 0))


async def test_a_line_is_fed_at_its_pace_in_segments(world):
    sender = world.with_rate(2)
    people = await world.people(4)
    await world.queue_all([(person, REPLY) for person in people[:3]], segments=3)
    await world.queue(people[3], channel="other")
    assert await sender.drain_once(world.clock.now()) == 2  # one of three segments, and the other line's
    assert await sender.drain_once(world.clock.advance(seconds=1.4)) == 0
    assert await sender.drain_once(world.clock.advance(seconds=0.1)) == 1
    assert await sender.drain_once(world.clock.advance(seconds=1.5)) == 1


async def test_over_a_minute_a_paced_line_takes_its_rate_and_no_more(world):
    sender = world.with_rate(0.5)
    await world.queue_all([(person, REPLY) for person in await world.people(60)])
    taken = [await sender.drain_once(world.clock.advance(seconds=1)) for _ in range(60)]
    assert sum(taken) == 30
    assert max(taken) == 1


async def test_pace_counts_seconds_that_passed_whatever_the_wall_clock_says(world):
    sender = world.with_rate(1)
    await world.queue_all([(person, REPLY) for person in await world.people(3)])
    assert await sender.drain_once(world.clock.now()) == 1
    world.clock.set(world.clock.now() + timedelta(hours=1))
    assert await sender.drain_once(world.clock.now()) == 0
    world.clock.advance(seconds=1)
    assert await sender.drain_once(world.clock.now()) == 1


async def test_a_line_that_fails_again_and_again_rests_and_spares_the_messages_behind(world):
    await world.queue_all([(person, REPLY) for person in await world.people(40)])
    world.network.script.extend([NetworkFailed("unreachable", in_doubt=False)] * 40)
    await world.drain()
    assert len(world.network.sent) == world.config.outbox.concurrency - 2  # one is kept for each of two other lines
    assert (await world.states()).count("queued") == 34


@pytest.mark.parametrize(
    ("concurrency", "flying", "own", "other"),
    [
        (4, {"a": 0, "b": 0, "c": 0}, 2, 2),
        (4, {"a": 2, "b": 0, "c": 0}, 0, 1),
        (4, {"a": 2, "b": 1, "c": 0}, 0, 1),
        (32, {"a": 0, "b": 0}, 30, 30),
        (32, {"a": 30, "b": 0}, 0, 2),
        (32, {"a": 31, "b": 0}, -1, 1),
        (32, {"a": 0}, 32, 32),
        (2, {"a": 0, "b": 0, "c": 0}, 2, 2),
        (1, {"a": 0, "b": 0}, 1, 1),
    ],
)
def test_each_line_has_slots_that_no_other_can_take(concurrency, flying, own, other):
    room = handover.room(concurrency, flying, 0)
    assert (room.of("a").free, room.of(max(flying)).free if len(flying) > 1 else own) == (own, other)


def test_what_a_line_takes_is_not_kept_for_it_any_more():
    room = handover.room(4, {"a": 0, "b": 0, "c": 0}, 0).less("a", 2, 1)
    assert (room.free, room.of("a").free, room.of("b").free, room.of("c").free) == (2, 0, 1, 1)
    assert room.less("b", 1, 0).of("c").free == 1
