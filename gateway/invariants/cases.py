"""I6, I7, I13, I14: what must hold of cases and of the books about them."""

import itertools
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from dialogs.cases import TRANSITIONS, CaseStatus
from dialogs.understand import codes
from gateway.invariants.evidence import Violation
from store import Tx, audit, cases, invariants

CHANGED = "the history was changed after it was written"
ILLEGAL = "the history holds a move that cannot be"
ADRIFT = "the status is not what the history says"
NAMELESS = "something was done to it by nobody"
AUDIT_CHANGED = "the audit log was changed after it was written"
DIGEST_CHANGED = "a history was changed or taken out since its digest was made"
UNLINKED = "merged with nothing, or linked to another and not merged"
NOT_A_CODE = "the code could not have been given out"
CODE_FREE = "the code could be given out again"
UNASKED = "resolved, but nobody will be asked about it"
STALE = "a question waits about a resolution that is past"

#: So many days' digests are compared, each with all histories: what was taken out shows for a week.
DAYS = 7


def standing(tx: Tx, now: datetime) -> Iterator[Violation]:
    """Walk every case's history, then the books."""
    yield from _histories(tx)
    yield from _of("I13", NAMELESS, invariants.acts_without_actor(tx))
    yield from _of("I13", UNLINKED, invariants.merges_adrift(tx))
    if (entry := audit.broken(tx)) is not None:
        yield Violation(invariant="I14", what=AUDIT_CHANGED, where=f"audit entry {entry}")
    for day in invariants.digested_days(tx, DAYS, now):
        if cases.digest_holds(tx, date.fromisoformat(day)) is False:
            yield Violation(invariant="I14", what=DIGEST_CHANGED, where=f"digest of {day}")
    yield from _of("I6", NOT_A_CODE, [head.code for head in invariants.heads(tx) if not codes.is_valid(head.code)])
    yield from _of("I6", CODE_FREE, invariants.codes_not_taken(tx))
    yield from _of("I7", UNASKED, invariants.resolved_without_followup(tx))
    yield from _of("I7", STALE, invariants.followups_without_resolution(tx))


def _histories(tx: Tx) -> Iterator[Violation]:
    for history in cases.histories(tx):
        statuses = [CaseStatus(event.data["status"]) for event in history.events if "status" in event.data]
        if not history.sound:
            yield from _of("I14", CHANGED, [history.code])
        if any(after not in TRANSITIONS[before] for before, after in itertools.pairwise(statuses)):
            yield from _of("I13", ILLEGAL, [history.code])
        if statuses[-1:] != [history.status]:
            yield from _of("I13", ADRIFT, [history.code])


def _of(invariant: str, what: str, found: Iterable[str]) -> Iterator[Violation]:
    return (Violation(invariant=invariant, what=what, where=f"case {codes.show(code)}") for code in found)
