"""The invariants that can be asked of the live store. Reads only; ``barrio doctor`` and an hourly tick run it.

The rules are those of the house: what was acknowledged is acted on, a code belongs to one case for ever, a resolution
is asked about, history is a legal path that nobody changed, two people stand behind a large broadcast.
"""

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from dialogs.cases import TRANSITIONS, CaseStatus
from dialogs.understand import codes
from gateway.findings import Finding, Level, about
from store import Tx, alerts, audit, cases, invariants, messages

#: How long a message may wait to be acted on, and a hand-over to end after its lease, before it counts as stuck.
PATIENCE = timedelta(seconds=60)

_REPORT = "report it with this line: it is a fault of the program"


def examine(tx: Tx, now: datetime) -> list[Finding]:
    """Ask everything; the order is that of how bad it would be."""
    return [*_history(tx), *_codes(tx), *_waiting(tx, now), *_followups(tx), *_broadcasts(tx), *_people(tx)]


def _history(tx: Tx) -> Iterator[Finding]:
    broken, illegal, adrift = [], [], []
    for head in invariants.heads(tx):
        statuses = [CaseStatus(event.data["status"]) for event in cases.events(tx, head.id) if "status" in event.data]
        if cases.broken_chain(tx, head.id) is not None:
            broken.append(_case(head.code))
        if any(after not in TRANSITIONS[before] for before, after in itertools.pairwise(statuses)):
            illegal.append(_case(head.code))
        if statuses[-1:] != [head.status]:
            adrift.append(_case(head.code))
    mend = "compare with the last backup: somebody changed the database by hand, or the disk failed"
    yield from about(broken, level=Level.ERROR, what="the history was changed after it was written", mend=mend)
    yield from about(illegal, level=Level.ERROR, what="the history holds a move that cannot be", mend=mend)
    yield from about(adrift, level=Level.ERROR, what="the status is not what the history says", mend=mend)
    entry = audit.broken(tx)
    where = [] if entry is None else [f"audit entry {entry}"]
    yield from about(where, level=Level.ERROR, what="the audit log was changed after it was written", mend=mend)


def _codes(tx: Tx) -> Iterator[Finding]:
    wrong = [_case(head.code) for head in invariants.heads(tx) if not codes.is_valid(head.code)]
    yield from about(wrong, level=Level.ERROR, what="the code could not have been given out", mend=_REPORT)
    free = [_case(code) for code in invariants.codes_not_taken(tx)]
    yield from about(free, level=Level.ERROR, what="the code could be given out again", mend=_REPORT)


def _waiting(tx: Tx, now: datetime) -> Iterator[Finding]:
    stuck = invariants.stuck_inbound(tx, now - PATIENCE)
    yield from about(
        ["inbound"] if stuck else [],
        level=Level.ERROR,
        what=f"{stuck} messages were received and not acted on",
        mend=_REPORT,
    )
    lapsed = invariants.lapsed_leases(tx, now - PATIENCE)
    yield from about(
        ["outbox"] if lapsed else [],
        level=Level.WARNING,
        what=f"{lapsed} messages were being sent when something stopped",
        mend="start barrio serve: it sorts them out",
    )


def _followups(tx: Tx) -> Iterator[Finding]:
    unasked = [_case(code) for code in invariants.resolved_without_followup(tx)]
    yield from about(unasked, level=Level.ERROR, what="resolved, but nobody will be asked about it", mend=_REPORT)
    stale = [_case(code) for code in invariants.followups_without_resolution(tx)]
    yield from about(stale, level=Level.ERROR, what="a question waits about a resolution that is past", mend=_REPORT)


def _broadcasts(tx: Tx) -> Iterator[Finding]:
    alone = [f"broadcast {one}" for one in invariants.broadcasts_by_one(tx)]
    mend = "barrio broadcast status NUMBER says who made and who approved it: ask them"
    yield from about(alone, level=Level.WARNING, what="needed a second person, and went without one", mend=mend)
    for broadcast, count in invariants.doubtful_broadcasts(tx):
        yield Finding(
            level=Level.WARNING,
            where=f"broadcast {broadcast}",
            what=f"{count} messages may or may not have been sent, and are not sent again",
            mend="decide: a second notice may reach some people twice",
        )


def _people(tx: Tx) -> Iterator[Finding]:
    """What waits for a person. Subjects that are codes are shown as codes are."""
    for message_id, _ in messages.failed(tx):
        yield Finding(
            level=Level.WARNING,
            where=f"inbound {message_id}",
            what="this message could not be acted on; its sender got an apology",
            mend="read it and answer by hand",
        )
    waiting = Counter(alert.reason for alert in alerts.open_alerts(tx))
    for reason, count in sorted(waiting.items()):
        yield Finding(
            level=Level.WARNING, where=f"alert {reason}", what=f"{count} not looked at", mend="look, then mark as seen"
        )


def _case(code: str) -> str:
    return f"case {codes.show(code)}"
