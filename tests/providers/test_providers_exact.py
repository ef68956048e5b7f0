"""What mutants of the codecs showed to be untested: words for the log, defaults, and the very edges of what is taken."""

import json
from datetime import UTC, datetime

import pytest

from dialogs.messages import OutboundMessage
from providers import africastalking_ussd, forms, sending
from providers.base import Malformed, Refusal, Request, Response, SendFailed, UnknownEvent, WrongType
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


@pytest.mark.parametrize("channel", [name for name in BY_CHANNEL if name != "demo"])
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


def test_a_time_without_a_zone_is_utc() -> None:
    assert forms.moment("2026-11-21 17:00:45") == datetime(2026, 11, 21, 17, 0, 45, tzinfo=UTC)
    assert forms.moment("2026-11-21T13:00:45-04:00") == datetime(2026, 11, 21, 17, 0, 45, tzinfo=UTC)


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
