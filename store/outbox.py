"""The outbox: every message we mean to send, and how far it came.

Rule: a row is handed to a carrier only after a commit said so (``handing_over``, with an owner and a lease).

    queued ─▶ handing_over ─▶ accepted ─▶ sent ─▶ delivered | failed
       ▲            ├─▶ retry_at ─▶ handing_over      (certainly not processed)
       │            ├─▶ in_doubt ─▶ handing_over      (perhaps processed: once more, or not at all)
       │            └─▶ failed                        (refused)
       └─ also expired, cancelled (never sent), answered (a USSD screen: given as the answer, never sent)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

import sqlalchemy as sa

from dialogs.messages import MessageKind
from dialogs.values import quickly_made
from store.hot import Hot
from store.schema import outbound
from store.sql import Tx, one_of


class State(StrEnum):
    """How far a message came."""

    QUEUED = "queued"
    HANDING_OVER = "handing_over"
    RETRY_AT = "retry_at"
    IN_DOUBT = "in_doubt"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    ANSWERED = "answered"


#: Nothing is tried again after these. ``in_doubt`` is among them once its ``due_at`` is NULL.
FINAL = frozenset({State.DELIVERED, State.FAILED, State.EXPIRED, State.CANCELLED, State.ANSWERED})

#: At most so many messages expire in one transaction.
CHUNK = 500

PRIORITY: Mapping[MessageKind, int] = {
    MessageKind.REPLY: 0,
    MessageKind.NOTICE: 1,
    MessageKind.FOLLOWUP: 1,
    MessageKind.BROADCAST: 2,
}


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class NewOutbound:
    """A message to be sent. ``due_at`` None is at once. ``answered`` is a screen that was already given."""

    channel: str
    contact_id: int
    recipient: str
    text: str
    kind: MessageKind
    segments: int
    created_at: datetime
    template: str | None = None
    in_reply_to: int | None = None
    case_id: int | None = None
    broadcast_id: int | None = None
    due_at: datetime | None = None
    expires_at: datetime | None = None
    state: Literal["queued", "answered"] = "queued"


_o = outbound.c
_QUEUE = Hot(
    sa.insert(outbound).returning(_o.id),
    columns=(
        *("channel", "contact_id", "recipient", "text", "kind", "template", "segments", "in_reply_to", "case_id"),
        *("broadcast_id", "state", "priority", "created_at", "due_at", "expires_at", "settled_at"),
    ),
)


def queue(tx: Tx, rows: Sequence[NewOutbound]) -> list[int]:
    """Put messages into the outbox and give their ids, in order. The caller wakes the outbox after the commit."""
    return sorted(ident for (ident,) in _QUEUE.returning(tx, [_columns(row) for row in rows]))


def _columns(row: NewOutbound) -> dict[str, object]:
    answered = row.state == "answered"
    return {
        "channel": row.channel,
        "contact_id": row.contact_id,
        "recipient": row.recipient,
        "text": row.text,
        "kind": row.kind,
        "template": row.template,
        "segments": row.segments,
        "in_reply_to": row.in_reply_to,
        "case_id": row.case_id,
        "broadcast_id": row.broadcast_id,
        "state": row.state,
        "priority": PRIORITY[row.kind],
        "created_at": row.created_at,
        "due_at": None if answered else row.due_at or row.created_at,
        "expires_at": row.expires_at,
        "settled_at": row.created_at if answered else None,
    }


#: Nobody has begun to send these.
_UNBEGUN = sa.or_(_o.state == State.QUEUED, _o.state == State.RETRY_AT)
_WAITING = sa.and_(sa.text("(due_at IS NOT NULL OR lease_until IS NOT NULL)"), _o.due_at.is_not(None))


def _cancel(*which: sa.ColumnElement[bool]) -> sa.Update:
    return (
        sa.update(outbound)
        .where(*which)
        .values(
            state=sa.case((_UNBEGUN, State.CANCELLED), else_=_o.state),
            due_at=None,
            reason=sa.bindparam("why"),
            settled_at=sa.bindparam("now"),
        )
    )


_CANCEL_FOR_CONTACT = _cancel(_o.contact_id == sa.bindparam("contact"), _WAITING, _o.kind != MessageKind.REPLY)
_CANCEL_FOR_CASE = _cancel(_o.case_id == sa.bindparam("case"), _WAITING, _o.kind == MessageKind.FOLLOWUP)


def cancel_for_contact(tx: Tx, contact_id: int, now: datetime | None = None) -> None:
    """Cancel what waits for somebody who opted out: notices, follow-ups, broadcasts. Replies still go.

    One that is in doubt stays so and is not sent again.
    """
    tx.execute(_CANCEL_FOR_CONTACT, {"contact": contact_id, "why": "opted_out", "now": now})


def cancel_for_case(tx: Tx, case_id: int, now: datetime | None = None) -> None:
    """Cancel the questions about a resolution that no longer stands."""
    tx.execute(_CANCEL_FOR_CASE, {"case": case_id, "why": "case_moved", "now": now})


_OF_BROADCAST = (
    sa.select(_o.id, _o.contact_id)
    .where(_o.broadcast_id == sa.bindparam("broadcast"), _o.contact_id > sa.bindparam("after"), _o.due_at.is_not(None))
    .order_by(_o.contact_id)
    .limit(sa.bindparam("limit"))
)
_CANCEL_THESE = _cancel(one_of(_o.id, "ids"), _o.due_at.is_not(None))


def cancel_for_broadcast(tx: Tx, broadcast_id: int, *, after: int, limit: int, now: datetime) -> list[int]:
    """Cancel up to ``limit`` waiting messages of a broadcast beyond the contact ``after``; give the contacts' ids."""
    ask = {"broadcast": broadcast_id, "after": after, "limit": limit}
    rows = list(tx.execute(_OF_BROADCAST, ask))
    tx.execute(_CANCEL_THESE, {"ids": [row.id for row in rows], "why": "broadcast_cancelled", "now": now})
    return [row.contact_id for row in rows]


