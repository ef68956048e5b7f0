"""Bad input from outside: what it is answered, the one line in the log, and that nothing is lost. A real process.

Each test names what is new in the store and in the log; ``Outside`` checks that no log holds a person or a secret.
"""

import asyncio
import json
import time

import pytest

from tests.process import knocks
from tests.process.knocks import LINE, SECRET, USSD, form, fresh, report, text
from tests.process.outside import NUMBERS, WORD, person

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]

SMS = ["twilio", "africastalking", "phone"]
LINES = [*SMS, USSD]
FORMS = ["africastalking", USSD]
FIVE_MINUTES = 301
SAID = {"twilio": "Body", "africastalking": "text", USSD: "text"}


def minutes_off(seconds):
    document = {"id": fresh(), "event": "sms:received", "payload": {"sender": person(), "message": WORD}}
    at = time.time() + seconds  # noqa: TID251  a phone has a clock of its own
    return knocks.smsgate(json.dumps(document).encode(), at=at)


def changed_json():
    good = knocks.twilio_json(b'{"a": 1}')
    return good.but(body=good.body + b" ")


FORGED = {
    "twilio, by another token": (lambda: knocks.twilio(form({"Body": WORD}), token="f" * 32), "signature"),
    "twilio, of another account": (lambda: knocks.twilio(form({"AccountSid": "AC" + "f" * 32})), "account"),
    "twilio, not signed": (lambda: text("twilio", WORD, person()).but(x_twilio_signature=None), "signature"),
    "twilio, empty": (lambda: text("twilio", WORD, person()).but(x_twilio_signature=""), "signature"),
    "twilio, no ASCII": (lambda: text("twilio", WORD, person()).but(x_twilio_signature="ñandú"), "signature"),
    "twilio, a field more": (lambda: changed("twilio", b"&A=1"), "signature"),
    "twilio, for another event": (lambda: moved("twilio", "/in/twilio/status"), "signature"),
    "twilio, for another address": (lambda: moved("twilio", "/in/twilio/sms?our_id=1"), "signature"),
    "twilio, JSON without its hash": (lambda: knocks.twilio_json(b"{}").but(path="/in/twilio/sms"), "body hash"),
    "twilio, JSON of another hash": (changed_json, "body hash"),
    "phone, by another key": (lambda: knocks.smsgate(b"{}", key="another-key"), "signature"),
    "phone, not signed": (lambda: text("phone", WORD, person()).but(x_signature=None), "signature"),
    "phone, without its time": (lambda: text("phone", WORD, person()).but(x_timestamp=None), "signature"),
    "phone, at another time": (lambda: text("phone", WORD, person()).but(x_timestamp="1"), "signature"),
    "phone, a blank more": (lambda: changed("phone", b" "), "signature"),
    "phone, replayed after five minutes": (lambda: minutes_off(-FIVE_MINUTES), "stale"),
    "phone, from the future": (lambda: minutes_off(FIVE_MINUTES + 5), "stale"),
}


def changed(channel, more):
    good = text(channel, WORD, person())
    return good.but(body=good.body + more)


def moved(channel, path):
    return text(channel, WORD, person()).but(path=path)


@pytest.mark.parametrize("case", FORGED)
async def test_what_is_forged_is_403_and_leaves_nothing(outside, case):
    make, reason = FORGED[case]
    await outside.refused(make(), 403, reason)


@pytest.mark.parametrize("channel", LINES)
async def test_a_replay_is_taken_and_does_nothing(outside, channel):
    sender = person()
    again = text(channel, WORD, sender)
    [(status, first), *others] = await asyncio.gather(*(outside.knock(again) for _ in range(3)))
    assert (status, others) == (200, [(200, first)] * 2)
    assert [line["event"] for line in outside.lines()] == ["message_repeated"] * 2
    assert await outside.expect(again, 200, "message_repeated") == first
    assert len(await outside.rows("inbound", "id", sender=sender)) == len(await outside.answered(sender)) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/in/nobody/sms",
        f"/in/nobody/{SECRET}/sms",
        "/in/africastalking/sms",
        f"/in/africastalking/{SECRET[:-1]}/sms",
        f"/in/africastalking/{SECRET}0/sms",
        f"/in/{USSD}/{SECRET.upper()}/ussd",
        "/in/africastalking//sms",
        "/in/%00/%C3%B1%FF",
        f"/in/nobody/{'a' * 5000}",
    ],
)
async def test_an_unknown_channel_or_secret_is_404(outside, path):
    await outside.refused(text("africastalking", WORD, person()).but(path=path), 404, "door")


@pytest.mark.parametrize(
    ("channel", "path"),
    [
        ("twilio", f"/in/twilio/{SECRET}/sms"),
        ("twilio", "/in/twilio/ussd"),
        ("phone", "/in/phone/ussd"),
        ("africastalking", f"/in/africastalking/{SECRET}/ussd"),
        (USSD, f"/in/{USSD}/{SECRET}/sms"),
    ],
)
async def test_an_event_that_a_line_does_not_have_is_404(outside, channel, path):
    await outside.refused(moved(channel, path), 404, "event")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", None])
