"""The outbox at the moment of hand-over: what is due, and what is decided about it. What came of it: ``attempts``.

Rule 1: per contact and line, messages go in the order of (priority, id), and one is under way at a time.
Rule 2: what may have been sent is never called unsent: ``in_doubt`` stays so until a provider says more.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialogs.messages import MessageKind
from dialogs.outreach import BroadcastStatus
from dialogs.values import quickly_made
from store.hot import Hot
from store.outbox import PRIORITY, State
from store.schema import accounts, broadcasts, contacts, mutes, outbound
from store.sql import Tx, insert, one_of


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A message that may be tried now, with what the rules of hand-over ask. ``attempts`` are those already made.

    ``muted`` is set when the person wants to hear no more of the case that it is about, ``stopped`` when its
    broadcast was cancelled. The fields stand in the order in which ``_DUE`` reads them.
    """

    id: int
    channel: str
    contact_id: int
    recipient: str
    text: str
    kind: MessageKind
    segments: int
    state: State
    attempts: int
    doubted: bool
    in_reply_to: int | None
    broadcast_id: int | None
    created_at: datetime
    expires_at: datetime | None
    opted_out: bool
    muted: bool
    stopped: bool


_o = outbound.c
_other = outbound.alias("other")
_BLOCKED = (
    sa.exists()
    .where(
        _other.c.contact_id == _o.contact_id,
        sa.text("(other.due_at IS NOT NULL OR other.lease_until IS NOT NULL)"),  # word for word the index's condition
        _other.c.id != _o.id,
        sa.or_(
            _other.c.lease_until.is_not(None),
            sa.and_(
                _other.c.channel == _o.channel,
                sa.or_(
                    _other.c.priority < _o.priority,
                    sa.and_(_other.c.priority == _o.priority, _other.c.id < _o.id),
                ),
            ),
        ),
    )
    .correlate(outbound)
)
_MUTED = sa.exists().where(mutes.c.contact_id == _o.contact_id, mutes.c.case_id == _o.case_id).correlate(outbound)
_DUE = (
    sa.select(
        *(_o[name] for name in ("id", "channel", "contact_id", "recipient", "text", "kind", "segments", "state")),
        *(_o[name] for name in ("attempts", "doubted", "in_reply_to", "broadcast_id", "created_at", "expires_at")),
        contacts.c.opted_out_at.is_not(None).label("opted_out"),
        _MUTED.label("muted"),
        sa.func.coalesce(broadcasts.c.status == BroadcastStatus.CANCELLED, sa.false()).label("stopped"),
    )
    .select_from(outbound.join(contacts).outerjoin(broadcasts, broadcasts.c.id == _o.broadcast_id))
    .where(
        _o.channel == sa.bindparam("channel"),
        _o.priority == sa.bindparam("priority"),
        _o.due_at <= sa.bindparam("now"),
        ~_BLOCKED,
    )
    .order_by(_o.due_at)  # and no further: after a night a hundred thousand are due at one instant, and would be sorted
    .limit(sa.bindparam("limit"))
    # The contact too, so that two workers never take two messages of one person (SQLite: one writer, no such clause).
    .with_for_update(of=[outbound, contacts], key_share=True, skip_locked=True)
)


_NEXT = Hot(_DUE)


def due(tx: Tx, channel: str, now: datetime, limit: int, *, bulk: int | None = None) -> list[Due]:
    """Up to ``limit`` messages of one line that may be tried now, the most urgent first, at most one a contact.

    At most ``bulk`` of them are of broadcasts (None: any number). On PostgreSQL they and their contacts are locked,
    and rows that others have locked are passed over.
    """
    found: list[Due] = []
    for priority in _PRIORITIES:
        left = limit - len(found)
        if bulk is not None and priority == PRIORITY[MessageKind.BROADCAST]:
            left = min(left, bulk)
        if left > 0:
            ask = {"channel": channel, "priority": priority, "now": now, "limit": left}
            found += map(_due, _NEXT.all(tx, ask))
    if found and tx.dialect.name == "postgresql":
        # Another worker may have begun and committed after our picture was taken and before we had the lock.
        flying = _flying(tx, [row.contact_id for row in found])
        found = [row for row in found if row.contact_id not in flying]
    return found


_PRIORITIES = sorted(set(PRIORITY.values()))
_KINDS = {str(kind): kind for kind in MessageKind}
_STATES = {str(state): state for state in State}


def _due(row: Sequence[Any]) -> Due:
    return Due(
        id=row[0],
        channel=row[1],
        contact_id=row[2],
        recipient=row[3],
        text=row[4],
        kind=_KINDS[row[5]],
        segments=row[6],
        state=_STATES[row[7]],
        attempts=row[8],
        doubted=row[9],
        in_reply_to=row[10],
        broadcast_id=row[11],
        created_at=row[12],
        expires_at=row[13],
        opted_out=bool(row[14]),
        muted=bool(row[15]),
        stopped=bool(row[16]),
    )


_TALKING = sa.select(_o.contact_id).where(
    one_of(_o.contact_id, "contact_ids"),
    sa.text("(due_at IS NOT NULL OR lease_until IS NOT NULL)"),
    _o.priority == PRIORITY[MessageKind.REPLY],
    _o.created_at > sa.bindparam("since"),
)


