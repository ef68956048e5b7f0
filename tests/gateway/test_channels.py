"""Lines from config.yaml, each with its codec, and the line on which to speak to somebody."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from dialogs.contacts import Contact
from dialogs.messages import ChannelKind, InboundMessage, OutboundMessage
from gateway.channels import Channel, build, line_for, path_of
from gateway.config import Config, load
from gateway.lines import PROVIDERS, load_channels
from gateway.strict import read
from providers.base import Request

LINES = """\
channels:
  dial: {{provider: africastalking, kind: ussd, address: "*384*40#", secret: {secret}, speaks_through: at}}
  tw: {{provider: twilio, kind: sms, address: "+59170000000", account_sid: AC1, auth_token: t0ken, rate: 10}}
  at: {{provider: africastalking, kind: sms, address: "21512", username: u, api_key: k3y, secret: {secret}}}
  phone: {{provider: smsgate, kind: sms, address: "+59170000009", username: u, password: pw, signing_key: k, api: "http://192.0.2.10"}}
"""
WHOLE = """service: {{name: Barrio, country: BO, timezone: America/La_Paz, languages: [es], public_url: "https://gw.example.org"}}
store: {{url: "sqlite:///x.db"}}
"""
SECRET = "s" * 32
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SOMEBODY = Contact(id=1, msisdn="+59170000001", language="es", created_at=NOW, last_seen_at=NOW)
MESSAGE = OutboundMessage(id=17, channel="x", recipient="+59170000001", text="Recibido")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A whole config, read once: its city takes a while."""
    file = tmp_path_factory.mktemp("config") / "config.yaml"
    file.write_text(WHOLE.format() + LINES.format(secret=SECRET), encoding="utf-8")
    return load(file, {})


@pytest.fixture
def config(whole: Config, tmp_path: Path) -> Callable[..., Config]:
    """The config with other lines, or another default line."""

    def change(texts: Mapping[str, str] | None = None, lines: str = LINES, default: str | None = None) -> Config:
        text = lines.format(secret=SECRET)
        for old, new in (texts or {}).items():
            text = text.replace(old, new)
        file = tmp_path / "lines.yaml"
        file.write_text(text, encoding="utf-8")
        service = whole.service.model_copy(update={"default_channel": default})
        return replace(whole, service=service, channels=load_channels(read(file)["channels"], file))

    return change


@pytest.fixture
def channels(whole: Config) -> Mapping[str, Channel]:
    return build(whole)


def sent(channel: Channel) -> Request:
    assert channel.sender
    return channel.sender.encode(MESSAGE)


def test_each_line_has_its_codec_and_what_was_configured(channels: Mapping[str, Channel]) -> None:
    assert list(channels) == ["dial", "tw", "at", "phone"]
    assert [type(channel.receiver).__name__ for channel in channels.values()] == [
        "AfricasTalkingUssd",
        "Twilio",
        "AfricasTalking",
        "SmsGate",
    ]
    dial, tw = channels["dial"], channels["tw"]
    assert (dial.kind, dial.address, dial.speaks_through, dial.secret) == (ChannelKind.USSD, "*384*40#", "at", SECRET)
    assert (tw.provider, tw.rate, tw.secret) == ("twilio", 10.0, None)


def test_every_provider_that_can_be_configured_has_a_codec(config: Callable[..., Config]) -> None:
    for provider, about in PROVIDERS.items():
        for kind in about.needs:
            address = "*384*40#" if kind is ChannelKind.USSD else "4040"
            keys = "".join(f", {key}: {key}-0123456789" for key in about.needs[kind] if key != "api")
            spare = 'channels:\n  spare: {{provider: simulator, kind: sms, address: "9999"}}\n'
            line = f'  one: {{{{provider: {provider}, kind: {kind}, address: "{address}", api: "http://x"{keys}}}}}\n'
            channel = build(config(lines=spare + line))["one"]
            assert (channel.sender is None) is (kind is ChannelKind.USSD)


def test_ussd_cannot_speak_first_and_the_others_can(channels: Mapping[str, Channel]) -> None:
    assert channels["dial"].sender is None
    assert all(channel.sender is channel.receiver for name, channel in channels.items() if name != "dial")


def test_reports_are_asked_for_at_our_public_address(channels: Mapping[str, Channel]) -> None:
    form = dict(parse_qsl(sent(channels["tw"]).body.decode()))
    assert form["StatusCallback"] == "https://gw.example.org/in/tw/status?our_id=17"
    assert form["From"] == "+59170000000"


def test_a_secret_stands_in_the_path_where_there_is_one(whole: Config) -> None:
    assert path_of(whole.channels["at"], "status") == f"/in/at/{SECRET}/status"
    assert path_of(whole.channels["tw"], "status") == "/in/tw/status"


@pytest.mark.parametrize(("sender_id", "origin"), [("", "21512"), (", sender_id: BARRIO", "BARRIO")])
def test_messages_go_out_under_the_sender_id_or_the_line_s_address(
    config: Callable[..., Config], sender_id: str, origin: str
) -> None:
    mine = build(config({'address: "21512"': f'address: "21512"{sender_id}'}))
    assert dict(parse_qsl(sent(mine["at"]).body.decode()))["from"] == origin


@pytest.mark.parametrize(
    ("change", "host"),
    [
        ({}, "https://api.africastalking.com"),
        ({"username: u, api_key": "username: sandbox, api_key"}, "https://api.sandbox.africastalking.com"),
        ({"k3y,": 'k3y, api: "http://127.0.0.1:9",'}, "http://127.0.0.1:9"),
        (
            {"username: u, api_key: k3y,": 'username: sandbox, api_key: k, api: "http://127.0.0.1:9",'},
            "http://127.0.0.1:9",
        ),
    ],
)
def test_a_test_account_lives_on_the_sandbox(
    config: Callable[..., Config], change: Mapping[str, str], host: str
) -> None:
    assert sent(build(config(change))["at"]).url == f"{host}/version1/messaging"


def test_a_phone_s_senders_are_read_as_of_its_country(channels: Mapping[str, Channel]) -> None:
    payload = {"messageId": "m", "message": "hola", "sender": "70000001"}
    body = json.dumps({"event": "sms:received", "id": "e", "payload": payload}).encode()
    asked = Request(
        method="POST", url="https://x", headers={"content-type": "application/json"}, body=body, event="sms"
    )
    (found,) = channels["phone"].receiver.parse(asked, NOW)
    assert isinstance(found, InboundMessage)
    assert (found.sender, found.recipient) == ("+59170000001", "+59170000009")


def test_no_secret_is_in_a_repr(channels: Mapping[str, Channel]) -> None:
    said = repr(list(channels.values()))
    assert all(secret not in said for secret in (SECRET, "t0ken", "k3y", "'pw'"))


@pytest.mark.parametrize(
    ("last", "default", "line"),
    [
        ("phone", None, "phone"),
        ("phone", "at", "phone"),
        (None, "at", "at"),
        ("gone", "at", "at"),
        (None, None, "tw"),
        ("gone", None, "tw"),
        ("dial", None, "tw"),
    ],
)
def test_somebody_is_spoken_to_where_they_wrote_last(
    config: Callable[..., Config], last: str | None, default: str | None, line: str
) -> None:
    mine = config(default=default)
    assert line_for(replace(SOMEBODY, sms_channel=last), build(mine), mine).id == line
