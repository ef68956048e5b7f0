"""Connections: dripping heads and bodies, bodies of any size, more of them than there are file descriptors."""

import asyncio
import gzip
import io
import resource
from contextlib import asynccontextmanager
from time import monotonic  # noqa: TID251  the world outside has clocks of its own
from urllib.parse import urlsplit

import pytest

from tests.faults.people import Driver, ready, verdict, world
from tests.faults.weather import memory
from tests.process.knocks import FORM, SECRET

pytestmark = pytest.mark.faults

PATH = f"/in/africastalking/{SECRET}/sms"
#: One of each kind of place: signed, secret, USSD, health, static, page, no such.
ROUTES = (
    "/in/twilio/sms",
    "/in/twilio/status",
    PATH,
    f"/in/africastalking-ussd/{SECRET}/ussd",
    "/in/phone/sms",
    "/in/nobody/sms",
    "/live",
    "/ready",
    "/metrics",
    "/static/house.css",
    "/",
    "/simulator",
    "/nowhere",
)
TYPES = (FORM, "application/json", "multipart/form-data; boundary=x", "application/octet-stream")


@asynccontextmanager
async def connected(gateway, count, first=b""):
    """So many connections, each of which has said so much; ``(reader, writer)`` of those that were let in."""
    where = urlsplit(gateway.address)
    opened = []
    for start in range(0, count, 100):
        tries = (asyncio.open_connection(where.hostname, where.port) for _ in range(min(100, count - start)))
        made = await asyncio.gather(*tries, return_exceptions=True)
        opened += [one for one in made if not isinstance(one, BaseException)]
        for _, writer in opened[-len(made) :]:
            writer.write(first)
    try:
        yield opened
    finally:
        for _, writer in opened:
            writer.transport.abort()


async def drip(opened, what, every, seconds):
    """Let each say one byte more every so often; seconds until none is left, or ``seconds``."""
    began = monotonic()
    while (left := [one for one in opened if not ended(one)]) and monotonic() - began < seconds:
        for _, writer in left:
            writer.write(what)
        await asyncio.sleep(every)
    return monotonic() - began


def ended(one):
    reader, writer = one
    return reader.at_eof() or writer.transport.is_closing() or reader.exception() is not None


async def texting(driver, seconds):
    """Somebody decent texts all the while: how long each waited."""
    began, waits = monotonic(), []
    while monotonic() - began < seconds:
        status, took = await driver.text()
        assert status == 200
        waits.append(took)
        await asyncio.sleep(0.1)
    return sorted(waits)


def most(waits):
    """What nineteen of twenty waited at most. On a machine that is busy with others, calm is the measure."""
    return waits[int(len(waits) * 0.95)]


def line(waits):
    median, slow = waits[len(waits) // 2] * 1000, most(waits) * 1000
    return f"{len(waits)} texts meanwhile: median {median:.0f} ms, 95 % under {slow:.0f} ms"


async def test_heads_and_bodies_that_drip_are_cut_and_nobody_waits_for_them(sqlite_url, tmp_path):
    head = f"POST {PATH} HTTP/1.1\r\nHost: gw.example.org\r\n".encode()
    whole = head + f"Content-Type: {FORM}\r\nContent-Length: 60000\r\n\r\n".encode()
    async with world(tmp_path, sqlite_url) as (gateway, stub):
        driver, before = Driver(gateway), memory(gateway.process.pid)
        calm = await texting(driver, 3)
        async with connected(gateway, 300, head) as heads, connected(gateway, 300, whole) as bodies:
            of_heads, of_bodies, waits = await asyncio.gather(
                drip(heads, b"X", 1, 30), drip(bodies, b"a", 1, 30), texting(driver, 14)
            )
        async with connected(gateway, 100) as silent:
            of_silent = await drip(silent, b"", 1, 30)
        print(
            f"cut after: heads {of_heads:.1f} s, bodies {of_bodies:.1f} s, silent {of_silent:.1f} s; {line(waits)}; calm {line(calm)}"
        )
        assert of_heads < 20
        assert of_bodies < 15  # ten to come, two to read why not
        assert of_silent < 20
        assert most(waits) < max(0.2, 3 * most(calm))
        assert memory(gateway.process.pid) - before < 40
        assert await verdict(driver, stub, sqlite_url) == []
        assert await gateway.stop() == 0


async def test_more_connections_than_files_close_the_oldest_and_say_so_once_in_ten_seconds(sqlite_url, tmp_path):
    async with world(tmp_path, sqlite_url, under=("prlimit", "--nofile=700:700")) as (gateway, stub):
        driver = Driver(gateway)
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        calm, began = await texting(driver, 3), monotonic()
        async with connected(gateway, 1500, b"POST /in/tw") as opened:
            waits = await texting(driver, 5)
            assert await ready(gateway) == 200
            left = sum(not ended(one) for one in opened)
        lasted = monotonic() - began
        said = gateway.log.read_text()
        print(
            f"1500 connections against 700 files: {left} stayed open, {len(said)} bytes of log; {line(waits)}; calm {line(calm)}"
        )
        assert left <= 700 - 328
        assert 1 <= said.count("connections full") <= lasted / 10 + 1
        assert len(said.splitlines()) < 10
        assert most(waits) < max(0.2, 3 * most(calm))
        assert await verdict(driver, stub, sqlite_url) == []
        assert await gateway.stop() == 0


async def test_bodies_of_any_size_leave_memory_as_it_is(sqlite_url, tmp_path):
    large, bomb = b"a" * 10 * 2**20, gzip.compress(b"0" * 200_000_000, compresslevel=9)
    async with world(tmp_path, sqlite_url) as (gateway, stub):
        driver = Driver(gateway)
        await driver.until(200)
        await stub.wait_for(1)
        before, answers = memory(gateway.process.pid), set()
        for path in ROUTES:
            for kind in TYPES:
                for body, coding in ((large, None), (bomb, "gzip"), (large, "chunked")):
                    answers.add(await post(gateway, path, body, kind, coding))
        grown = memory(gateway.process.pid) - before
        print(
            f"{len(ROUTES) * len(TYPES) * 3} bodies of 10 MiB or bombs: {sorted(answers, key=str)}, {grown:.1f} MiB more"
        )
        assert answers <= {404, 405, 413, 415, None}
        assert grown < 10
        await driver.until(200)
        assert "Traceback" not in gateway.log.read_text()
        assert await verdict(driver, stub, sqlite_url) == []
        assert await gateway.stop() == 0


async def chunks(body):
    for at in range(0, len(body), 65536):
        yield body[at : at + 65536]


async def post(gateway, path, body, kind, coding):
    """The status; None where we were cut off in the middle of what we said."""
    headers = {"Content-Type": kind} | ({"Content-Encoding": "gzip"} if coding == "gzip" else {})
    data = chunks(body) if coding == "chunked" else io.BytesIO(body)
    try:
        async with gateway.session.post(f"{gateway.address}{path}", data=data, headers=headers) as answer:
            return answer.status
    except OSError:
        return None
