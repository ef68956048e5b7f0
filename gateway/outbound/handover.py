"""The rules checked at hand-over: opt-out, a silenced case, expiry, quiet hours, a held line, pace, the brakes.

Rule 1: they are asked at the last moment, not when a message is queued, because people opt out and nights fall while
messages wait.
Rule 2: a reply answers the person's own text, so it goes after an opt-out, and in quiet hours if that text is less than
five minutes old: who wrote a moment ago is awake. What came too late for that waits for the morning, unless the person
writes again; then all that we owe goes, in its order.
Rule 3: broadcasts never take the last slots: a reply finds one free also while a provider is slow.
Rule 4: nor does a line take those kept for each other line: one whose provider says nothing holds up nobody else's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from dialogs.messages import MessageKind
from gateway.channels import Channel
from gateway.outbound import brakes, pacing
from gateway.outbound.brakes import Cut
from gateway.outbound.caps import Caps
from gateway.outbound.retry import Pace
from store import Tx, crash, handover
from store.handover import Due
from store.outbox import State

#: Longer than one HTTP send may take (30 s), so that a lease never ends under a living send.
LEASE = timedelta(seconds=45)

#: Whoever wrote this long ago is still at the telephone.
AWAKE = timedelta(minutes=5)

#: Where one message may not go now, many may not: so many are looked at, and put aside, in one transaction.
SWEEP = 500


class Ruling(StrEnum):
    """What the rules say about a message that is due."""

    SEND = "send"
    POSTPONE = "postpone"
    EXPIRED = "expired"
    OPTED_OUT = "opted_out"
    MUTED = "muted"
    STOPPED = "broadcast_cancelled"


@dataclass(slots=True, kw_only=True)
class Line:
    """A channel that can speak first, and how fast."""

    channel: Channel
    pace: Pace


def is_safe(line: Line) -> bool:
    """Whether the line's provider takes our id, so that a doubtful send can be repeated without a double."""
    return line.channel.sender is not None and line.channel.sender.idempotent


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one look at the outbox gave: ``sends`` are marked and must now be handed over; ``ruled`` were put aside.

    ``cuts`` are those of the latter that the brakes put aside.
    """

    sends: Sequence[Due]
    ruled: int
    cuts: Sequence[Cut] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many messages may be taken, how many of them may be of broadcasts, and how many are kept for each line."""

    free: int
    bulk: int
    kept: Mapping[str, int] = field(default_factory=dict)

    def of(self, line: str) -> "Room":
        """What one line may take: not what is kept for others."""
        others = sum(count for name, count in self.kept.items() if name != line)
        return Room(free=self.free - others, bulk=max(0, self.bulk - others))

    def less(self, line: str, taken: int, bulk: int) -> "Room":
        """What is left once a line has taken so many, ``bulk`` of them of broadcasts."""
        kept = {**self.kept, line: max(0, self.kept.get(line, 0) - taken)}
        return Room(free=self.free - taken, bulk=self.bulk - bulk, kept=kept)


