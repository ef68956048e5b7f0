"""Requests as providers make them, authentic unless told otherwise, for a test to spoil one thing in each."""

import base64
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

PUBLIC = "https://gw.example.org"
ACCOUNT, TOKEN = "AC00000000000000000000000000000001", "0123456789abcdef0123456789abcdef"
SECRET, KEY = "s3cr3tpath-0f9e8d7c6b5a4938", "atsk_fictional_key_for_tests"
LINE = "+12025550143"

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
USSD = "africastalking-ussd"

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Knock:
    """One request: everything that a line's provider would send."""

    channel: str
    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def but(self, *, body: bytes | None = None, path: str | None = None, **headers: str | None) -> "Knock":
        """The same with another body, path or headers (None takes one away); its signature is not made anew."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        told = {name: value for name, value in {**self.headers, **named}.items() if value is not None}
        return replace(
            self, body=self.body if body is None else body, path=self.path if path is None else path, headers=told
        )


def fresh(kind: str = "id") -> str:
    """An id that no test had before."""
    return f"{kind}{next(_numbers):08x}"


def twilio(body: bytes, event: str = "sms", *, token: str = TOKEN) -> Knock:
    """Sign a form as Twilio signs it: over the public URL and the sorted fields."""
    path = f"/in/twilio/{event}"
    return Knock(
        "twilio", path, body, {"content-type": FORM, "x-twilio-signature": twilio_signature(path, body, token)}
    )


def twilio_json(body: bytes) -> Knock:
    """Sign JSON as Twilio signs it: over the public URL, which holds the body's hash."""
    path = f"/in/twilio/sms?bodySHA256={hashlib.sha256(body).hexdigest()}"
    return Knock("twilio", path, body, {"content-type": JSON, "x-twilio-signature": twilio_signature(path, b"")})


def twilio_signature(path: str, body: bytes, token: str = TOKEN) -> str:
    """Twilio's signature of a form, each field once. Bytes that are no UTF-8 are signed as what stands for them."""
    fields = sorted(set(parse_qsl(body.decode(errors="replace"), keep_blank_values=True)))
    signed = f"{PUBLIC}{path}{''.join(name + value for name, value in fields)}"
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode()


def africastalking(body: bytes, event: str = "sms", *, secret: str = SECRET) -> Knock:
    """A form under the secret path."""
    return Knock("africastalking", f"/in/africastalking/{secret}/{event}", body, {"content-type": FORM})


def ussd(body: bytes, event: str = "ussd", *, secret: str = SECRET) -> Knock:
    """A hop under the secret path."""
    return Knock(USSD, f"/in/{USSD}/{secret}/{event}", body, {"content-type": FORM})


def smsgate(body: bytes, event: str = "sms", *, key: str = KEY, at: float | None = None) -> Knock:
    """Sign JSON as the phone signs it: over the raw body and the time."""
    stamp = str(int(time.time() if at is None else at))  # noqa: TID251  a phone has a clock of its own
    signature = hmac.new(key.encode(), body + stamp.encode(), hashlib.sha256).hexdigest()
    return Knock(
        "phone", f"/in/phone/{event}", body, {"content-type": JSON, "x-timestamp": stamp, "x-signature": signature}
    )


def form(fields: Mapping[str, str] | Sequence[tuple[str, str]]) -> bytes:
    return urlencode(fields).encode()


def text(channel: str, words: str, sender: str, *, ident: str | None = None) -> Knock:
    """A person's text on any line; on USSD it is what was typed after the dial."""
    ident = ident or fresh()
    match channel:
        case "twilio":
            fields = {"MessageSid": ident, "AccountSid": ACCOUNT, "From": sender, "To": LINE, "Body": words}
            return twilio(form(fields))
        case "africastalking":
            return africastalking(form({"id": ident, "from": sender, "to": "21512", "text": words}))
        case "africastalking-ussd":
            fields = {"sessionId": ident, "serviceCode": "*384*1234#", "phoneNumber": sender, "text": words}
            return ussd(form(fields))
    payload = {"messageId": "1", "message": words, "sender": sender, "recipient": "+59170009999", "simNumber": 1}
    return smsgate(json.dumps({"id": ident, "event": "sms:received", "payload": payload}).encode())


#: What Africa's Talking calls it.
_THEIR_WORDS = {"sent": "Sent", "delivered": "Success", "failed": "Failed"}


def report(channel: str, theirs: str, status: str = "delivered", *, our_id: int | None = None) -> Knock:
    """A report that a message with the provider's id ``theirs`` was ``sent``, ``delivered`` or ``failed``."""
    match channel:
        case "twilio":
            event = "status" if our_id is None else f"status?our_id={our_id}"
            return twilio(form({"MessageSid": theirs, "AccountSid": ACCOUNT, "MessageStatus": status}), event)
        case "africastalking":
            fields = {"id": theirs, "status": _THEIR_WORDS[status], "phoneNumber": "+59170000001"}
            return africastalking(form(fields), "status")
    payload = {"messageId": theirs, "phoneNumber": "+59170000001", "partsCount": 1}
    document = {"id": fresh(), "event": f"sms:{status}", "payload": payload}
    return smsgate(json.dumps(document).encode(), "status")