@pytest.mark.parametrize("channel", LINES)
async def test_a_wrong_content_type_is_415(outside, channel, kind):
    await outside.refused(text(channel, WORD, person()).but(content_type=kind), 415, "content type")


async def test_signed_json_is_of_a_product_that_we_do_not_use_and_is_kept(outside):
    await outside.kept_unread(knocks.twilio_json(json.dumps({"Body": WORD}).encode()), 200, "JSON")


@pytest.mark.parametrize("bytes_", [b"\xff\xfe", b"%FF%FE", "ñ".encode("latin-1")], ids=["raw", "escaped", "latin"])
async def test_bytes_that_are_not_utf8_are_kept_where_they_can_be_authentic(outside, bytes_):
    def of(channel):
        return form({SAID[channel]: WORD, "from": person()}) + bytes_

    await outside.refused(knocks.twilio(of("twilio")), 403, "signature")
    await outside.kept_unread(knocks.africastalking(of("africastalking")), 400, "not UTF-8")
    await outside.kept_unread(knocks.ussd(of(USSD)), 400, "not UTF-8")
    if not bytes_.isascii():
        await outside.kept_unread(knocks.smsgate(b'{"a": "' + bytes_ + b'"}'), 400, "not JSON")


@pytest.mark.parametrize("channel", LINES)
async def test_nul_is_left_out_and_the_rest_is_heard(outside, channel):
    sender = person()
    await outside.expect(text(channel, f"1\0 {WORD}\0", sender), 200, inbound=1, outbound=1, contacts=1)
    assert await outside.rows("inbound", "text", sender=sender) == [(f"1 {WORD}",)]


@pytest.mark.parametrize(
    ("empty", "reason"),
    [
        (knocks.twilio, "no MessageSid"),
        (knocks.africastalking, "no id"),
        (knocks.ussd, "no sessionId"),
        (knocks.smsgate, "not JSON"),
    ],
)
async def test_an_empty_body_is_400_and_kept(outside, empty, reason):
    await outside.kept_unread(empty(b""), 400, reason)


@pytest.mark.parametrize("channel", ["twilio", *FORMS])
async def test_a_thousand_repeated_fields_lose_nothing(outside, channel):
    sender = person()
    signed = {"twilio": knocks.twilio, "africastalking": knocks.africastalking, USSD: knocks.ussd}[channel]
    unread = text(channel, "basura", sender).body + b"&Extra=%F0%9F%98%80" * 1000
    await outside.expect(signed(unread), 200, inbound=1, outbound=1, contacts=1)
    name = SAID[channel]
    twice = text(channel, "basura", sender).body + f"&{name}={WORD}".encode() * 1000
    await outside.kept_unread(signed(twice), 400, f"{name} twice")


async def test_a_thousand_repeated_keys_of_json_are_heard(outside):
    good = text("phone", "basura", person())
    repeated = good.body.replace(b'{"id"', b'{"x": 1, ' + b'"id": "x", ' * 1000 + b'"id"')
    await outside.expect(knocks.smsgate(repeated), 200, inbound=1, outbound=1, contacts=1)


@pytest.mark.parametrize("channel", LINES)
async def test_a_mebibyte_is_413_and_what_fits_is_kept_whole(outside, channel):
    sender, words = person(), f"{WORD} " * 6000
    await outside.refused(text(channel, WORD * 2**17, person()), 413, "too large")
    await outside.knock(text(channel, words, sender))
    assert await outside.rows("inbound", "text", sender=sender) == [(words,)]
    assert [len(said) <= 160 for said in await outside.answered(sender)] == [True]
    assert outside.lines() == []


@pytest.mark.parametrize("channel", LINES)
async def test_emoji_are_words(outside, channel):
    sender, words = person(), f"🚮🕳\N{ZERO WIDTH JOINER}👩🏽‍🦽 {WORD} ñandú 🇧🇴"
    await outside.expect(text(channel, words, sender), 200, inbound=1, outbound=1, contacts=1)
    assert await outside.rows("inbound", "text", "state", sender=sender) == [(words, "done")]


async def test_half_of_an_emoji_is_replaced(outside):
    sender = person()
    await outside.expect(text("phone", f"{WORD} \ud83d", sender), 200, inbound=1, outbound=1, contacts=1)
    assert await outside.rows("inbound", "text", sender=sender) == [(f"{WORD} \N{REPLACEMENT CHARACTER}",)]


@pytest.mark.parametrize("sender", ["TIGO", "4040", "Alcaldía 🏛", LINE, f"+{NUMBERS}9999"])
@pytest.mark.parametrize("channel", LINES)
async def test_a_sender_that_is_no_telephone_is_kept_and_not_answered(outside, channel, sender):
    ident = fresh()
    await outside.expect(text(channel, WORD, sender, ident=ident), 200, "message_not_answered no_number", inbound=1)
    kept = await outside.rows("inbound", "sender", "text", "state", "contact_id", channel=channel, sender=sender)
    assert kept[-1] == (sender, WORD, "silent", None)


