"""Twilio: what is authentic, what it says, what we say to it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest

from dialogs.messages import (
    Consent,
    ConsentChange,
    DeliveryReport,
    DeliveryStatus,
    InboundMessage,
    OutboundMessage,
    Received,
    Unreadable,
)
from providers import signatures
from providers.base import Malformed, Rejected, Request, Response, SendFailed, UnknownEvent, WrongType
from tests.providers.codecs import NOW, TWILIO

URL = "https://gw.example.org/in/twilio/sms"
SMS = {
    "MessageSid": "SM1",
    "AccountSid": TWILIO.account_sid,
    "From": "+59170000001",
    "To": "+12025550143",
    "Body": "no hay agua",
}
STATUS = {**{name: SMS[name] for name in ("MessageSid", "AccountSid")}, "MessageStatus": "sent", "To": "+59170000001"}


def signed(fields: Mapping[str, str], url: str = URL, event: str = "sms", token: str = TWILIO.auth_token) -> Request:
    signature = signatures.twilio(token, url, list(fields.items())).decode()
    headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
    return Request(method="POST", url=url, headers=headers, body=urlencode(fields).encode(), event=event)


def take(request: Request) -> list[Received]:
    TWILIO.verify(request, NOW)
    return list(TWILIO.parse(request, NOW))


def test_a_text_is_taken_over_as_it_is() -> None:
    assert take(signed(SMS)) == [
        InboundMessage(
            channel="twilio",
            external_id="SM1",
            sender="+59170000001",
            recipient="+12025550143",
            text="no hay agua",
            received_at=NOW,
        )
    ]


def test_the_example_of_twilio_s_own_documentation_holds() -> None:
    fields = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signatures.twilio("12345", url, parse_qsl(fields)) == b"RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.mark.parametrize(
    "forge",
    [
        lambda request: replace(request, headers={**request.headers, "x-twilio-signature": ""}),
        lambda request: replace(request, headers={**request.headers, "x-twilio-signature": "\udcff" * 28}),
        lambda request: replace(request, headers={"content-type": request.headers["content-type"]}),
        lambda request: replace(request, body=request.body + b"&Extra=1"),
        lambda request: replace(request, body=request.body.replace(b"agua", b"luz")),
        lambda request: replace(request, body=request.body + b"%FF"),
        lambda request: replace(request, url=URL + "?x=1"),
        lambda request: replace(request, url=URL + "\ud800"),
        lambda request: replace(
            request, headers={**request.headers, "x-twilio-webhooks-signature-settings": "key=k,algorithm=HMAC_SHA256"}
        ),
    ],
)
def test_whatever_was_changed_after_signing_is_refused(forge) -> None:
    TWILIO.verify(signed(SMS), NOW)
    with pytest.raises(Rejected) as caught:
        TWILIO.verify(forge(signed(SMS)), NOW)
    assert caught.value.status == 403


def test_another_token_and_another_account_are_refused() -> None:
    with pytest.raises(Rejected):
        TWILIO.verify(signed(SMS, token="f" * 32), NOW)
    with pytest.raises(Rejected, match="account"):
        TWILIO.verify(signed({**SMS, "AccountSid": "AC2"}), NOW)


def test_a_field_that_comes_twice_is_signed_once_with_each_value() -> None:
    once = signatures.twilio("t", URL, [("a", "2"), ("a", "1"), ("a", "2")])
    assert once == signatures.twilio("t", URL, [("a", "1"), ("a", "2")])
    assert once != signatures.twilio("t", URL, [("a", "1")])


def test_what_cannot_be_read_is_refused_before_it_is_checked() -> None:
    request = signed(SMS)
    with pytest.raises(WrongType):
        TWILIO.verify(replace(request, headers={"content-type": "text/plain"}), NOW)
    with pytest.raises(Malformed):
        TWILIO.verify(replace(request, body=b"&".join([b"a=1"] * 2001)), NOW)


def json_request(body: bytes, url_hash: str | None) -> Request:
    url = URL if url_hash is None else f"{URL}?bodySHA256={url_hash}"
    headers = {"content-type": "application/json"}
    headers["x-twilio-signature"] = signatures.twilio(TWILIO.auth_token, url, ()).decode()
    return Request(method="POST", url=url, headers=headers, body=body, event="sms")


def test_json_is_kept_if_the_hash_in_the_url_is_its_own() -> None:
    body = json.dumps({"Body": "hola"}).encode()
    digest = hashlib.sha256(body).hexdigest()
    assert take(json_request(body, digest)) == [Unreadable(channel="twilio", reason="JSON", raw=body)]
    for odd in (json_request(body + b" ", digest), json_request(body, digest.upper()), json_request(body, None)):
        with pytest.raises(Rejected, match="body hash"):
            TWILIO.verify(odd, NOW)


def test_a_form_does_not_pass_for_the_json_that_was_signed() -> None:
    body = json.dumps({"Body": "hola"}).encode()
    request = json_request(body, hashlib.sha256(body).hexdigest())
    as_form = replace(request, headers={**request.headers, "content-type": "application/x-www-form-urlencoded"})
    with pytest.raises(Rejected, match="body hash"):
        TWILIO.verify(as_form, NOW)
    with pytest.raises(Rejected, match="body hash"):
        TWILIO.verify(replace(as_form, body=b""), NOW)


def test_nul_is_signed_and_not_kept() -> None:
    (message,) = take(signed({**SMS, "Body": "a\0b"}))
    assert isinstance(message, InboundMessage)
    assert message.text == "ab"


@pytest.mark.parametrize(
    ("change", "status"),
    [({"MessageSid": ""}, 200), ({"From": " 59170000001"}, 200), ({"To": "x" * 65}, 200), ({"MessageSid": None}, 400)],
)
def test_an_authentic_text_that_is_odd_is_kept(change: Mapping[str, str | None], status: int) -> None:
    fields = {name: value for name, value in {**SMS, **change}.items() if value is not None}
    (kept,) = take(signed(fields))
    assert isinstance(kept, Unreadable)
    assert kept.status == status
    assert b"agua" in kept.raw


def test_a_known_field_twice_is_kept_and_refused() -> None:
    request = replace(signed({**SMS, "Body2": "x"}), body=urlencode({**SMS, "Body2": "x"}).encode())
    (kept,) = TWILIO.parse(replace(request, body=request.body + b"&Body=y"), NOW)
    assert isinstance(kept, Unreadable)
    assert (kept.reason, kept.status) == ("Body twice", 400)


@pytest.mark.parametrize(
    ("word", "kind"), [("STOP", Consent.OUT), ("START", Consent.IN), ("HELP", Consent.HELP), ("stop", Consent.OUT)]
)
def test_advanced_opt_out_has_answered_already_so_only_the_consent_is_taken(word: str, kind: Consent) -> None:
    (change,) = take(signed({**SMS, "OptOutType": word}))
    (message,) = take(signed(SMS))
    assert change == ConsentChange(channel="twilio", sender="+59170000001", kind=kind, at=NOW, message=message)


def test_an_opt_out_type_that_is_not_known_is_an_ordinary_text() -> None:
    (message,) = take(signed({**SMS, "OptOutType": "PAUSE"}))
    assert isinstance(message, InboundMessage)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("accepted", DeliveryStatus.QUEUED),
        ("sending", DeliveryStatus.QUEUED),
        ("sent", DeliveryStatus.SENT),
        ("Delivered", DeliveryStatus.DELIVERED),
        ("read", DeliveryStatus.DELIVERED),
        ("undelivered", DeliveryStatus.FAILED),
        ("canceled", DeliveryStatus.FAILED),
    ],
)
def test_a_report_says_what_became_of_the_message(word: str, status: DeliveryStatus) -> None:
    assert take(signed({**STATUS, "MessageStatus": word}, event="status")) == [
        DeliveryReport(channel="twilio", status=status, at=NOW, external_id="SM1")
    ]


@pytest.mark.parametrize(
    ("query", "our_id"),
    [
        ("?our_id=17", 17),
        ("?x=1&our_id=999999999999999999", 999999999999999999),
        ("?our_id=0", None),
        ("?our_id=-3", None),
        ("?our_id=1e3", None),
        ("?our_id=٣", None),
        ("?our_id=9999999999999999999", None),
        ("?our_id=", None),
        ("", None),
    ],
)
def test_our_id_comes_back_in_the_query(query: str, our_id: int | None) -> None:
    (report,) = take(signed(STATUS, f"https://gw.example.org/in/twilio/status{query}", "status"))
    assert isinstance(report, DeliveryReport)
    assert report.our_id == our_id


def test_a_report_that_the_person_stopped_us_is_consent_too() -> None:
    report, change = take(signed({**STATUS, "MessageStatus": "failed", "ErrorCode": "21610"}, event="status"))
    assert isinstance(report, DeliveryReport)
    assert (report.status, report.reason) == (DeliveryStatus.FAILED, "21610")
    assert change == ConsentChange(channel="twilio", sender="+59170000001", kind=Consent.OUT, at=NOW)


def test_prose_in_an_error_code_is_not_kept_as_a_reason() -> None:
    (report,) = take(signed({**STATUS, "MessageStatus": "failed", "ErrorCode": "to +59170000001"}, event="status"))
    assert isinstance(report, DeliveryReport)
    assert report.reason is None


def test_a_status_that_is_not_known_is_kept_for_somebody_to_see() -> None:
    (kept,) = take(signed({**STATUS, "MessageStatus": "teleported"}, event="status"))
    assert isinstance(kept, Unreadable)
    assert (kept.reason, kept.status) == ("status", 200)


def test_there_is_no_other_event() -> None:
    with pytest.raises(UnknownEvent) as caught:
        take(signed(SMS, event="optout"))
    assert caught.value.status == 404


def test_answers_are_never_put_into_twiml() -> None:
    answer = OutboundMessage(id=1, channel="twilio", recipient="+59170000001", text="hola")
    assert TWILIO.reply(signed(SMS), [answer]).body.endswith(b"<Response/>")
    assert TWILIO.reply(signed(STATUS, event="status"), []) == Response(status=204)


MESSAGE = OutboundMessage(id=17, channel="twilio", recipient="+59170000001", text="Código 482-105-930 & ñ")


def test_a_message_is_one_form_that_names_its_callback() -> None:
    request = TWILIO.encode(MESSAGE)
    assert request.url == f"https://api.twilio.com/2010-04-01/Accounts/{TWILIO.account_sid}/Messages.json"
    assert dict(parse_qsl(request.body.decode())) == {
        "To": "+59170000001",
        "From": "+12025550143",
        "Body": "Código 482-105-930 & ñ",
        "StatusCallback": "https://gw.example.org/in/twilio/status?our_id=17",
    }


def test_a_messaging_service_sends_in_its_own_name() -> None:
    form = dict(parse_qsl(replace(TWILIO, sender="MG1").encode(MESSAGE).body.decode()))
    assert form["MessagingServiceSid"] == "MG1"
    assert "From" not in form


@pytest.mark.parametrize(
    ("status", "code", "flags"),
    [
        (400, 21610, {"opted_out"}),
        (401, 20003, {"channel_fault"}),
        (404, 20404, {"channel_fault"}),
        (429, 20429, {"retry"}),
        (400, 21611, {"retry"}),
        (400, 21211, set()),
        (403, 21408, set()),
        (400, 99999, set()),
        (500, 20500, {"in_doubt"}),
        (503, 20503, {"retry"}),
    ],
)
def test_an_error_says_what_may_be_done(status: int, code: int, flags: set[str]) -> None:
    with pytest.raises(SendFailed) as caught:
        TWILIO.decode(Response(status=status, body=json.dumps({"code": code, "message": "+59170000001"}).encode()))
    failure = caught.value
    assert failure.reason == str(code)
    assert flags == {n for n in ("opted_out", "channel_fault", "retry", "in_doubt") if getattr(failure, n)}


@pytest.mark.parametrize("body", [b"", b"oops", b"{}", b'{"sid": null}', b'{"sid": ""}'])
def test_yes_without_a_sid_is_in_doubt(body: bytes) -> None:
    with pytest.raises(SendFailed) as caught:
        TWILIO.decode(Response(status=201, body=body))
    assert caught.value.in_doubt
    assert not caught.value.retry


@pytest.mark.parametrize("body", [b"<html>", b'{"code": null}', b'{"code": "to +59170000001"}'])
def test_an_error_without_a_code_is_named_by_its_status(body: bytes) -> None:
    with pytest.raises(SendFailed) as caught:
        TWILIO.decode(Response(status=400, body=body))
    assert caught.value.reason == "http_400"


def test_the_token_is_in_no_repr() -> None:
    assert TWILIO.auth_token not in repr(TWILIO)
