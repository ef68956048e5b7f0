"""Whatever a stranger sends, a codec raises ``Refusal`` and nothing else; whatever a provider answers, ``SendFailed``."""

import contextlib
import hashlib
import hmac
import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.messages import ConsentChange, DeliveryReport, InboundMessage, OutboundMessage, Received, Unreadable
from providers import forms, signatures
from providers.base import Malformed, Refusal, Request, Response, SendFailed
from tests.providers.codecs import AT, BY_CHANNEL, CALM, NOW, PHONE, SIMULATOR, TWILIO, USSD, play

EVENTS = ("sms", "status", "ussd", "ussd/events", "optout", "subscription", "", "x")
NAMES = (
    *("MessageSid", "AccountSid", "From", "To", "Body", "OptOutType", "MessageStatus", "ErrorCode"),
    *("id", "from", "to", "text", "date", "status", "phoneNumber", "failureReason", "updateType"),
    *("sessionId", "serviceCode", "networkCode"),
)
VALUES = st.sampled_from(
    ["STOP", "sent", "Success", "Rejected", "UserInBlackList", "21610", "deletion", "+59170000001"]
)
TYPES = st.sampled_from(
    ["application/x-www-form-urlencoded", "application/json", "text/plain", "", "application/json; charset=x", ";;"]
)
TEXT = st.text(st.characters())  # halves of surrogate pairs too

form_pairs = st.lists(st.tuples(st.sampled_from(NAMES) | st.text(), VALUES | st.text()), max_size=8)
forms_of_bytes = form_pairs.map(lambda pairs: urlencode(pairs).encode())
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | VALUES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["event", "id", "payload", "messageId", "sender", "message", "reason", "partsCount", "sid", "code"]
            )
            | st.text(),
            inner | st.sampled_from(["sms:received", "sms:sent", "sms:failed", "sms:delivered", "system:ping"]),
            max_size=6,
        )
    ),
    max_leaves=12,
).map(lambda found: json.dumps(found).encode())
bodies = st.binary(max_size=300) | forms_of_bytes | documents
headers = st.dictionaries(
    st.sampled_from(["x-twilio-signature", "x-signature", "x-timestamp", "x-twilio-webhooks-signature-settings"]),
    TEXT | st.just("1795280400"),
)


def requests(channel: str) -> st.SearchStrategy[Request]:
    return st.builds(
        lambda kind, more, body, event, query: Request(
            method="POST",
            url=f"https://gw.example.org/in/{channel}/{event}{query}",
            headers={"content-type": kind, **more},
            body=body,
            event=event,
        ),
        TYPES,
        headers,
        bodies,
        st.sampled_from(EVENTS),
        st.sampled_from(["", "?", "?our_id=7", "?bodySHA256=x", "?our_id=%ff&our_id=1"]) | TEXT.map("?{}".format),
    )


def sign_twilio(request: Request) -> Request:
    """Make it Twilio's own, as far as its bytes allow."""
    kind = request.headers["content-type"]
    url, body, fields = request.url.partition("?")[0], request.body, ()
    if kind == "application/json":
        url += f"?bodySHA256={hashlib.sha256(body).hexdigest()}"
    else:
        body += b"&" + urlencode({"AccountSid": TWILIO.account_sid}).encode()
        with contextlib.suppress(Malformed):
            fields = forms.pairs(body)
    given = signatures.twilio(TWILIO.auth_token, url, fields).decode()
    return replace(request, url=url, body=body, headers={"content-type": kind, "x-twilio-signature": given})


def sign_phone(request: Request) -> Request:
    """Make it the phone's own."""
    stamp = str(int(NOW.timestamp()))
    given = hmac.digest(PHONE.signing_key.encode(), request.body + stamp.encode(), "sha256").hex()
    more = {"content-type": request.headers["content-type"], "x-timestamp": stamp, "x-signature": given}
    return replace(request, headers=more)


def can_be_stored(item: Received) -> None:
    """What leaves a codec fits the columns of both engines."""
    match item:
        case InboundMessage():
            texts = (
                item.external_id,
                item.sender,
                item.recipient,
                item.text,
                item.session_key or "",
                item.history or "",
            )
            assert all("\0" not in text and text.encode() is not None for text in texts)
            assert 0 < len(item.external_id) <= 255
            assert 0 < len(item.sender) <= 64
            assert 0 < len(item.recipient) <= 64
        case DeliveryReport():
            assert item.external_id
            assert len(item.external_id) <= 255
            assert len(item.reason or "") <= 64
            assert item.our_id is None or 0 < item.our_id < 2**63
        case ConsentChange():
            assert 0 < len(item.sender) <= 64
        case Unreadable():
            assert len(item.reason) <= 64
            assert item.status in {200, 400}


@pytest.mark.parametrize("channel", sorted(BY_CHANNEL))
def test_a_stranger_s_bytes_are_answered(channel: str) -> None:
    @CALM
    @given(requests(channel))
    def fuzz(request: Request) -> None:
        played = play(request)
        assert played.response.status in {200, 204, 400, 403, 404, 415}
        for item in played.received:
            can_be_stored(item)

    fuzz()


@CALM
@given(requests("twilio").map(sign_twilio))
def test_odd_but_signed_by_twilio(request: Request) -> None:
    for item in play(request).received:
        can_be_stored(item)


@CALM
@given(requests("smsgate").map(sign_phone))
def test_odd_but_signed_by_the_phone(request: Request) -> None:
    played = play(request)
    assert played.response.status != 403
    for item in played.received:
        can_be_stored(item)


@pytest.mark.parametrize("codec", [USSD, AT, SIMULATOR], ids=["ussd", "africastalking", "simulator"])
def test_parsing_alone_raises_nothing_but_refusals(codec: object) -> None:
    @CALM
    @given(requests("x"))
    def fuzz(request: Request) -> None:
        try:
            for item in codec.parse(request, NOW):  # type: ignore[attr-defined]
                can_be_stored(item)
        except Refusal:
            pass

    fuzz()


ANSWERS = st.builds(
    lambda status, after, body: Response(status=status, headers={"retry-after": after}, body=body),
    st.integers(100, 599),
    TEXT | st.just("30"),
    bodies
    | st.lists(st.dictionaries(st.sampled_from(["statusCode", "messageId"]), st.integers() | TEXT), max_size=2).map(
        lambda found: json.dumps({"SMSMessageData": {"Message": "x", "Recipients": found}}).encode()
    ),
)


@pytest.mark.parametrize(
    "codec", [TWILIO, AT, PHONE, SIMULATOR], ids=["twilio", "africastalking", "smsgate", "simulator"]
)
def test_an_answer_gives_an_id_or_a_verdict(codec: object) -> None:
    @CALM
    @given(ANSWERS)
    def fuzz(answer: Response) -> None:
        failure = None
        try:
            assert len(codec.decode(answer)) <= 200  # type: ignore[attr-defined]
        except SendFailed as failed:
            failure = failed
        if failure:
            assert 0 < len(failure.reason) <= 64
            assert not (failure.in_doubt and (failure.retry or failure.channel_fault or failure.opted_out))

    fuzz()


@pytest.mark.parametrize(
    "codec", [TWILIO, AT, PHONE, SIMULATOR], ids=["twilio", "africastalking", "smsgate", "simulator"]
)
def test_any_text_can_be_encoded(codec: object) -> None:
    @CALM
    @given(st.integers(1, 2**63 - 1), st.text())
    def fuzz(number: int, text: str) -> None:
        message = OutboundMessage(id=number, channel="x", recipient="+59170000001", text=text)
        assert codec.encode(message).body  # type: ignore[attr-defined]

    fuzz()
