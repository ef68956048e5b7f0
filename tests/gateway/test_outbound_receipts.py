"""Delivery reports: late, twice, out of order, before the answer, about nobody we know. The end is always the same."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.messages import DeliveryReport, DeliveryStatus, MessageKind
from gateway.outbound import receipts
from gateway.outbound.carrier import NetworkFailed
from gateway.outbound.results import DOUBT
from store.outbox import State
from store.receipts import Standing

QUEUED, SENT = DeliveryStatus.QUEUED, DeliveryStatus.SENT
DELIVERED, FAILED = DeliveryStatus.DELIVERED, DeliveryStatus.FAILED
TIMEOUT = NetworkFailed("no_answer", in_doubt=True)
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def report(world, status, external_id="P1", **more):
    return DeliveryReport(
        channel=more.pop("channel", "demo"), status=status, at=world.clock.now(), external_id=external_id, **more
    )


async def hear(world, *reports):
    await world.transact(receipts.apply, reports, world.clock.now())


async def sent(world, **more):
    """One message that the provider took as P1."""
    message = await world.queue(await world.person(), **more)
    await world.drain()
    return message


@pytest.mark.parametrize(
    ("status", "state"), [(QUEUED, "accepted"), (SENT, "sent"), (DELIVERED, "delivered"), (FAILED, "failed")]
)
async def test_a_report_moves_a_message_forward(world, status, state):
    message = await sent(world)
    world.clock.advance(seconds=9)
    await hear(world, report(world, status, reason="30003"))
    row = await world.row(message)
    assert row.state == state
    assert row.reason == ("30003" if state == "failed" else None)
    assert row.settled_at == (world.clock.now() if state in {"delivered", "failed"} else None)


@pytest.mark.parametrize("end", [DELIVERED, FAILED])
async def test_in_whatever_order_and_however_often_they_come_the_end_is_the_same(world, end):
    """All orders of all reports, each twice, in one message each: two of them one by one, the others in one batch."""
    orders = sorted(set(permutations([QUEUED, SENT, end, end])))
    people = await world.people(len(orders))
    ids = await world.queue_all([(person, MessageKind.REPLY) for person in people])
    await world.drain()
    external_ids = {row.id: row.external_id for row in await world.rows()}
    batch = []
    for message, order in zip(ids, orders, strict=True):
        told = [report(world, status, external_ids[message]) for status in (*order, *order)]
        if message in ids[:2]:
            for one in told:
                await hear(world, one)
        else:
            batch += told
    await hear(world, *batch)
    assert set(await world.states()) == {end.value}


@pytest.mark.parametrize(("first", "second"), [(DELIVERED, FAILED), (FAILED, DELIVERED)])
async def test_the_first_end_stands(world, first, second):
    message = await sent(world)
    await hear(world, report(world, first))
    settled_at = (await world.row(message)).settled_at
    world.clock.advance(hours=1)
    await hear(world, report(world, second))
    row = await world.row(message)
    assert (row.state, row.settled_at) == (first.value, settled_at)


async def test_a_report_is_about_the_line_it_came_from(world):
    message = await sent(world)
    await hear(
        world, report(world, DELIVERED, channel="other"), report(world, FAILED, None, our_id=message, channel="other")
    )
    assert (await world.row(message)).state == "accepted"
    assert [row.channel for row in await world.rows("parked_reports")] == ["other"]


async def test_a_report_that_comes_before_the_answer_is_applied_with_it(world):
    message = await world.queue(await world.person())

    async def report_first():
        await hear(world, report(world, SENT, "early"), report(world, DELIVERED, "early"))
        assert (await world.row(message)).state == "handing_over"
        return world.network.taken("early")

    world.network.script.append(report_first)
    await world.drain()
    assert (await world.row(message)).state == "delivered"
    assert await world.rows("parked_reports") == []


async def test_a_report_with_our_id_that_comes_before_the_answer_needs_no_parking(world):
    message = await world.queue(await world.person())

    async def report_first():
        await hear(world, report(world, DELIVERED, "early", our_id=message))
        assert (await world.row(message)).state == "delivered"
        return world.network.taken("early")

    world.network.script.append(report_first)
    await world.drain()
    row = await world.row(message)
    assert (row.state, row.external_id, row.lease_until) == ("delivered", "early", None)


async def test_a_report_overtakes_an_answer_that_says_no(world):
    """The provider answered 503 and sent it all the same: its report counts, and it is not sent again."""
    message = await world.queue(await world.person())

    async def report_first():
        await hear(world, report(world, SENT, "P9", our_id=message))
        raise NetworkFailed("unreachable", in_doubt=False)

    world.network.script.append(report_first)
    await world.drain()
    world.clock.advance(hours=1)
    await world.drain()
    assert ((await world.row(message)).state, len(world.network.sent)) == ("sent", 1)


@pytest.mark.parametrize(
    ("status", "state"), [(QUEUED, "accepted"), (SENT, "sent"), (DELIVERED, "delivered"), (FAILED, "failed")]
)
async def test_a_report_with_our_id_settles_a_doubt(world, status, state):
    message = await world.queue(await world.person())
    world.network.script.append(TIMEOUT)
    await world.drain()
    await hear(world, report(world, status, "P7", our_id=message))
    row = await world.row(message)
    assert (row.state, row.external_id, row.due_at) == (state, "P7", None)
    world.clock.advance(DOUBT)
    assert await world.drain() == 0


async def test_it_settles_also_a_doubt_that_was_given_up(world):
    message = await world.queue(await world.person(), MessageKind.BROADCAST, broadcast_id=1)
    world.network.script.append(TIMEOUT)
    await world.drain()
    await hear(world, report(world, DELIVERED, None, our_id=message))
    assert (await world.row(message)).state == "delivered"


async def test_after_a_doubt_both_copies_report_and_the_message_ends_once(world):
    message = await world.queue(await world.person())
    world.network.script.append(TIMEOUT)
    await world.drain()
    world.clock.advance(DOUBT)
    await world.drain()
    await hear(world, report(world, DELIVERED, "first-copy", our_id=message), report(world, SENT, "P2", our_id=message))
    row = await world.row(message)
    assert (row.state, row.external_id) == ("delivered", "P2")


@pytest.mark.parametrize("our_id", [0, -1, 2**63, 10**40, 999])
async def test_an_id_that_is_not_ours_moves_nothing(world, our_id):
    await sent(world)
    await hear(world, report(world, DELIVERED, None, our_id=our_id))
    assert await world.states() == ["accepted"]
    assert await world.rows("parked_reports") == []


async def test_nobody_can_report_on_what_was_never_handed_over(world):
    message = await world.queue(await world.person())
    await hear(world, report(world, DELIVERED, None, our_id=message))
    assert (await world.row(message)).state == "queued"


async def test_an_id_of_another_message_is_not_taken_over(world):
    message = await sent(world)
    doubtful = await world.queue(await world.person(2))
    world.network.script.append(TIMEOUT)
    await world.drain()
    await hear(world, report(world, SENT, "P1", our_id=doubtful))
    assert [(await world.row(message)).external_id, (await world.row(doubtful)).external_id] == ["P1", None]
    assert [(await world.row(message)).state, (await world.row(doubtful)).state] == ["accepted", "sent"]


async def test_one_new_id_for_two_messages_names_the_first(world):
    people = await world.people(2)
    ids = await world.queue_all([(person, MessageKind.REPLY) for person in people])
    world.network.script.extend([TIMEOUT, TIMEOUT])
    await world.drain()
    await hear(world, *(report(world, SENT, "twice", our_id=message) for message in ids))
    assert [(await world.row(message)).external_id for message in ids] == ["twice", None]
    assert await world.states() == ["sent", "sent"]


@pytest.mark.parametrize("odd", ["x" * 1000, "\ud800\x00", "ñ" * 300])
async def test_an_id_of_any_kind_finds_its_message(world, odd):
    message = await world.queue(await world.person())
    world.network.script.append(TIMEOUT)
    await world.drain()
    await hear(world, report(world, SENT, odd, our_id=message))
    await hear(world, report(world, DELIVERED, odd), report(world, DELIVERED, odd + "y"))
    assert (await world.row(message)).state == "delivered"
    assert len(await world.rows("parked_reports")) == 1


async def test_reports_about_nobody_are_kept_72_hours(world):
    await hear(world, report(world, SENT, "stranger"))
    world.clock.advance(hours=71)
    assert await world.transact(receipts.purge, world.house, world.clock.now()) == 0
    await hear(world, report(world, DELIVERED, "stranger"))
    world.clock.advance(hours=1)
    assert await world.transact(receipts.purge, world.house, world.clock.now()) == 1
    assert [row.status for row in await world.rows("parked_reports")] == ["delivered"]


async def test_a_report_that_was_parked_too_late_is_applied_by_the_next_tick(world):
    """PostgreSQL: the report's transaction did not see the answer's, nor the other way round."""
    await hear(world, report(world, DELIVERED, "P1"), report(world, DELIVERED, "unknown"))
    message = await world.queue(await world.person())
    world.network.script.append(TIMEOUT)
    await world.drain()
    await hear(world, report(world, SENT, "P1", our_id=message))
    assert (await world.row(message)).state == "sent"
    assert await world.transact(receipts.tick, world.house, world.clock.now()) == 1
    assert (await world.row(message)).state == "delivered"
    assert [row.external_id for row in await world.rows("parked_reports")] == ["unknown"]
    assert await world.transact(receipts.tick, world.house, world.clock.now()) == 0


async def test_no_reports_are_no_work(world):
    await hear(world)


async def test_an_end_of_ours_is_an_end(world):
    """A message that expired or was cancelled after a refusal stays so, whatever is reported of it."""
    message = await world.queue(await world.person(), expires_at=world.clock.now() + timedelta(seconds=5))
    world.network.script.append(NetworkFailed("unreachable", in_doubt=False))
    await world.drain()
    world.clock.advance(minutes=1)
    await world.drain()
    await hear(world, report(world, DELIVERED, None, our_id=message))
    assert (await world.row(message)).state == "expired"


REPORTS = st.lists(
    st.one_of(
        st.sampled_from([(QUEUED, None, None), (SENT, None, None), (SENT, 2, None), (DELIVERED, None, None)]),
        st.sampled_from([(DELIVERED, None, "a"), (DELIVERED, None, "b")]),
    ),
    max_size=6,
)


@given(REPORTS, st.randoms())
def test_without_a_failure_no_order_makes_a_difference(told, dice):
    """The lattice itself: the same reports in any order leave a message standing at the same place."""

    def after(order):
        message = Standing(id=1, channel="demo", state=State.ACCEPTED, attempts=1)
        for status, parts, part in order:
            said = DeliveryReport(channel="demo", status=status, at=NOW, external_id="P1", parts=parts, part_id=part)
            moved = receipts.move(message, said)
            assert receipts._RANK[moved.state] >= receipts._RANK[message.state]
            message = moved
        return message

    shuffled = list(told)
    dice.shuffle(shuffled)
    assert after(told) == after(shuffled)
