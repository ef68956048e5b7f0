"""What a provider, or somebody who says to be one, is answered; and that nothing is answered before it is kept."""

import asyncio
import gzip
import hmac

import pytest

from dialogs.messages import DeliveryReport, InboundMessage, Unreadable
from gateway.inbound.inbox import Overloaded
from gateway.web import Limits
from providers.simulator import Simulator
from store import StoreUnavailable
from tests.web.gate import PERSON, PUBLIC, SECRET, TOKEN, WORDS, Gate

SMS = f"/in/at/{SECRET}/sms"


async def refused(gate: Gate, channel: str, reason: str, status: int) -> None:
    """It was said once in the log and counted, and nothing reached the inbox."""
    assert gate.log[-1:] == [
        gate.log[-1] | {"event": "webhook refused", "channel": channel, "reason": reason, "status": status}
    ]
    assert [line["event"] for line in gate.log].count("webhook refused") == 1
    assert gate.counted[f'barrio_refusals_total{{channel="{channel}",reason="{reason}"}}'] == 1
    assert gate.inbox.items == []


async def test_a_signed_sms_is_handed_in_and_answered(gate):
    async with gate.twilio() as answer:
        assert (answer.status, answer.content_type) == (200, "text/xml")
    (heard,) = gate.inbox.items
    assert isinstance(heard, InboundMessage)
    assert (heard.channel, heard.external_id, heard.sender, heard.text) == ("twilio", "SM1", PERSON, WORDS)
    assert gate.counted['barrio_inbound_total{channel="twilio",outcome="taken"}'] == 1
    assert gate.counted['barrio_webhook_seconds_count{channel="twilio"}'] == 1
    assert gate.log == []


async def test_the_answer_waits_for_the_inbox(gate):
    gate.inbox.until = asyncio.Event()
    waiting = asyncio.create_task(gate.twilio().__aenter__())
    await gate.inbox.asked.wait()
    assert not waiting.done()
    gate.inbox.until.set()
    assert (await waiting).status == 200


async def test_a_forged_signature_is_403_and_keeps_nothing(gate):
    async with gate.twilio(token="fedcba98" * 4) as answer:
        assert answer.status == 403
        assert await answer.text() == "403 Forbidden\n"
    await refused(gate, "twilio", "signature", 403)


async def test_no_signature_is_403(gate):
    async with gate.form("/in/twilio/sms", {"Body": WORDS}) as answer:
        assert answer.status == 403


@pytest.mark.parametrize("signature", ["ñandú", "\xff\xfe", "a, b", ""])
async def test_an_odd_signature_is_403(gate, signature):
    async with gate.form("/in/twilio/sms", {"Body": WORDS}, x_twilio_signature=signature) as answer:
        assert answer.status == 403


async def test_the_public_url_is_ours_whatever_the_host_header_says(gate):
    url, fields = f"{PUBLIC}/in/twilio/sms", {}
    async with gate.twilio(url=url, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}) as answer:
        assert answer.status == 200
    async with gate.twilio(url="https://evil.example/in/twilio/sms", headers={"Host": "evil.example"}) as answer:
        assert answer.status == 403
    assert len(gate.inbox.items) == 1
    assert fields == {}


async def test_the_query_is_part_of_what_is_signed(gate):
    path = "/in/twilio/status?our_id=7"
    async with gate.twilio(path=path, url=PUBLIC + path, MessageStatus="delivered") as answer:
        assert answer.status == 204
    (report,) = gate.inbox.items
    assert isinstance(report, DeliveryReport)
    assert report.our_id == 7


@pytest.mark.parametrize(
    "path",
    [
        "/in/nobody/sms",
        "/in/nobody",
        "/in/nobody/",
        "/in/at",
        "/in/",
        "/in//sms",
        f"/in/nobody/{SECRET}/sms",
        "/in/at/sms",
        "/in/at/wrong-secret-0f9e8d7c/sms",
        f"/in/at/{SECRET}x/sms",
        f"/in/at/{SECRET[:-1]}/sms",
        "/in/at//sms",
        "/in/at/%C3%B1%FF/sms",
        "/in/%00/sms",
    ],
)
async def test_an_unknown_channel_or_secret_is_404_and_all_look_alike(gate, path):
    async with gate.at(path) as answer:
        assert (answer.status, await answer.text()) == (404, "404 Not Found\n")
    await refused(gate, "unknown", "door", 404)


async def test_an_unknown_channel_is_compared_like_a_known_one(gate, monkeypatch):
    compared = []

    def compare(given, wanted):
        compared.append((len(given), len(wanted)))
        return real(given, wanted)

    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", compare)
    for name in ("nobody", "at"):
        async with gate.at(f"/in/{name}/wrong-secret/sms") as answer:
            assert answer.status == 404
    assert [given for given, _ in compared] == [len("wrong-secret")] * 2


