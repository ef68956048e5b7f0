"""Killed with SIGKILL: what was acknowledged is acted on once, and what was handed over is sent once or in doubt."""

import asyncio

import aiohttp
import pytest
import sqlalchemy as sa

from store import open_store, schema

pytestmark = pytest.mark.process

COMPLAINT = "no hay luz en la cancha de Alto Tacagua"


async def outbox(store_url):
    """The messages of the store, as another process left them."""
    store = open_store(store_url)
    await store.start()
    try:
        return await store.read(lambda tx: list(tx.execute(sa.select(schema.outbound).order_by(schema.outbound.c.id))))
    finally:
        await store.close()


async def test_killed_in_the_moment_of_hand_over_the_message_is_in_doubt(gateway, stub, store_url):
    stub.hold = asyncio.Event()
    assert (await gateway.text(COMPLAINT, "SM1"))[0] == 200
    await stub.wait_for(1)
    await gateway.kill()
    [row] = await outbox(store_url)
    assert row.state == "handing_over"
    stub.hold.set()
    stub.hold = None
    await gateway.start()
    if store_url.startswith("sqlite"):
        # Alone on its file, the new process knows that nobody else is still sending.
        [row] = await outbox(store_url)
        assert row.state == "in_doubt"
    assert len(stub.posted) == 1
    # The provider had it after all: its report carries our id and settles the doubt.
    form = {
        "MessageSid": "SM" + "f" * 32,
        "MessageStatus": "delivered",
        "AccountSid": "AC00000000000000000000000000000001",
    }
    query = stub.posted[0]["StatusCallback"].partition("?")[2]
    assert (await gateway.twilio(form, f"status?{query}"))[0] == 204
    [row] = await outbox(store_url)
    assert row.state == "delivered"
    assert len(stub.posted) == 1


async def test_killed_under_load_nothing_acknowledged_is_lost_or_doubled(gateway, stub, store_url):
    acknowledged = set()

    async def text(number):
        """A resident who tries again until the gateway says that it has the message."""
        sid, sender = f"SM{number:032x}", f"+5917000{number:04}"
        for _ in range(400):
            try:
                if (await gateway.text(COMPLAINT, sid, sender))[0] == 200:
                    acknowledged.add(sender)
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)

    people = [asyncio.create_task(text(number)) for number in range(60)]
    for count in (3, 20, 40):
        await stub.wait_for(count)
        await gateway.kill()
        await gateway.start()
    await asyncio.gather(*people)
    assert len(acknowledged) == 60

    async def settled():
        rows = await outbox(store_url)
        return not any(row.state in {"queued", "handing_over", "retry_at"} and not row.doubted for row in rows)

    if store_url.startswith("sqlite"):
        await gateway.until(settled)
    cases = await gateway.command("case", "list")
    assert len(cases) == 60
    rows = await outbox(store_url)
    assert len(rows) == 60
    times = {row.recipient: sum(one["To"] == row.recipient for one in stub.posted) for row in rows}
    for row in rows:
        doubtful = row.state in {"in_doubt", "handing_over"} or row.doubted
        assert times[row.recipient] == 1 or doubtful, (row.state, times[row.recipient])
