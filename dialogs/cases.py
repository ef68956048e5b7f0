"""A case is the long conversation: what was reported, what was promised, what became of it.

Rule 1: which status may follow which is the table ``TRANSITIONS``; docs draw it and Open311 reads it.
Rule 2: whoever changes a status calls ``move``; there is no other way to get a new one.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialogs.values import quickly_made


class CaseKind(StrEnum):
    """What a resident brings. Separate from the category, which says what it is about."""

    GRIEVANCE = "grievance"
    REQUEST = "request"
    FEEDBACK = "feedback"
    PROPOSAL = "proposal"


class CaseStatus(StrEnum):
    """How far a case has come."""

    RECEIVED = "received"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    PLANNED = "planned"
    WAITING_CITIZEN = "waiting_citizen"
    FORWARDED = "forwarded"
    RESOLVED = "resolved"
    ANSWERED = "answered"
    NOT_COMPETENT = "not_competent"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    APPEALED = "appealed"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a case closed; each is reported apart, because silence is not satisfaction.

    ``UNASKED``: nobody could be asked (opted out, no number, the question never went out).
    """

    CONFIRMED = "confirmed"
    HALF = "half"
    SILENT = "silent"
    UNASKED = "unasked"
    WITHDRAWN = "withdrawn"


class IllegalMove(ValueError):
    """A status that may not follow the present one was asked for."""


_S = CaseStatus
_WORKING = frozenset(
    {
        _S.ASSIGNED,
        _S.IN_PROGRESS,
        _S.PLANNED,
        _S.WAITING_CITIZEN,
        _S.FORWARDED,
        _S.RESOLVED,
        _S.ANSWERED,
        _S.NOT_COMPETENT,
        _S.DUPLICATE,
        _S.REJECTED,
        _S.WITHDRAWN,
    }
)
_DECIDED = frozenset({_S.REOPENED, _S.APPEALED, _S.CLOSED})

TRANSITIONS: dict[CaseStatus, frozenset[CaseStatus]] = {
    _S.RECEIVED: _WORKING,
    _S.ASSIGNED: _WORKING,
    _S.IN_PROGRESS: _WORKING,
    _S.PLANNED: _WORKING,
    _S.WAITING_CITIZEN: _WORKING,
    _S.FORWARDED: _WORKING,
    _S.REOPENED: _WORKING,
    _S.APPEALED: _WORKING,
    _S.RESOLVED: _DECIDED | {_S.WITHDRAWN},
    _S.ANSWERED: _DECIDED | {_S.WITHDRAWN},
    _S.NOT_COMPETENT: _DECIDED,
    _S.REJECTED: _DECIDED,
    _S.DUPLICATE: frozenset({_S.REOPENED, _S.CLOSED}),
    _S.WITHDRAWN: frozenset({_S.REOPENED}),
    _S.CLOSED: frozenset({_S.REOPENED, _S.APPEALED}),
}

#: Open311 knows only open and closed (GeoReport v2 ``status``).
OPEN = frozenset({_S.RECEIVED, _S.REOPENED, _S.APPEALED} | _WORKING) - {
    _S.RESOLVED,
    _S.ANSWERED,
    _S.NOT_COMPETENT,
    _S.DUPLICATE,
    _S.REJECTED,
    _S.WITHDRAWN,
}

#: Decided, one way or another: who does not agree may have it looked at by others.
APPEALABLE = frozenset(status for status, next_ones in TRANSITIONS.items() if _S.APPEALED in next_ones)

#: What a resident may be asked to confirm.
CONFIRMABLE = frozenset({_S.RESOLVED, _S.ANSWERED})


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One report. ``code`` is nine bare digits; ``due_at`` is the last date promised."""

    id: int
    code: str
    kind: CaseKind
    category: str
    description: str
    status: CaseStatus
    unit: str
    channel: str
    opened_at: datetime
    due_at: datetime
    updated_at: datetime
    contact_id: int | None = None
    place: str | None = None
    location_text: str = ""
    assignee: str | None = None
    confidential: bool = False
    anonymous: bool = False
    """Whether nobody of the staff may learn whose it is. It is ``confidential`` too."""
    priority: bool = False
    resolved_at: datetime | None = None
    resolution_no: int = 0
    reply: str = ""
    rating: int | None = None
    outcome: Outcome | None = None
    asked: bool = False
    """Whether the resident was asked about the present resolution and has not answered (a follow-up stands asked)."""
    supporters: int = 0
    """How many neighbours support it, where that was read: ``store.cases.neighbours``."""


def move(present: CaseStatus, wanted: CaseStatus) -> CaseStatus:
    """Return ``wanted`` if it may follow ``present``; raise ``IllegalMove`` otherwise."""
    if wanted not in TRANSITIONS[present]:
        raise IllegalMove(f"a case that is {present} cannot become {wanted}")
    return wanted