@pytest.mark.parametrize(
    ("path", "channel"),
    [
        (f"/in/at/{SECRET}/fax", "at"),
        (f"/in/at/{SECRET}/ussd", "at"),
        (f"/in/at/{SECRET}/sms/more", "at"),
        (f"/in/at-ussd/{SECRET}/sms", "at-ussd"),
        (f"/in/at-ussd/{SECRET}/events", "at-ussd"),
        ("/in/twilio", "twilio"),
        ("/in/twilio/", "twilio"),
        ("/in/twilio/nothing", "twilio"),
    ],
)
async def test_an_unknown_event_is_404(gate, path, channel):
    async with gate.at(path) as answer:
        assert answer.status == 404
    await refused(gate, channel, "event", 404)


async def test_an_event_that_only_the_codec_knows_not_to_be_its_own_is_404(gate):
    async with gate.form("/in/demo/subscription", {"from": PERSON}) as answer:
        assert answer.status == 404
    await refused(gate, "demo", "event", 404)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_other_methods_are_405(gate, method):
    async with gate.session.request(method, SMS) as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    await refused(gate, "at", "method", 405)


async def test_a_wrong_content_type_is_415(gate):
    async with gate.post(SMS, f"<sms>{WORDS}</sms>", content_type="application/xml") as answer:
        assert answer.status == 415
    await refused(gate, "at", "content type", 415)


async def test_a_packed_body_is_415_and_is_not_unpacked(gate):
    bomb = gzip.compress(b"0" * 10_000_000)
    async with gate.post(SMS, bomb, content_encoding="gzip") as answer:
        assert answer.status == 415
    await refused(gate, "at", "content encoding", 415)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"id=1&from=%2B59170009999&to=1&text=\xff\xfe", 400),
        (b"", 400),
        (b"&".join([b"text=1"] * 1000), 400),
        (b"id=1&from=a&from=b&to=1&text=x", 400),
        (b"id=1&from=+59170009999&to=1&text=x", 200),
    ],
    ids=["not utf-8", "empty", "1000 fields", "two senders", "plus not escaped"],
)
async def test_what_is_authentic_but_cannot_be_read_is_kept(gate, body, status):
    async with gate.post(SMS, body, content_type="application/x-www-form-urlencoded") as answer:
        assert answer.status == status
    (kept,) = gate.inbox.items
    assert isinstance(kept, Unreadable)
    assert (kept.channel, kept.raw, kept.status) == ("at", body, status)
    assert [line["event"] for line in gate.log] == ["webhook kept unread"]
    assert gate.counted['barrio_inbound_total{channel="at",outcome="unreadable"}'] == 1


async def test_nul_is_dropped_and_the_rest_is_heard(gate):
    async with gate.at(text="hola\0 a todos") as answer:
        assert answer.status == 200
    assert gate.inbox.items[0].text == "hola a todos"


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_mebibyte_is_413(gate, chunked):
    async def drip():
        for _ in range(16):
            yield b"a" * 65_536

    async with gate.post(SMS, drip() if chunked else b"a" * 1_048_576) as answer:
        assert answer.status == 413
    await refused(gate, "at", "too large", 413)


async def test_a_body_up_to_the_limit_is_read(gate):
    async with gate.at(text="a" * 60_000) as answer:
        assert answer.status == 200
    assert len(gate.inbox.items[0].text) == 60_000


async def test_a_slow_body_is_cut_off_with_400(open_gate):
    gate = await open_gate(limits=Limits(read=0.05))
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    writer.write(f"POST {SMS} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nid=1&text=".encode())
    answer = await reader.readline()
    assert answer == b"HTTP/1.1 400 Bad Request\r\n"
    writer.close()
    await writer.wait_closed()
    await refused(gate, "at", "slow body", 400)


@pytest.mark.parametrize("rest", [b"zz\r\nnot a chunk", b""], ids=["garbled", "hung up"])
async def test_a_broken_body_is_nobodys_message(gate, rest):
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    head = f"POST {SMS} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
    writer.write(head.encode())
    assert await reader.readline() == b"HTTP/1.1 100 Continue\r\n"  # now somebody is waiting for the body
    writer.write(rest)
    writer.close()
    await writer.wait_closed()
    await gate.close()
    await refused(gate, "at", "broken body", 400)


@pytest.mark.parametrize("trouble", [StoreUnavailable("disk full"), Overloaded()])
@pytest.mark.parametrize("knock", [Gate.twilio, Gate.at, Gate.dial])
async def test_our_own_trouble_is_503_and_come_again(gate, trouble, knock):
    gate.inbox.trouble = trouble
    async with knock(gate) as answer:
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
    (line,) = gate.log
    assert (line["event"], line["reason"], line["status"]) == ("webhook put off", type(trouble).__name__, 503)
    assert [name for name, count in gate.counted.items() if 'outcome="unavailable"' in name and count == 1]


