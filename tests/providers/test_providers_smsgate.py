"""SMSGate: a phone as the gateway."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dialogs.messages import DeliveryReport, DeliveryStatus, InboundMessage, OutboundMessage, Received, Unreadable
from providers.base import Rejected, Request, Response, SendFailed, UnknownEvent, WrongType
from tests.providers.codecs import NOW, PHONE

RECEIVED = {
    "event": "sms:received",
    "id": "e1",
    "payload": {
        "messageId": "m1",
        "message": "no hay agua",
        "sender": "+59170000001",
        "recipient": "+59160000001",
        "receivedAt": "2026-11-21T13:00:00.000-04:00",
    },
}
MESSAGE = OutboundMessage(id=17, channel="smsgate", recipient="+59170000001", text="Código 482-105-930")
OUR_NAME = json.loads(PHONE.encode(MESSAGE).body)["id"]


def report(event: str, **payload: Any) -> Mapping[str, Any]:
    return {"event": event, "id": "e2", "payload": {"messageId": OUR_NAME, **payload}}


def signed(document: Any, stamp: str = str(int(NOW.timestamp())), event: str = "sms") -> Request:
    body = document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode()
    signature = hmac.digest(PHONE.signing_key.encode(), body + stamp.encode("utf-8", "replace"), "sha256").hex()
    headers = {"content-type": "application/json", "x-timestamp": stamp, "x-signature": signature}
    return Request(method="POST", url="https://gw.example.org/in/smsgate/sms", headers=headers, body=body, event=event)


def take(document: Any, event: str = "sms") -> list[Received]:
    request = signed(document, event=event)
    PHONE.verify(request, NOW)
    return list(PHONE.parse(request, NOW))


def payload(**change: Any) -> Mapping[str, Any]:
    found = {**RECEIVED["payload"], **change}  # type: ignore[dict-item]
    return {**RECEIVED, "payload": {name: value for name, value in found.items() if value is not ...}}


def test_a_text_is_taken_over_as_it_is() -> None:
    (message,) = take(RECEIVED)
    assert isinstance(message, InboundMessage)
    assert (message.external_id, message.sender, message.recipient) == ("e1", "+59170000001", "+59160000001")
    assert (message.text, message.received_at) == ("no hay agua", NOW)
    assert message.sent_at
    assert message.sent_at.isoformat() == "2026-11-21T17:00:00+00:00"


def test_two_people_may_write_the_same_words() -> None:
    (one,), (other,) = take(RECEIVED), take({**RECEIVED, "id": "e9"})
    assert isinstance(one, InboundMessage)
    assert isinstance(other, InboundMessage)
    assert one.external_id != other.external_id


@pytest.mark.parametrize(
    ("change", "sender"),
    [
        ({"sender": "70000001"}, "+59170000001"),
        ({"sender": ..., "phoneNumber": "70000001"}, "+59170000001"),
        ({"sender": None, "phoneNumber": "+59170000002"}, "+59170000002"),
        ({"sender": "TIGO"}, "TIGO"),
        ({"sender": "4040"}, "4040"),
    ],
)
def test_a_sender_comes_as_the_carrier_shows_it(change: Mapping[str, Any], sender: str) -> None:
    (message,) = take(payload(**change))
    assert isinstance(message, InboundMessage)
    assert message.sender == sender


@pytest.mark.parametrize("recipient", [None, "", ...])
def test_a_phone_that_does_not_know_its_number_is_called_by_ours(recipient: Any) -> None:
    (message,) = take(payload(recipient=recipient))
    assert isinstance(message, InboundMessage)
    assert message.recipient == PHONE.address


@pytest.mark.parametrize(
    ("header", "value", "reason"),
    [
        ("x-signature", "0" * 64, "signature"),
        ("x-signature", "", "signature"),
        ("x-signature", "ñ" * 64, "signature"),
        ("x-timestamp", str(int(NOW.timestamp()) + 1), "signature"),
    ],
)
def test_a_forged_request_is_refused(header: str, value: str, reason: str) -> None:
    request = signed(RECEIVED)
    with pytest.raises(Rejected, match=reason):
        PHONE.verify(replace(request, headers={**request.headers, header: value}), NOW)


def test_a_changed_body_and_missing_headers_are_refused() -> None:
    request = signed(RECEIVED)
    with pytest.raises(Rejected):
        PHONE.verify(replace(request, body=request.body + b" "), NOW)
    with pytest.raises(Rejected):
        PHONE.verify(replace(request, headers={}), NOW)


@pytest.mark.parametrize("stamp", ["later", "", "-1", "1e9", "1795280410.0", "\ud800", "٣", "9" * 12, " 1795280410"])
def test_a_timestamp_that_is_no_number_of_seconds_is_refused(stamp: str) -> None:
    with pytest.raises(Rejected, match="timestamp"):
        PHONE.verify(signed(RECEIVED, stamp), NOW)


@pytest.mark.parametrize(("off", "fresh"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_a_signature_holds_five_minutes_either_way(off: int, fresh: bool) -> None:
    request = signed(RECEIVED)
    if fresh:
        PHONE.verify(request, NOW + timedelta(seconds=off))
        return
    with pytest.raises(Rejected, match="stale"):
        PHONE.verify(request, NOW + timedelta(seconds=off))


def test_sent_tells_the_number_of_parts() -> None:
    assert take(report("sms:sent", partsCount=2), "status") == [
        DeliveryReport(channel="smsgate", status=DeliveryStatus.SENT, at=NOW, external_id=OUR_NAME, our_id=17, parts=2)
    ]


@pytest.mark.parametrize("parts", [None, 0, -1, 256, 10**12, "2", True, 1.5])
def test_a_number_of_parts_that_is_none_is_none(parts: Any) -> None:
    (found,) = take(report("sms:sent", partsCount=parts))
    assert isinstance(found, DeliveryReport)
    assert found.parts is None


def test_delivered_speaks_of_one_part() -> None:
    (found,) = take(report("sms:delivered"))
    assert isinstance(found, DeliveryReport)
    assert (found.status, found.part_id, found.our_id) == (DeliveryStatus.DELIVERED, "e2", 17)


@pytest.mark.parametrize(
    ("event", "said", "reason"),
    [
        ("sms:failed", "RESULT_ERROR_NO_SERVICE", "RESULT_ERROR_NO_SERVICE"),
        ("sms:failed", "no route to +59170000001", "failed"),
        ("sms:cancelled", None, "cancelled"),
    ],
)
def test_failed_says_why_in_a_word(event: str, said: str | None, reason: str) -> None:
    (found,) = take(report(event, **({"reason": said} if said else {})))
    assert isinstance(found, DeliveryReport)
    assert (found.status, found.reason, found.part_id) == (DeliveryStatus.FAILED, reason, None)


@pytest.mark.parametrize(
    "name", ["gw-0001", "17", "017-1234abcd", "17-1234ABCD", "x17-1234abcd", "9" * 19 + "-1234abcd"]
)
def test_a_message_that_is_not_ours_is_named_by_its_own_id_alone(name: str) -> None:
    (found,) = take(report("sms:sent", messageId=name))
    assert isinstance(found, DeliveryReport)
    assert (found.external_id, found.our_id) == (name, None)


@pytest.mark.parametrize("event", ["system:ping", "app:started"])
def test_signs_of_life_leave_nothing(event: str) -> None:
    assert take({"event": event, "id": "e3", "payload": {"health": {"status": "pass"}}}) == []


@pytest.mark.parametrize(
    ("document", "reason", "status"),
    [
        (b"hola", "not JSON", 400),
        ([1], "not an object", 400),
        ({"id": "e1"}, "no event", 400),
        ({"event": "mms:received", "id": "e1", "payload": {}}, "event", 200),
        ({"event": "sms:received", "id": "e1", "payload": "x"}, "event", 200),
        ({"event": "sms:sent", "id": "e1"}, "event", 200),
        ({**RECEIVED, "id": ""}, "bad id", 200),
        ({**RECEIVED, "id": 7}, "no id", 400),
        (payload(message=["x"]), "no message", 400),
        (payload(sender=...), "no phoneNumber", 400),
        (payload(sender=["x"]), "no sender", 400),
        (payload(recipient="x" * 65), "bad recipient", 200),
        (report("sms:sent", messageId=17), "no messageId", 400),
    ],
)
def test_what_cannot_be_read_is_kept(document: Any, reason: str, status: int) -> None:
    (kept,) = take(document)
    assert isinstance(kept, Unreadable)
    assert (kept.reason, kept.status) == (reason, status)


def test_half_an_emoji_can_be_stored() -> None:
    (message,) = take(json.dumps(payload(message="hola \ud83d")).encode())
    assert isinstance(message, InboundMessage)
    assert message.text == "hola \N{REPLACEMENT CHARACTER}"


def test_there_is_no_other_event_and_no_other_content_type() -> None:
    with pytest.raises(UnknownEvent):
        take(RECEIVED, "ussd")
    request = signed(RECEIVED)
    with pytest.raises(WrongType):
        PHONE.parse(replace(request, headers={"content-type": "text/plain"}), NOW)


def test_it_is_told_200_and_nothing_else() -> None:
    assert (PHONE.reply(signed(RECEIVED), [MESSAGE]).status, PHONE.reply(signed(RECEIVED), [MESSAGE]).body) == (
        200,
        b"",
    )


def test_a_message_is_one_document_under_our_name() -> None:
    request = replace(PHONE, api="http://192.0.2.10:8080").encode(MESSAGE)
    assert request.url == "http://192.0.2.10:8080/messages"
    assert request.headers["authorization"] == "Basic dXNlcjpwYXNz"
    assert json.loads(request.body) == {
        "id": OUR_NAME,
        "textMessage": {"text": "Código 482-105-930"},
        "phoneNumbers": ["+59170000001"],
        "ttl": 86400,
        "withDeliveryReport": True,
    }
    assert OUR_NAME.startswith("17-")


def test_a_message_tried_again_has_its_name_and_one_of_a_new_database_has_not() -> None:
    assert PHONE.encode(MESSAGE) == PHONE.encode(MESSAGE)
    for other in (replace(MESSAGE, text="otro"), replace(MESSAGE, recipient="+59170000002"), replace(MESSAGE, id=18)):
        assert json.loads(PHONE.encode(other).body)["id"] != OUR_NAME


@pytest.mark.parametrize(
    ("status", "body", "name"), [(202, b'{"id": "17-x"}', "17-x"), (409, b"{}", ""), (409, b"", "")]
)
def test_taken_and_taken_before_are_both_acceptance(status: int, body: bytes, name: str) -> None:
    assert PHONE.idempotent
    assert PHONE.decode(Response(status=status, body=body)) == name


@pytest.mark.parametrize(
    ("status", "flag"),
    [(400, None), (401, "channel_fault"), (403, "channel_fault"), (500, "in_doubt"), (503, "retry"), (200, "in_doubt")],
)
def test_a_refusal_is_judged_by_its_status(status: int, flag: str | None) -> None:
    with pytest.raises(SendFailed) as caught:
        PHONE.decode(Response(status=status, body=b'{"message": "QueueLimitExceeded"}'))
    assert {flag} - {None} == {
        name for name in ("channel_fault", "in_doubt", "retry", "opted_out") if getattr(caught.value, name)
    }


def test_password_and_key_are_in_no_repr() -> None:
    assert "android-signing-key-1" not in repr(PHONE)
    assert "'pass'" not in repr(PHONE)
