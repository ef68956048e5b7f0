"""The house joined: what it is before it is opened, what it does by itself, and how it ends."""

import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa

from dialogs.messages import InboundMessage
from gateway import accounts, app
from gateway.config import StoreConfig
from gateway.scheduler import Scheduler
from store import StoreUnavailable
from store.schema import outbound

COMPLAINT = {"from": "+59170000001", "text": "no hay luz en la cancha de Alto Tacagua", "id": "m1"}


@pytest.fixture
def config(gateway_config, store_url):
    return replace(gateway_config, store=StoreConfig(url=store_url))


async def test_before_it_is_open_it_neither_sends_nor_ticks(config, clock):
    house = app.build(config, clock)
    with pytest.raises(RuntimeError, match="not open"):
        _ = house.outbox
    with pytest.raises(RuntimeError, match="not open"):
        _ = house.scheduler
    await house.stop()


async def test_open_it_does_what_is_due_when_asked(config, clock):
    house = app.build(config, clock)
    await house.open()
    await house.inbox.receive([_message(house, clock)])
    await house.settle()
    states = await house.store.read(_states)
    await house.stop()
    assert states == ["delivered"]


async def test_started_it_sends_by_itself_and_ends_when_told(config, clock):
    sent = asyncio.Event()

    async def carrier(_request):
        sent.set()
        await asyncio.sleep(0)
        raise StoreUnavailable("the carrier is beside the point")

    house = app.build(config, clock, carrier)
    await house.start()
    await house.inbox.receive([_message(house, clock)])
    async with asyncio.timeout(30):
        await sent.wait()
    await house.stop()


async def test_a_send_that_does_not_end_is_let_go_of_after_the_grace(config, clock, monkeypatch):
    monkeypatch.setattr(app, "GRACE", 0.01)
    begun = asyncio.Event()

    async def carrier(_request):
        begun.set()
        await asyncio.Event().wait()

    house = app.build(config, clock, carrier)
    await house.start()
    await house.inbox.receive([_message(house, clock)])
    async with asyncio.timeout(30):
        await begun.wait()
        await house.stop()


async def test_credit_is_read_by_and_by(config, clock, monkeypatch):
    asked = []

    async def read(_store, of, _now):
        asked.append(of)

    monkeypatch.setattr(accounts, "read_credit", read)
    house = app.build(config, clock)
    await house.open()
    await house.scheduler.run_errand("credit")
    await house.scheduler.run_errand("credit")  # as another process would in the same minute
    assert asked == [config]
    clock.advance(seconds=app.CREDIT_SECONDS)
    await house.scheduler.run_errand("credit")
    await house.stop()
    assert asked == [config] * 2


@pytest.mark.parametrize("trouble", [StoreUnavailable("disk full"), ZeroDivisionError()])
async def test_an_errand_that_fails_is_run_again_next_time(world, logs, trouble):
    scheduler = Scheduler(store=world.store, house=world.house, outbox=world.outbox, ticks={})

    async def fail():
        raise trouble

    scheduler.also("errand", fail, seconds=60)
    await scheduler.run_errand("errand")
    assert [entry["errand"] for entry in logs] == ["errand"]
    scheduler.start()
    await scheduler.stop()


async def test_two_processes_share_the_work_by_role(gateway_config, postgres_url, clock):
    """What the one that listens to providers queued, the other sends as soon as it hears the bell."""
    shared = replace(gateway_config, store=StoreConfig(url=postgres_url))
    sent = asyncio.Event()

    async def carrier(_request):
        sent.set()
        raise StoreUnavailable("the carrier is beside the point")

    front = app.build(shared, clock, role=app.Role.WEB)
    back = app.build(shared, clock, carrier, role=app.Role.WORKER)
    await front.start()
    await back.start()
    async with asyncio.timeout(30):
        await front.inbox.receive([_message(front, clock)])
        await sent.wait()
    with pytest.raises(RuntimeError, match="not open"):
        _ = front.scheduler
    await front.stop()
    await back.stop()


@pytest.mark.parametrize(("role", "knocked_at"), [("all", True), ("web", True), ("worker", False)])
def test_a_worker_speaks_of_its_health_only(config, clock, role, knocked_at):
    paths = {
        route.resource.canonical for route in app.build(config, clock, role=app.Role(role)).website().router.routes()
    }
    assert {"/live", "/ready", "/metrics"} <= paths
    assert any(path.startswith("/in/") for path in paths) is knocked_at


def _message(house, clock):
    return InboundMessage(
        channel="demo",
        external_id=COMPLAINT["id"],
        sender=COMPLAINT["from"],
        recipient="4040",
        text=COMPLAINT["text"],
        received_at=clock.now(),
    )


def _states(tx):
    return list(tx.execute(sa.select(outbound.c.state)).scalars())