async def test_a_codec_that_fails_loses_nothing(gate, monkeypatch):
    def fail(*_):
        raise KeyError(WORDS)

    monkeypatch.setattr(Simulator, "parse", fail)
    async with gate.form("/in/demo/sms", {"from": PERSON, "text": WORDS}) as answer:
        assert answer.status == 500
    (kept,) = gate.inbox.items
    assert (kept.reason, WORDS.split()[0].encode() in kept.raw) == ("codec_failed", True)
    assert WORDS not in gate.output.getvalue()


async def test_a_bug_ends_as_500_with_a_reference_and_the_process_lives(gate):
    gate.inbox.trouble = RuntimeError(WORDS)
    async with gate.twilio() as answer:
        text = await answer.text()
        assert answer.status == 500
    (line,) = gate.log
    assert line["reference"] in text
    assert line["reference"].isalpha()
    assert (line["error"], line["level"]) == ("RuntimeError", "error")
    assert WORDS not in text
    gate.inbox.trouble = None
    async with gate.twilio() as answer:
        assert answer.status == 200


async def test_a_body_of_nothing_to_keep_does_not_bother_the_inbox(gate):
    gate.inbox.trouble = StoreUnavailable("nobody shall ask")
    path = "/in/phone/sms"
    async with gate.phone_event(
        {"event": "system:ping", "payload": {}, "deviceId": "d", "id": "1", "webhookId": "w"}
    ) as answer:
        assert answer.status == 200, path


async def test_a_ussd_hop_is_answered_with_its_screen(gate):
    gate.inbox.screens = ["1 Reclamo"]
    async with gate.dial() as answer:
        assert (answer.content_type, await answer.text()) == ("text/plain", "CON 1 Reclamo")
    gate.inbox.ends = True
    async with gate.dial("1") as answer:
        assert await answer.text() == "END 1 Reclamo"


async def test_a_late_screen_is_an_apology_and_the_work_goes_on(open_gate):
    gate = await open_gate(limits=Limits(screen=0.02))
    gate.inbox.until = asyncio.Event()
    async with gate.dial("1*2") as answer:
        text = await answer.text()
        assert (answer.status, text[:4]) == (200, "END ")
        assert text.isascii()
    assert gate.inbox.items == []
    assert gate.counted['barrio_ussd_late_total{channel="at-ussd"}'] == 1
    assert [line["event"] for line in gate.log] == ["ussd screen late"]
    gate.inbox.until.set()
    await gate.close()
    assert [item.text for item in gate.inbox.items] == ["1*2"]


async def test_late_work_that_fails_is_said(open_gate):
    gate = await open_gate(limits=Limits(screen=0.02))
    gate.inbox.until, gate.inbox.trouble = asyncio.Event(), StoreUnavailable("disk full")
    async with gate.dial() as answer:
        assert answer.status == 200
    gate.inbox.until.set()
    await gate.close()
    assert [(line["event"], line.get("reason")) for line in gate.log] == [
        ("ussd screen late", None),
        ("late ussd work failed", "StoreUnavailable"),
    ]


async def test_an_sms_is_never_apologised_for_it_waits(open_gate):
    gate = await open_gate(limits=Limits(screen=0.0))
    async with gate.twilio() as answer:
        assert answer.status == 200
    assert gate.log == []


async def test_whoever_hangs_up_first_has_still_been_heard(gate):
    gate.inbox.until = asyncio.Event()
    going = asyncio.create_task(gate.twilio().__aenter__())
    await gate.inbox.asked.wait()
    going.cancel()
    await asyncio.wait({going})
    gate.inbox.until.set()
    await gate.close()
    assert len(gate.inbox.items) == 1


@pytest.mark.parametrize(
    "trouble", [None, StoreUnavailable(f"row ({PERSON}, {WORDS})"), RuntimeError(f"{PERSON} {WORDS}")]
)
async def test_no_log_line_holds_a_number_a_word_or_a_secret(gate, trouble):
    gate.inbox.trouble = trouble
    for knock in (gate.twilio(), gate.twilio(token="0" * 32), gate.at(), gate.at(f"/in/at/{PERSON}/sms"), gate.dial()):
        async with knock:
            pass
    for body in (f"{PERSON}{WORDS}".encode(), b"\xff" + WORDS.encode(), b"text=" + PERSON.encode() * 9000):
        for path in (SMS, "/in/twilio/sms", f"/in/{PERSON}/sms", f"/in/demo/{WORDS.split()[0]}", "/in/demo-ussd/ussd"):
            async with gate.post(path, body, content_type="application/x-www-form-urlencoded", user_agent=WORDS):
                pass
    said = gate.output.getvalue()
    assert said
    for mark in (PERSON, PERSON[1:], "70009999", WORDS, WORDS.split()[0], SECRET, TOKEN):
        assert mark not in said
