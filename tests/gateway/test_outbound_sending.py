"""The outbox on a good day and on bad ones: what the provider sees, and where each message stands afterwards."""

import json
from datetime import timedelta

import pytest

from dialogs.messages import MessageKind
from gateway.outbound.carrier import NetworkFailed
from gateway.outbound.results import DOUBT, HOLD
from providers.base import Response, SendFailed

REPLY, NOTICE, BROADCAST = MessageKind.REPLY, MessageKind.NOTICE, MessageKind.BROADCAST
TIMEOUT = NetworkFailed("no_answer", in_doubt=True)
REFUSED = NetworkFailed("unreachable", in_doubt=False)


def answer(status: int, body: object = None, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status=status, headers=named, body=json.dumps(body or {}).encode())


async def test_what_is_queued_is_handed_over_once(world):
    message = await world.queue(await world.person(), text="Recibimos su caso")
    assert await world.drain() == 1
    assert await world.drain() == 0
    assert [(sent["to"], sent["text"]) for sent in world.network.sent] == [("+59170000001", "Recibimos su caso")]
    row = await world.row(message)
    assert (row.state, row.external_id, row.attempts, row.due_at, row.lease_until) == ("accepted", "P1", 1, None, None)
    assert row.handed_at == world.clock.now()


async def test_a_screen_that_was_given_is_never_sent(world):
    message = await world.queue(await world.person(), channel="keys", state="answered", segments=0)
    assert await world.drain() == 0
    assert (await world.row(message)).state == "answered"
    assert (await world.row(message)).settled_at is not None


async def test_what_is_due_later_waits(world):
    due_at = world.clock.now() + timedelta(hours=1)
    await world.queue(await world.person(), due_at=due_at)
    assert await world.drain() == 0
    world.clock.advance(hours=1)
    assert await world.drain() == 1


async def test_replies_before_notices_before_broadcasts(world):
    kinds = [BROADCAST, NOTICE, MessageKind.FOLLOWUP, REPLY]
    people = await world.people(4)
    ids = [await world.queue(person, kind) for person, kind in zip(people, kinds, strict=True)]
    await world.drain()
    assert world.network.ids == [ids[3], ids[1], ids[2], ids[0]]


async def test_messages_to_one_person_go_one_at_a_time_in_order(world):
    person = await world.person()
    ids = await world.queue_all([(person, REPLY)] * 5)
    under_way = 0

    async def one_at_a_time():
        nonlocal under_way
        under_way += 1
        assert under_way == 1
        flying = [row for row in await world.rows() if row.state == "handing_over"]
        assert len(flying) == 1
        under_way -= 1
        return world.network.taken(f"P{len(world.network.sent)}")

    world.network.script.extend([one_at_a_time] * 5)
    assert await world.drain() == 5
    assert world.network.ids == ids


async def test_a_message_that_waits_to_be_tried_again_is_not_overtaken(world):
    person, other = await world.person(1), await world.person(2)
    first, second = await world.queue_all([(person, REPLY)] * 2)
    third = await world.queue(other)
    world.network.script.append(answer(503))
    await world.drain()
    assert world.network.ids == [first, third]
    world.clock.advance(minutes=1)
    await world.drain()
    assert world.network.ids == [first, third, first, second]


async def test_a_line_in_trouble_does_not_keep_back_what_goes_on_another(world):
    person = await world.person()
    held = await world.queue(person)
    world.network.script.append(answer(401))
    await world.drain()
    free = await world.queue(person, channel="other")
    await world.drain()
    assert world.network.ids == [held, free]
    assert await world.states() == ["retry_at", "accepted"]


async def test_no_more_at_once_than_allowed(world):
    await world.queue_all([(person, REPLY) for person in await world.people(20)])
    flying = []

    async def look():
        flying.append(sum(row.state == "handing_over" for row in await world.rows()))
        return world.network.taken(f"P{len(flying)}")

    world.network.script.extend([look] * 20)
    assert await world.drain() == 20
    assert max(flying) <= world.config.outbox.concurrency


