"""A gateway's web as a test holds it: real codecs, a stand-in for the inbox, and what was logged and counted."""

import asyncio
import hashlib
import hmac
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator

from dialogs.city import City, HolidayRules
from dialogs.messages import InboundMessage, OutboundMessage, Received
from gateway.config import Broadcasts, Config, FollowUps, Http, OutboxConfig, QuietHours, Service, StoreConfig
from gateway.lines import load_channels
from gateway.metrics import Metrics
from tests.conftest import START

PUBLIC = "https://gw.example.org"
ACCOUNT = "AC00000000000000000000000000000001"
TOKEN = "0123456789abcdef0123456789abcdef"
SIGNING_KEY = "android-signing-key-1"
SECRET = "s3cr3tpath-0f9e8d7c"
#: What must never be seen in a log: a number, words, a secret.
PERSON, WORDS = "+59170009999", "palabra que nadie debe leer"

LINES: Mapping[str, Any] = {
    "twilio": {
        "provider": "twilio",
        "kind": "sms",
        "address": "+12025550143",
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
    },
    "at": {
        "provider": "africastalking",
        "kind": "sms",
        "address": "21512",
        "username": "u",
        "api_key": "k",
        "secret": SECRET,
    },
    "at-ussd": {
        "provider": "africastalking",
        "kind": "ussd",
        "address": "*384*7#",
        "secret": SECRET,
        "speaks_through": "at",
    },
    "phone": {
        "provider": "smsgate",
        "kind": "sms",
        "address": "+59170000000",
        "username": "u",
        "password": "p",
        "signing_key": SIGNING_KEY,
        "api": "http://127.0.0.1:9",
    },
    "demo": {"provider": "simulator", "kind": "sms", "address": "4040"},
    "demo-ussd": {"provider": "simulator", "kind": "ussd", "address": "*384*40#", "speaks_through": "demo"},
}


@dataclass
class Heard:
    """The inbox as the web sees it: what came in, and what to say or raise."""

    items: list[Received] = field(default_factory=list)
    screens: Sequence[str] = ()
    ends: bool = False
    trouble: Exception | None = None
    until: asyncio.Event | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self, items: Sequence[Received]) -> Sequence[OutboundMessage]:
        self.asked.set()
        if self.until is not None:
            await self.until.wait()
        if self.trouble is not None:
            raise self.trouble
        self.items += items
        return [
            OutboundMessage(id=n, channel=item.channel, recipient=item.sender, text=text, ends_session=self.ends)
            for n, (item, text) in enumerate(zip(items, self.screens, strict=False), 1)
            if isinstance(item, InboundMessage)
        ]


@dataclass
class Gate:
    """A running web, and what a test may look at."""

    session: aiohttp.ClientSession
    port: int
    inbox: Heard
    metrics: Metrics
    output: io.StringIO
    runner: web.AppRunner

    async def close(self) -> None:
        """Stop as ``serve`` stops: what is under way ends first."""
        await self.session.close()
        await self.runner.cleanup()

    def post(self, path: str, body: Any = b"", **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.post(path, data=body, headers=named)

    def form(self, path: str, fields: Any, **headers: str) -> Any:
        return self.post(path, urlencode(fields), content_type="application/x-www-form-urlencoded", **headers)

    def twilio(
        self, *, path: str = "/in/twilio/sms", url: str = "", token: str = TOKEN, headers: Any = None, **changed: str
    ) -> Any:
        """An SMS as Twilio's own SDK signs it, for the public address or for ``url``."""
        fields = {
            "AccountSid": ACCOUNT,
            "MessageSid": "SM1",
            "From": PERSON,
            "To": "+12025550143",
            "Body": WORDS,
            **changed,
        }
        signature = RequestValidator(token).compute_signature(url or PUBLIC + path, fields)
        return self.form(path, fields, x_twilio_signature=signature, **(headers or {}))

    def at(self, path: str = f"/in/at/{SECRET}/sms", **changed: str) -> Any:
        fields = {"id": "m1", "from": PERSON, "to": "21512", "text": WORDS, "date": "2026-03-02 14:00:00", **changed}
        return self.form(path, fields)

    def dial(self, text: str = "", path: str = f"/in/at-ussd/{SECRET}/ussd") -> Any:
        fields = {
            "sessionId": "ATUid_1",
            "serviceCode": "*384*7#",
            "phoneNumber": PERSON,
            "networkCode": "1",
            "text": text,
        }
        return self.form(path, fields)

    def phone_event(self, event: Mapping[str, Any]) -> Any:
        """An event as SMSGate's app signs it."""
        body, at = json.dumps(event), str(int(START.timestamp()))
        signature = hmac.new(SIGNING_KEY.encode(), f"{body}{at}".encode(), hashlib.sha256).hexdigest()
        return self.post("/in/phone/sms", body, content_type="application/json", x_signature=signature, x_timestamp=at)

    @property
    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output.getvalue().splitlines()]

    @property
    def counted(self) -> dict[str, float]:
        """The metrics page, as name and value."""
        lines = self.metrics.page().decode().splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def make_config(folder: Path, lines: Mapping[str, Any] = LINES, public_url: str = PUBLIC) -> Config:
    city = City(
        timezone=ZoneInfo("America/La_Paz"),
        country="BO",
        languages=("es",),
        categories={},
        macrodistritos={},
        places={},
        hotlines={},
        holidays=HolidayRules(),
        words={},
    )
    service = Service(
        name="Barrio Digital", country="BO", timezone="America/La_Paz", languages=("es",), public_url=public_url
    )
    return Config(
        path=folder / "config.yaml",
        service=service,
        http=Http(),
        store=StoreConfig(url="sqlite:///:none:"),
        city=city,
        city_folder=folder,
        channels=load_channels(lines, folder / "config.yaml"),
        quiet_hours=QuietHours(),
        followups=FollowUps(),
        broadcasts=Broadcasts(),
        outbox=OutboxConfig(),
    )
