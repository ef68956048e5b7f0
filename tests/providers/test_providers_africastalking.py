"""Africa's Talking SMS: what it posts, and what its answers to a send mean."""

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
from providers.base import Request, Response, SendFailed, UnknownEvent, WrongType
from tests.providers.codecs import AT, NOW

SMS = {"id": "a1", "from": "+59170000001", "to": "21512", "text": "no hay agua", "date": "2026-11-21 17:00:45"}
REPORT = {"id": "ATXid_1", "status": "Success", "phoneNumber": "+59170000001"}


def take(event: str, fields: Mapping[str, str]) -> list[Received]:
    request = Request(
        method="POST",
        url=f"https://gw.example.org/in/africastalking/s3cr3t/{event}",
        headers={"content-type": "application/x-www-form-urlencoded"},
        body=urlencode(fields).encode(),
        event=event,
    )
    AT.verify(request, NOW)
    return list(AT.parse(request, NOW))


def test_a_text_is_taken_over_as_it_is() -> None:
    (message,) = take("sms", SMS)
    assert isinstance(message, InboundMessage)
    assert (message.channel, message.external_id, message.sender) == ("africastalking", "a1", "+59170000001")
    assert (message.recipient, message.text, message.received_at) == ("21512", "no hay agua", NOW)
    assert message.sent_at
    assert message.sent_at.isoformat() == "2026-11-21T17:00:45+00:00"


def test_a_date_that_is_none_refuses_nobody() -> None:
    (message,) = take("sms", {**SMS, "date": "ayer"})
    assert isinstance(message, InboundMessage)
    assert message.sent_at is None


@pytest.mark.parametrize("missing", ["id", "from", "to", "text"])
def test_what_lacks_a_field_is_kept_and_refused(missing: str) -> None:
    (kept,) = take("sms", {name: value for name, value in SMS.items() if name != missing})
    assert isinstance(kept, Unreadable)
    assert (kept.reason, kept.status) == (f"no {missing}", 400)
    assert kept.raw


def test_a_number_that_lost_its_plus_is_kept_and_not_mended() -> None:
    (kept,) = take("sms", {**SMS, "from": " 59170000001"})
    assert isinstance(kept, Unreadable)
    assert (kept.reason, kept.status) == ("bad from", 200)


@pytest.mark.parametrize(
    ("word", "status", "reason"),
    [
        ("Sent", DeliveryStatus.SENT, None),
        ("Submitted", DeliveryStatus.SENT, None),
        ("BUFFERED", DeliveryStatus.SENT, None),
        ("Success", DeliveryStatus.DELIVERED, None),
        ("Failed", DeliveryStatus.FAILED, "Failed"),
        ("Expired", DeliveryStatus.FAILED, "Expired"),
        ("AbsentSubscriber", DeliveryStatus.FAILED, "AbsentSubscriber"),
    ],
)
def test_a_report_says_what_became_of_the_message(word: str, status: DeliveryStatus, reason: str | None) -> None:
    assert take("status", {**REPORT, "status": word}) == [
        DeliveryReport(channel="africastalking", status=status, at=NOW, external_id="ATXid_1", reason=reason)
    ]


def test_a_report_says_why_in_a_word_and_never_in_prose() -> None:
    (report,) = take("status", {**REPORT, "status": "Failed", "failureReason": "DeliveryFailure"})
    assert isinstance(report, DeliveryReport)
    assert report.reason == "DeliveryFailure"
    (report,) = take("status", {**REPORT, "status": "Failed", "failureReason": "+59170000001 is off"})
    assert isinstance(report, DeliveryReport)
    assert report.reason == "Failed"


@pytest.mark.parametrize("spelt", ["UserInBlackList", "UserInBlacklist"])
def test_a_blacklisted_person_has_opted_out(spelt: str) -> None:
    report, change = take("status", {**REPORT, "status": "Rejected", "failureReason": spelt})
    assert isinstance(report, DeliveryReport)
    assert report.reason == spelt
    assert change == ConsentChange(channel="africastalking", sender="+59170000001", kind=Consent.OUT, at=NOW)


def test_a_status_that_is_not_known_is_kept_for_somebody_to_see() -> None:
    (kept,) = take("status", {**REPORT, "status": "Borked"})
    assert isinstance(kept, Unreadable)
    assert (kept.reason, kept.status) == ("status", 200)


def test_an_opt_out_is_consent() -> None:
    assert take("optout", {"senderId": "BARRIO", "phoneNumber": "+59170000001"}) == [
        ConsentChange(channel="africastalking", sender="+59170000001", kind=Consent.OUT, at=NOW)
    ]


@pytest.mark.parametrize(
    ("word", "kind"), [("addition", Consent.IN), ("Deletion", Consent.OUT), ("deletion", Consent.OUT)]
)
def test_a_subscription_is_consent(word: str, kind: Consent) -> None:
    (change,) = take("subscription", {"phoneNumber": "+59170000001", "updateType": word})
    assert isinstance(change, ConsentChange)
    assert change.kind is kind


