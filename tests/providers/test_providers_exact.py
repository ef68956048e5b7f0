"""What mutants of the codecs showed to be untested: words for the log, defaults, and the very edges of what is taken."""

import hashlib
import hmac
import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from dialogs.messages import DeliveryReport, DeliveryStatus, InboundMessage, OutboundMessage
from providers import africastalking_ussd, forms, sending, signatures
from providers.base import Malformed, Refusal, Rejected, Request, Response, SendFailed, UnknownEvent, WrongType
from tests.providers.codecs import AT, BY_CHANNEL, NOW, PHONE, SIMULATOR, TWILIO, USSD

FORM = {"content-type": "application/x-www-form-urlencoded"}
TEXT = {"content-type": "text/plain"}


def request(event: str, body: bytes = b"", **headers: str) -> Request:
    return Request(method="POST", url="https://gw.example.org/in/x", headers=headers or FORM, body=body, event=event)


def test_a_request_has_no_body_and_no_event_unless_it_is_given_them() -> None:
    bare = Request(method="GET", url="https://x/y")
    assert (bare.body, bare.event, bare.headers) == (b"", "", {})
    assert (Response(status=200).body, Response(status=200).headers) == (b"", {})


def test_a_refusal_is_the_senders_fault_unless_it_says_otherwise() -> None:
    assert Refusal("x").status == 400
    assert (str(Refusal("why")), str(SendFailed("why"))) == ("why", "why")


def test_who_takes_our_id_and_who_does_not() -> None:
    assert [AT.idempotent, TWILIO.idempotent, SIMULATOR.idempotent, PHONE.idempotent] == [False, False, False, True]


@pytest.mark.parametrize("channel", BY_CHANNEL)
@pytest.mark.parametrize("event", ["nowhere", "", "sms/"])
def test_an_event_that_a_line_does_not_have_is_refused_by_that_word(channel: str, event: str) -> None:
    with pytest.raises(UnknownEvent) as caught:
        BY_CHANNEL[channel].parse(request(event), NOW)
    assert caught.value.reason == "event"


def test_plain_providers_are_told_200_in_plain_text() -> None:
    for codec in (AT, PHONE, SIMULATOR):
        assert codec.reply(request("sms"), ()) == Response(status=200, headers=TEXT)


def test_the_end_of_a_ussd_session_is_answered_in_plain_text_without_words() -> None:
    headers = {"content-type": "text/plain; charset=utf-8"}
    assert USSD.reply(request("ussd/events"), ()) == Response(status=200, headers=headers)
    assert USSD.reply(request("ussd"), ()).headers == headers


def test_a_hop_is_named_by_caller_and_history() -> None:
    # sha256("+59170000001\n1*2"), the first sixteen digits: stored with messages, so it must stay what it is
    assert africastalking_ussd.hop("+59170000001", "1*2") == "af60f259ac19a8d8"


def test_what_cannot_be_read_says_what_it_lacks() -> None:
    with pytest.raises(WrongType, match=r"^content type$"):
        forms.demand(request("sms", **{"content-type": "text/plain"}), forms.FORM)
    with pytest.raises(Malformed, match=r"^charset$"):
        forms.demand(request("sms", **{"content-type": f"{forms.FORM}; charset=latin-1"}), forms.FORM)
    with pytest.raises(Malformed, match=r"^too many fields$"):
        forms.pairs(b"a=1&" * forms.MOST_FIELDS)
    with pytest.raises(SendFailed, match=r"^no id$"):
        sending.message_id("")
    with pytest.raises(SendFailed, match=r"^no answer$"):
        AT.decode(Response(status=201, body=b"{}"))


@pytest.mark.parametrize("length", [1, 200])
def test_an_id_of_any_length_that_can_be_kept_is_taken(length: int) -> None:
    assert forms.id_of({"id": "x" * length}, "id") == "x" * length
    assert sending.message_id("x" * length) == "x" * length


@pytest.mark.parametrize("length", [1, 64])
def test_a_name_of_any_length_that_can_be_kept_is_taken(length: int) -> None:
    assert forms.name_of({"from": "x" * length}, "from") == "x" * length


def test_a_time_without_a_zone_is_utc_wherever_the_machine_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/La_Paz")
    time.tzset()
    assert forms.moment("2026-11-21 17:00:45") == datetime(2026, 11, 21, 17, 0, 45, tzinfo=UTC)
    assert forms.moment("2026-11-21T13:00:45-04:00") == datetime(2026, 11, 21, 17, 0, 45, tzinfo=UTC)
    monkeypatch.undo()
    time.tzset()


def test_five_hundred_is_no_fault_of_ours() -> None:
    assert sending.failed(Response(status=499)).in_doubt is False
    assert sending.failed(Response(status=500)).in_doubt is True


def test_a_document_asks_for_json_and_keeps_letters_as_they_are() -> None:
    asked = sending.post_json("https://x/y", {"text": "año"})
    assert asked.headers == {"content-type": forms.JSON, "accept": forms.JSON}
    assert asked.body == '{"text": "año"}'.encode()


