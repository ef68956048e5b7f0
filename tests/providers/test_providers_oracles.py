"""The vendors' own SDKs as oracles: they sign what we check, and a stub hears from them what it hears from us."""

import json
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import Request as UrllibRequest
from urllib.request import urlopen

import pytest
from africastalking.SMS import SMSService
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from dialogs.messages import OutboundMessage
from providers import signatures
from providers.base import Rejected, Request
from tests.loopback import Heard, Stub, provider
from tests.providers.codecs import AT, CALM, NOW, TWILIO

VALIDATOR = RequestValidator(TWILIO.auth_token)
MESSAGE = OutboundMessage(id=17, channel="x", recipient="+59170000001", text="Código 482-105-930 & más: ñ 😀 +1\nfin")

names = st.sampled_from(["Body", "From", "MessageSid", "A", "a"]) | st.text(min_size=1)
fields = st.lists(st.tuples(names, st.text()), max_size=12)
paths = st.sampled_from(["/in/twilio/sms", "/in/twilio/status?our_id=7", "/in/twilio/sms?tenant=bo%2Fla-paz&z=%c3%b1"])


@CALM
@given(fields, paths)
def test_our_signature_is_the_sdk_s(pairs: list[tuple[str, str]], path: str) -> None:
    url = f"https://gw.example.org{path}"
    assert signatures.twilio(TWILIO.auth_token, url, pairs).decode() == VALIDATOR.compute_signature(
        url, MultiDict(pairs)
    )


@CALM
@given(fields, paths, st.sampled_from(["right", "body", "url", "signature"]))
def test_we_take_and_refuse_what_the_sdk_takes_and_refuses(
    pairs: list[tuple[str, str]], path: str, change: str
) -> None:
    pairs = [*pairs, ("AccountSid", TWILIO.account_sid)]
    url = f"https://gw.example.org{path}"
    signature = VALIDATOR.compute_signature(url, MultiDict(pairs))
    if change == "body":
        pairs = [*pairs, ("Extra", "1")]
    url = f"{url}x" if change == "url" else url
    signature = signature[::-1] if change == "signature" else signature
    request = Request(
        method="POST",
        url=url,
        headers={"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature},
        body=urlencode(pairs).encode(),
        event="sms",
    )
    taken = True
    try:
        TWILIO.verify(request, NOW)
    except Rejected:
        taken = False
    received = MultiDict(parse_qsl(request.body.decode(), keep_blank_values=True))
    assert taken is VALIDATOR.validate(url, received, signature)


@pytest.fixture
def stub() -> Iterator[Stub]:
    with provider() as running:
        yield running


def post(request: Request) -> None:
    """Carry our request as it is."""
    # The scheme is the stub's own.
    urlopen(UrllibRequest(request.url, request.body, dict(request.headers), method=request.method)).close()  # noqa: S310


def same(ours: Heard, theirs: Heard, header: str) -> None:
    assert (ours.method, ours.path, ours.query) == (theirs.method, theirs.path, theirs.query)
    assert ours.form == theirs.form
    assert ours.headers[header] == theirs.headers[header]
    for name in ("content-type", "accept"):
        assert ours.headers[name] == theirs.headers[name]


@pytest.mark.parametrize("sender", ["+12025550143", "MG00000000000000000000000000000001"])
def test_twilio_hears_from_us_what_it_hears_from_its_sdk(stub: Stub, sender: str) -> None:
    request = replace(TWILIO, sender=sender, api=stub.url).encode(MESSAGE)
    stub.on("POST", urlsplit(request.url).path, json.dumps({"sid": "SM1", "status": "queued"}), status=201)
    client = Client(TWILIO.account_sid, TWILIO.auth_token)
    client.api.base_url = stub.url
    origin = {"messaging_service_sid": sender} if sender.startswith("MG") else {"from_": sender}
    client.messages.create(
        to=MESSAGE.recipient, body=MESSAGE.text, status_callback=f"{TWILIO.reports}?our_id={MESSAGE.id}", **origin
    )
    client.http_client.session.close()
    post(request)
    theirs, ours = stub.heard
    same(ours, theirs, "authorization")
    assert set(ours.form) == {"To", "Body", "StatusCallback", *({"MessagingServiceSid", "From"} & set(ours.form))}


@pytest.mark.parametrize("sender", [None, "21512", "BARRIO"])
def test_africas_talking_hears_from_us_what_it_hears_from_its_sdk(stub: Stub, sender: str | None) -> None:
    request = replace(AT, sender=sender, api=stub.url).encode(MESSAGE)
    stub.on("POST", "/version1/messaging", '{"SMSMessageData": {}}', status=201)
    sdk = SMSService(AT.username, AT.api_key)
    sdk._baseUrl = f"{stub.url}/version1"
    sdk.send(MESSAGE.text, [MESSAGE.recipient], sender)
    post(request)
    theirs, ours = stub.heard
    same(ours, theirs, "apikey")
