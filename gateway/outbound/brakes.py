"""The brakes: when enough was sent to one person, one number prefix or country, on one line, of one broadcast.

Rule 1: they are asked at hand-over and nowhere else, in the transaction that marks what goes, over counters in the
store; so no crash, restart or second process forgets what was sent.
Rule 2: counted is every hand-over that a provider took or may have taken, each attempt by itself. What it certainly
did not take (refused, or put off) is given back with the result. Screens of USSD are not counted.
Rule 3: beyond a cap nothing goes, and staff get one alert a day for it, not one a message.
Rule 4: a brake on behaviour (a contact, a prefix) cancels replies, because whoever floods us wants no answer later. A
brake on money lets all wait and looks again every hour, until the day turns or somebody raises the cap.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

import structlog

from dialogs.messages import MessageKind
from gateway.outbound.caps import Caps, Reason, Scope
from gateway.outbound.house import House
from store import Tx, alerts, brakes, handover
from store.brakes import Held, Sends, Spent
from store.columns import microseconds
from store.handover import Due
from store.outbox import PRIORITY, State

log = structlog.get_logger(__name__)

#: In so long a time one contact gets ``contact_10_minutes`` messages and no more.
WINDOW = timedelta(minutes=10)
#: What waits for money is looked at again after so long.
LOOK_AGAIN = timedelta(hours=1)
#: What a day has cost is kept for so long.
KEPT = timedelta(days=31)
#: At most so many contacts' counters are forgotten in one transaction.
CHUNK = 5_000

ALERT_SILENCED = "contact_silenced"
ALERT_LIMIT = "limit_reached"
ALERT_REPLIES = "replies_stopped"

_WINDOW = WINDOW // timedelta(microseconds=1)
_NOTHING = Sends()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A message that may not go now, and why. ``until`` None: never. ``scope`` is what has reached its cap."""

    row: Due
    reason: Reason
    until: datetime | None = None
    scope: Scope | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """Which messages go, counted; and which do not, put aside."""

    going: Sequence[Due]
    cuts: Sequence[Cut]


def admit(tx: Tx, caps: Caps, rows: Sequence[Due], now: datetime) -> Admitted:
    """Say which of these messages may go, count them, and see to the others. Three statements where all may.

    They and their contacts are locked already, and there is at most one a contact.
    """
    if not rows:
        return Admitted(going=(), cuts=())
    day = caps.day(now)
    known = brakes.sends(tx, [row.contact_id for row in rows])
    asked = [(row, _personal(caps, row, known.get(row.contact_id, _NOTHING), now, day)) for row in rows]
    cuts = [cut for _, cut in asked if cut is not None]
    going, dear = _spend(tx, caps, [row for row, cut in asked if cut is None], now)
    kept = {row.contact_id: _sent(known.get(row.contact_id, _NOTHING), now, day) for row in going}
    for cut in cuts:
        if cut.reason is Reason.CONTACT and known[cut.row.contact_id].silenced_on != day:
            kept[cut.row.contact_id] = replace(known[cut.row.contact_id], silenced_on=day)
            log.warning(ALERT_SILENCED, contact=cut.row.contact_id)
            alerts.raise_alert(tx, ALERT_SILENCED, f"contact {cut.row.contact_id}", now)
    brakes.keep(tx, kept)
    cuts += dear
    _put_aside(tx, cuts, now)
    return Admitted(going=going, cuts=cuts)


def under_way(tx: Tx, rows: Sequence[Due]) -> list[Due]:
    """Which of these attempts have no result yet. A commit whose answer was lost is told twice, and given back once."""
    attempts = brakes.under_way(tx, [row.id for row in rows])
    return [row for row in rows if attempts.get(row.id) == row.attempts + 1]


def give_back(tx: Tx, caps: Caps, rows: Sequence[Due], now: datetime) -> None:
    """Count the last attempts at these messages no more: the provider did not take them."""
    if not rows:
        return
    known = brakes.sends(tx, [row.contact_id for row in rows])
    days: dict[str, list[Due]] = {}
    for row in rows:  # a contact's last message is this one: there is one under way at a time
        day = known[row.contact_id].day if row.contact_id in known else caps.day(now)
        days.setdefault(day, []).append(row)
    for day, of_day in sorted(days.items()):
        bill = Bill.of(caps, of_day)
        brakes.spend(tx, day, {name: bill.amount(name, -1) for name in bill.scopes})
    back = {one: replace(had, messages=had.messages - 1, recent=had.recent[:-1]) for one, had in known.items()}
    brakes.keep(tx, back)


