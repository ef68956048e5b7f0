"""The simulator: a form or JSON in, JSON inside the process out."""

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from dialogs.messages import InboundMessage, OutboundMessage, Unreadable
from providers.base import Request, Response, SendFailed, UnknownEvent, WrongType
from tests.providers.codecs import NOW, SIMULATOR

FIELDS = {"from": "+59170000001", "text": "no hay agua", "id": "m1"}
FORM = Request(
    method="POST",
    url="https://gw.example.org/in/demo/sms",
    headers={"content-type": "application/x-www-form-urlencoded"},
    body=urlencode(FIELDS).encode(),
    event="sms",
)
JSON = replace(FORM, headers={"content-type": "application/json"}, body=json.dumps(FIELDS).encode())


def take(request: Request) -> InboundMessage:
    SIMULATOR.verify(request, NOW)
    (message,) = SIMULATOR.parse(request, NOW)
    assert isinstance(message, InboundMessage)
    return message


def without_id(request: Request) -> Request:
    return replace(request, body=urlencode({name: FIELDS[name] for name in ("from", "text")}).encode())


def test_a_form_and_json_say_the_same() -> None:
    assert take(FORM) == take(JSON)
    assert take(FORM) == InboundMessage(
        channel="demo",
        external_id="m1",
        sender="+59170000001",
        recipient="4040",
        text="no hay agua",
        received_at=NOW,
    )


def test_without_an_id_each_request_is_a_message_of_its_own() -> None:
    later, *_ = SIMULATOR.parse(without_id(FORM), NOW + timedelta(microseconds=1))
    assert isinstance(later, InboundMessage)
    assert take(without_id(FORM)).external_id != later.external_id
    assert take(without_id(FORM)).external_id == take(without_id(FORM)).external_id


@pytest.mark.parametrize(
    ("body", "reason", "status"),
    [
        (b"", "no from", 400),
        (b"from=%2B59170000001", "no text", 400),
        (b"from=+59170000001&text=x", "bad from", 200),
        (b"from=%2B59170000001&text=%ff", "not UTF-8", 400),
        (b"from=%2B59170000001&text=a&text=b", "text twice", 400),
    ],
)
def test_what_cannot_be_read_is_kept(body: bytes, reason: str, status: int) -> None:
    (kept,) = SIMULATOR.parse(replace(FORM, body=body), NOW)
    assert kept == Unreadable(channel="demo", reason=reason, raw=body, status=status)


def test_there_is_no_other_event_and_no_other_content_type() -> None:
    with pytest.raises(UnknownEvent):
        SIMULATOR.parse(replace(FORM, event="status"), NOW)
    with pytest.raises(WrongType):
        SIMULATOR.parse(replace(FORM, headers={"content-type": "text/plain"}), NOW)


MESSAGE = OutboundMessage(id=17, channel="demo", recipient="+59170000001", text="Recibido ñ")


def test_it_is_told_200_and_nothing_else() -> None:
    assert (SIMULATOR.reply(FORM, [MESSAGE]).status, SIMULATOR.reply(FORM, [MESSAGE]).body) == (200, b"")


def test_a_message_goes_to_a_place_inside_this_process() -> None:
    request = SIMULATOR.encode(MESSAGE)
    assert request.url == "simulator://demo/messages"
    assert json.loads(request.body) == {"id": "17", "to": "+59170000001", "text": "Recibido ñ"}


def test_it_gives_an_id_or_fails_as_others_do() -> None:
    assert SIMULATOR.decode(Response(status=200, body=b'{"id": "sim-17"}')) == "sim-17"
    with pytest.raises(SendFailed) as caught:
        SIMULATOR.decode(Response(status=429))
    assert caught.value.retry
    with pytest.raises(SendFailed) as caught:
        SIMULATOR.decode(Response(status=200))
    assert caught.value.in_doubt


def test_it_promises_no_more_than_the_least_of_them() -> None:
    assert not SIMULATOR.idempotent
