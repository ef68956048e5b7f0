"""I3, I4, I5, I8, I9: what is to be sent goes once, in order, and only when and to whom it may."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialogs.messages import Consent, MessageKind
from gateway import channels
from gateway.config import Config
from gateway.invariants.evidence import HandedOver, Violation
from gateway.invariants.inbound import PATIENCE
from gateway.outbound import quiet
from gateway.outbound.handover import AWAKE, LEASE
from store import Tx, evidence, invariants
from store.evidence import Sent
from store.outbox import State

#: How far apart two transactions that did not see each other may have looked at the clock.
RACE = timedelta(seconds=2)

LAPSED = "messages were being sent when something stopped"
WAITS = "it is due and does not go"
UNKNOWN = "a provider has a message that nobody sent"
NEVER = "it counts as sent, and no provider has it"
FORBIDDEN = "it went although it was not to go"
AGAIN = "it went more than once, and its row does not say so"
THRICE = "it went more than twice"
MASS_TWICE = "a broadcast's message went twice"
DOUBLES = "more messages went twice than crashes explain"
OUT_OF_ORDER = "it went before one that was to go first"
OPTED_OUT = "it went unasked to somebody who wants no messages"
QUIET = "it went in quiet hours, and nobody was waiting for it"

_GONE = frozenset({State.ACCEPTED, State.SENT, State.DELIVERED})
_NEVER_GO = frozenset({State.ANSWERED})
_DOUBTFUL = frozenset({State.IN_DOUBT, State.HANDING_OVER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """One row of the outbox, and each time a provider took it, first to last."""

    row: Sent
    taken: Sequence[HandedOver]

    @property
    def marked(self) -> Sequence[tuple[HandedOver, datetime]]:
        """Each taking with the time at which we decided on it: known of the last one, of others no later than so."""
        last = self.taken[-1:]
        known = [(one, min(self.row.handed_at or one.at, one.at)) for one in last]
        return [*((one, one.at - LEASE) for one in self.taken[:-1]), *known]


def standing(tx: Tx, now: datetime) -> Iterator[Violation]:
    """Find hand-overs that outlived their lease."""
    if lapsed := invariants.lapsed_leases(tx, now - PATIENCE):
        yield Violation(invariant="I5", what=f"{lapsed} {LAPSED}", where="outbox")


def check(tx: Tx, p: Sequence[HandedOver], config: Config, now: datetime, *, doubles: int) -> Iterator[Violation]:
    """Compare what reached providers with what was to be sent. ``doubles``: so many crashes explain."""
    if not p:
        return
    rows = evidence.sent(tx)
    trails, unknown = follow(rows, p)
    for one in unknown:
        yield Violation(invariant="I3", what=UNKNOWN, where=f"{one.channel} at {one.at.isoformat()}")
    safe = {line.id for line in channels.build(config).values() if line.sender is not None and line.sender.idempotent}
    yield from _waiting(rows, now)
    for trail in trails:
        yield from _once(trail, safe=trail.row.channel in safe)
    crashed = [trail for trail in trails if trail.row.channel not in safe and by_crash(trail)]
    if len(crashed) > doubles:
        yield Violation(invariant="I3", what=DOUBLES, where=f"{len(crashed)} messages, explained {doubles}")
    yield from _order(trails)
    yield from _unasked(tx, trails, config)


def follow(rows: Sequence[Sent], p: Sequence[HandedOver]) -> tuple[list[Trail], list[HandedOver]]:
    """Give each row what providers took of it; and what providers took that is nobody's.

    A message is known by our id, else by the provider's. One whose answer we never read has neither where the
    provider's API takes no id of ours: then it is the doubtful row of that line with that number and those words.
    """
    by_id = {row.id: row for row in rows}
    by_theirs = {(row.channel, row.external_id): row for row in rows if row.external_id}
    taken: dict[int, list[HandedOver]] = {row.id: [] for row in rows}
    unknown: list[HandedOver] = []
    unread: list[HandedOver] = []
    for one in sorted((one for one in p if one.taken), key=lambda one: one.at):
        found = by_id.get(one.our_id) if one.our_id is not None else None
        found = found or by_theirs.get((one.channel, one.external_id or ""))
        if found is not None and (found.channel, found.recipient) == (one.channel, one.recipient):
            taken[found.id].append(one)
        else:
            (unread if one.our_id is None and found is None else unknown).append(one)
    unknown += _by_words(rows, unread, taken)
    trails = [Trail(row=row, taken=sorted(taken[row.id], key=lambda one: one.at)) for row in rows]
    return trails, unknown


def _by_words(
    rows: Sequence[Sent], unread: Sequence[HandedOver], taken: Mapping[int, list[HandedOver]]
) -> list[HandedOver]:
    """Add to ``taken`` what can only be known by its words; return what even so is nobody's.

    Of several doubtful rows that say the same it is the one that was taken least, and of these the oldest: a person's
    messages keep their order. A row that names what was taken of it later was doubted before that. Where there are any
    whose last hand-over was less than a lease before, it is one of these: what was given up long ago was not it.
    """
    doubtful: dict[tuple[str, str, str], list[Sent]] = {}
    for row in rows:
        if row.doubted or row.state in _DOUBTFUL:
            doubtful.setdefault((row.channel, row.recipient, row.text), []).append(row)
    named = {row_id: lines[0].at for row_id, lines in taken.items() if lines}
    nobodys = []
    for one in unread:
        alike = [
            row
            for row in doubtful.get((one.channel, one.recipient, one.text), [])
            if row.created_at <= one.at <= named.get(row.id, one.at)
        ]
        alike = [row for row in alike if row.handed_at and one.at <= row.handed_at + LEASE] or alike
        if alike:
            taken[min(alike, key=lambda row: (len(taken[row.id]), row.id)).id].append(one)
        else:
            nobodys.append(one)
    return nobodys


def by_crash(trail: Trail) -> bool:
    """Whether a message went twice although the provider answered the first time: only our own death explains it."""
    return len(trail.taken) > 1 and any(one.answered for one in trail.taken[:-1])


def _waiting(rows: Sequence[Sent], now: datetime) -> Iterator[Violation]:
    """Find what is long due and does not go, although no other message of that person waits for its own time."""
    waiting = [row for row in rows if row.due_at is not None]
    behind = {row.contact_id for row in waiting if row.due_at is not None and row.due_at >= now - PATIENCE}
    for row in waiting:
        if row.contact_id not in behind:
            yield Violation(invariant="I3", what=WAITS, where=f"message {row.id}")


def _once(trail: Trail, *, safe: bool) -> Iterator[Violation]:
    row, times = trail.row, len(trail.taken)
    where = f"message {row.id}"
    if row.state in _GONE and not times:
        yield Violation(invariant="I3", what=NEVER, where=where)
    if times and (row.state in _NEVER_GO or not row.attempts):
        yield Violation(invariant="I3", what=FORBIDDEN, where=where)
    if times <= 1 or safe:
        return
    if not row.doubted:
        yield Violation(invariant="I3", what=AGAIN, where=where)
    if row.kind is MessageKind.BROADCAST:
        yield Violation(invariant="I3", what=MASS_TWICE, where=where)
    if times > 2:  # noqa: PLR2004  once, and once more in doubt
        yield Violation(invariant="I3", what=THRICE, where=where)


def _order(trails: Sequence[Trail]) -> Iterator[Violation]:
    """A person's messages on one line go by priority and then by age, among those that waited at the same time."""
    firsts: dict[tuple[str, int], list[tuple[HandedOver, Sent]]] = {}
    for trail in trails:
        if trail.taken:
            firsts.setdefault((trail.row.channel, trail.row.contact_id), []).append((trail.taken[0], trail.row))
    for going in firsts.values():
        going.sort(key=lambda one: one[0].at)
        for at, (line, row) in enumerate(going):
            for _, later in going[at + 1 :]:
                alike = later.priority == row.priority and later.id < row.id
                if alike or (later.priority < row.priority and later.created_at < line.at - RACE):
                    yield Violation(invariant="I4", what=OUT_OF_ORDER, where=f"message {row.id}")


