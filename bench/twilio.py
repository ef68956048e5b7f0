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

#: How many people write, unless a benchmark says otherwise.
PEOPLE = 10_000
#: More than any benchmark has.
MOST_PEOPLE = 1_000_000
#: Puts neighbours far apart, and meets everybody once before anybody twice (it divides no power of ten).
STRIDE = 7_919

#: What they write, in turn: whole reports, reports that lack the place, words that need no case. The number makes each
#: another text, as in the street: nothing that was understood of one may be remembered for the next.
TEXTS = (
    "no hay luz en la calle {} de Alto Tacagua desde el lunes",
    "hay un bache grande frente a la casa {} de Munaypata",
    "no ay agua desd ayer porfa numero {}",
    "hola",
    "la basura no recogen hace dos semanas en Villa Salome manzano {}",
    "ayuda",
    "el poste esta caido en Pampahasi Bajo calle {}",
    "buenas tardes, el colector esta tapado y huele mal en mi puerta {}",
)
#: House numbers; prime, so that they meet every text.
_NUMBERS = 9_973


def phone(index: int) -> str:
    """Number of a person: from the range of fictional numbers, and two digits longer than any that is given out."""
    return f"+5917000{index * STRIDE % MOST_PEOPLE:06d}"


def person(number: int, people: int) -> str:
    """Who sends message ``number``: all in turn, and no two neighbours near each other in the store."""
    return phone(number * STRIDE % people)


def scattered(number: int) -> str:
    """32 hexadecimal digits that follow no order, as carriers' ids do: an index over them is written everywhere."""
    return hashlib.blake2b(b"%d" % number, digest_size=16).hexdigest()


def fields(number: int, people: int = PEOPLE) -> dict[str, str]:
    """Give the form of message ``number``: the nineteen fields that Twilio sends with an SMS."""
    sid = f"SM{scattered(number)}"
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
        "Body": TEXTS[(number + number // people) % len(TEXTS)].format(number % _NUMBERS),
        "FromCountry": "BO",
        "To": OURS,
        "ToZip": "",
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": person(number, people),
        "ApiVersion": "2010-04-01",
    }


def signature(form: dict[str, str]) -> str:
    """Sign as Twilio does: HMAC-SHA1 over the public URL and every name and value, names sorted."""
    signed = PUBLIC_URL + PATH + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.digest(TOKEN.encode(), signed.encode(), hashlib.sha1)).decode()


def request(number: int, people: int = PEOPLE) -> bytes:
    """Write message ``number`` as it travels: HTTP/1.1 on a connection that stays open."""
    form = fields(number, people)
    body = urlencode(form).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: bench.example.org\r\nUser-Agent: TwilioProxy/1.1\r\n"
        f"I-Twilio-Idempotency-Token: {scattered(number)}\r\nX-Twilio-Signature: {signature(form)}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
