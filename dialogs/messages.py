"""What comes in and what goes out, in one vocabulary for every carrier."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialogs.values import quickly_made


class ChannelKind(StrEnum):
    """How a person reaches us; it decides what a screen can hold and whether we can speak first."""

    SMS = "sms"
    USSD = "ussd"
    WEB = "web"


class SessionEvent(StrEnum):
    """Where a carrier's session stands (USSD; always NONE for SMS). Words of vumi, which the field uses."""

    NONE = "none"
    NEW = "new"
    RESUME = "resume"
    CLOSE = "close"


class MessageKind(StrEnum):
    """Why we speak. A reply answers the person's own text; everything else is subject to opt-out and quiet hours."""

    REPLY = "reply"
    NOTICE = "notice"
    FOLLOWUP = "followup"
    BROADCAST = "broadcast"


class DeliveryStatus(StrEnum):
    """What a carrier says became of a message. Reports move a message only forward along these."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


class Consent(StrEnum):
    """What a provider (not the text itself) says about a person's wish to be written to."""

    IN = "in"
    OUT = "out"
    HELP = "help"


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """One text, or one key press on a USSD screen, as it reached us.

    ``(channel, external_id)`` is the idempotency key: the same pair is acted on once, however often it is delivered.
    ``sender`` is E.164 where the codec could tell, otherwise what the carrier shows (a short code, a name).
    For USSD, ``history`` is the whole transcript joined by ``*`` and ``text`` is the same; which part of it is new is
    decided against the stored session.
    """

    channel: str
    external_id: str
    sender: str
    recipient: str
    text: str
    received_at: datetime
    sent_at: datetime | None = None
    session_event: SessionEvent = SessionEvent.NONE
    session_key: str | None = None
    history: str | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundMessage:
    """One message to one person. Its place in the queue (state, attempts, lease) lives in its row, not here."""

    id: int
    channel: str
    recipient: str
    text: str
    kind: MessageKind = MessageKind.REPLY
    in_reply_to: int | None = None
    ends_session: bool = False


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What a carrier reports of a message we sent, named by its id, by ours, or by both.

    ``parts`` tells how many parts the message went out in (SMSGate's ``sms:sent``); ``part_id`` is set when the report
    speaks of one part only (SMSGate's ``sms:delivered``), so that a message counts as delivered when all parts are.
    """

    channel: str
    status: DeliveryStatus
    at: datetime
    external_id: str | None = None
    our_id: int | None = None
    reason: str | None = None
    parts: int | None = None
    part_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentChange:
    """A provider's own opt-out handling spoke (Twilio Advanced Opt-Out, Africa's Talking bulk opt-out, error 21610).

    ``message`` is the text that carried it, where there was one: it is kept, and a repetition of it changes nothing.
    """

    channel: str
    sender: str
    kind: Consent
    at: datetime
    message: InboundMessage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Authentic but not understood. The raw bytes are kept 30 days in quarantine; ``status`` is what we answer."""

    channel: str
    reason: str
    raw: bytes
    status: int = 200


Received = InboundMessage | DeliveryReport | ConsentChange | Unreadable
