"""What stands in a request's head: rare forms that are understood, and heads that nobody can read."""

import asyncio
import json
import resource
import sys
from urllib.parse import urlencode

import pytest
from aiohttp import web
from twilio.request_validator import RequestValidator

from gateway.web import connection, serve
from gateway.web.guard import HEADERS
from tests.web.gate import ACCOUNT, PERSON, PUBLIC, SECRET, TOKEN, WORDS

SMS = f"/in/at/{SECRET}/sms"
#: Seconds; shorter than the silence after which the server ends any connection.
PROMPTLY = 10
FORM = "Content-Type: application/x-www-form-urlencoded"


async def hear(port, *lines, body=b""):
    """Write a head and a body; give status, headers and body of the one answer, after which we are cut off."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(PROMPTLY):
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        answered = await reader.read()
    writer.close()
    head, _, said = answered.decode().partition("\r\n\r\n")
    first, *rest = head.split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in rest), said


@pytest.mark.parametrize(
    "before", ["", PUBLIC, "http://gw.example.org:8080", "HTTPS://evil.example", "http://[::1]:80"]
)
@pytest.mark.parametrize("query", ["", "?our_id=7&from=http://a.example/b"])
async def test_a_target_with_a_scheme_and_a_host_is_signed_as_our_address(gate, before, query):
    fields = {"AccountSid": ACCOUNT, "MessageSid": "SM1", "From": PERSON, "To": "+12025550143", "Body": WORDS}
    path, body = f"/in/twilio/sms{query}", urlencode(fields).encode()
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + path, fields)
    head = ["Host: x", "Connection: close", FORM, f"X-Twilio-Signature: {signature}", f"Content-Length: {len(body)}"]
    status, _, _ = await hear(gate.port, f"POST {before}{path} HTTP/1.1", *head, body=body)
    assert (status, [item.text for item in gate.inbox.items], gate.log) == (200, [WORDS], [])


@pytest.mark.parametrize("length", [64 * 1024 + 1, 10**18])
async def test_a_length_beyond_the_limit_is_413_before_any_of_the_body(gate, length):
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    writer.write(f"POST {SMS} HTTP/1.1\r\nHost: x\r\n{FORM}\r\nContent-Length: {length}\r\n\r\n".encode())
    async with asyncio.timeout(30):
        assert await reader.readline() == b"HTTP/1.1 413 Request Entity Too Large\r\n"
    writer.close()
    assert [line["reason"] for line in gate.log] == ["too large"]


@pytest.mark.parametrize("name", ["", "a", "a" * 300, "a" * 5000, "..%2fguard.py", "%00", "house.css/", "a/house.css"])
async def test_static_has_nothing_but_its_files(gate, name):
    status, headers, said = await hear(gate.port, f"GET /static/{name} HTTP/1.1", "Host: x", "Connection: close")
    assert (status, headers["Server"], said, gate.log) == (404, "barrio", "404: Not Found", [])


@pytest.mark.parametrize(
    "head",
    [
        [f"POST {SMS} HTTP/1.1", "Host: x", "Content-Length: 1", "Content-Length: 2"],
        [f"POST {SMS} HTTP/1.1", "Host: x", "Content-Length: 1", "Transfer-Encoding: chunked"],
        [f"POST {SMS} HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", "Content-Length: 1"],
        [f"POST {SMS} HTTP/1.1", "Content-Length: 0"],
        [f"POST {SMS} HTTP/1.1", "Host: x", f"X-A: {'a' * 9000}"],
        [f"POST {SMS}/{'a' * 9000} HTTP/1.1", "Host: x"],
        [f"JUNK {SMS} HTTP/1.1", "Host: x"],
        [f"POST {SMS} HTTP/9.9", "Host: x"],
        ["\x16\x03\x01\x02"],
    ],
    ids=[
        "two lengths",
        "length, chunked",
        "chunked, length",
        "no host",
        "long header",
        "long path",
        "method",
        "9.9",
        "TLS",
    ],
)
async def test_an_unreadable_head_is_400_like_all_our_answers_and_one_line(gate, head):
    status, headers, said = await hear(gate.port, *head, body=b"0\r\n\r\n")
    assert (status, said, headers["Cache-Control"]) == (400, "400 Bad Request\n", "no-store")
    assert headers.items() >= HEADERS.items()
    (line,) = gate.log
    assert line.keys() == {"at", "event", "level", "reason", "status"}
    assert (line["event"], line["level"], line["status"]) == ("request unreadable", "warning", 400)
    assert line["reason"].isidentifier()


@pytest.mark.parametrize(
    ("trouble", "status", "error"), [(RuntimeError(WORDS), 500, "RuntimeError"), (TimeoutError(WORDS), 504, None)]
)
async def test_what_fails_outside_of_every_room_is_answered_the_same_way(output, trouble, status, error):
    async def fail(_request):
        raise trouble

    app = web.Application()
    app.router.add_get("/", fail)
    runner = await serve(app, "127.0.0.1", 0)
    answered, headers, said = await hear(runner.addresses[0][1], "GET / HTTP/1.1", "Host: x")
    await runner.cleanup()
    assert (answered, headers["Server"], said[:4]) == (status, "barrio", f"{status} ")
    (line,) = map(json.loads, output.getvalue().splitlines())
    assert (line["event"], line["level"], line.get("error")) == ("request failed", "error", error)
    assert WORDS not in output.getvalue()


async def test_an_answer_that_breaks_off_is_not_followed_by_another(output):
    async def fail(request):
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"half")
        raise RuntimeError

    app = web.Application()
    app.router.add_get("/", fail)
    runner = await serve(app, "127.0.0.1", 0)
    status, _, said = await hear(runner.addresses[0][1], "GET / HTTP/1.0", "Host: x")
    await runner.cleanup()
    assert (status, said) == (200, "half")
    assert [json.loads(line)["event"] for line in output.getvalue().splitlines()] == ["request failed"]


async def test_the_oldest_that_asks_nothing_makes_room_for_the_newest(gate, output, monkeypatch):
    monkeypatch.setattr(connection, "most_connections", lambda: 3)
    old = [await asyncio.open_connection("127.0.0.1", gate.port) for _ in range(3)]
    old[0][1].write(b"POST /in/at")
    status, _, _ = await hear(gate.port, "GET /live HTTP/1.1", "Host: x", "Connection: close")
    assert status == 200
    assert await broken(old[0][0])
    assert not old[1][0].at_eof()
    full = [line for line in output.getvalue().splitlines() if "connections full" in line]
    assert [json.loads(line)["most"] for line in full] == [3]
    for _, writer in old:
        writer.close()


async def broken(reader):
    try:
        async with asyncio.timeout(PROMPTLY):
            return await reader.read() == b""
    except ConnectionResetError:
        return True


async def test_whoever_asks_is_not_sent_away_for_the_newest(gate, output, monkeypatch):
    monkeypatch.setattr(connection, "most_connections", lambda: 1)
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    body = urlencode({"id": "AT1", "from": PERSON, "to": "21512", "text": WORDS}).encode()
    head = f"POST {SMS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{FORM}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body[:5])
    async with asyncio.timeout(30):
        while not any(one.is_asking() for one in gate.runner.server.connections):  # noqa: ASYNC110  aiohttp sets no event
            await asyncio.sleep(0)
    newest, closing = await asyncio.open_connection("127.0.0.1", gate.port)
    assert await broken(newest)
    closing.close()
    writer.write(body[5:])
    assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
    writer.close()


@pytest.mark.parametrize(("files", "most"), [(1024, 696), (100, 32), (resource.RLIM_INFINITY, sys.maxsize)])
def test_files_are_left_for_the_store(monkeypatch, files, most):
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (files, files))
    assert connection.most_connections() == most