@pytest.mark.parametrize("channel", ["twilio", "africastalking"])
async def test_a_report_that_comes_before_the_answer_is_parked_and_then_applied(outside, channel):
    await outside.sent()
    sender, count = person(), len(outside.stub.posted)
    outside.stub.hold = asyncio.Event()
    await outside.expect(text(channel, WORD, sender), 200, inbound=1, outbound=1, contacts=1)
    await outside.stub.wait_for(count + 1)
    theirs = f"{'SM' if channel == 'twilio' else 'ATXid_'}{count + 1:032x}"
    status = 204 if channel == "twilio" else 200
    await outside.expect(report(channel, theirs), status, "report_parked", parked_reports=1)
    outside.stub.hold.set()
    outside.stub.hold = None

    async def delivered():
        return await outside.rows("outbound", "state", recipient=sender) == [("delivered",)]

    await outside.gateway.until(delivered)
    assert await outside.rows("parked_reports", "id", external_id=theirs) == []
    assert len(outside.stub.posted) == count + 1


@pytest.mark.parametrize("channel", SMS)
async def test_a_report_of_a_message_that_nobody_knows_is_parked(outside, channel):
    status = 204 if channel == "twilio" else 200
    await outside.expect(report(channel, fresh("unknown")), status, "report_parked", parked_reports=1)


async def test_a_report_with_more_parts_than_there_can_be_is_taken(outside):
    payload = {"messageId": fresh("unknown"), "partsCount": 10**12}
    document = {"id": fresh(), "event": "sms:delivered", "payload": payload}
    await outside.expect(
        knocks.smsgate(json.dumps(document).encode(), "status"), 200, "report_parked", parked_reports=1
    )


async def test_a_history_that_is_repeated_or_shorter_gets_the_screen_that_stands(outside):
    sender, session = person(), fresh()
    menu = await outside.expect(text(USSD, "", sender, ident=session), 200, inbound=1, outbound=1, contacts=1)
    assert menu.startswith("CON ")
    asked = await outside.expect(text(USSD, "1", sender, ident=session), 200, inbound=1, outbound=1)
    assert asked not in ("", menu)
    for history in ("1", ""):  # the carrier tries again; an old hop comes late
        assert await outside.expect(text(USSD, history, sender, ident=session), 200, "message_repeated") == asked
    other = await outside.expect(text(USSD, "1", person(), ident=session), 200, "ussd_refused", inbound=1, contacts=1)
    assert other.startswith("END ")
    deep = fresh()
    screen = await outside.expect(text(USSD, "1", sender, ident=deep), 200, inbound=1, outbound=1)
    assert await outside.expect(text(USSD, "", sender, ident=deep), 200, "ussd_repeat", inbound=1) == screen
    endless = text(USSD, "*".join("1" * 41), sender)
    assert (await outside.expect(endless, 200, "ussd_refused", inbound=1)).startswith("END ")


async def test_a_star_that_is_typed_is_part_of_the_answer(outside):
    sender, session = person(), fresh()
    for history in ("", "1"):
        await outside.knock(text(USSD, history, sender, ident=session))
    words = f"1*hay 5*5 baches en sopocachi {WORD}"
    last = await outside.expect(text(USSD, words, sender, ident=session), 200, inbound=1, outbound=2, cases=1)
    assert last.startswith("END ")
    assert (await outside.rows("cases", "description", "category"))[-1] == (words.removeprefix("1*"), "vias")


async def test_stars_alone_end_with_a_person_and_not_with_an_apology(outside):
    last = await outside.expect(text(USSD, "*" * 30, person()), 200, inbound=1, outbound=2, cases=1, contacts=1)
    assert "Codigo" in last


@pytest.mark.parametrize("channel", LINES)
async def test_a_code_with_a_typo_is_a_hint_and_never_another_persons_case(outside, channel):
    owner, stranger = person(), person()
    await outside.knock(text("twilio", "bache enorme en sopocachi", owner))
    [(code,)] = await outside.rows(
        "cases", "code", channel="twilio", place="sopocachi", contact_id=await _id(outside, owner)
    )
    typo = code[:-1] + str((int(code[-1]) + 1) % 10)
    shown = f"{code[:3]}-{code[3:6]}-{code[6:]}"
    for sender in (owner, stranger):
        await outside.knock(text(channel, f"2*{typo}" if channel == USSD else typo, sender))
    *_, hint = await outside.answered(owner)
    assert shown in hint
    [told] = await outside.answered(stranger)
    assert not {
        word for word in (shown, code, "sopocachi", "bache", "Vias", "recibido") if word.lower() in told.lower()
    }
    assert outside.lines() == []


async def _id(outside, sender):
    [(ident,)] = await outside.rows("contacts", "id", msisdn=sender)
    return ident