def room(concurrency: int, flying: Mapping[str, int], bulk: int) -> Room:
    """Say what may be begun while so many messages of each line are under way, ``bulk`` of them of broadcasts.

    A sixteenth is kept for each line (rule 4), at least one where there are as many slots as lines.
    """
    free = concurrency - sum(flying.values())
    reserved = concurrency // 8
    others = max(len(flying) - 1, 1)
    each = min(max(1, concurrency // 16), (concurrency - 1) // others) if len(flying) > 1 else 0
    kept = {line: max(0, each - count) for line, count in flying.items()}
    return Room(free=free, bulk=max(0, concurrency - reserved - bulk), kept=kept)


def rule(row: Due, now: datetime, *, quiet: bool, talking: bool = False) -> Ruling:
    """Say whether a due message may go now. ``quiet``: in quiet hours. ``talking``: the person wrote a moment ago."""
    unasked = row.kind is not MessageKind.REPLY
    if row.stopped:
        return Ruling.STOPPED
    if unasked and row.opted_out:
        return Ruling.OPTED_OUT
    if unasked and row.muted:
        return Ruling.MUTED
    if row.expires_at is not None and row.expires_at <= now:
        return Ruling.EXPIRED
    late = unasked or not (talking or row.created_at > now - AWAKE)
    return Ruling.POSTPONE if quiet and late else Ruling.SEND


def take(  # noqa: PLR0913  what, where, when, who, how many, until when not
    tx: Tx,
    lines: Iterable[Line],
    now: datetime,
    *,
    monotonic: float,
    owner: str,
    room: Room,
    opens_at: datetime | None,
    caps: Caps,
) -> Taken:
    """Take as many messages as there is ``room`` for, marked as being handed over; put aside those that may not go.

    ``opens_at`` is when the present quiet hours end, None outside them. Only after the commit may anything be sent.
    The caller then books what was taken on the lines' pace, not this function, because a transaction may run twice.
    """
    held = handover.held(tx, now)
    sends: list[Due] = []
    cuts: list[Cut] = []
    ruled = 0
    for line in lines:
        mine = room.of(line.channel.id)
        if line.channel.id in held or mine.free <= 0 or line.pace.wait(monotonic):
            continue
        ready, aside = _ready(tx, line.channel.id, now, mine, opens_at)
        fit = ready[: pacing.fits(tx, line.channel.id, line.pace, [row.segments for row in ready], now, monotonic)]
        admitted = brakes.admit(tx, caps, fit, now)
        going = admitted.going
        crash.point("outbox.taken")
        ids = [row.id for row in going]
        handover.mark(tx, ids, owner=owner, now=now, lease_until=now + LEASE, safe=is_safe(line))
        pacing.book(tx, line.channel.id, line.pace, sum(row.segments for row in going), now, monotonic)
        room = room.less(line.channel.id, len(going), _bulk(going))
        ruled += aside + len(admitted.cuts)
        cuts += admitted.cuts
        sends += going
    crash.point("outbox.marked")
    return Taken(sends=sends, ruled=ruled, cuts=cuts)


def _bulk(rows: Sequence[Due]) -> int:
    return sum(row.kind is MessageKind.BROADCAST for row in rows)


def _ready(tx: Tx, channel: str, now: datetime, room: Room, opens_at: datetime | None) -> tuple[Sequence[Due], int]:
    """What may go now, as far as there is room, and how many were put aside."""
    ready, aside = _sorted_out(tx, handover.due(tx, channel, now, room.free, bulk=room.bulk), now, opens_at)
    if aside:
        more = handover.due(tx, channel, now, SWEEP, bulk=SWEEP if room.bulk else 0)
        ready, also = _sorted_out(tx, more, now, opens_at)
        aside += also
    bulk = [row for row in ready if row.kind is MessageKind.BROADCAST]
    urgent = ready[: len(ready) - len(bulk)]  # they come before broadcasts
    return [*urgent, *bulk[: room.bulk]][: room.free], aside


def _sorted_out(tx: Tx, rows: Sequence[Due], now: datetime, opens_at: datetime | None) -> tuple[Sequence[Due], int]:
    """Put aside those that may not go; give the others, and how many were put aside."""
    quiet = opens_at is not None
    late = [row.contact_id for row in rows if quiet and row.kind is MessageKind.REPLY and row.created_at <= now - AWAKE]
    talking = handover.talking(tx, late, now - AWAKE)
    rulings = [(row, rule(row, now, quiet=quiet, talking=row.contact_id in talking)) for row in rows]
    aside = _put_aside(tx, rulings, now, opens_at)
    return [row for row, ruling in rulings if ruling is Ruling.SEND], aside


def _put_aside(tx: Tx, rulings: Sequence[tuple[Due, Ruling]], now: datetime, opens_at: datetime | None) -> int:
    ids: dict[Ruling, list[int]] = {ruling: [] for ruling in Ruling}
    for row, ruling in rulings:
        ids[ruling].append(row.id)
    if opens_at is not None:
        handover.postpone(tx, ids[Ruling.POSTPONE], opens_at)
    handover.give_up(tx, ids[Ruling.EXPIRED], State.EXPIRED, Ruling.EXPIRED, now)
    for ruling in (Ruling.OPTED_OUT, Ruling.MUTED, Ruling.STOPPED):
        handover.give_up(tx, ids[ruling], State.CANCELLED, ruling, now)
    return len(rulings) - len(ids[Ruling.SEND])
