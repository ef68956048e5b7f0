"""Every golden exchange of our three providers, both ways. Where we answer otherwise, ``DIFFERS`` says so and why.

What depends on what came before (a duplicate, a report of an unknown message, a stale USSD hop) is the store's to
decide; here the codec must give it the keys to decide by.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from dialogs.contacts import normalise_msisdn
from dialogs.messages import (
    Consent,
    ConsentChange,
    DeliveryReport,
    DeliveryStatus,
    InboundMessage,
    OutboundMessage,
    Received,
    SessionEvent,
)
from providers.base import Sender, SendFailed
from tests.providers.codecs import AT, PHONE, TWILIO, Played, play
from tests.shared import PUBLIC, Golden, golden, named, needs_shared

pytestmark = needs_shared

PROVIDERS = ("twilio", "africastalking", "smsgate")
HEARD = [one for name in PROVIDERS for one in golden(name) if one.direction != "outbound"]
SENT = [one for name in PROVIDERS for one in golden(name) if one.direction == "outbound"]

_LIMIT = "the limit of 64 KiB (413) is the gateway's, before a codec is asked; here it is what the bytes deserve"
_FORGED = "every forged or stale request is 403 here, whoever sent it"
#: What we expect instead, and why. The reasons stand in docs/decisions/0005 too.
DIFFERS: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "twilio/inbound_huge_body": ({"status": 403}, _LIMIT),
    "africastalking/inbound_sms_huge": ({"status": 400}, _LIMIT),
    "smsgate/bad_signature": ({"status": 403}, _FORGED),
    "smsgate/stale_timestamp": ({"status": 403}, _FORGED),
    "smsgate/timestamp_not_number": ({"status": 403}, _FORGED),
    "twilio/inbound_json_bodysha256": ({"outcome": "quarantined"}, "JSON is of products that we do not use: kept"),
    "africastalking/dlr_unknown_status": ({"outcome": "quarantined"}, "moves nothing, as expected, and is kept"),
}
#: Outcomes that need to know what came before: the codec accepts, and the store tells them by its unique keys.
STATEFUL = {"duplicate", "parked", "ignored", "same_screen_again", "stale", "conflict", "invalid_input"}
#: What we do not keep of a message: nothing in the house asks for it.
NOT_KEPT = {"segments", "media", "messaging_service", "cost", "network", "link_id"}

STATES = {
    "sent": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "partly_delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.DELIVERED,
    "failed": DeliveryStatus.FAILED,
    "undelivered": DeliveryStatus.FAILED,
}
EVENTS = {"opt_out": Consent.OUT, "unsubscribed": Consent.OUT, "opt_in": Consent.IN, "help": Consent.HELP}


def screen(ending: bool) -> Sequence[OutboundMessage]:
    return [OutboundMessage(id=1, channel="x", recipient="+59170000001", text="¿Sí?", ends_session=ending)]


def expected_of(one: Golden) -> Mapping[str, Any]:
    return {**one.expected, **DIFFERS.get(str(one), ({}, ""))[0]}


def heard(one: Golden) -> Played:
    return play(one.request, screen(one.expected.get("body_startswith") == "END "))


@pytest.mark.parametrize("one", HEARD, ids=str)
def test_answers_the_provider_as_the_fixture_says(one: Golden) -> None:
    expected, played = expected_of(one), heard(one)
    assert played.response.status == expected["status"]
    kind = played.response.headers.get("content-type", "").partition(";")[0]
    assert kind == expected.get("content_type", kind)
    body = played.response.body.decode()
    assert body == expected.get("body", body)
    assert body.startswith(expected.get("body_startswith", ""))
    if expected.get("side_effects") == "none" and expected["status"] >= 400:
        assert played.received == ()


@pytest.mark.parametrize("one", HEARD, ids=str)
def test_makes_of_it_what_the_fixture_says(one: Golden) -> None:
    expected, played = expected_of(one), heard(one)
    outcome = expected.get("outcome", "accepted" if expected["status"] < 400 else "rejected")
    silent = outcome == "ignored" and "state" not in expected and one.direction == "inbound"
    assert played.outcome == (outcome if silent or outcome not in STATEFUL else "accepted")
    if played.outcome == "accepted":
        normalized = expected.get("normalized", {})
        assert shown(played.received) == {name: value for name, value in normalized.items() if name not in NOT_KEPT} | {
            name: value for name, value in shown(played.received).items() if name not in normalized
        }


def shown(received: Sequence[Received]) -> dict[str, Any]:
    """What a fixture calls normalized, from our values."""
    match received[0]:
        case InboundMessage() as message:
            at = message.sent_at.isoformat().replace("+00:00", "Z").replace("000Z", "Z") if message.sent_at else None
            found = {"id": message.external_id, "from": message.sender, "to": message.recipient, "text": message.text}
            channel, _, user = message.sender.partition(":")
            found |= {"channel": channel, "user_id": user} if user else {}
            return found | {"at": at, "replyable": normalise_msisdn(message.sender, "BO") is not None}
        case ConsentChange() as change:
            return {"from": change.sender, "event": next(name for name, kind in EVENTS.items() if kind is change.kind)}
        case _:
            return {}


@pytest.mark.parametrize("one", [one for one in HEARD if one.direction == "status"], ids=str)
def test_reports_move_a_message_to_the_state_of_the_fixture(one: Golden) -> None:
    expected, played = expected_of(one), heard(one)
    reports = [item for item in played.received if isinstance(item, DeliveryReport)]
    if played.outcome != "accepted":
        assert reports == []
        return
    (report,) = reports
    # A fixture out of order shows the state of the message, which is ahead of what this report says.
    if expected.get("outcome") not in {"ignored", "parked"}:
        assert report.status is STATES[expected["state"]]
        assert (report.status in {DeliveryStatus.DELIVERED, DeliveryStatus.FAILED}) >= expected.get("final", False)
    if "error" in expected:
        assert report.reason == expected["error"]
    assert report.external_id == one.fields.get("MessageSid", one.fields.get("id")) or one.provider == "smsgate"


@pytest.mark.parametrize("one", [one for one in HEARD if "event" in one.expected], ids=str)
def test_a_provider_s_word_about_consent_is_heard(one: Golden) -> None:
    changes = [item for item in heard(one).received if isinstance(item, ConsentChange)]
    assert [change.kind for change in changes] == [EVENTS[one.expected["event"]]]
    assert changes[0].sender == one.fields.get("phoneNumber", one.fields.get("To"))


@pytest.mark.parametrize("one", [one for one in HEARD if one.direction.startswith("ussd")], ids=str)
def test_a_hop_is_named_by_its_session_its_caller_and_its_history(one: Golden) -> None:
    played = heard(one)
    if one.expected["status"] >= 400:
        return
    (hop,) = played.received
    assert isinstance(hop, InboundMessage)
    assert hop.session_key == one.fields["sessionId"]
    assert hop.external_id.startswith(f"{hop.session_key}:")
    assert hop.sender == one.fields["phoneNumber"]
    assert hop.recipient == one.fields["serviceCode"]
    ended = one.direction == "ussd_event"
    assert hop.history == hop.text == ("" if ended else one.fields.get("text", ""))
    assert hop.session_event is (
        SessionEvent.CLOSE if ended else SessionEvent.RESUME if hop.history else SessionEvent.NEW
    )


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("twilio/inbound_basic_bolivia", "twilio/inbound_replay_same_sid", True),
        ("twilio/inbound_basic_bolivia", "twilio/inbound_retry_idempotency_token", True),
        ("smsgate/sms_received", "smsgate/sms_received_duplicate", True),
        ("smsgate/sms_received", "smsgate/sms_received_emoji", False),
        ("africastalking/ussd_03_accumulated", "africastalking/ussd_05_retry_same_hop", True),
        ("africastalking/ussd_02_choice", "africastalking/ussd_07_reordered_shorter", True),
        ("africastalking/ussd_03_accumulated", "africastalking/ussd_13_caller_changed", False),
        ("africastalking/ussd_01_dial", "africastalking/ussd_02_choice", False),
    ],
)
def test_what_comes_again_has_the_same_key(first: str, second: str, same: bool) -> None:
    one, other = (heard(named(*name.split("/"))).received[0] for name in (first, second))
    assert isinstance(one, InboundMessage)
    assert isinstance(other, InboundMessage)
    assert ((one.channel, one.external_id) == (other.channel, other.external_id)) is same


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("status_delivered", "status_duplicate_delivered"),
        ("status_delivered", "status_out_of_order_sent_after_delivered"),
    ],
)
def test_reports_of_one_message_name_the_same_message(first: str, second: str) -> None:
    one, other = (heard(named("twilio", name)).received[0] for name in (first, second))
    assert isinstance(one, DeliveryReport)
    assert isinstance(other, DeliveryReport)
    assert one.external_id == other.external_id


def test_each_part_is_reported_under_its_own_name() -> None:
    sent, first, second = (
        heard(named("smsgate", name)).received[0] for name in ("sms_sent", "sms_delivered_part1", "sms_delivered_part2")
    )
    assert isinstance(sent, DeliveryReport)
    assert isinstance(first, DeliveryReport)
    assert isinstance(second, DeliveryReport)
    assert (sent.parts, sent.part_id) == (2, None)
    assert first.external_id == second.external_id == sent.external_id
    assert len({first.part_id, second.part_id, None}) == 3


SENDERS: Mapping[str, Sender] = {"twilio": TWILIO, "africastalking": AT, "smsgate": PHONE}
#: Fields of a send that differ, and why.
NOT_SENT: Mapping[str, Mapping[str, str]] = {
    "twilio": {
        "StatusCallback": "always asked for, and our id rides in its query: a report settles a send in doubt",
        "ValidityPeriod": "the outbox expires messages itself",
    },
    "africastalking": {"enqueue": "for long lists of recipients; we send one at a time"},
    "smsgate": {
        "id": "our own numbers, with a digest",
        "simNumber": "the phone's owner chooses its SIM",
        "ttl": "a day, as long as our outbox waits, not an hour",
    },
}
#: Exchanges that no message of ours would lead to.
NOT_OURS: Mapping[str, str] = {
    "twilio/outbound_ok_whatsapp_template": "a WhatsApp template is no text; only its answer is played",
    "africastalking/outbound_bulk_json": "the newer endpoint for lists, live only; only its answer is played",
    "africastalking/outbound_partial": "three recipients in one request; the answer is played for each of them",
}
NO_ANSWER = "twilio/outbound_timeout_ambiguous"


def sender_of(one: Golden) -> tuple[Sender, OutboundMessage]:
    """The codec and the message that would lead to this fixture's request."""
    form, sender = one.fields, SENDERS[one.provider]
    if one.provider == "twilio":
        sender = replace(TWILIO, sender=form.get("From") or form["MessagingServiceSid"])
        to, text = form["To"], form.get("Body", "")
    elif one.provider == "africastalking":
        sandbox = form["username"] == "sandbox"
        api = "https://api.sandbox.africastalking.com" if sandbox else AT.api
        sender = replace(AT, username=form["username"], api=api)
        to, text = form.get("to", ""), form["message"]
    else:
        to, text = form["phoneNumbers"][0], form["textMessage"]["text"]
    return sender, OutboundMessage(id=77, channel=one.provider, recipient=to, text=text)


