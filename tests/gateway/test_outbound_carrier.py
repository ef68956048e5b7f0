"""Carriers: a real client against real sockets on loopback, and what each kind of trouble means for the message."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager, suppress

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from dialogs.messages import DeliveryStatus, OutboundMessage
from gateway.outbound.carrier import MOST_BYTES, HttpCarrier, NetworkFailed, SimulatorCarrier
from providers.base import Request
from providers.simulator import Simulator

NUMBER, WORDS = "+59170000123", "se cayo el poste"


def request(url: str) -> Request:
    body = f"To={NUMBER}&Body={WORDS}".encode()
    return Request(method="POST", url=url, headers={"content-type": "application/x-www-form-urlencoded"}, body=body)


@asynccontextmanager
async def served(answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    try:
        yield str(server.make_url("/messages"))
    finally:
        await server.close()


@asynccontextmanager
async def raw(talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[str]:
    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"poste")
        await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/messages"
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
async def carrier() -> AsyncIterator[HttpCarrier]:
    made = HttpCarrier(total=5, connect=2)
    yield made
    await made.close()


async def test_bytes_go_out_and_come_back_as_they_are(carrier):
    heard = []

    async def answer(asked: web.Request) -> web.Response:
        heard.append((asked.method, asked.raw_path, asked.headers["X-Mine"], await asked.read()))
        return web.Response(status=201, body=b'{"sid": "SM1"}', headers={"X-Theirs": "yes"})

    async with served(answer) as url:
        sent = Request(method="POST", url=f"{url}?a=1%2F2", headers={"x-mine": "yes"}, body=b"\x00\xff")
        response = await carrier(sent)
    assert heard == [("POST", "/messages?a=1%2F2", "yes", b"\x00\xff")]
    assert (response.status, response.body) == (201, b'{"sid": "SM1"}')
    assert response.headers["x-theirs"] == "yes"


async def test_an_error_of_the_provider_is_an_answer(carrier):
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "7"}, text="slow down")

    async with served(answer) as url:
        response = await carrier(request(url))
    assert (response.status, response.headers["retry-after"]) == (429, "7")


async def test_redirects_are_answers_and_are_not_followed(carrier):
    asked = []

    async def answer(heard: web.Request) -> web.Response:
        asked.append(heard.path)
        return web.Response(status=302, headers={"Location": "http://169.254.169.254/latest"})

    async with served(answer) as url:
        assert (await carrier(request(url))).status == 302
    assert asked == ["/messages"]


async def test_cookies_are_neither_kept_nor_sent(carrier):
    cookies = []

    async def answer(heard: web.Request) -> web.Response:
        cookies.append(dict(heard.cookies))
        response = web.Response()
        response.set_cookie("track", "you")
        return response

    async with served(answer) as url:
        await carrier(request(url))
        await carrier(request(url))
    assert cookies == [{}, {}]


async def test_of_a_long_answer_the_beginning_is_read(carrier):
    async def answer(heard: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(heard)
        with suppress(OSError):  # the carrier will have heard enough
            for _ in range(400):
                await response.write(b"x" * 65_536)
        return response

    async with served(answer) as url:
        assert (await carrier(request(url))).body == b"x" * MOST_BYTES


async def test_nobody_listens_so_nothing_was_processed(carrier):
    with pytest.raises(NetworkFailed) as failed:
        await carrier(request(f"http://127.0.0.1:{unused_port()}/messages"))
    assert (failed.value.retry, failed.value.in_doubt) == (True, False)


@pytest.mark.parametrize("address", ["http://[", "http://", "gopher://127.0.0.1/"])
async def test_an_address_that_is_none_was_not_sent_to(carrier, address):
    with pytest.raises(NetworkFailed) as failed:
        await carrier(request(address))
    assert (failed.value.retry, failed.value.in_doubt) == (True, False)


async def test_a_line_that_does_not_accept_in_time_processed_nothing():
    """The listener's queue is full: the kernel does not complete the handshake."""
    carrier = HttpCarrier(total=5, connect=0.05)
    with ExitStack() as open_sockets:
        listener = open_sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            filling = open_sockets.enter_context(socket.socket())
            filling.setblocking(False)
            filling.connect_ex(listener.getsockname())
        with pytest.raises(NetworkFailed) as failed:
            await carrier(request(f"http://127.0.0.1:{listener.getsockname()[1]}/messages"))
    await carrier.close()
    assert (failed.value.retry, failed.value.in_doubt) == (True, False)


async def test_no_answer_in_time_is_a_doubt():
    hold = asyncio.Event()

    async def talk(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await hold.wait()

    carrier = HttpCarrier(total=0.1, connect=0.1)
    async with raw(talk) as url:
        with pytest.raises(NetworkFailed) as failed:
            await carrier(request(url))
        hold.set()
    await carrier.close()
    assert (failed.value.retry, failed.value.in_doubt) == (False, True)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"SMTP ready\r\n\r\n",
    ],
    ids=["accept then close", "cut short", "broken chunk", "not http"],
)
async def test_whatever_breaks_after_the_request_was_read_is_a_doubt(carrier, answer):
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    async with raw(talk) as url:
        with pytest.raises(NetworkFailed) as failed:
            await carrier(request(url))
    assert (failed.value.retry, failed.value.in_doubt) == (False, True)


async def test_no_error_says_to_whom_or_what(carrier):
    with pytest.raises(NetworkFailed) as failed:
        await carrier(request(f"http://127.0.0.1:{unused_port()}/messages?to={NUMBER}"))
    said = f"{failed.value!r} {failed.value} {failed.value.__cause__!r} {failed.value.reason}"
    assert NUMBER not in said
    assert WORDS not in said
    assert "127.0.0.1" not in said


LINE = Simulator(channel="demo", address="4040")
MESSAGE = OutboundMessage(id=7, channel="demo", recipient=NUMBER, text=WORDS)


async def test_the_simulator_gives_each_message_an_id_of_its_own(clock):
    carry = SimulatorCarrier(clock)
    ids = [LINE.decode(await carry(LINE.encode(MESSAGE))) for _ in range(3)]
    assert len(set(ids)) == 3


async def test_the_simulator_reports_arrival_on_the_line_that_sent(clock):
    heard = []

    async def delivered(report):
        heard.append(report)

    external_id = LINE.decode(await SimulatorCarrier(clock, delivered)(LINE.encode(MESSAGE)))
    assert [(one.channel, one.external_id, one.status) for one in heard] == [
        ("demo", external_id, DeliveryStatus.DELIVERED)
    ]
