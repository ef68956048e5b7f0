"""When we speak first: the question after a resolution, and notices to a barrio."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FollowUpKind(StrEnum):
    """What falls due after a resolution."""

    CONFIRM = "confirm"
    REMIND = "remind"
    CLOSE = "close"


class FollowUpStatus(StrEnum):
    """A follow-up waits, was asked, was answered, or no longer matters."""

    WAITING = "waiting"
    ASKED = "asked"
    ANSWERED = "answered"
    DONE = "done"
    CANCELLED = "cancelled"


class BroadcastStatus(StrEnum):
    """A notice to many waits for a second person, is being queued, is queued whole, or was stopped."""

    WAITING_APPROVAL = "waiting_approval"
    QUEUEING = "queueing"
    QUEUED = "queued"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A row, not a scheduler's job; unique by ``(case_id, resolution_no, kind)``."""

    id: int
    case_id: int
    resolution_no: int
    kind: FollowUpKind
    due_at: datetime
    status: FollowUpStatus = FollowUpStatus.WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who a notice is for: the residents of one place, or everybody we know."""

    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """A notice to many. Above a number of recipients it needs a second person, who approves exactly this text."""

    id: int
    texts: Mapping[str, str]
    audience: Audience
    created_by: str
    created_at: datetime
    due_at: datetime
    status: BroadcastStatus
    recipients: int
    approved_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A broadcast as one person got it: what it says, in every language that it has, and when it was handed over."""

    id: int
    text: str
    at: datetime


def fingerprint(texts: Mapping[str, str], audience: Audience) -> str:
    """Name a notice's texts and audience: what a second person approves is this."""
    whole = json.dumps({"place": audience.place, "texts": dict(texts)}, sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()