@pytest.mark.parametrize("trouble", [answer(429), answer(503), REFUSED], ids=["429", "503", "unreachable"])
async def test_what_was_not_processed_is_tried_again_later_and_longer_each_time(world, trouble):
    message = await world.queue(await world.person())
    world.network.script.extend([trouble, trouble])
    await world.drain()
    row = await world.row(message)
    assert (row.state, row.attempts) == ("retry_at", 1)
    first = row.due_at - world.clock.now()
    assert timedelta(seconds=10) <= first <= timedelta(seconds=12.5)
    world.clock.advance(first - timedelta(seconds=0.001))
    assert await world.drain() == 0
    world.clock.advance(seconds=0.001)
    assert await world.drain() == 1
    second = (await world.row(message)).due_at - world.clock.now()
    assert second > first
    world.clock.advance(second)
    await world.drain()
    assert ((await world.row(message)).state, len(world.network.sent)) == ("accepted", 3)


async def test_a_provider_that_says_when_is_obeyed_and_its_line_rests(world):
    first = await world.queue(await world.person(1))
    world.network.script.append(answer(429, retry_after="30"))
    await world.drain()
    second = await world.queue(await world.person(2))
    world.clock.advance(seconds=29.9)
    assert await world.drain() == 0
    world.clock.advance(seconds=0.1)
    await world.drain()
    world.clock.advance(seconds=10)
    await world.drain()
    assert world.network.ids == [first, second, first]


async def test_after_the_last_attempt_it_has_failed(world):
    message = await world.queue(await world.person())
    for _ in range(world.config.outbox.max_attempts):
        world.network.script.append(answer(503))
        await world.drain()
        world.clock.advance(hours=1)
    row = await world.row(message)
    assert (row.state, row.attempts, row.reason, row.due_at) == ("failed", 3, "http_503", None)
    assert row.settled_at is not None
    assert await world.drain() == 0


async def test_what_the_provider_refuses_has_failed_at_once(world):
    message = await world.queue(await world.person())
    world.network.script.append(answer(400))
    await world.drain()
    assert ((await world.row(message)).state, (await world.row(message)).reason) == ("failed", "http_400")


@pytest.mark.parametrize(
    "trouble",
    [
        TIMEOUT,
        answer(500),
        Response(status=200, body=b"<html>hello</html>"),
        answer(200, {"no": "id"}),
        ValueError("x"),
    ],
    ids=["timeout", "500", "garbage", "no id", "broken codec"],
)
async def test_a_doubtful_reply_waits_a_minute_and_goes_once_more_marked(world, trouble):
    message = await world.queue(await world.person())
    world.network.script.extend([trouble, trouble])
    await world.drain()
    row = await world.row(message)
    assert (row.state, row.doubted, row.due_at) == ("in_doubt", False, world.clock.now() + DOUBT)
    world.clock.advance(DOUBT - timedelta(seconds=1))
    assert await world.drain() == 0
    world.clock.advance(seconds=1)
    assert await world.drain() == 1
    row = await world.row(message)
    assert (row.state, row.doubted, row.due_at) == ("in_doubt", True, None)
    assert await world.alerts() == [("in_doubt", f"message {message}")]
    world.clock.advance(days=2)
    assert await world.drain() == 0
    assert len(world.network.sent) == 2


async def test_a_doubtful_reply_that_goes_well_the_second_time_stays_marked(world):
    message = await world.queue(await world.person(), NOTICE)
    world.network.script.append(TIMEOUT)
    await world.drain()
    world.clock.advance(DOUBT)
    await world.drain()
    row = await world.row(message)
    assert (row.state, row.doubted, row.attempts, row.external_id) == ("accepted", True, 2, "P2")
    assert await world.alerts() == []


async def test_a_doubtful_broadcast_is_not_sent_again_but_shown_to_staff(world):
    message = await world.queue(await world.person(), BROADCAST, broadcast_id=7)
    world.network.script.append(TIMEOUT)
    await world.drain()
    world.clock.advance(days=1)
    await world.drain()
    assert len(world.network.sent) == 1
    assert ((await world.row(message)).state, (await world.row(message)).due_at) == ("in_doubt", None)
    assert await world.alerts() == [("in_doubt", "broadcast 7")]


