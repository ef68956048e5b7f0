"""More comes in than can be done: what is refused, whose place it takes, and what waits too long."""

import asyncio

import pytest
import sqlalchemy as sa

from dialogs.cases import CaseStatus, IllegalMove
from dialogs.messages import InboundMessage
from gateway.inbound import conversation, inbox
from gateway.inbound.inbox import Inbox, Overloaded
from store import StoreUnavailable, schema

PHONE, NEIGHBOUR = "+59170000001", "+59170000002"


@pytest.fixture
def box(world):
    return Inbox(world.store, world.house, lambda: None)


def sms(world, id_, sender=PHONE, text="hola"):
    return InboundMessage(
        channel="demo", external_id=id_, sender=sender, recipient="4040", text=text, received_at=world.clock.now()
    )


async def heard(world):
    wanted = sa.select(schema.inbound.c.external_id).order_by(schema.inbound.c.id)
    return await world.store.read(lambda tx: list(tx.execute(wanted).scalars()))


@pytest.fixture
def stalled(world, monkeypatch):
    """A store whose transactions begin when the test says so."""
    opened, transact = asyncio.Event(), world.store.transact

    async def later(fn):
        await opened.wait()
        return await transact(fn)

    monkeypatch.setattr(world.store, "transact", later)
    return opened


async def test_who_floods_fills_nobody_elses_place(world, box, stalled, monkeypatch):
    monkeypatch.setattr(inbox, "WAITING_MOST_OF_ONE", 3)
    flood = [asyncio.create_task(box.receive([sms(world, f"f{n}", text=f"hola {n}")])) for n in range(10)]
    calm = asyncio.create_task(box.receive([sms(world, "n", NEIGHBOUR)]))
    refused = flood[3:]
    await asyncio.wait(refused)
    assert all(isinstance(task.exception(), Overloaded) for task in refused)
    stalled.set()
    await asyncio.gather(*flood[:3], calm)
    assert sorted(await heard(world)) == ["f0", "f1", "f2", "n"]
    await box.receive([sms(world, "f9")])  # and comes in again when there is room


async def test_a_number_in_two_forms_is_one_sender(world, box, stalled, monkeypatch):
    monkeypatch.setattr(inbox, "WAITING_MOST_OF_ONE", 1)
    first = asyncio.create_task(box.receive([sms(world, "a")]))
    await asyncio.sleep(0)  # it begins to wait
    with pytest.raises(Overloaded):
        await box.receive([sms(world, "b", "70000001")])
    stalled.set()
    await first


@pytest.mark.usefixtures("stalled")
async def test_what_waits_too_long_is_refused_and_leaves_nothing_behind(world, monkeypatch):
    monkeypatch.setattr(inbox, "PATIENCE", 0.02)
    box = Inbox(world.store, world.house, lambda: None)
    senders = [f"+5917000{n:04}" for n in range(50)]
    tasks = [asyncio.create_task(box.receive([sms(world, one, one)])) for one in senders]
    await asyncio.wait(tasks)
    assert all(isinstance(task.exception(), StoreUnavailable) for task in tasks)
    assert (box._waiting, len(box._of_one), box._batcher.waiting) == (0, 0, 0)


async def test_a_message_that_lost_a_race_is_run_again_and_is_no_poison(world, box, monkeypatch, logs):
    """Staff moved the case between our reading it and our moving it, as another process may on PostgreSQL."""
    runs, well = [], conversation.receive

    def race(*args):
        runs.append(1)
        if len(runs) < inbox.RUNS:
            raise IllegalMove(CaseStatus.RESOLVED, CaseStatus.CLOSED)
        return well(*args)

    monkeypatch.setattr(conversation, "receive", race)
    await box.receive([sms(world, "a")])
    wanted = sa.select(schema.inbound.c.state)
    assert await world.store.read(lambda tx: list(tx.execute(wanted).scalars())) == ["done"]
    assert [line["event"] for line in logs] == ["message_runs_again"] * (inbox.RUNS - 1)


async def test_what_one_person_writes_at_once_is_taken_in_turn(world, box):
    said = [sms(world, f"{n:02}", text=f"hola {n}") for n in range(10)]
    others = [sms(world, sender, sender) for sender in (f"+5917000{n:04}" for n in range(100, 140))]
    await asyncio.gather(*(box.receive([one]) for one in (*said, *others)))
    assert [one for one in await heard(world) if len(one) == 2] == [one.external_id for one in said]
