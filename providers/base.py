"""The seam between a vendor and the house: bytes in, our values out, and back.

Rule 1: a codec never touches network, clock, disk or log. The gateway does timeouts, size limits, retries and pacing.
Rule 2: ``verify`` sees the raw bytes before anything is parsed, because signatures cover bytes.

    Refusal
    ├── Rejected      forged, stale, or not ours            → 403, nothing kept but a counter
    ├── Malformed     authentic channel, broken form        → 400
    ├── UnknownEvent  a path that this channel does not have → 404
    └── WrongType     a content type this event never has   → 415
    SendFailed        the provider did not take a message; the flags say what may be done about it
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from dialogs.messages import OutboundMessage, Received
from dialogs.values import quickly_made


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An HTTP request as bytes. ``headers`` have lower-case names. ``url`` is the public one, with its raw query.

    ``event`` is the last part of an inbound path (``sms``, ``status``, ``ussd``, ``ussd/events``, ``optout``,
    ``subscription``); empty for requests that we make.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    event: str = ""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An HTTP response as bytes. ``headers`` are asked for by lower-case names."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Refusal(Exception):
    """We do not take this request. ``reason`` is one word for the log; it never holds what a person wrote."""

    status = 400

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Rejected(Refusal):
    """Forged, replayed outside its window, or signed for somebody else."""

    status = 403


class Malformed(Refusal):
    """A form or JSON that cannot be read, or lacks what its vendor always sends."""

    status = 400


class UnknownEvent(Refusal):
    """An event that this channel does not have, such as ``ussd`` on a line for SMS."""

    status = 404


class WrongType(Refusal):
    """A content type that this event never has."""

    status = 415


class SendFailed(Exception):
    """The provider did not take a message.

    ``retry``: it was certainly not processed, or trying again is safe. ``in_doubt``: it may have been taken.
    ``opted_out``: the provider says that this person does not want messages. ``channel_fault``: no message on this
    line can go out (credit, credentials), so hold the line and tell staff. ``retry_after``: seconds, if it said so.
    """

    def __init__(
        self,
        reason: str,
        *,
        retry: bool = False,
        in_doubt: bool = False,
        opted_out: bool = False,
        channel_fault: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry
        self.in_doubt = in_doubt
        self.opted_out = opted_out
        self.channel_fault = channel_fault
        self.retry_after = retry_after


class Receiver(Protocol):
    """Hears for a channel. Every channel has one."""

    def verify(self, request: Request, now: datetime) -> None:
        """Raise ``Rejected`` unless the request is the provider's own; ``now`` bounds the age of signed times."""

    def parse(self, request: Request, now: datetime) -> Sequence[Received]:
        """Turn an authentic request into our values; raise ``Malformed`` or ``WrongType``, never anything else."""

    def reply(self, request: Request, answers: Sequence[OutboundMessage]) -> Response:
        """What to answer once everything is committed. Only a USSD channel puts ``answers`` into it."""


class Sender(Protocol):
    """Speaks for a channel. USSD has none: it cannot speak first."""

    #: Whether the provider takes our id, so that a doubtful send can be repeated without a double.
    idempotent: bool

    def encode(self, message: OutboundMessage) -> Request:
        """The HTTP request that hands this message to the provider."""

    def decode(self, response: Response) -> str:
        """The provider's id for the message, or raise ``SendFailed``.

        Empty where it took the message and does not say which id it has (SMSGate, when it had taken it before): its
        reports then name it by our id.
        """
