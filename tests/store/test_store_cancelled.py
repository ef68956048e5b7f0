"""Who cancels a wait for the store hears that it was cancelled, at whatever moment; else nothing could be stopped."""

import asyncio

import pytest
import sqlalchemy as sa


def look(tx: sa.Connection) -> int:
    one: int = tx.execute(sa.text("SELECT 1")).scalar_one()
    return one


@pytest.mark.parametrize("way", ["transact", "read"])
async def test_a_cancelled_wait_is_cancelled_at_any_moment(store, way):
    for steps in range(40):
        waiting = asyncio.create_task(getattr(store, way)(look))
        for _ in range(steps):
            await asyncio.sleep(0)
        waiting.cancel()
        [how] = await asyncio.gather(waiting, return_exceptions=True)
        assert how == 1 or isinstance(how, asyncio.CancelledError), f"after {steps} steps: {how!r}"
    assert await store.transact(look) == 1
