"""I10, I11: a broadcast reaches its audience once, all of it, and two people stand behind its text."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from dialogs.outreach import fingerprint
from gateway.invariants.evidence import HandedOver, Violation
from gateway.invariants.outbound import follow
from store import Tx, evidence, invariants
from store import broadcasts as kept
from store.broadcasts import Kept

ALONE = "needed a second person, and went without one"
CHANGED = "goes with another text or audience than was approved"
LEFT_OUT = "some who were to receive it are not in it"
NOT_STOPPED = "it was stopped, and some of its messages would still go"
TWICE = "it reached somebody more than once"

#: A broadcast older than this is not gone through again.
RECENT = timedelta(days=7)
_MOST = 10_000


def standing(tx: Tx, now: datetime) -> Iterator[Violation]:
    """Look at what was approved, and at who is in it."""
    for one in invariants.broadcasts_by_one(tx):
        yield _of("I11", ALONE, one)
    changed = {one.broadcast.id for one in kept.latest(tx, _MOST) if one.text_hash != _stands(one)}
    for one in sorted(changed.union(invariants.broadcasts_changed(tx))):
        yield _of("I11", CHANGED, one)
    for one, _ in invariants.left_out(tx, now - RECENT):
        yield _of("I10", LEFT_OUT, one)
    for one, _ in invariants.not_stopped(tx):
        yield _of("I10", NOT_STOPPED, one)


def check(tx: Tx, p: Sequence[HandedOver]) -> Iterator[Violation]:
    """Count how many different messages of one broadcast each contact was sent; one message sent twice is I3's."""
    if not p:
        return
    reached = Counter(
        (trail.row.broadcast_id, trail.row.contact_id)
        for trail in follow(evidence.sent(tx), p)[0]
        if trail.taken and trail.row.broadcast_id is not None
    )
    for broadcast_id in sorted({broadcast for (broadcast, _), times in reached.items() if broadcast and times > 1}):
        yield _of("I10", TWICE, broadcast_id)


def _stands(one: Kept) -> str:
    return fingerprint(one.broadcast.texts, one.broadcast.audience)


def _of(invariant: str, what: str, broadcast_id: int) -> Violation:
    return Violation(invariant=invariant, what=what, where=f"broadcast {broadcast_id}")
