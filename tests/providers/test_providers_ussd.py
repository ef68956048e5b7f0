"""USSD as Africa's Talking speaks it: a hop in, a screen out."""

from collections.abc import Mapping
from urllib.parse import urlencode

import pytest

from dialogs.messages import InboundMessage, OutboundMessage, Received, SessionEvent, Unreadable
from providers.base import Request, UnknownEvent, WrongType
from tests.providers.codecs import NOW, USSD

HOP = {"sessionId": "ATUid_1", "serviceCode": "*384*40#", "phoneNumber": "+59170000001", "text": "1*2"}


def request(fields: Mapping[str, str] = HOP, event: str = "ussd") -> Request:
    return Request(
        method="POST",
        url=f"https://gw.example.org/in/africastalking-ussd/s3cr3t/{event}",
        headers={"content-type": "application/x-www-form-urlencoded", "at-ussd-hop-metadata": "admin"},
        body=urlencode(fields).encode(),
        event=event,
    )


def take(fields: Mapping[str, str] = HOP, event: str = "ussd") -> Received:
    USSD.verify(request(fields, event), NOW)
    (found,) = USSD.parse(request(fields, event), NOW)
    return found


def hop(**change: str) -> InboundMessage:
    found = take({**HOP, **change})
    assert isinstance(found, InboundMessage)
    return found


def test_a_hop_brings_the_whole_history() -> None:
    assert hop() == InboundMessage(
        channel="africastalking-ussd",
        external_id=hop().external_id,
        sender="+59170000001",
        recipient="*384*40#",
        text="1*2",
        received_at=NOW,
        session_event=SessionEvent.RESUME,
        session_key="ATUid_1",
        history="1*2",
    )


@pytest.mark.parametrize("fields", [{**HOP, "text": ""}, {name: HOP[name] for name in HOP if name != "text"}])
def test_a_dial_has_no_history(fields: Mapping[str, str]) -> None:
    dial = take(fields)
    assert isinstance(dial, InboundMessage)
    assert (dial.session_event, dial.history, dial.text) == (SessionEvent.NEW, "", "")


def test_the_same_hop_has_the_same_name_and_another_has_not() -> None:
    assert hop().external_id == hop(serviceCode="*384#").external_id
    others = [hop(text="1*2*"), hop(text="1"), hop(sessionId="ATUid_2"), hop(phoneNumber="+59170000002")]
    assert len({found.external_id for found in (hop(), *others)}) == 5


def test_a_name_fits_its_column_however_long_the_history() -> None:
    assert len(hop(sessionId="x" * 200, text="1*" * 20_000).external_id) <= 255


def test_the_end_of_a_session_is_named_once() -> None:
    event = {**HOP, "status": "Success", "input": "1*2", "lastAppResponse": "END Listo"}
    del event["text"]
    closed = take(event, "ussd/events")
    assert isinstance(closed, InboundMessage)
    assert (closed.session_event, closed.text, closed.history) == (SessionEvent.CLOSE, "", "")
    assert closed.external_id == "ATUid_1:close"
    assert closed == take({**event, "status": "Failed"}, "ussd/events")


@pytest.mark.parametrize(
    ("change", "reason", "status"),
    [
        ({"sessionId": None}, "no sessionId", 400),
        ({"phoneNumber": None}, "no phoneNumber", 400),
        ({"serviceCode": None}, "no serviceCode", 400),
        ({"phoneNumber": " 59170000001"}, "bad phoneNumber", 200),
        ({"sessionId": "x" * 201}, "bad sessionId", 200),
    ],
)
def test_a_hop_that_cannot_be_read_is_kept(change: Mapping[str, str | None], reason: str, status: int) -> None:
    fields = {name: value for name, value in {**HOP, **change}.items() if value is not None}
    kept = take(fields)
    assert isinstance(kept, Unreadable)
    assert (kept.reason, kept.status) == (reason, status)


def test_there_is_no_other_event_and_no_other_content_type() -> None:
    with pytest.raises(UnknownEvent):
        take(event="sms")
    odd = Request(method="POST", url="https://x", headers={"content-type": "application/json"}, event="ussd")
    with pytest.raises(WrongType):
        USSD.parse(odd, NOW)


def screen(text: str, *, ends: bool = False) -> OutboundMessage:
    return OutboundMessage(id=1, channel="x", recipient="+59170000001", text=text, ends_session=ends)


@pytest.mark.parametrize(
    ("answers", "body"),
    [
        ([screen("¿Qué pasa?\n1 Agua")], "CON ¿Qué pasa?\n1 Agua"),
        ([screen("Listo", ends=True)], "END Listo"),
        ([screen(" \n Hola")], "CON Hola"),
        ([screen("Su mañana"), screen("1 Sí")], "CON Su mañana\n1 Sí"),
        ([screen("Uno"), screen("Listo", ends=True)], "END Uno\nListo"),
        ([], "END "),
    ],
)
def test_a_screen_says_first_whether_the_session_goes_on(answers: list[OutboundMessage], body: str) -> None:
    answer = USSD.reply(request(), answers)
    assert answer.body.decode() == body
    assert answer.headers == {"content-type": "text/plain; charset=utf-8"}


def test_the_end_of_a_session_is_answered_with_nothing() -> None:
    answer = USSD.reply(request(event="ussd/events"), [screen("x")])
    assert (answer.status, answer.body) == (200, b"")