def test_the_simulator_is_asked_for_what_a_provider_is_asked_for() -> None:
    asked = SIMULATOR.encode(OutboundMessage(id=7, channel="demo", recipient="+59170000001", text="hola"))
    assert json.loads(asked.body) == {"id": "7", "to": "+59170000001", "text": "hola"}


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("21610", sending.OPTED_OUT),
        *((code, sending.CHANNEL) for code in ("20003", "20404")),
        *((code, sending.RETRY) for code in ("20429", "21611")),
        *((code, sending.REFUSED) for code in ("21211", "21408", "21606", "21608", "21612", "21614", "21617")),
    ],
)
def test_what_twilio_says_of_a_send_counts_more_than_its_status(code: str, verdict: sending.Verdict) -> None:
    with pytest.raises(SendFailed) as caught:
        TWILIO.decode(Response(status=500, body=json.dumps({"code": int(code)}).encode()))
    failure = caught.value
    said = {name: True for name in ("retry", "in_doubt", "opted_out", "channel_fault") if getattr(failure, name)}
    assert (failure.reason, said) == (code, verdict)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        *((word, DeliveryStatus.QUEUED) for word in ("accepted", "scheduled", "queued", "sending")),
        *((word, DeliveryStatus.DELIVERED) for word in ("delivered", "partially_delivered", "read")),
        *((word, DeliveryStatus.FAILED) for word in ("undelivered", "failed", "canceled")),
        ("sent", DeliveryStatus.SENT),
    ],
)
def test_every_status_of_twilio_has_its_meaning(said: str, status: DeliveryStatus) -> None:
    body = urlencode({"MessageSid": "SM1", "MessageStatus": said}).encode()
    (report,) = TWILIO.parse(request("status", body), NOW)
    assert isinstance(report, DeliveryReport)
    assert report.status is status


def test_a_message_of_twilio_without_words_is_empty() -> None:
    body = urlencode({"MessageSid": "SM1", "From": "+59170000001", "To": "+12025550143"}).encode()
    (message,) = TWILIO.parse(request("sms", body), NOW)
    assert isinstance(message, InboundMessage)
    assert message.text == ""


@pytest.mark.parametrize("parts", [1, 255])
def test_every_number_of_parts_that_fits_a_byte_is_kept(parts: int) -> None:
    payload = {"messageId": "7-0123abcd", "partsCount": parts}
    body = json.dumps({"id": "e1", "event": "sms:sent", "payload": payload}).encode()
    (report,) = PHONE.parse(request("sms", body, **{"content-type": "application/json"}), NOW)
    assert isinstance(report, DeliveryReport)
    assert report.parts == parts


def phone(stamp: str | None, body: bytes = b"{}", signature: str | None = None) -> Request:
    signed = hmac.digest(PHONE.signing_key.encode(), body + (stamp or "").encode(), "sha256").hex()
    headers = {"x-signature": signed if signature is None else signature}
    return request("sms", body, **(headers if stamp is None else {**headers, "x-timestamp": stamp}))


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (phone("1795280400", signature="0" * 64), "signature"),
        (phone(None), "timestamp"),
        (phone("1e9"), "timestamp"),
        (phone("123456789012"), "timestamp"),
        (phone("12345678901"), "stale"),
        (phone("1795280000"), "stale"),
    ],
)
def test_a_phone_that_is_refused_is_refused_for_one_reason(asked: Request, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        PHONE.verify(asked, NOW)
    assert caught.value.reason == reason


def form_of_twilio(fields: dict[str, str], **headers: str) -> Request:
    asked = request("sms", urlencode(fields).encode())
    signature = signatures.twilio(TWILIO.auth_token, asked.url, forms.pairs(asked.body)).decode()
    return replace(asked, headers={**FORM, "x-twilio-signature": signature, **headers})


def test_twilio_is_refused_for_one_reason() -> None:
    ours = {"AccountSid": TWILIO.account_sid}
    TWILIO.verify(form_of_twilio(ours), NOW)
    asked = form_of_twilio(ours)
    for refused, reason in (
        (form_of_twilio({"AccountSid": "AC2"}), "account"),
        (form_of_twilio(ours, **{"x-twilio-signature": "x"}), "signature"),
        (form_of_twilio(ours, **{"x-twilio-webhooks-signature-settings": "x"}), "shared key"),
        (replace(asked, url=f"{asked.url}?bodySHA256={hashlib.sha256(b'').hexdigest()}"), "body hash"),
        (replace(asked, body=b"a=%FF"), "signature"),
    ):
        with pytest.raises(Rejected) as caught:
            TWILIO.verify(refused, NOW)
        assert caught.value.reason == reason


def test_the_query_begins_at_the_first_question_mark() -> None:
    assert signatures.query(Request(method="POST", url="https://x/y?a=1?b=2&c=3")) == {"a": "1?b=2", "c": "3"}


def test_codecs_speak_to_their_provider_unless_told_another_address() -> None:
    assert AT.api == "https://api.africastalking.com"
    assert PHONE.api == "https://api.sms-gate.app/3rdparty/v1"
    assert TWILIO.api == "https://api.twilio.com"
    assert sending.post_json("https://x/y", {}).method == sending.post_form("https://x/y", {}).method == "POST"


def test_twilio_is_answered_with_no_words() -> None:
    twiml = Response(
        status=200,
        headers={"content-type": "text/xml"},
        body=b'<?xml version="1.0" encoding="UTF-8"?><Response/>',
    )
    assert TWILIO.reply(request("sms"), ()) == twiml
    assert TWILIO.reply(request("status"), ()) == Response(status=204)


def test_twilios_id_of_a_message_is_its_sid() -> None:
    assert TWILIO.decode(Response(status=201, body=b'{"sid": "SM1"}')) == "SM1"
    with pytest.raises(SendFailed, match=r"^no id$"):
        TWILIO.decode(Response(status=201, body=b'{"XXsidXX": "SM1"}'))


def test_a_screen_is_sent_with_200() -> None:
    message = OutboundMessage(id=1, channel="u", recipient="+59170000001", text=" hola ", ends_session=False)
    assert USSD.reply(request("ussd"), [message]) == Response(
        status=200, headers={"content-type": "text/plain; charset=utf-8"}, body=b"CON hola"
    )
