"""Checks what providers sign: the only place that compares secrets, always in constant time and over bytes.

Rule 1: whatever cannot be checked is refused, and nothing that a stranger sends raises anything but ``Refusal``.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain
from urllib.parse import parse_qsl

from providers.base import Rejected, Request
from providers.forms import FORM, JSON, Pairs, Undecodable, demand, pairs

#: SMSGate signs each attempt anew, so that its clock and ours are all that can differ.
WINDOW = timedelta(minutes=5)
_LONGEST_TIMESTAMP = 11


def query(request: Request) -> Mapping[str, str]:
    """Read what we, or a provider, put into the URL behind the path; broken escapes stay as they are."""
    _, _, asked = request.url.partition("?")
    return dict(parse_qsl(asked)) if asked else {}


def twilio(token: str, url: str, fields: Pairs) -> bytes:
    """Twilio's signature of a form: the URL, then each name with its value, sorted, repeated fields once."""
    signed = url + "".join(chain.from_iterable(sorted(set(fields))))
    # Not hmac.digest: it lets go of the interpreter for three microseconds of work, and waits to have it again.
    return base64.b64encode(hmac.new(token.encode(), signed.encode("utf-8", "replace"), "sha1").digest())


def check_twilio(request: Request, token: str) -> Pairs:
    """Give the fields that Twilio signed; none for JSON, where it signs the URL with the body's hash in its query."""
    is_json = demand(request, FORM, JSON) == JSON
    body_hash = hashlib.sha256(request.body).hexdigest() if is_json else None
    if query(request).get("bodySHA256") != body_hash:
        raise Rejected("body hash")  # also a JSON request that is sent again as an empty form
    try:
        fields = () if is_json else pairs(request.body)
    except Undecodable:
        raise Rejected("signature") from None
    # Whoever signs with a shared key has another secret and names the algorithm himself: not ours to accept.
    if "x-twilio-webhooks-signature-settings" in request.headers:
        raise Rejected("shared key")
    _equal(request, "x-twilio-signature", twilio(token, request.url, fields))
    return fields


def check_smsgate(request: Request, key: str, now: datetime) -> None:
    """SMSGate: hex HMAC-SHA256 over the raw body and ``X-Timestamp`` (Unix seconds), which is at most 5 min off."""
    stamp = request.headers.get("x-timestamp", "").encode("utf-8", "replace")
    _equal(request, "x-signature", hmac.digest(key.encode(), request.body + stamp, "sha256").hex().encode())
    if not stamp.isdigit() or len(stamp) > _LONGEST_TIMESTAMP:
        raise Rejected("timestamp")
    if abs(now - datetime.fromtimestamp(int(stamp), UTC)) > WINDOW:
        raise Rejected("stale")


def _equal(request: Request, header: str, expected: bytes) -> None:
    if not hmac.compare_digest(request.headers.get(header, "").encode("utf-8", "replace"), expected):
        raise Rejected("signature")
