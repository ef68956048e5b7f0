"""Delivery reports: what carriers say, late, twice, out of order, before we know the message, move it only forward.

Rule 1: ``queued < sent < delivered | failed``. The first end stands; what arrives later or again changes nothing.
Rule 2: a report about a message that nobody knows is kept (72 h) and applied when the send's answer brings its id.
Rule 3: a report that carries our id settles a doubt: the provider has the message, so it is not sent again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from dialogs.messages import DeliveryReport, DeliveryStatus
from gateway.outbound.house import House
from store import Tx, crash, receipts
from store.outbox import State
from store.receipts import Standing

log = structlog.get_logger(__name__)

#: How long a report waits for its message to become known.
PARKED_FOR = timedelta(hours=72)
CHUNK = receipts.CHUNK

#: Ids are BIGINT; what does not fit is not an id of ours.
_LARGEST_ID = 2**63 - 1

_RANK: Mapping[State, int] = {
    State.QUEUED: 0,
    State.RETRY_AT: 0,
    State.HANDING_OVER: 0,
    State.IN_DOUBT: 0,
    State.ACCEPTED: 1,
    State.SENT: 2,
    State.DELIVERED: 3,
    State.FAILED: 3,
    State.EXPIRED: 3,
    State.CANCELLED: 3,
    State.ANSWERED: 3,
}
_MEANS: Mapping[DeliveryStatus, State] = {
    DeliveryStatus.QUEUED: State.ACCEPTED,
    DeliveryStatus.SENT: State.SENT,
    DeliveryStatus.DELIVERED: State.DELIVERED,
    DeliveryStatus.FAILED: State.FAILED,
}


def move(message: Standing, report: DeliveryReport) -> Standing:
    """Say where a message stands after a report. One that was never handed over is not moved."""
    if message.attempts == 0:
        return message
    parts = message.parts if report.parts is None else report.parts
    arrived = message.arrived
    wanted = _MEANS[report.status]
    if report.part_id is not None and wanted is State.DELIVERED:
        arrived |= {receipts.known_id(report.part_id)}
        wanted = State.SENT  # it has left; it has arrived when all of its parts have
    if parts is not None and len(arrived) >= max(parts, 1) and wanted is State.SENT:
        wanted = State.DELIVERED
    external_id = message.external_id
    if external_id is None and report.external_id is not None:
        external_id = receipts.known_id(report.external_id)
    after = replace(message, parts=parts, arrived=arrived, external_id=external_id)
    if _RANK[wanted] <= _RANK[message.state]:
        return after
    return replace(after, state=wanted, reason=report.reason if wanted is State.FAILED else message.reason)


def apply(tx: Tx, reports: Sequence[DeliveryReport], now: datetime) -> None:
    """Move the messages that these reports speak of; park those about messages that are not known yet."""
    if not reports:
        return
    ours = {report.our_id for report in reports if report.our_id is not None and 0 < report.our_id <= _LARGEST_ID}
    theirs = {receipts.known_id(report.external_id) for report in reports if report.external_id}
    before = {message.id: message for message in receipts.standing(tx, ours, theirs)}
    by_theirs = {
        (message.channel, message.external_id): message.id for message in before.values() if message.external_id
    }
    spoken: list[tuple[int, DeliveryReport]] = []
    unknown: list[DeliveryReport] = []
    for report in reports:
        message_id = _named(report, before, by_theirs)
        if message_id is not None:
            spoken.append((message_id, report))
        elif report.external_id:
            unknown.append(report)
            log.info("report_parked", channel=report.channel, status=report.status)
        else:
            log.warning("report_unknown", channel=report.channel, status=report.status)
    _move(tx, before, by_theirs, spoken, now)
    receipts.park(tx, unknown, now)
    crash.point("receipts.applied")


def _named(
    report: DeliveryReport, known: Mapping[int, Standing], by_theirs: Mapping[tuple[str, str], int]
) -> int | None:
    """Which message a report speaks of. Our id counts only on the line on which we sent it."""
    ours = None if report.our_id is None else known.get(report.our_id)
    if ours is not None and ours.channel == report.channel:
        return ours.id
    return by_theirs.get(_theirs(report.channel, report.external_id)) if report.external_id else None


def _move(
    tx: Tx,
    before: Mapping[int, Standing],
    by_theirs: dict[tuple[str, str], int],
    spoken: Sequence[tuple[int, DeliveryReport]],
    now: datetime,
) -> None:
    in_parts = {key for key, report in spoken if report.parts is not None or report.part_id is not None}
    arrived = receipts.arrived(tx, in_parts)
    stood = {key: replace(before[key], arrived=arrived.get(key, frozenset())) for key, _ in spoken}
    stands = dict(stood)
    for key, report in spoken:
        told = report
        if report.external_id and by_theirs.setdefault(_theirs(report.channel, report.external_id), key) != key:
            told = replace(report, external_id=None)  # that id is another message's
        stands[key] = move(stands[key], told)
    receipts.advance(tx, [(stood[key], stands[key]) for key in sorted(stood) if stands[key] != stood[key]], now)


def _theirs(channel: str, external_id: str) -> tuple[str, str]:
    return channel, receipts.known_id(external_id)


def apply_parked(tx: Tx, keys: Collection[tuple[str, str]], now: datetime) -> None:
    """Apply what was reported of these (channel, external id) before we knew them. Call it once they are stored."""
    apply(tx, receipts.unpark(tx, keys), now)


def tick(tx: Tx, _house: House, now: datetime) -> int:
    """Apply parked reports whose message is known by now, at most 500; say how many.

    On PostgreSQL a report and the answer to its send can be kept by two transactions at once that do not see each
    other; then the report is parked although its message is known.
    """
    reports = receipts.unpark_known(tx)
    apply(tx, reports, now)
    return len(reports)


def purge(tx: Tx, _house: House, now: datetime) -> int:
    """Drop reports that nobody has asked for in 72 hours; say how many."""
    dropped = receipts.purge_parked(tx, now - PARKED_FOR)
    if dropped:
        log.warning("reports_dropped", count=dropped)
    return dropped