def test_another_update_of_a_subscription_is_kept() -> None:
    (kept,) = take("subscription", {"phoneNumber": "+59170000001", "updateType": "pause"})
    assert isinstance(kept, Unreadable)
    assert kept.reason == "updateType"


def test_there_is_no_other_event_and_no_other_content_type() -> None:
    with pytest.raises(UnknownEvent):
        take("ussd", SMS)
    request = Request(method="POST", url="https://x", headers={"content-type": "application/json"}, event="sms")
    with pytest.raises(WrongType):
        AT.parse(request, NOW)


def test_it_is_told_200_and_nothing_else() -> None:
    request = Request(method="POST", url="https://x", event="sms")
    answer = AT.reply(request, [OutboundMessage(id=1, channel="x", recipient="+59170000001", text="hola")])
    assert (answer.status, answer.body) == (200, b"")


MESSAGE = OutboundMessage(id=17, channel="africastalking", recipient="+59170000001", text="Habari ñ")


def test_a_message_is_one_form_with_the_key_in_a_header() -> None:
    request = replace(AT, sender="21512", api="http://127.0.0.1:1").encode(MESSAGE)
    assert request.url == "http://127.0.0.1:1/version1/messaging"
    assert request.headers["apikey"] == "atsk_test"
    assert dict(parse_qsl(request.body.decode())) == {
        "username": "gworg",
        "to": "+59170000001",
        "message": "Habari ñ",
        "bulkSMSMode": "1",
        "from": "21512",
    }


def test_without_a_sender_the_account_s_own_name_stands() -> None:
    assert b"from=" not in AT.encode(MESSAGE).body


def answer(*recipients: Mapping[str, object], message: str = "Sent to 1/1") -> Response:
    data = {"SMSMessageData": {"Message": message, "Recipients": recipients}}
    return Response(status=201, body=json.dumps(data).encode())


@pytest.mark.parametrize("code", [100, 101, 102])
def test_processed_sent_and_queued_are_all_acceptance(code: int) -> None:
    assert AT.decode(answer({"statusCode": code, "messageId": "ATXid_1"})) == "ATXid_1"


def test_accepted_under_no_name_is_accepted() -> None:
    assert AT.decode(answer({"statusCode": 102, "messageId": "None"})) == ""


@pytest.mark.parametrize(
    ("code", "flags"),
    [
        (401, {"channel_fault"}),
        (402, {"channel_fault"}),
        (403, set()),
        (404, set()),
        (405, {"channel_fault", "retry"}),
        (406, {"opted_out"}),
        (407, set()),
        (409, {"retry"}),
        (500, {"retry"}),
        (501, {"retry"}),
        (502, set()),
        (777, set()),
    ],
)
def test_a_recipient_s_code_says_what_may_be_done(code: int, flags: set[str]) -> None:
    with pytest.raises(SendFailed) as caught:
        AT.decode(answer({"statusCode": code, "messageId": "None", "number": "+59170000001"}))
    failure = caught.value
    assert failure.reason == str(code)
    assert flags == {n for n in ("opted_out", "channel_fault", "retry", "in_doubt") if getattr(failure, n)}


@pytest.mark.parametrize(
    ("said", "reason", "flags"),
    [
        ("InvalidSenderId", "InvalidSenderId", {"channel_fault"}),
        ("InsufficientBalance", "InsufficientBalance", {"channel_fault", "retry"}),
        ("Sent to 0/1 Total Cost: 0", "no recipient", set()),
    ],
)
def test_a_created_without_recipients_is_a_failure(said: str, reason: str, flags: set[str]) -> None:
    with pytest.raises(SendFailed) as caught:
        AT.decode(answer(message=said))
    assert caught.value.reason == reason
    assert flags == {n for n in ("opted_out", "channel_fault", "retry", "in_doubt") if getattr(caught.value, n)}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"oops",
        b"{}",
        b'{"SMSMessageData": "x"}',
        b'{"SMSMessageData": {"Recipients": {}}}',
        b'{"SMSMessageData": {"Recipients": [7]}}',
        b'{"SMSMessageData": {"Recipients": [{"statusCode": "101"}]}}',
        b'{"SMSMessageData": {"Recipients": [{"statusCode": 101}]}}',
    ],
)
def test_an_answer_that_says_nothing_is_in_doubt(body: bytes) -> None:
    with pytest.raises(SendFailed) as caught:
        AT.decode(Response(status=201, body=body))
    assert caught.value.in_doubt


@pytest.mark.parametrize(
    ("status", "flag"), [(401, "channel_fault"), (502, "retry"), (500, "in_doubt"), (429, "retry")]
)
def test_a_refusal_without_an_answer_is_judged_by_its_status(status: int, flag: str) -> None:
    with pytest.raises(SendFailed) as caught:
        AT.decode(Response(status=status, body=b"The supplied authentication is invalid"))
    assert caught.value.reason == f"http_{status}"
    assert getattr(caught.value, flag)


def test_the_key_is_in_no_repr() -> None:
    assert "atsk_test" not in repr(AT)
