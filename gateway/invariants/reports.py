"""I12: what carriers report moves messages forward only, whatever the order, and nothing reported is lost."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from dialogs.messages import DeliveryStatus
from gateway.invariants.evidence import Reported, Violation
from gateway.invariants.inbound import PATIENCE
from store import Tx, evidence
from store.evidence import Sent
from store.outbox import State

LOST = "what was reported of a message is not known to it"
BACKWARDS = "a message stands behind what was reported of it"
INVENTED = "a message counts as delivered, and nobody reported it"

_ENDS = {DeliveryStatus.DELIVERED: State.DELIVERED, DeliveryStatus.FAILED: State.FAILED}
_SENT_OR_BEYOND = frozenset({State.SENT, State.DELIVERED, State.FAILED})


def check(tx: Tx, d: Sequence[Reported], now: datetime) -> Iterator[Violation]:
    """Compare what was reported with where messages stand.

    On PostgreSQL a report can be parked although its message is known; a tick applies it within half a minute.
    """
    if not d:
        return
    rows = evidence.sent(tx)
    by_id = {row.id: row for row in rows}
    by_theirs = {(row.channel, row.external_id): row for row in rows if row.external_id}
    parked = evidence.parked(tx)
    told: dict[int, list[Reported]] = {}
    for one in d:
        row = by_theirs.get((one.channel, one.external_id))
        ours = by_id.get(one.our_id) if one.our_id is not None else None
        row = ours if ours is not None and ours.channel == one.channel else row
        if row is not None:
            told.setdefault(row.id, []).append(one)
        elif one.acknowledged and (one.channel, one.external_id) not in parked:
            yield Violation(invariant="I12", what=LOST, where=f"{one.channel} {one.external_id}")
    young = {key for key, since in parked.items() if since > now - PATIENCE}
    for message_id, reports in told.items():
        yield from _moved(by_id[message_id], [one for one in reports if (one.channel, one.external_id) not in young])
    reporting = {one.channel for one in d}
    for row in rows:
        said = {one.status for one in told.get(row.id, ())}
        if row.channel in reporting and row.state is State.DELIVERED and DeliveryStatus.DELIVERED not in said:
            yield Violation(invariant="I12", what=INVENTED, where=f"message {row.id}")


def _moved(row: Sent, reports: Sequence[Reported]) -> Iterator[Violation]:
    """An end that was reported holds; of two different ends, the first that reached us, which D cannot tell."""
    if not row.attempts:
        return
    known = {one.status for one in reports if one.acknowledged}
    ends = {_ENDS[status] for status in known if status in _ENDS}
    behind = ends and row.state not in {_ENDS[one.status] for one in reports if one.status in _ENDS}
    if behind or (DeliveryStatus.SENT in known and row.state not in _SENT_OR_BEYOND):
        yield Violation(invariant="I12", what=BACKWARDS, where=f"message {row.id}")
