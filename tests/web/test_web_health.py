"""Whether ``/ready`` tells the truth, who may read the counters, and what stands on every answer."""

import asyncio
import sqlite3
from dataclasses import replace

import pytest
import sqlalchemy as sa

from dialogs.messages import MessageKind
from gateway.metrics import Metrics
from gateway.web import Limits
from store import StoreUnavailable, contacts, health, outbox, schema
from store.contacts import Seen
from store.outbox import NewOutbound

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
}


class Stuck:
    """A store that hangs, fails or works, as told; it counts how often it was asked to commit."""

    def __init__(self) -> None:
        self.asked = 0
        self.trouble: Exception | None = None
        self.until: asyncio.Event | None = None

    async def transact(self, _fn):
        self.asked += 1
        if self.until:
            await self.until.wait()
        if self.trouble:
            raise self.trouble


class Waiting:
    """A store that answers a read with what it was given."""

    def __init__(self, answer) -> None:
        self.answer = answer

    async def read(self, _fn):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def status(gate, path="/ready"):
    async with gate.session.get(path) as answer:
        return answer.status


async def test_alive_whatever_the_store_says(open_gate):
    store = Stuck()
    store.trouble = StoreUnavailable("disk full")
    gate = await open_gate(store=store)
    assert await status(gate, "/live") == 200
    assert store.asked == 0


async def test_ready_commits_to_the_real_store_and_leaves_nothing(gate, sqlite_store):
    assert await status(gate) == 200
    count = sa.select(sa.func.count()).select_from(schema.quarantine)
    assert await sqlite_store.read(lambda tx: tx.execute(count).scalar_one()) == 0
    assert gate.counted["barrio_ready"] == 1


async def test_the_proof_is_written_on_both_engines(store, clock):
    await store.transact(lambda tx: health.prove(tx, clock.now()))


async def test_not_ready_while_another_process_holds_the_database(open_gate, sqlite_url):
    gate = await open_gate(limits=Limits(commit=0.2))
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert await status(gate) == 503
    other.execute("ROLLBACK")
    other.close()
    await gate.close()
    assert [line["event"] for line in gate.log][:1] == ["not ready: the store does not commit"]


async def test_ready_turns_with_the_store_and_says_so_once(open_gate, clock):
    store = Stuck()
    gate = await open_gate(store=store)
    seen = []
    for trouble in (None, StoreUnavailable("full"), StoreUnavailable("full"), None):
        store.trouble = trouble
        clock.advance(seconds=1)
        seen.append(await status(gate))
        seen.append(gate.counted["barrio_ready"])
    assert seen == [200, 1, 503, 0, 503, 0, 200, 1]
    assert [line["event"] for line in gate.log] == ["not ready: the store does not commit", "ready again"]


async def test_the_answer_is_believed_for_a_moment(open_gate, clock):
    store = Stuck()
    gate = await open_gate(store=store)
    for _ in range(3):
        assert await status(gate) == 200
    assert store.asked == 1
    clock.advance(seconds=1)
    assert await status(gate) == 200
    assert store.asked == 2


async def test_a_store_that_hangs_is_not_ready_and_is_not_asked_again(open_gate):
    store = Stuck()
    store.until = asyncio.Event()
    gate = await open_gate(store=store, limits=Limits(commit=0.02))
    assert [await status(gate), await status(gate)] == [503, 503]
    assert store.asked == 1
    store.until.set()
    await gate.close()


async def test_five_seconds_are_kept_by_default():
    assert Limits().commit < 5
    assert replace(Limits(), commit=1).commit == 1


async def test_metrics_are_for_this_machine(gate):
    async with gate.session.get("/metrics") as answer:
        page = await answer.text()
        assert (answer.status, answer.content_type) == (200, "text/plain")
    assert "barrio_inbound" in page
    assert "process_resident_memory_bytes" in page


async def test_what_waits_to_be_sent_is_counted_on_both_engines(store, clock):
    def queue(tx):
        seen = Seen(msisdn="+59170000001", language="es", sms_channel="demo", at=clock.now())
        person = contacts.ensure(tx, [seen])["+59170000001"].id
        new = {"channel": "demo", "contact_id": person, "recipient": "+59170000001", "text": "x", "segments": 1}
        for state in ("queued", "queued", "answered"):
            row = NewOutbound(**new, kind=MessageKind.REPLY, created_at=clock.now(), state=state)
            outbox.queue(tx, [row])

    await store.transact(queue)
    assert await store.read(health.depth) == {"queued": 2}


async def test_the_queue_is_read_for_the_page(open_gate):
    gate = await open_gate(store=Waiting({"queued": 4}))
    async with gate.session.get("/metrics") as answer:
        assert 'barrio_outbox_waiting{state="queued"} 4.0' in await answer.text()


async def test_metrics_are_told_without_the_store_too(open_gate):
    gate = await open_gate(store=Waiting(StoreUnavailable("disk full")))
    async with gate.session.get("/metrics") as answer:
        assert (answer.status, "barrio_inbound" in await answer.text()) == (200, True)


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"])
async def test_metrics_are_not_for_whom_a_proxy_lets_in(gate, header):
    async with gate.session.get("/metrics", headers={header: "1.2.3.4"}) as answer:
        assert answer.status == 404


def test_every_counter_counts():
    metrics = Metrics()
    metrics.outbound("twilio", "sent")
    metrics.outbound("twilio", "failed", 3)
    metrics.waiting({"queued": 7, "retry_at": 1})
    metrics.waiting({"queued": 2})
    for size in (1, 64):
        metrics.batch(size)
    page = metrics.page().decode()
    for line in (
        'barrio_outbound_total{channel="twilio",state="sent"} 1.0',
        'barrio_outbound_total{channel="twilio",state="failed"} 3.0',
        'barrio_outbox_waiting{state="queued"} 2.0',
        "barrio_batch_size_sum 65.0",
        'barrio_batch_size_bucket{le="1.0"} 1.0',
    ):
        assert line in page
    assert "retry_at" not in page


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/live", 200),
        ("GET", "/ready", 200),
        ("GET", "/metrics", 200),
        ("GET", "/simulator", 200),
        ("GET", "/static/house.css", 200),
        ("GET", "/static/%2e%2e/guard.py", 404),
        ("GET", "/nothing", 404),
        ("POST", "/live", 405),
        ("TRACE", "/", 405),
        ("POST", "/in/twilio/sms", 415),
        ("POST", "/in/nobody/sms", 404),
    ],
)
async def test_headers_on_every_answer(gate, method, path, status):
    async with gate.session.request(method, path) as answer:
        assert answer.status == status
        headers = answer.headers
    assert set(headers["Content-Security-Policy"].split("; ")) == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Server"] == "barrio"
    assert headers["Cache-Control"] == ("no-cache" if path.startswith("/static/") and status != 404 else "no-store")
    assert "Set-Cookie" not in headers


async def test_headers_on_our_own_failures(gate):
    for trouble, status in ((RuntimeError(), 500), (StoreUnavailable("full"), 503)):
        gate.inbox.trouble = trouble
        async with gate.twilio() as answer:
            assert answer.status == status
            assert set(answer.headers["Content-Security-Policy"].split("; ")) == POLICY


async def test_what_is_no_http_at_all_is_cut_off_and_not_quoted(gate):
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    writer.write(b"GET /in/+59170009999 secreto HTTP/9.9\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert "59170009999" not in gate.output.getvalue()
    assert "secreto" not in gate.output.getvalue()
