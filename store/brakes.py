"""What was sent lately: to each contact, and on each day on a line, to a country, of a broadcast, to a number prefix.

Rule 1: counted in the transaction that marks a message for hand-over, so that no crash and no second process forgets
it. An attempt that the provider certainly did not take is given back with its result.
Rule 2: a day is a local one, written ``2026-03-02``. What a day's row of a scope says is locked by who adds to it, so
two processes never both take the last segment. Whoever adds to several gives them in one order everywhere.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dialogs.messages import MessageKind
from dialogs.values import quickly_made
from store.hot import Hot
from store.outbox import State
from store.schema import contact_sends, outbound, spending
from store.sql import Tx, insert, one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a day has cost on one scope, and when something was first held for it: unasked messages, then replies."""

    messages: int = 0
    segments: int = 0
    slowed_at: datetime | None = None
    stopped_at: datetime | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Sends:
    """What one contact got: how many on ``day``, and when the latest were handed over (µs since 1970, oldest first).

    ``silenced_on`` is the last day on which something was kept from them.
    """

    day: str = ""
    messages: int = 0
    recent: Sequence[int] = ()
    silenced_on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A message that waits until a cap may have room again, and for which."""

    id: int
    until: datetime
    reason: str


_s = spending.c
_ADD = insert(spending)
_ADD = _ADD.on_conflict_do_update(
    index_elements=[_s.day, _s.scope],
    set_={
        "messages": _s.messages + _ADD.excluded.messages,
        "segments": _s.segments + _ADD.excluded.segments,
        "slowed_at": sa.func.coalesce(_s.slowed_at, _ADD.excluded.slowed_at),
        "stopped_at": sa.func.coalesce(_s.stopped_at, _ADD.excluded.stopped_at),
    },
)
_ADD_AND_TELL = Hot(
    _ADD.returning(_s.scope, _s.messages, _s.segments, _s.slowed_at, _s.stopped_at),
    columns=("day", "scope", "messages", "segments", "slowed_at", "stopped_at"),
)
_OF_DAY = sa.select(_s.scope, _s.messages, _s.segments, _s.slowed_at, _s.stopped_at).where(
    _s.day == sa.bindparam("today")
)
_FORGET_DAYS = sa.delete(spending).where(_s.day < sa.bindparam("before"))


def spend(tx: Tx, day: str, more: Mapping[str, Spent]) -> dict[str, Spent]:
    """Add to the scopes of a day, in the order of ``more``; give what each comes to. One statement.

    Less than nothing takes back. A time at which something was held is kept only if it is the day's first.
    """
    return {scope: _told(*rest) for scope, *rest in _ADD_AND_TELL.returning(tx, _spent(day, more))}


def spent(tx: Tx, day: str) -> dict[str, Spent]:
    """What a day has cost until now, by scope."""
    return {scope: _told(*rest) for scope, *rest in tx.execute(_OF_DAY, {"today": day})}


def _spent(day: str, more: Mapping[str, Spent]) -> list[dict[str, object]]:
    return [
        {
            "day": day,
            "scope": scope,
            "messages": one.messages,
            "segments": one.segments,
            "slowed_at": one.slowed_at,
            "stopped_at": one.stopped_at,
        }
        for scope, one in more.items()
    ]


def _told(messages: int, segments: int, slowed_at: datetime | None, stopped_at: datetime | None) -> Spent:
    return Spent(messages=messages, segments=segments, slowed_at=slowed_at, stopped_at=stopped_at)


_c = contact_sends.c
_SENDS = Hot(
    sa.select(_c.contact_id, _c.day, _c.messages, _c.recent, _c.silenced_on).where(one_of(_c.contact_id, "ids"))
)
_KEEP = insert(contact_sends)
_KEEP = _KEEP.on_conflict_do_update(
    index_elements=[_c.contact_id],
    set_={name: _KEEP.excluded[name] for name in ("day", "messages", "recent", "silenced_on")},
)
_KEEP_EACH = Hot(_KEEP, columns=("contact_id", "day", "messages", "recent", "silenced_on"))
_OLD = sa.select(_c.contact_id).where(_c.day < sa.bindparam("before")).limit(sa.bindparam("limit")).scalar_subquery()
_FORGET = sa.delete(contact_sends).where(_c.contact_id.in_(_OLD))


def sends(tx: Tx, contact_ids: Collection[int]) -> dict[int, Sends]:
    """What these contacts got lately; who got nothing is left out. Read it once their rows of the outbox are locked."""
    return {
        contact_id: Sends(day=day, messages=messages, recent=recent, silenced_on=silenced_on)
        for contact_id, day, messages, recent, silenced_on in _SENDS.all(tx, {"ids": contact_ids})
    }


def keep(tx: Tx, changed: Mapping[int, Sends]) -> None:
    """Keep what these contacts got. One statement."""
    if changed:
        rows = [
            {
                "contact_id": contact_id,
                "day": one.day,
                "messages": one.messages,
                "recent": list(one.recent),
                "silenced_on": one.silenced_on,
            }
            for contact_id, one in sorted(changed.items())
        ]
        _KEEP_EACH.each(tx, rows)


def forget(tx: Tx, *, sends_before: str, days_before: str, limit: int) -> int:
    """Forget who got something before one day, at most ``limit`` of them, and what days before another cost."""
    tx.execute(_FORGET_DAYS, {"before": days_before})
    return tx.execute(_FORGET, {"before": sends_before, "limit": limit}).rowcount


_o = outbound.c
_HOLD = (
    sa.update(outbound)
    .where(_o.id == sa.bindparam("row"))
    .values(due_at=sa.bindparam("until"), reason=sa.bindparam("why"))
)
_SILENCE = (
    sa.update(outbound)
    .where(
        one_of(_o.contact_id, "contact_ids"),
        sa.text("(due_at IS NOT NULL OR lease_until IS NOT NULL)"),  # word for word the index's condition
        _o.due_at.is_not(None),
        _o.kind == MessageKind.REPLY,
    )
    .values(
        state=sa.case((_o.state == State.IN_DOUBT, _o.state), else_=State.CANCELLED),
        due_at=None,
        reason=sa.bindparam("why"),
        settled_at=sa.bindparam("now"),
    )
)
_WAITING_FOR = (
    sa.select(_o.reason, sa.func.count())
    .where(
        _o.broadcast_id == sa.bindparam("broadcast"),
        sa.or_(_o.state == State.QUEUED, _o.state == State.RETRY_AT),
        one_of(_o.reason, "reasons"),
    )
    .group_by(_o.reason)
)


_UNDER_WAY = sa.select(_o.id, _o.attempts).where(one_of(_o.id, "ids"), _o.state == State.HANDING_OVER)


def under_way(tx: Tx, ids: Collection[int]) -> dict[int, int]:
    """Which of these messages are being handed over, and at which attempt."""
    return {row.id: row.attempts for row in tx.execute(_UNDER_WAY, {"ids": ids})} if ids else {}


def hold(tx: Tx, rows: Sequence[Held]) -> None:
    """Let these wait, and say in the row for what."""
    if rows:
        tx.execute(_HOLD, [{"row": row.id, "until": row.until, "why": row.reason} for row in rows])


def silence(tx: Tx, contact_ids: Collection[int], reason: str, now: datetime) -> None:
    """Cancel all replies that wait for these contacts. One that is in doubt stays so and is not sent again."""
    if contact_ids:
        tx.execute(_SILENCE, {"contact_ids": sorted(contact_ids), "why": reason, "now": now})


def held(tx: Tx, broadcast_id: int, reasons: Collection[str]) -> dict[str, int]:
    """How many messages of a broadcast wait for each of these reasons."""
    rows = tx.execute(_WAITING_FOR, {"broadcast": broadcast_id, "reasons": reasons})
    return {reason: count for reason, count in rows if reason is not None}
