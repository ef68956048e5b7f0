"""HTTP as nobody decent speaks it: what it is answered, and that nothing of it reaches the store by a side door."""

import asyncio
import gzip

import pytest

from tests.process import knocks
from tests.process.knocks import FORM, SECRET, form, fresh
from tests.process.outside import CLOSE, WORD, person

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]

CHUNKED = b"Transfer-Encoding: chunked\r\n"
PATH = f"/in/africastalking/{SECRET}/sms"


@pytest.fixture(scope="module")
def engine():
    """The store has no part in this: one engine is enough."""
    return "sqlite"


def body():
    return form({"id": fresh(), "from": person(), "to": "21512", "text": f"basura {WORD}"})


def request(what=None, *, head=b"", method="POST", path=PATH, version="1.1", length=True):
    """An SMS as bytes; ``head`` is more headers."""
    what = body() if what is None else what
    first = f"{method} {path} HTTP/{version}\r\nHost: gw.example.org\r\nContent-Type: {FORM}\r\n".encode()
    told = f"Content-Length: {len(what)}\r\n".encode() if length else b""
    return first + told + head + b"\r\n" + what


def chunked(*chunks):
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))


def statuses(answered):
    return [int(part[2:5]) for part in answered.split(b"HTTP/1.")[1:]]


async def added(outside, before):
    after = await outside.counts()
    return after["inbound"] - before["inbound"], after["quarantine"] - before["quarantine"]


async def test_requests_in_one_piece_are_each_answered_in_turn(outside):
    before = await outside.counts()
    answered = await outside.raw(request(), request(), request(b"", method="GET", path="/live", head=CLOSE))
    assert statuses(answered) == [200, 200, 200]
    assert answered.endswith(b"live\n")
    assert await added(outside, before) == (2, 0)


@pytest.mark.parametrize(
    ("first", "status"),
    [
        (lambda: request(path="/in/nobody/sms"), 404),
        (lambda: request(method="PUT"), 405),
        (lambda: request(chunked(b"a" * 70_000), head=CHUNKED, length=False), 413),
        (lambda: request(b"a" * 70_000), 413),
        (lambda: request(head=b"Content-Encoding: gzip\r\n"), 415),
        (lambda: request(head=b"Content-Length: 1\r\n"), 400),
    ],
)
async def test_nothing_behind_a_refusal_is_heard(outside, first, status):
    before = await outside.counts()
    assert statuses(await outside.raw(first(), request(head=CLOSE))) == [status]
    assert await added(outside, before) == (0, 0)
    assert len(outside.lines()) == 1


@pytest.mark.parametrize("way", ["1.0", "absolute", "chunked"])
async def test_old_and_rare_ways_to_ask_are_understood(outside, way):
    asked = {
        "1.0": lambda: request(version="1.0", head=CLOSE),
        "absolute": lambda: request(path=f"http://evil.example{PATH}", head=CLOSE),
        "chunked": lambda: request(chunked(body()), head=CLOSE + CHUNKED, length=False),
    }[way]()
    before = await outside.counts()
    assert statuses(await outside.raw(asked)) == [200]
    assert await added(outside, before) == (1, 0)
    assert outside.lines() == []


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 3\r\n",
        b"Content-Length: 3, 3\r\n",
        b"Content-Length: -3\r\n",
        b"Content-Length: 99999999999999999999999\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"X-A: a\0b\r\n",
        b"X A: a\r\n",
        b"X-A: " + b"a" * 9000 + b"\r\n",
        b"X-A: 1\r\n" * 200,
        b"Content-Type: text/plain\r\n",
    ],
    ids=["twice", "a list", "negative", "huge", "unknown coding", "NUL", "a blank", "long", "many", "two types"],
)
async def test_a_head_that_can_be_read_in_two_ways_is_400_and_the_end(outside, head):
    before = await outside.counts()
    length = b"Content-Length: 3\r\n" if head.startswith(b"Content-Length: 3\r") else b""
    answered = await outside.raw(request(head=head + length + CLOSE, length=False))
    assert statuses(answered) == [400]
    assert (b"aiohttp" in answered, SECRET.encode() in answered) == (False, False)
    assert await added(outside, before) == (0, 0)
    assert [line["level"] for line in outside.lines()] == ["warning"]