def talking(tx: Tx, contact_ids: Collection[int], since: datetime) -> set[int]:
    """Which of these contacts wait for an answer to something that they wrote after ``since``."""
    return set(tx.execute(_TALKING, {"contact_ids": contact_ids, "since": since}).scalars()) if contact_ids else set()


_LATEST = (
    sa.select(_o.contact_id, _o.id)
    .where(
        _o.channel == sa.bindparam("line"),
        _o.priority == PRIORITY[MessageKind.REPLY],
        _o.due_at <= sa.bindparam("now"),
        _o.created_at > sa.bindparam("since"),
    )
    .order_by(_o.due_at.desc())
    .limit(sa.bindparam("limit"))
    .subquery("latest")
)
_HURRY = (
    sa.update(outbound)
    .where(
        _o.id.in_(
            sa.select(_other.c.id)
            .join(_LATEST, sa.and_(_LATEST.c.contact_id == _other.c.contact_id, _LATEST.c.id > _other.c.id))
            .where(
                sa.text("(other.due_at IS NOT NULL OR other.lease_until IS NOT NULL)"),
                _other.c.channel == sa.bindparam("line"),
                _other.c.priority == PRIORITY[MessageKind.REPLY],
                _other.c.due_at > sa.bindparam("now"),
                sa.or_(_other.c.handed_at.is_(None), _other.c.handed_at <= sa.bindparam("tried")),
            )
        ),
        _o.due_at > sa.bindparam("now"),  # once more: another worker may have begun it since
    )
    .values(due_at=sa.bindparam("now"))
)


def hurry(tx: Tx, channel: str, now: datetime, *, tried: datetime, since: datetime, limit: int) -> int:
    """Make due what holds up replies written after ``since``: what waits for later, and was not tried since ``tried``.

    Say how many. A newer reply to the same person is due, and may not overtake. Only the ``limit`` newest that are due
    are looked at, so that a long queue costs no more.
    """
    return tx.execute(_HURRY, {"line": channel, "now": now, "tried": tried, "since": since, "limit": limit}).rowcount


_FLYING = sa.select(_o.contact_id).where(one_of(_o.contact_id, "contact_ids"), _o.lease_until.is_not(None))


def _flying(tx: Tx, contact_ids: Collection[int]) -> set[int]:
    return set(tx.execute(_FLYING, {"contact_ids": contact_ids}).scalars())


_MARK = Hot(
    sa.update(outbound)
    .where(one_of(_o.id, "ids"))
    .values(
        doubted=sa.or_(
            _o.doubted, sa.and_(_o.state == State.IN_DOUBT, sa.not_(sa.bindparam("safe", type_=sa.Boolean)))
        ),
        state=State.HANDING_OVER,
        attempts=_o.attempts + 1,
        due_at=None,
        owner=sa.bindparam("by"),
        lease_until=sa.bindparam("until"),
        handed_at=sa.bindparam("now"),
    )
)


def mark(tx: Tx, ids: Sequence[int], *, owner: str, now: datetime, lease_until: datetime, safe: bool) -> None:
    """Say that these are being handed over by ``owner``. Only after the commit may the carrier be called.

    ``safe``: the provider takes our id, so that sending a doubtful one again cannot double it.
    """
    if ids:
        _MARK.run(tx, {"ids": ids, "by": owner, "until": lease_until, "now": now, "safe": safe})


_POSTPONE = sa.update(outbound).where(one_of(_o.id, "ids")).values(due_at=sa.bindparam("until"))


def postpone(tx: Tx, ids: Sequence[int], until: datetime) -> None:
    """Try these no earlier than ``until``."""
    if ids:
        tx.execute(_POSTPONE, {"ids": ids, "until": until})


_GIVE_UP = (
    sa.update(outbound)
    .where(one_of(_o.id, "ids"))
    .values(
        state=sa.case((_o.state == State.IN_DOUBT, _o.state), else_=sa.bindparam("as_")),
        due_at=None,
        reason=sa.bindparam("why"),
        settled_at=sa.bindparam("now"),
    )
)


def give_up(tx: Tx, ids: Sequence[int], state: State, reason: str, now: datetime) -> None:
    """Never try these again: ``state`` is ``expired`` or ``cancelled``. What may have gone stays ``in_doubt``."""
    if ids:
        tx.execute(_GIVE_UP, {"ids": ids, "as_": state, "why": reason, "now": now})


_a = accounts.c
_HELD = Hot(sa.select(_a.channel, _a.held_until).where(_a.held_until > sa.bindparam("now")))
_HOLD = insert(accounts)
_HOLD = _HOLD.on_conflict_do_update(
    index_elements=[_a.channel], set_={"held_until": _HOLD.excluded.held_until, "problem": _HOLD.excluded.problem}
)


def held(tx: Tx, now: datetime) -> dict[str, datetime]:
    """Which lines are held at present, and until when."""
    return dict(_HELD.all(tx, {"now": now}))


def hold(tx: Tx, channel: str, until: datetime, problem: str, now: datetime) -> None:
    """Hold a line: nothing is handed over on it before ``until``."""
    tx.execute(_HOLD, {"channel": channel, "held_until": until, "problem": problem, "read_at": now})
