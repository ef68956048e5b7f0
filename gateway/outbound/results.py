"""What became of an attempt to send, and what follows from it.

Rule 1: certainly not processed → again, later. Perhaps processed → in doubt. Refused → failed.
Rule 2: in doubt: where the provider takes our id, again, safely. Otherwise a reply, notice or follow-up waits a minute
for a report that carries our id and then goes once more, marked; a broadcast does not (a double to hundreds is worse
than a gap) and is shown to staff.
Rule 3: trouble of the line is not the message's fault: the line is held, staff are told, the attempt does not count.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from dialogs.messages import Consent, MessageKind
from dialogs.values import quickly_made
from gateway.outbound.receipts import apply_parked
from gateway.outbound.retry import back_off
from providers.base import SendFailed
from store import Tx, alerts, attempts, contacts, crash, handover, outbox, receipts
from store.attempts import Lapsed, Settled
from store.handover import Due
from store.outbox import State

log = structlog.get_logger(__name__)

#: How long a doubtful reply waits for a report that carries our id.
DOUBT = timedelta(seconds=60)
#: How long a line with a fault of its own (credit, credentials) is left alone, unless it says longer.
HOLD = timedelta(minutes=5)

ALERT_HELD = "channel_held"
ALERT_IN_DOUBT = "in_doubt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How hard one message is tried on its line. ``safe``: the provider takes our id."""

    max_attempts: int
    safe: bool


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one attempt, and what else must be kept with it.

    ``doubtful`` asks for staff: nothing more will be done by itself. ``fault`` holds the line until ``settled.due_at``.
    ``unsent`` is the message where the provider certainly did not take it: the brakes count that attempt no more.
    """

    settled: Settled
    channel: str
    contact_id: int
    subject: str
    opted_out: bool = False
    doubtful: bool = False
    fault: bool = False
    unsent: Due | None = None


def judge(row: Due, answer: str | SendFailed, now: datetime, *, limits: Limits, jitter: float) -> Result:
    """Decide what follows from the provider's answer to the attempt that ``row`` was taken for.

    ``answer`` is the provider's id (empty if it took the message and named none) or why it did not take it.
    """
    attempt = row.attempts + 1

    def result(state: State, *, due_at: datetime | None = None, refund: bool = False, **more: bool) -> Result:
        named, why = (answer or None, None) if isinstance(answer, str) else (None, answer.reason)
        settled = Settled(
            id=row.id, attempt=attempt, state=state, at=now, external_id=named, due_at=due_at, reason=why, refund=refund
        )
        unsent = row if state in {State.RETRY_AT, State.FAILED} else None
        return Result(
            settled=settled,
            channel=row.channel,
            contact_id=row.contact_id,
            subject=subject(row),
            unsent=unsent,
            **more,
        )

    if isinstance(answer, str):
        return result(State.ACCEPTED)
    wait = back_off(attempt, jitter, answer.retry_after)
    if answer.in_doubt:
        doubted = row.doubted or (row.state is State.IN_DOUBT and not limits.safe)
        again = _again(row.kind, attempt, doubted=doubted, limits=limits, wait=wait)
        return result(State.IN_DOUBT, due_at=None if again is None else now + again, doubtful=again is None)
    if answer.channel_fault:
        return result(State.RETRY_AT, due_at=now + max(HOLD, wait), refund=True, fault=True)
    if answer.retry and attempt < limits.max_attempts:
        return result(State.RETRY_AT, due_at=now + wait)
    return result(State.FAILED, opted_out=answer.opted_out)


def lapse(row: Lapsed, now: datetime, *, limits: Limits) -> tuple[Settled, bool]:
    """Decide about a hand-over whose end nobody recorded, and whether staff must look: it is in doubt, never queued."""
    wait = back_off(row.attempts, 0.0)
    again = _again(row.kind, row.attempts, doubted=row.doubted, limits=limits, wait=wait)
    due_at = None if again is None else now + again
    settled = Settled(
        id=row.id, attempt=row.attempts, state=State.IN_DOUBT, at=now, due_at=due_at, reason="lease_ended"
    )
    return settled, again is None


def _again(kind: MessageKind, attempt: int, *, doubted: bool, limits: Limits, wait: timedelta) -> timedelta | None:
    """After what time a doubtful message goes once more; None if it does not."""
    if limits.safe:
        return wait if attempt < limits.max_attempts else None
    return None if doubted or kind is MessageKind.BROADCAST else DOUBT


def subject(row: Due | Lapsed) -> str:
    """Name a message for staff: a broadcast's messages are looked at together."""
    return f"message {row.id}" if row.broadcast_id is None else f"broadcast {row.broadcast_id}"


def record(tx: Tx, results: Sequence[Result]) -> list[None]:
    """Keep what became of these attempts, all in the open transaction: states, opt-outs, held lines, early reports."""
    rows, named = _own_ids(tx, results)
    attempts.settle(tx, rows)
    if named:
        apply_parked(tx, named, max(row.at for row in rows))
    for result in results:
        at = result.settled.at
        if result.opted_out:
            contacts.consent(tx, result.contact_id, Consent.OUT, "provider", at)
            outbox.cancel_for_contact(tx, result.contact_id, at)
        if result.doubtful:
            alerts.raise_alert(tx, ALERT_IN_DOUBT, result.subject, at)
        if result.fault:
            hold(tx, result)
    crash.point("outbox.result_written")
    return [None] * len(results)


def hold(tx: Tx, result: Result) -> None:
    """Hold a line whose fault is its own, and tell staff unless it is held already."""
    row = result.settled
    if row.due_at is None or result.channel in handover.held(tx, row.at):
        return
    log.error("channel_held", channel=result.channel, reason=row.reason)
    handover.hold(tx, result.channel, row.due_at, row.reason or "", row.at)
    alerts.raise_alert(tx, ALERT_HELD, result.channel, row.at)


def _own_ids(tx: Tx, results: Sequence[Result]) -> tuple[list[Settled], set[tuple[str, str]]]:
    """Drop ids that a provider gave before to another message: they would name neither. Give also those that stay."""
    keys = [
        (result.channel, receipts.known_id(result.settled.external_id)) if result.settled.external_id else None
        for result in results
    ]
    holders = attempts.holders(tx, {key[1] for key in keys if key})
    rows: list[Settled] = []
    named: set[tuple[str, str]] = set()
    for result, key in zip(results, keys, strict=True):
        row = result.settled
        if key and holders.setdefault(key, row.id) != row.id:
            log.warning("external_id_taken", channel=result.channel, message=row.id)
            row = replace(row, external_id=None)
        elif key:
            named.add(key)
        rows.append(row)
    return rows, named
