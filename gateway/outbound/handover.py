"""The rules checked at hand-over, and nowhere else: opt-out, expiry, quiet hours, a held line, pace.

Rule 1: they are asked at the last moment, not when a message is queued, because people opt out and nights fall while
messages wait.
Rule 2: a reply answers the person's own text, so it goes at any hour and after an opt-out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dialogs.messages import MessageKind
from gateway.channels import Channel
from gateway.outbound.retry import Pace
from store import Tx, crash, handover
from store.handover import Due
from store.outbox import State

#: Longer than one HTTP send may take (30 s), so that a lease never ends under a living send.
LEASE = timedelta(seconds=45)

#: How many rows beyond those that can be sent are looked at in one go: so many are cancelled or postponed at once.
_MORE = 64


class Ruling(StrEnum):
    """What the rules say about a message that is due."""

    SEND = "send"
    POSTPONE = "postpone"
    EXPIRED = "expired"
    OPTED_OUT = "opted_out"
    STOPPED = "broadcast_cancelled"


@dataclass(slots=True, kw_only=True)
class Line:
    """A channel that can speak first, and how fast."""

    channel: Channel
    pace: Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one look at the outbox gave: ``sends`` are marked and must now be handed over; ``ruled`` were put aside."""

    sends: Sequence[Due]
    ruled: int


def rule(row: Due, now: datetime, *, quiet: bool) -> Ruling:
    """Say whether a due message may go now. ``quiet``: these are quiet hours."""
    unasked = row.kind is not MessageKind.REPLY
    if row.stopped:
        return Ruling.STOPPED
    if unasked and row.opted_out:
        return Ruling.OPTED_OUT
    if row.expires_at is not None and row.expires_at <= now:
        return Ruling.EXPIRED
    return Ruling.POSTPONE if unasked and quiet else Ruling.SEND


def take(  # noqa: PLR0913  what, where, when, who, how many, until when not
    tx: Tx, lines: Iterable[Line], now: datetime, *, monotonic: float, owner: str, room: int, opens_at: datetime | None
) -> Taken:
    """Take up to ``room`` messages to be handed over now, marked as such; put aside those that may not go.

    ``opens_at`` is when the present quiet hours end, None outside them. Run in a transaction of its own: only after
    its commit may anything be sent. The caller then books what was taken on the lines' pace, not this function,
    because a transaction may run twice.
    """
    held = handover.held(tx, now)
    sends: list[Due] = []
    ruled = 0
    for line in lines:
        free = room - len(sends)
        if line.channel.id in held or free <= 0 or line.pace.wait(monotonic):
            continue
        rulings = [
            (row, rule(row, now, quiet=opens_at is not None))
            for row in handover.due(tx, line.channel.id, now, free + _MORE)
        ]
        ready = [row for row, ruling in rulings if ruling is Ruling.SEND][:free]
        going = ready[: line.pace.fits([row.segments for row in ready], monotonic)]
        safe = line.channel.sender is not None and line.channel.sender.idempotent
        until = now + LEASE
        crash.point("outbox.taken")
        handover.mark(tx, [row.id for row in going], owner=owner, now=now, lease_until=until, safe=safe)
        ruled += _put_aside(tx, rulings, now, opens_at)
        sends += going
    crash.point("outbox.marked")
    return Taken(sends=sends, ruled=ruled)


def _put_aside(tx: Tx, rulings: Sequence[tuple[Due, Ruling]], now: datetime, opens_at: datetime | None) -> int:
    ids: dict[Ruling, list[int]] = {ruling: [] for ruling in Ruling}
    for row, ruling in rulings:
        ids[ruling].append(row.id)
    if opens_at is not None:
        handover.postpone(tx, ids[Ruling.POSTPONE], opens_at)
    handover.give_up(tx, ids[Ruling.EXPIRED], State.EXPIRED, Ruling.EXPIRED, now)
    for ruling in (Ruling.OPTED_OUT, Ruling.STOPPED):
        handover.give_up(tx, ids[ruling], State.CANCELLED, ruling, now)
    return len(rulings) - len(ids[Ruling.SEND])
