"""Ten messages in ten minutes, thirty a day, so many segments; then silence, one alert, and replies last to be cut."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from dialogs.messages import MessageKind
from gateway.metrics import Metrics
from gateway.outbound import brakes
from gateway.outbound.carrier import NetworkFailed
from gateway.outbound.results import DOUBT
from providers.base import Response
from store import alerts
from store import brakes as store_brakes

REPLY, NOTICE, FOLLOWUP, BROADCAST = (
    MessageKind.REPLY,
    MessageKind.NOTICE,
    MessageKind.FOLLOWUP,
    MessageKind.BROADCAST,
)
TIMEOUT = NetworkFailed("no_answer", in_doubt=True)
BUSY = Response(status=429, headers={"content-type": "application/json"}, body=b"{}")


@pytest.fixture
def limit(world):
    """Set limits for this test."""

    def to(**limits):
        world.configure("limits", **limits)
        world.outbox = world.sender()

    return to


async def say(world, to, count=1, kind=REPLY, **more):
    """Queue so many messages to one person and hand over what may go; give their ids."""
    ids = [await world.queue(to, kind, **more) for _ in range(count)]
    await world.drain()
    return ids


async def fates(world, ids):
    return [((row := await world.row(one)).state, row.reason) for one in ids]


async def sent_and_cut(world):
    rows = await world.rows()
    return [row.kind for row in rows if row.state == "accepted"], {row.reason for row in rows if row.reason}


# One person.


async def test_ten_replies_in_ten_minutes_then_silence_and_one_flag(world):
    person = await world.person()
    ids = await say(world, person, 14)
    assert await fates(world, ids) == [("accepted", None)] * 10 + [("cancelled", "contact_limit")] * 4
    assert await world.alerts() == [("contact_silenced", f"contact {person.id}")]
    world.clock.advance(minutes=9, seconds=59)
    assert await fates(world, await say(world, person)) == [("cancelled", "contact_limit")]
    world.clock.advance(seconds=1)
    assert await fates(world, await say(world, person)) == [("accepted", None)]
    assert len(await world.alerts()) == 1


async def test_the_window_slides(world):
    person = await world.person()
    await say(world, person)
    world.clock.advance(minutes=9, seconds=59)
    assert await fates(world, await say(world, person, 10)) == [("accepted", None)] * 9 + [
        ("cancelled", "contact_limit")
    ]
    world.clock.advance(seconds=1)  # the first is ten minutes old, the other nine are not
    assert await fates(world, await say(world, person, 2)) == [("accepted", None), ("cancelled", "contact_limit")]


async def test_thirty_a_day_whatever_the_minutes(world):
    person = await world.person()
    for _ in range(3):
        await say(world, person, 10)
        world.clock.advance(minutes=10)
    assert await fates(world, await say(world, person)) == [("cancelled", "contact_limit")]
    world.at(2026, 3, 2, 23, 59, 59)
    assert await fates(world, await say(world, person)) == [("cancelled", "contact_limit")]
    world.at(2026, 3, 3, 0, 0, 0)
    assert await fates(world, await say(world, person)) == [("accepted", None)]


async def test_a_flood_is_cancelled_at_one_look(world):
    person = await world.person()
    await say(world, person, 10)
    await world.queue_all([(person, REPLY)] * 50)
    assert await world.drain() == 0
    assert (await world.states()).count("cancelled") == 50


async def test_others_are_answered_meanwhile(world):
    noisy, other = await world.person(1), await world.person(2)
    await say(world, noisy, 12)
    assert await fates(world, await say(world, other)) == [("accepted", None)]


@pytest.mark.parametrize("kind", [NOTICE, FOLLOWUP, BROADCAST])
async def test_what_nobody_asked_for_waits_until_there_is_room(world, kind):
    person = await world.person()
    await say(world, person, 10)
    [notice] = await say(world, person, kind=kind)
    row = await world.row(notice)
    assert (row.state, row.reason) == ("queued", "contact_limit")
    assert row.due_at == world.clock.now() + timedelta(minutes=10)
    world.clock.advance(minutes=10)
    await world.drain()
    assert await fates(world, [notice]) == [("accepted", None)]


async def test_a_doubtful_reply_to_who_had_enough_is_not_sent_again(world, limit):
    limit(contact_10_minutes=1)
    world.network.script.append(TIMEOUT)
    [doubtful] = await say(world, await world.person())
    world.clock.advance(DOUBT)
    assert await world.drain() == 0
    row = await world.row(doubtful)
    assert (row.state, row.reason, row.due_at) == ("in_doubt", "contact_limit", None)


async def test_screens_are_not_counted(world):
    person = await world.person()
    await world.queue_all([(person, REPLY)] * 40, state="answered", channel="keys")
    assert await fates(world, await say(world, person)) == [("accepted", None)]
    assert [row.messages for row in await world.rows("contact_sends")] == [1]


async def test_staff_are_told_once_a_day_also_when_they_have_looked(world):
    person = await world.person()
    await say(world, person, 11)
    await world.transact(alerts.see, 1, "ana")
    await say(world, person, 1)
    world.clock.advance(minutes=10)
    await say(world, person, 11)
    assert len(await world.alerts()) == 1
    world.clock.advance(days=1)
    await say(world, person, 11)
    assert len(await world.alerts()) == 2


# What is counted.


async def test_an_attempt_that_was_not_taken_is_not_counted(world):
    person = await world.person()
    world.network.script += [BUSY]
    [first] = await say(world, person)
    assert (await world.row(first)).state == "retry_at"
    assert [(row.messages, row.recent) for row in await world.rows("contact_sends")] == [(0, [])]
    assert {(row.messages, row.segments) for row in await world.rows("spending")} == {(0, 0)}
    world.clock.advance(minutes=1)
    await world.drain()
    assert await fates(world, await say(world, person, 10)) == [("accepted", None)] * 9 + [
        ("cancelled", "contact_limit")
    ]


async def test_an_attempt_in_doubt_is_counted_and_so_is_the_next(world):
    person = await world.person()
    world.network.script.append(TIMEOUT)
    await say(world, person, segments=2)
    world.clock.advance(DOUBT)
    await world.drain()
    assert len(world.network.sent) == 2
    assert [row.messages for row in await world.rows("contact_sends")] == [2]
    assert {(row.messages, row.segments) for row in await world.rows("spending")} == {(2, 4)}


async def test_a_result_that_is_told_twice_is_given_back_once(world, monkeypatch):
    person = await world.person()
    await say(world, person, 2)
    world.network.script.append(BUSY)
    told = []
    real = world.outbox._record
    monkeypatch.setattr(world.outbox, "_record", lambda tx, ended: (told.append(ended), real(tx, ended)))
    await say(world, person)
    await world.transact(real, told[-1])
    assert told[-1][0].unsent is not None
    assert [row.messages for row in await world.rows("contact_sends")] == [2]
    assert {row.messages for row in await world.rows("spending")} == {2}


async def test_what_is_given_back_is_given_back_to_its_day(world):
    person = await world.person()
    world.at(2026, 3, 2, 23, 59, 59)
    await world.queue(person)

    async def late():
        world.clock.advance(seconds=2)
        return BUSY

    world.network.script.append(late)
    await world.drain()
    assert {(row.day, row.messages) for row in await world.rows("spending")} == {("2026-03-02", 0)}


async def test_another_process_and_a_restart_count_on(world, limit):
    limit(channel_segments=5)
    people = await world.people(8)
    await world.queue_all([(person, REPLY) for person in people[:4]])
    await world.drain()
    await world.queue_all([(person, REPLY) for person in people[4:]])
    assert await world.sender().drain_once(world.clock.now()) == 1


async def test_two_processes_at_once_never_spend_the_same_segment(world, limit):
    limit(channel_segments=20)
    people = await world.people(60)
    await world.queue_all([(person, REPLY) for person in people])
    senders = [world.sender() for _ in range(3)]
    counts = await asyncio.gather(*(sender.drain_once(world.clock.now()) for sender in senders))
    assert sum(counts) == len(world.network.sent) == 20
    [line] = await world.rows("spending", scope="channel demo")
    assert (line.messages, line.segments) == (20, 20)


# Money.


async def test_replies_are_the_last_to_be_cut(world, limit):
    limit(channel_segments=10)
    people = await world.people(40)
    kinds = [BROADCAST] * 20 + [NOTICE] * 5 + [FOLLOWUP] * 5 + [REPLY] * 10
    for person, kind in zip(people, kinds, strict=True):
        await say(world, person, kind=kind, **({"broadcast_id": 7} if kind is BROADCAST else {}))
    sent, why = await sent_and_cut(world)
    assert sent == [BROADCAST] * 8 + [NOTICE] + [REPLY]
    assert why == {"channel_limit"}
    assert await world.alerts() == [("limit_reached", "channel demo"), ("replies_stopped", "channel demo")]


async def test_in_one_look_replies_come_first(world, limit):
    limit(channel_segments=5)
    people = await world.people(8)
    whom = [(person, NOTICE) for person in people[:4]] + [(person, REPLY) for person in people[4:]]
    await world.queue_all(whom)
    await world.drain()
    assert (await sent_and_cut(world))[0] == [REPLY] * 4


async def test_segments_add_up_in_one_look_and_the_cap_is_never_passed(world, limit):
    limit(channel_segments=10)
    people = await world.people(6)
    await world.queue_all([(person, REPLY) for person in people], segments=3)
    assert await world.drain() == 3
    [one] = await world.queue_all([(people[5], REPLY)], segments=1)
    assert await world.drain() == 0  # the longer one, which is older, stands before it
    [line] = await world.rows("spending", scope="channel demo")
    assert (line.messages, line.segments, line.stopped_at) == (3, 9, world.clock.now())
    assert (await world.row(one)).state == "queued"


async def test_exactly_the_cap_may_be_spent(world, limit):
    limit(channel_segments=6)
    people = await world.people(3)
    await world.queue_all([(person, REPLY) for person in people], segments=3)
    assert await world.drain() == 2


async def test_what_money_holds_is_looked_at_every_hour_and_goes_when_the_day_turns(world, limit):
    limit(channel_segments=1)
    people = await world.people(2)
    await world.queue_all([(person, REPLY) for person in people])
    await world.drain()
    waiting = (await world.rows(state="queued"))[0]
    assert waiting.due_at == world.clock.now() + timedelta(hours=1)
    world.at(2026, 3, 2, 23, 30)
    [late] = await say(world, await world.person(3))
    assert (await world.row(late)).due_at == datetime(2026, 3, 3, tzinfo=world.config.service.timezone)
    world.at(2026, 3, 3, 8)
    await world.drain()
    assert await fates(world, [late, waiting.id]) == [("accepted", None), ("queued", "channel_limit")]


async def test_a_raised_cap_lets_go_what_waits(world, limit):
    limit(channel_segments=1)
    people = await world.people(3)
    await world.queue_all([(person, REPLY) for person in people])
    await world.drain()
    limit(channel_segments=100)
    world.clock.advance(hours=1)
    assert await world.drain() == 2


async def test_a_broadcast_stops_at_its_own_cap_and_another_goes_on(world, limit):
    limit(campaign_segments=3)
    people = await world.people(10)
    first = await world.queue_all([(person, BROADCAST) for person in people[:5]], broadcast_id=1)
    second = await world.queue_all([(person, BROADCAST) for person in people[5:8]], broadcast_id=2)
    await world.drain()
    assert await fates(world, first) == [("accepted", None)] * 3 + [("queued", "campaign_limit")] * 2
    assert await fates(world, second) == [("accepted", None)] * 3
    assert await world.alerts() == [("limit_reached", "broadcast 1")]
    await say(world, people[9])
    assert len(await world.alerts()) == 1


async def test_a_line_may_have_a_cap_of_its_own(world, limit):
    limit(channels={"other": 1})
    people = await world.people(4)
    await world.queue_all([(person, REPLY) for person in people[:2]], channel="other")
    await world.queue_all([(person, REPLY) for person in people[2:]], channel="demo")
    assert await world.drain() == 3


async def test_a_cap_of_nothing_stops_all(world, limit):
    limit(channel_segments=0)
    await world.queue(await world.person())
    assert await world.drain() == 0
    assert await world.alerts() == [("replies_stopped", "channel demo")]


# Where the numbers are.


async def write_to(world, *numbers, kind=REPLY):
    """One message to each of these numbers."""
    people = await world.people(len(numbers))
    written = [(replace(person, msisdn=number), kind) for person, number in zip(people, numbers, strict=True)]
    ids = await world.queue_all(written)
    await world.drain()
    return ids


async def test_other_countries_together_have_a_small_cap(world, limit):
    limit(abroad_segments=2)
    await write_to(world, "+5491123456789", "+34600111222", "+5491123456780", "+59170000004")
    assert [sent["to"] for sent in world.network.sent] == ["+5491123456789", "+34600111222", "+59170000004"]
    assert await world.alerts() == [("replies_stopped", "country abroad")]


@pytest.mark.parametrize("kind", [REPLY, NOTICE])
async def test_countries_that_are_not_named_are_not_written_to(world, limit, kind):
    limit(countries=("+591", "+54"), country_segments=1)
    ids = await write_to(world, "+59170000001", "+5491123456780", "+34600111222", kind=kind)
    sent = ("queued", "country_limit") if kind is NOTICE else ("accepted", None)  # a notice may use 90 % of one
    assert await fates(world, ids) == [sent, sent, ("cancelled", "country_not_allowed")]


@pytest.mark.parametrize("number", ["+59180017123", "+881612345678", "+87077123456", "+9991234567"])
async def test_numbers_that_cost_more_are_not_written_to(world, number):
    reason = ("accepted", None) if number == "+59180017123" else ("cancelled", "number_not_allowed")
    assert await fates(world, await write_to(world, number)) == [reason]


async def test_our_own_number_is_not_written_to_however_it_came_into_the_outbox(world):
    assert await fates(world, await write_to(world, "+59170009999", kind=NOTICE)) == [("cancelled", "own_number")]


async def test_a_block_of_numbers_has_a_cap_and_its_replies_are_cancelled(world, limit):
    limit(prefix_day=10)
    numbers = [f"+5917000{n:04d}" for n in range(12)]
    ids = await write_to(world, *numbers, "+59170010001")
    assert await fates(world, ids) == [("accepted", None)] * 10 + [("cancelled", "prefix_limit")] * 2 + [
        ("accepted", None)
    ]
    assert await world.alerts() == [("replies_stopped", "prefix +5917000")]
    [notice] = await write_to(world, "+59170000077", kind=NOTICE)
    assert await fates(world, [notice]) == [("queued", "prefix_limit")]


async def test_broadcasts_do_not_count_towards_a_block_of_numbers(world, limit):
    limit(prefix_day=1)
    people = await world.people(3)
    await world.queue_all([(person, BROADCAST) for person in people], broadcast_id=1)
    assert await world.drain() == 3


# Afterwards.


async def test_counters_are_forgotten_when_their_day_is_past(world):
    await say(world, await world.person())
    world.clock.advance(days=1)
    assert await world.transact(brakes.tick, world.house, world.clock.now()) == 0
    world.clock.advance(days=1)
    assert await world.transact(brakes.tick, world.house, world.clock.now()) == 1
    assert (await world.rows("contact_sends"), len(await world.rows("spending"))) == ([], 3)
    world.clock.advance(days=31)
    await world.transact(brakes.tick, world.house, world.clock.now())
    assert await world.rows("spending") == []


async def test_a_clock_set_back_a_day_silences_nobody(world):
    person = await world.person()
    await say(world, person, 10)
    world.clock.set(world.clock.now() - timedelta(days=1))
    assert await fates(world, await say(world, person)) == [("accepted", None)]


async def test_the_log_names_no_number_and_no_prefix(world, limit, logs):
    limit(prefix_day=0)
    await say(world, await world.person())
    assert [(entry["event"], entry["reason"]) for entry in logs] == [("replies_stopped", "prefix_limit")]


async def test_what_the_brakes_cut_is_counted_for_operators(world):
    metrics = Metrics()
    world.outbox = world.sender(metrics=metrics)
    await say(world, await world.person(), 11)
    assert 'barrio_braked_total{channel="demo",reason="contact_limit"} 1.0' in metrics.page().decode()


@pytest.mark.parametrize("count", [1, 5])
async def test_a_look_asks_three_things_whatever_its_size(world, count, monkeypatch):
    asked = []
    for name in ("sends", "spend", "keep", "hold", "silence"):
        real = getattr(store_brakes, name)
        monkeypatch.setattr(
            store_brakes, name, lambda *args, name=name, real=real: (asked.append(name), real(*args))[1]
        )
    people = await world.people(count)
    await world.queue_all([(person, REPLY) for person in people])
    assert await world.drain() == count
    assert asked == ["sends", "spend", "keep"]
