"""Reads what providers post: forms and JSON, as bytes from a stranger.

Rule 1: bytes are decoded strictly and once. A form that is not UTF-8 is refused, never repaired into other words.
Rule 2: what a codec reads of a form has one value. Frameworks disagree on which of two wins, so neither does.
Rule 3: text that leaves here can be stored: no NUL (PostgreSQL refuses it) and no half of a surrogate pair.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from yarl import query_to_pairs

from dialogs.messages import Received, Unreadable
from providers.base import Malformed, Request, Response, WrongType

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

#: What a provider that wants no words is told.
TAKEN = Response(status=200, headers={"content-type": "text/plain"})

#: A real form has some twenty fields, and a thousand more must not hide what a person wrote: Twilio signs them all.
#: Without a bound a form is a way to burn our time.
MOST_FIELDS = 2_000
#: What the store keeps of an id and of a sender. A real id has 36 characters, a real sender 16.
LONGEST_ID = 200
LONGEST_NAME = 64

#: A code or a word, such as 30003 or RESULT_ERROR_NO_SERVICE; never as many digits as a telephone number has.
_REASON = re.compile(r"(?![A-Za-z0-9_]{0,57}[0-9]{7})[A-Za-z0-9_]{1,64}")
_BEYOND_ASCII = re.compile(rb"%[89A-Fa-f]|[\x80-\xff]")
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]*)", re.IGNORECASE)

Pairs = Sequence[tuple[str, str]]


class Undecodable(Malformed):
    """Bytes that are not UTF-8: whoever signs over text cannot have signed these."""


class Odd(Malformed):
    """All there, but not as the provider ever sends it. Sending it again would not help, so it is kept and taken."""


def demand(request: Request, *types: str) -> str:
    """Give the content type, if it is one of ``types`` in UTF-8; else raise ``WrongType`` or ``Malformed``."""
    kind, readable = _kind(request.headers.get("content-type", ""))
    if kind not in types:
        raise WrongType("content type")
    if not readable:
        raise Malformed("charset")
    return kind


@lru_cache(maxsize=32)
def _kind(header: str) -> tuple[str, bool]:
    """A content type, and whether its charset is ours. A provider sends one header, or two."""
    charset = _CHARSET.search(header)
    readable = charset is None or charset[1].lower() in ("utf-8", "utf8")
    return header.partition(";")[0].strip().lower(), readable


# ``verify`` and then ``parse`` look at the same bytes, one after the other: the second look costs nothing.
@lru_cache(maxsize=1)
def pairs(body: bytes) -> Pairs:
    """Every field as it was sent: in order, repeated ones and blank ones too. Signatures cover all of that.

    What ``urllib.parse.parse_qsl`` gives, in a third of its time; a test holds one against the other.
    """
    if body.count(b"&") >= MOST_FIELDS:
        raise Malformed("too many fields")
    try:
        if _BEYOND_ASCII.search(body):  # yarl would put U+FFFD in the place of what is not UTF-8
            unquote_to_bytes(body).decode()
        return tuple(query_to_pairs(body.decode()))
    except UnicodeDecodeError:
        raise Undecodable("not UTF-8") from None


def known(fields: Pairs, names: Collection[str]) -> Mapping[str, str]:
    """The fields that a codec reads, clean; raise ``Malformed`` where one was sent twice. Others are ignored."""
    found: dict[str, str] = {}
    for name, value in fields:
        if name in names:
            if name in found:
                raise Malformed(f"{name} twice")
            found[name] = clean(value)
    return found


def document(body: bytes) -> Mapping[str, object]:
    """Read a JSON object; raise ``Malformed`` for anything else."""
    try:
        found = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None
    if not isinstance(found, dict):
        raise Malformed("not an object")
    return found


def text_of(found: Mapping[str, object], name: str) -> str:
    """Give a text that must be there, clean; it may be blank. Raise ``Malformed`` where it is missing or no text."""
    value = found.get(name)
    if not isinstance(value, str):
        raise Malformed(f"no {name}")
    return clean(value)


def id_of(found: Mapping[str, object], name: str) -> str:
    """Give an id that must be there: not blank, and of a length that can be kept."""
    value = text_of(found, name)
    if not 0 < len(value) <= LONGEST_ID:
        raise Odd(f"bad {name}")
    return value


def name_of(found: Mapping[str, object], name: str) -> str:
    """Give a number, short code or name of one end of a message, as the carrier shows it.

    A ``+`` that was not escaped arrives as a leading blank. It is not mended into what might be another's number.
    """
    value = text_of(found, name)
    if not 0 < len(value) <= LONGEST_NAME or value != value.strip():
        raise Odd(f"bad {name}")
    return value


def reason(said: object, otherwise: str) -> str:
    """Why something failed, in one word for rows and logs; ``otherwise`` for prose, which may quote a number."""
    return said if isinstance(said, str) and _REASON.fullmatch(said) else otherwise


def clean(text: str) -> str:
    """Drop NUL; join surrogate pairs and replace a lone half (a phone may cut an emoji between two parts)."""
    if text.isascii():
        return text.replace("\0", "")
    return text.replace("\0", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def moment(text: object) -> datetime | None:
    """Read an ISO time, UTC where it names no zone; None where it is none: a date is no reason to refuse a person."""
    try:
        at = datetime.fromisoformat(str(text))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def kept(channel: str, request: Request, read: Callable[[], Sequence[Received]]) -> Sequence[Received]:
    """What ``read`` makes of an authentic request; what it cannot read is kept, so that no one's words are lost."""
    try:
        return read()
    except Odd as odd:
        return [Unreadable(channel=channel, reason=odd.reason, raw=request.body)]
    except Malformed as broken:
        return [Unreadable(channel=channel, reason=broken.reason, raw=request.body, status=broken.status)]