@pytest.mark.parametrize("heads", [(b"Content-Length: 5\r\n", CHUNKED), (CHUNKED, b"Content-Length: 5\r\n")])
@pytest.mark.parametrize("what", [b"", b"a", b"\x00" * 5000])
async def test_a_body_with_two_lengths_is_400_and_its_rest_is_no_request(outside, heads, what):
    before = await outside.counts()
    both = request(chunked(what), head=b"".join(heads), length=False) + request(head=CLOSE)
    assert statuses(await outside.raw(both)) == [400]
    assert await added(outside, before) == (0, 0)
    assert [line["event"] for line in outside.lines()] == ["request unreadable"]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
async def test_a_bomb_is_415_and_does_not_go_off(outside, coding):
    bomb = gzip.compress(b"0" * 20_000_000)
    knock = knocks.africastalking(bomb).but(content_encoding=coding)
    await outside.refused(knock, 415, "content encoding")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", [PATH, "/live", "/static/house.css"])
async def test_a_method_that_a_place_does_not_have_is_405(outside, method, path):
    if method == "GET" and path != PATH:
        return
    answered = await outside.raw(request(b"", method=method, path=path, head=b"X-A: zarzuela\r\n" + CLOSE))
    assert statuses(answered) == [405]
    assert b"zarzuela" not in answered
    assert len(outside.lines()) == (path == PATH)


@pytest.mark.parametrize("path", [f"/in/nobody/{'a' * 5000}", f"/{'a' * 5000}", f"/in/{'a' * 5000}/sms"])
async def test_a_path_of_five_thousand_characters_is_404(outside, path):
    assert statuses(await outside.raw(request(path=path, head=CLOSE))) == [404]
    assert len(outside.lines()) == path.startswith("/in/")


@pytest.mark.parametrize(
    "path",
    ["../guard.py", "%2e%2e/guard.py", "..%2fguard.py", "%2e%2e%2fguard.py", "/etc/passwd", "..\\guard.py", "%00", "."],
)
async def test_no_path_leads_out_of_static(outside, path):
    answered = await outside.raw(request(b"", method="GET", path=f"/static/{path}", head=CLOSE))
    assert statuses(answered)[0] in {403, 404}
    assert b"import" not in answered
    assert outside.lines() == []


async def test_who_hangs_up_in_the_middle_said_nothing(outside):
    before = await outside.counts()
    half = request(head=b"Expect: 100-continue\r\n")[:-5]
    assert statuses(await outside.raw(half)) == [100]
    said = []

    async def refused():
        said.extend(outside.lines())
        return bool(said)

    await outside.gateway.until(refused)
    assert [line["reason"] for line in said] == ["broken body"]
    assert await added(outside, before) == (0, 0)


async def test_a_body_that_will_be_too_long_is_not_waited_for(outside):
    before = await outside.counts()
    answered = await outside.raw(request(b"", head=b"Content-Length: 9999999999\r\n", length=False))
    assert statuses(answered) == [413]
    assert [line["reason"] for line in outside.lines()] == ["too large"]
    assert await added(outside, before) == (0, 0)


async def test_half_a_body_is_waited_for_ten_seconds_and_no_more(outside):
    before = await outside.counts()
    halves = [request()[:-5], request(b"", head=b"Content-Length: 60000\r\n", length=False)]
    answers = await asyncio.gather(*(outside.raw(half, seconds=14) for half in halves))
    assert [statuses(answer) for answer in answers] == [[400], [400]]
    assert [line["reason"] for line in outside.lines()] == ["slow body"] * 2
    assert await added(outside, before) == (0, 0)