def tick(tx: Tx, house: House, now: datetime) -> int:
    """Forget whom we wrote to on days that are past, and what days a month ago cost."""
    today = now.astimezone(house.config.service.timezone).date()
    yesterday = today - timedelta(days=1)  # it stays: a clock that is set back a little finds its day again
    return brakes.forget(tx, sends_before=yesterday.isoformat(), days_before=(today - KEPT).isoformat(), limit=CHUNK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What some messages come to on each scope. The scopes are in the one order in which everybody locks them."""

    scopes: Mapping[str, Scope]
    of_row: Mapping[int, Sequence[Scope]]
    messages: Mapping[str, int]
    segments: Mapping[str, int]

    @classmethod
    def of(cls, caps: Caps, rows: Sequence[Due]) -> Self:
        """Add them up."""
        of_row = {row.id: caps.scopes(row) for row in rows}
        messages: Counter[str] = Counter()
        segments: Counter[str] = Counter()
        ranks: dict[str, tuple[int, Scope]] = {}
        for row in rows:
            for rank, scope in enumerate(of_row[row.id]):
                messages[scope.name] += 1
                segments[scope.name] += row.segments
                ranks[scope.name] = rank, scope
        ordered = sorted(ranks, key=lambda name: (ranks[name][0], name))
        return cls(
            scopes={name: ranks[name][1] for name in ordered}, of_row=of_row, messages=messages, segments=segments
        )

    def amount(self, name: str, sign: int = 1) -> Spent:
        """What they come to on one scope; with ``sign`` -1 as what is taken back."""
        return Spent(messages=sign * self.messages[name], segments=sign * self.segments[name])


def _personal(caps: Caps, row: Due, sends: Sends, now: datetime, day: str) -> Cut | None:
    """What the number itself, or what its owner got lately, says against a message."""
    refused = caps.refusal(row.recipient)
    if refused is not None:
        return Cut(row=row, reason=refused)
    recent, most = _recent(sends, now), caps.limits.contact_10_minutes
    if sends.day == day and sends.messages >= caps.limits.contact_day:
        until = caps.tomorrow(now)
    elif len(recent) >= most:
        until = now + timedelta(microseconds=recent[-most] + _WINDOW - microseconds(now))
    else:
        return None
    return Cut(row=row, reason=Reason.CONTACT, until=None if row.kind is MessageKind.REPLY else until)


def _recent(sends: Sends, now: datetime) -> list[int]:
    """The hand-overs of the last ten minutes. A time far ahead is of a clock that was set back since."""
    at = microseconds(now)
    return [one for one in sends.recent if abs(at - one) < _WINDOW]


def _sent(sends: Sends, now: datetime, day: str) -> Sends:
    count = sends.messages if sends.day == day else 0
    recent = [*_recent(sends, now), microseconds(now)]
    return Sends(day=day, messages=count + 1, recent=recent, silenced_on=sends.silenced_on)


def _spend(tx: Tx, caps: Caps, rows: Sequence[Due], now: datetime) -> tuple[Sequence[Due], list[Cut]]:
    """Count all of them, in one statement; where that is too much, cut some, broadcasts first, and take those back."""
    bill = Bill.of(caps, rows)
    total = brakes.spend(tx, caps.day(now), {name: bill.amount(name) for name in bill.scopes})
    if all(scope.calm(total[name]) for name, scope in bill.scopes.items()):
        return rows, []
    used = {name: scope.used(total[name]) - scope.used(bill.amount(name)) for name, scope in bill.scopes.items()}
    going: list[Due] = []
    cuts: list[Cut] = []
    for row in sorted(rows, key=lambda row: PRIORITY[row.kind]):
        scopes = bill.of_row[row.id]
        over = next((one for one in scopes if not one.fits(used[one.name], row.kind, row.segments)), None)
        if over is not None:
            cuts.append(_dear(caps, row, over, now))
            continue
        going.append(row)
        for scope in scopes:
            used[scope.name] += scope.cost(row.segments)
    _take_back(tx, caps, cuts, now)
    return going, cuts


def _dear(caps: Caps, row: Due, scope: Scope, now: datetime) -> Cut:
    never = scope.reason is Reason.PREFIX and row.kind is MessageKind.REPLY
    until = None if never else min(now + LOOK_AGAIN, caps.tomorrow(now))
    return Cut(row=row, reason=scope.reason, until=until, scope=scope)


def _take_back(tx: Tx, caps: Caps, cuts: Sequence[Cut], now: datetime) -> None:
    """Count what was cut no more; note since when which caps hold something back, and tell staff if that is new."""
    if not cuts:
        return
    bill = Bill.of(caps, [cut.row for cut in cuts])
    full = {(cut.scope.name, cut.row.kind is MessageKind.REPLY) for cut in cuts if cut.scope is not None}
    back = {
        name: replace(
            bill.amount(name, -1),
            slowed_at=now if (name, False) in full else None,
            stopped_at=now if (name, True) in full else None,
        )
        for name in bill.scopes
    }
    total = brakes.spend(tx, caps.day(now), back)
    for name, is_reply in sorted(full):
        since = total[name].stopped_at if is_reply else total[name].slowed_at
        if since == now:
            alert = ALERT_REPLIES if is_reply else ALERT_LIMIT
            log.error(alert, reason=bill.scopes[name].reason)  # not its name: a prefix is how numbers begin
            alerts.raise_alert(tx, alert, name, now)


def _put_aside(tx: Tx, cuts: Sequence[Cut], now: datetime) -> None:
    """Let wait what may go later, cancel what may not; each row says why."""
    if not cuts:
        return
    brakes.hold(tx, [Held(id=cut.row.id, until=cut.until, reason=cut.reason) for cut in cuts if cut.until is not None])
    for reason in Reason:
        never = [cut.row for cut in cuts if cut.until is None and cut.reason is reason]
        handover.give_up(tx, [row.id for row in never], State.CANCELLED, reason, now)
        if reason is Reason.CONTACT:  # a flood waits behind its first message: all of it at once, not one a look
            brakes.silence(tx, {row.contact_id for row in never}, reason, now)