async def test_where_the_provider_takes_our_id_a_doubt_is_just_tried_again(world):
    message = await world.queue(await world.person(), BROADCAST, channel="phone", broadcast_id=7)
    world.network.script.extend([TIMEOUT, TIMEOUT])
    await world.drain()
    world.clock.advance(minutes=1)
    await world.drain()
    world.clock.advance(minutes=10)
    await world.drain()
    row = await world.row(message)
    assert (row.state, row.attempts, row.doubted) == ("accepted", 3, False)
    assert await world.alerts() == []


async def test_where_the_provider_takes_our_id_attempts_are_counted_all_the_same(world):
    message = await world.queue(await world.person(), channel="phone")
    for _ in range(world.config.outbox.max_attempts):
        world.network.script.append(TIMEOUT)
        await world.drain()
        world.clock.advance(hours=1)
    assert await world.drain() == 0
    row = await world.row(message)
    assert (row.state, row.attempts, row.due_at) == ("in_doubt", 3, None)
    assert await world.alerts() == [("in_doubt", f"message {message}")]


async def test_who_opted_out_at_the_provider_has_opted_out(world):
    person = await world.person()
    refused, waiting = await world.queue(person), await world.queue(person, NOTICE)
    world.network.script.append(SendFailed("21610", opted_out=True))
    await world.drain()
    assert [(await world.row(refused)).state, (await world.row(waiting)).state] == ["failed", "cancelled"]
    assert (await world.rows("contacts"))[0].opted_out_at == world.clock.now()
    assert [(row.kind, row.source) for row in await world.rows("consents")] == [("out", "provider")]
    assert len(world.network.sent) == 1


async def test_a_line_with_a_fault_of_its_own_is_held_and_no_message_fails(world):
    ids = await world.queue_all([(person, REPLY) for person in await world.people(12)])
    world.network.script.extend([answer(401)] * 6)
    await world.drain()
    rows = await world.rows()
    assert {row.state for row in rows} == {"retry_at", "queued"}
    assert all(row.attempts == 0 for row in rows)
    assert len(world.network.sent) == 6  # eight at a time, of which one is kept for each of two other lines
    assert await world.alerts() == [("channel_held", "demo")]
    assert (await world.rows("accounts"))[0].problem == "http_401"
    world.clock.advance(HOLD - timedelta(seconds=1))
    assert await world.drain() == 0
    world.clock.advance(minutes=5)
    await world.drain()
    assert await world.states() == ["accepted"] * 12
    assert sorted(set(world.network.ids)) == ids


async def test_two_messages_given_the_same_id_do_not_spoil_each_other(world):
    ids = await world.queue_all([(person, REPLY) for person in await world.people(3)])
    world.network.script.extend([world.network.taken("same")] * 3)
    await world.drain()
    rows = [await world.row(message) for message in ids]
    assert [row.state for row in rows] == ["accepted"] * 3
    assert [row.external_id for row in rows] == ["same", None, None]
    later = await world.queue(await world.person(4))
    world.network.script.append(world.network.taken("same"))
    await world.drain()
    assert ((await world.row(later)).state, (await world.row(later)).external_id) == ("accepted", None)


async def test_a_message_that_no_codec_can_encode_fails_alone(world, monkeypatch):
    spoiled, well = await world.queue(await world.person(1), text="spoil"), await world.queue(await world.person(2))
    codec = type(world.channels["demo"].sender)
    encode = codec.encode

    def trip(self, message):
        if message.text == "spoil":
            raise KeyError(message.text)
        return encode(self, message)

    monkeypatch.setattr(codec, "encode", trip)
    await world.drain()
    assert [(await world.row(spoiled)).state, (await world.row(well)).state] == ["failed", "accepted"]


async def test_a_line_that_is_no_more_keeps_its_messages_until_they_expire(world):
    await world.queue(await world.person(), channel="gone")
    assert await world.drain() == 0
    assert await world.states() == ["queued"]