@pytest.mark.parametrize("one", [one for one in SENT if str(one) not in NOT_OURS], ids=str)
def test_sends_the_fields_of_the_fixture(one: Golden) -> None:
    sender, message = sender_of(one)
    ours, theirs = sender.encode(message), one.request
    assert ours.method == theirs.method
    assert urlsplit(ours.url).path == urlsplit(theirs.url).path
    assert urlsplit(ours.url).netloc == urlsplit(theirs.url).netloc or theirs.url.startswith(PUBLIC)
    assert ours.headers == ours.headers | dict(theirs.headers)
    left_out = NOT_SENT[one.provider]
    assert kept(replace(one, request=ours), left_out) == kept(one, left_out)


def kept(one: Golden, left_out: Mapping[str, str]) -> dict[str, Any]:
    return {name: value for name, value in one.fields.items() if name not in left_out}


def test_the_callback_differs_from_the_fixture_s_by_our_id_alone() -> None:
    one = named("twilio", "outbound_ok_bolivia")
    sender, message = sender_of(one)
    ours = replace(one, request=sender.encode(message)).fields["StatusCallback"]
    assert ours == one.fields["StatusCallback"] + "?our_id=77"


@pytest.mark.parametrize(
    "one", [one for one in SENT if str(one) not in {NO_ANSWER, "africastalking/outbound_partial"}], ids=str
)
def test_decodes_the_answer_as_the_fixture_says(one: Golden) -> None:
    assert one.response is not None
    sender = SENDERS[one.provider]
    if one.expected["outcome"] == "accepted":
        assert sender.decode(one.response) == one.expected.get("provider_id", sender.decode(one.response)) != ""
        return
    with pytest.raises(SendFailed) as caught:
        sender.decode(one.response)
    failure = caught.value
    assert verdict(failure) == one.expected["outcome"]
    assert failure.reason == one.expected.get("error", failure.reason)
    assert failure.channel_fault is (one.expected.get("scope") == "channel")
    assert failure.opted_out is (one.expected.get("error") == "21610")


