"""What every codec needs to hand a message over: credentials, the provider's answer, and a verdict on a failure.

Rule 1: *certainly not processed* may be tried again; *perhaps processed* is in doubt, and the outbox decides.
Rule 2: a reason is the provider's code or ``http_<status>``, never its words: those may quote a number.
"""

import base64
import json
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote_plus

from providers.base import Malformed, Request, Response, SendFailed
from providers.forms import FORM, JSON, LONGEST_ID, document

Verdict = Mapping[str, bool]

#: This message will never go out.
REFUSED: Verdict = {}
#: It was not processed; later it may be.
RETRY: Verdict = {"retry": True}
#: It may have been processed.
DOUBT: Verdict = {"in_doubt": True}
#: No message on this line will go out until a person mends it.
CHANNEL: Verdict = {"channel_fault": True}
#: The same, and this message can go out afterwards.
HOLD: Verdict = {"channel_fault": True, "retry": True}
#: This person does not want messages.
OPTED_OUT: Verdict = {"opted_out": True}

#: 404 stands here because each codec posts to one fixed path: a wrong account or base URL fails for everybody.
STATUSES: Mapping[int, Verdict] = {401: CHANNEL, 403: CHANNEL, 404: CHANNEL, 408: RETRY, 429: RETRY, 503: RETRY}

_CLIENT_ERRORS = range(400, 500)
_SERVER_ERRORS = range(500, 600)
_LONGEST_WAIT = 5


#: What each byte of a form is written as, in place of the letter of that number (urllib takes three times as long).
_WRITTEN = {byte: quote_plus(bytes([byte])) for byte in range(256)}


@lru_cache(maxsize=64)
def basic(username: str, password: str) -> str:
    """Value of an ``Authorization`` header (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def post_form(url: str, form: Mapping[str, str], **headers: str) -> Request:
    """Build a POST of a form that wants JSON back. The names of its fields are plain letters."""
    return Request(
        method="POST",
        url=url,
        headers={"content-type": FORM, "accept": JSON, **headers},
        body="&".join([f"{name}={_value(value)}" for name, value in form.items()]).encode(),
    )


def _value(text: str) -> str:
    return text.encode().decode("latin-1").translate(_WRITTEN)


def post_json(url: str, document: Mapping[str, object], **headers: str) -> Request:
    """Build a POST of a JSON object that wants JSON back."""
    return Request(
        method="POST",
        url=url,
        headers={"content-type": JSON, "accept": JSON, **headers},
        body=json.dumps(document, ensure_ascii=False).encode(),
    )


def taken(response: Response) -> bool:
    """Whether the status says that the provider took it."""
    return response.status in range(200, 300)


def fields(response: Response) -> Mapping[str, object]:
    """Read the JSON object of an answer; empty where there is none. A content type is not to be trusted here."""
    try:
        return document(response.body)
    except Malformed:
        return {}


def message_id(value: object) -> str:
    """Give the provider's id for a message, or raise ``SendFailed`` in doubt: it said yes and not to what."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
        raise SendFailed("no id", in_doubt=True)
    return value


def failed(response: Response, code: str = "", verdict: Verdict | None = None) -> SendFailed:
    """Judge a failure by the provider's ``code`` where its table knows it, otherwise by the HTTP status."""
    if verdict is None:
        verdict = _by_status(response.status)
    return SendFailed(code or f"http_{response.status}", retry_after=_retry_after(response), **verdict)


def _by_status(status: int) -> Verdict:
    if status in _SERVER_ERRORS and status not in STATUSES:
        return DOUBT
    # Redirects are not followed: one means that the base URL is wrong, for every message.
    return STATUSES.get(status, REFUSED if status in _CLIENT_ERRORS else CHANNEL)


def _retry_after(response: Response) -> float | None:
    said = response.headers.get("retry-after", "").strip()
    return float(said) if said.isascii() and said.isdigit() and len(said) <= _LONGEST_WAIT else None
