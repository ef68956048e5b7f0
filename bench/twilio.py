"""Signed Twilio requests as raw bytes, made before the clock starts, each with its own MessageSid."""

import base64
import hashlib
import hmac
from urllib.parse import urlencode

PATH = "/in/twilio/sms"
PUBLIC_URL = "https://bench.example.org"
ACCOUNT = "AC00000000000000000000000000000001"
TOKEN = "0123456789abcdef0123456789abcdef"
OURS = "+12025550143"

#: How many people write: the whole reserved range of fictional numbers, +5917000xxxx.
PEOPLE = 10_000

#: What they write, in turn: whole reports, reports that lack the place, words that need no case.
TEXTS = (
    "no hay luz en la calle 5 de Alto Tacagua desde el lunes",
    "hay un bache grande frente a la cancha de Munaypata",
    "no ay agua desd ayer porfa",
    "hola",
    "la basura no recogen hace dos semanas en Villa Salome",
    "ayuda",
    "el poste esta caido en Pampahasi Bajo calle 6",
    "buenas tardes, el colector esta tapado y huele mal",
)


def fields(number: int) -> dict[str, str]:
    """Give the form of message ``number``: the nineteen fields that Twilio sends with an SMS."""
    sid = f"SM{number:032x}"
    return {
        "ToCountry": "US",
        "ToState": "",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ToCity": "",
        "FromZip": "",
        "SmsSid": sid,
        "FromState": "",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": TEXTS[number % len(TEXTS)],
        "FromCountry": "BO",
        "To": OURS,
        "ToZip": "",
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": f"+5917000{number % PEOPLE:04d}",
        "ApiVersion": "2010-04-01",
    }


def signature(form: dict[str, str]) -> str:
    """Sign as Twilio does: HMAC-SHA1 over the public URL and every name and value, names sorted."""
    signed = PUBLIC_URL + PATH + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.digest(TOKEN.encode(), signed.encode(), hashlib.sha1)).decode()


def request(number: int) -> bytes:
    """Write message ``number`` as it travels: HTTP/1.1 on a connection that stays open."""
    form = fields(number)
    body = urlencode(form).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: bench.example.org\r\nUser-Agent: TwilioProxy/1.1\r\n"
        f"I-Twilio-Idempotency-Token: {number:032x}\r\nX-Twilio-Signature: {signature(form)}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
