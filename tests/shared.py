"""The golden requests and labelled texts that lie beside the checkout, in ``../shared``. Tests skip where it is absent."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from providers.base import Request, Response

SHARED = Path(__file__).resolve().parents[2] / "shared"
PUBLIC = "https://gw.example.org"

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the golden requests in ../shared are not here")

#: Longest first: ``ussd/events`` is not the event ``events``.
_EVENTS = ("ussd/events", "ussd", "subscription", "optout", "status", "sms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """One golden exchange. ``expected`` is what its authors think a gateway should make of it."""

    name: str
    provider: str
    direction: str
    request: Request
    expected: Mapping[str, Any]
    response: Response | None = None
    signing: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.provider}/{self.name}"

    @property
    def fields(self) -> dict[str, Any]:
        """What the request's body says, decoded: a form or JSON."""
        if self.request.body.startswith(b"{"):
            return dict(json.loads(self.request.body))
        return dict(parse_qsl(self.request.body.decode(), keep_blank_values=True))


def golden(provider: str, *directions: str) -> Sequence[Golden]:
    """All fixtures of a provider by name, so that numbered ones come in order; only some directions where named."""
    found = [_golden(json.loads(path.read_text())) for path in sorted((SHARED / "fixtures" / provider).glob("*.json"))]
    return [one for one in found if not directions or one.direction in directions]


def named(provider: str, name: str) -> Golden:
    """One fixture."""
    return next(one for one in golden(provider) if one.name == name)


def _golden(raw: Mapping[str, Any]) -> Golden:
    asked, answered = raw["request"], raw.get("response", {})
    base = f"https://{asked['host']}" if "host" in asked else PUBLIC
    return Golden(
        name=raw["name"],
        provider=raw["provider"],
        direction=raw["direction"],
        request=Request(
            method=asked["method"],
            url=base + asked["path"],
            headers=_lower(asked["headers"]),
            body=_body(asked),
            event=_event(asked["path"]),
        ),
        expected=raw["expected"],
        response=Response(status=answered["status"], headers=_lower(answered.get("headers", {})), body=_body(answered))
        if "status" in answered
        else None,
        signing=raw.get("signing", {}),
    )


def _lower(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _event(path: str) -> str:
    return next((event for event in _EVENTS if urlsplit(path).path.endswith(f"/{event}")), "")


def _body(part: Mapping[str, Any]) -> bytes:
    if "body_b64" in part:
        return base64.b64decode(part["body_b64"])
    if "body_gen" in part:
        gen = part["body_gen"]
        return (gen["prefix"] + gen["repeat"] * gen["count"]).encode()
    if "json" in part:
        return json.dumps(part["json"]).encode()
    return str(part.get("body", "")).encode()