def _unasked(tx: Tx, trails: Sequence[Trail], config: Config) -> Iterator[Violation]:
    history, wrote = evidence.consent_history(tx), _wrote(tx)
    hours, zone = config.quiet_hours, config.service.timezone
    for trail in trails:
        row, asked = trail.row, trail.row.kind is MessageKind.REPLY
        for line, decided in trail.marked:
            if not asked and _out(history.get(row.contact_id, ()), decided - RACE):
                yield Violation(invariant="I8", what=OPTED_OUT, where=f"message {row.id}")
            night = quiet.opens_at(decided, hours.start, hours.end, zone)
            if night is None or night != quiet.opens_at(line.at, hours.start, hours.end, zone):
                continue
            lately = decided - AWAKE - RACE
            if not asked or not any(lately < at <= line.at for at in (row.created_at, *wrote.get(row.contact_id, ()))):
                yield Violation(invariant="I9", what=QUIET, where=f"message {row.id}")


def _wrote(tx: Tx) -> Mapping[int, Sequence[datetime]]:
    """When each contact wrote."""
    found: dict[int, list[datetime]] = {}
    for row in evidence.heard(tx):
        if row.contact_id is not None:
            found.setdefault(row.contact_id, []).append(row.received_at)
    return found


def _out(history: Sequence[tuple[datetime, Consent]], at: datetime) -> bool:
    """Whether somebody wanted no messages at that time."""
    said = [kind for when, kind in history if when <= at]
    return said[-1:] == [Consent.OUT]


def doubled(rows: Sequence[Sent], p: Sequence[HandedOver]) -> Mapping[str, int]:
    """Count, for a report: messages that went twice, how many of them our death explains, how many are marked."""
    twice = [trail for trail in follow(rows, p)[0] if len(trail.taken) > 1]
    return {
        "twice": len(twice),
        "by_crash": sum(by_crash(trail) for trail in twice),
        "marked": sum(trail.row.doubted for trail in twice),
    }