def verdict(failure: SendFailed) -> str:
    return "unknown" if failure.in_doubt else "retry" if failure.retry else "failed"


def test_a_provider_that_asks_for_patience_says_how_long() -> None:
    one = named("twilio", "outbound_error_20429")
    assert one.response is not None
    with pytest.raises(SendFailed) as caught:
        TWILIO.decode(one.response)
    assert caught.value.retry_after == 1.0


def test_each_recipient_of_a_list_gets_its_own_verdict() -> None:
    one = named("africastalking", "outbound_partial")
    assert one.response is not None
    answer = json.loads(one.response.body)
    found = {}
    for recipient in answer["SMSMessageData"]["Recipients"]:
        alone = {"SMSMessageData": {"Message": "Sent", "Recipients": [recipient]}}
        try:
            AT.decode(replace(one.response, body=json.dumps(alone).encode()))
            found[recipient["number"]] = "accepted"
        except SendFailed as failure:
            found[recipient["number"]] = verdict(failure) + ("/opt_out" if failure.opted_out else "")
    assert found == one.expected["per_recipient"]


def test_the_tables_of_exceptions_name_fixtures_that_exist() -> None:
    assert set(DIFFERS) <= {str(one) for one in HEARD}
    assert {*NOT_OURS, NO_ANSWER} <= {str(one) for one in SENT}
