"""Long messages whose carrier reports each part: arrived when all parts have, in whatever order they are told."""

from dataclasses import replace
from itertools import permutations

from dialogs.messages import DeliveryReport, DeliveryStatus, MessageKind
from gateway.outbound import receipts

SENT, DELIVERED, FAILED = DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED


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


async def test_a_long_message_has_arrived_when_all_of_its_parts_have(world):
    parts = [report(world, DELIVERED, part_id=part) for part in ("e1", "e2")]
    told = [report(world, SENT, parts=2), *parts, parts[0]]
    orders = list(permutations(told))
    people = await world.people(len(orders))
    await world.queue_all([(person, MessageKind.REPLY) for person in people])
    await world.drain()
    batch = []
    for row, order in zip(await world.rows(), orders, strict=True):
        await hear(world, *(replace(one, external_id=row.external_id) for one in order[:2]))
        batch += [replace(one, external_id=row.external_id) for one in order[2:]]
    await hear(world, *batch)
    assert set(await world.states()) == {"delivered"}


async def test_a_part_says_that_it_was_sent_not_that_it_has_arrived(world):
    message = await sent(world)
    await hear(world, report(world, DELIVERED, part_id="e1"))
    assert (await world.row(message)).state == "sent"
    await hear(world, report(world, DELIVERED, part_id="e1"), report(world, SENT, parts=2))
    assert (await world.row(message)).state == "sent"
    await hear(world, report(world, DELIVERED, part_id="e2"))
    assert (await world.row(message)).state == "delivered"


async def test_a_part_that_failed_fails_the_message(world):
    message = await sent(world)
    await hear(world, report(world, SENT, parts=2), report(world, DELIVERED, part_id="e1"))
    await hear(
        world, report(world, FAILED, part_id="e2", reason="RESULT_ERROR"), report(world, DELIVERED, part_id="e3")
    )
    assert ((await world.row(message)).state, (await world.row(message)).reason) == ("failed", "RESULT_ERROR")


async def test_parked_parts_count_too(world):
    message = await world.queue(await world.person())

    async def report_first():
        await hear(world, report(world, DELIVERED, "early", part_id="e2"), report(world, SENT, "early", parts=2))
        return world.network.taken("early")

    world.network.script.append(report_first)
    await world.drain()
    assert (await world.row(message)).state == "sent"
    await hear(world, report(world, DELIVERED, "early", part_id="e1"))
    assert (await world.row(message)).state == "delivered"