_NEXT_LINE = sa.select(sa.func.min(_o.channel)).where(_o.due_at.is_not(None), _o.channel > sa.bindparam("after"))
_LONGEST_DUE = (
    sa.select(_o.id, _o.expires_at)
    .where(
        _o.channel == sa.bindparam("line"),
        _o.priority == sa.bindparam("urgency"),
        _o.due_at <= sa.bindparam("now"),
    )
    .order_by(_o.due_at)
    .limit(CHUNK)
    .subquery("longest_due")
)
_EXPIRE = _cancel(
    _o.id.in_(sa.select(_LONGEST_DUE.c.id).where(_LONGEST_DUE.c.expires_at <= sa.bindparam("now"))),
    _o.due_at.is_not(None),
).values(state=sa.case((_UNBEGUN, State.EXPIRED), else_=_o.state))


def expire(tx: Tx, now: datetime) -> int:
    """End the wait of messages whose time is over, also on lines that no longer exist; say how many.

    Of each line and priority only the 500 that have been due for longest are looked at: a hundred thousand that wait
    for their turn would be read for nothing. Whatever is behind them comes up when they are gone.
    """
    count = 0
    line = tx.execute(_NEXT_LINE, {"after": ""}).scalar()
    while line is not None:
        for urgency in sorted(set(PRIORITY.values())):
            asked = {"line": line, "urgency": urgency, "now": now, "why": "expired"}
            count += tx.execute(_EXPIRE, asked).rowcount
        line = tx.execute(_NEXT_LINE, {"after": line}).scalar()
    return count


#: The carrier has it, or may have it.
_GONE_OUT = (State.HANDING_OVER, State.IN_DOUBT, State.ACCEPTED, State.SENT, State.DELIVERED)
_ASKED = sa.select(
    sa.exists().where(
        _o.case_id == sa.bindparam("case"),
        _o.kind == MessageKind.FOLLOWUP,
        _o.created_at >= sa.bindparam("since"),
        _o.state.in_(_GONE_OUT),
    )
)


def was_asked(tx: Tx, case_id: int, since: datetime) -> bool:
    """Whether a question about this case went out since then."""
    return bool(tx.execute(_ASKED, {"case": case_id, "since": since}).scalar_one())


_COUNTS = sa.select(_o.state, sa.func.count()).where(_o.broadcast_id == sa.bindparam("broadcast")).group_by(_o.state)


_LEFT = (
    sa.select(_o.id)
    .where(
        _o.broadcast_id == sa.bindparam("broadcast"),
        sa.or_(*(_o.state == state for state in (State.QUEUED, State.RETRY_AT, State.HANDING_OVER, State.IN_DOUBT))),
    )
    .order_by(_o.contact_id.desc())  # they go in the order of contacts, so what is left stands at the end
    .limit(1)
)


def any_left(tx: Tx, broadcast_id: int) -> bool:
    """Whether a message of a broadcast may still go: one in doubt is tried again where its provider knows our ids."""
    return tx.execute(_LEFT, {"broadcast": broadcast_id}).first() is not None


def counts(tx: Tx, broadcast_id: int) -> dict[State, int]:
    """How many messages of a broadcast are in each state."""
    return {State(state): count for state, count in tx.execute(_COUNTS, {"broadcast": broadcast_id})}
