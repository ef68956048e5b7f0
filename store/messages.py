"""Messages that came in, each once, and what became of them; and both sides of a conversation, for reading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from dialogs.messages import InboundMessage, SessionEvent, Unreadable
from dialogs.values import quickly_made
from store import schema
from store.columns import EXTERNAL_ID_LENGTH, given
from store.hot import Hot
from store.schema import inbound, outbound
from store.sql import Tx, insert

_LAST = 2**63

_RECORD = Hot(
    insert(inbound)
    .on_conflict_do_nothing(index_elements=["channel", "external_id"])
    .returning(inbound.c.id, inbound.c.channel, inbound.c.external_id),
    columns=(
        *("channel", "external_id", "contact_id", "sender", "recipient", "text"),
        *("session_event", "session_key", "sent_at", "received_at", "state"),
    ),
)
_SETTLE = Hot(
    sa.update(inbound)
    .where(inbound.c.id == sa.bindparam("row"))
    .values(state=sa.bindparam("as_"), rule=sa.bindparam("by"), case_id=sa.bindparam("of")),
    apart=True,
)
_LINK = Hot(sa.update(inbound).where(inbound.c.id == sa.bindparam("row")).values(case_id=sa.bindparam("of")))
_QUARANTINE = sa.insert(schema.quarantine)
_PURGE = sa.delete(schema.quarantine).where(schema.quarantine.c.received_at < sa.bindparam("before"))
_FAILED = sa.select(inbound).where(inbound.c.state == "failed").order_by(inbound.c.received_at)


class InboundState(StrEnum):
    """What became of an inbound message. SILENT: its sender is no telephone (a short code, a name): no answer."""

    NEW = "new"
    DONE = "done"
    FAILED = "failed"
    SILENT = "silent"


class Direction(StrEnum):
    """Which way a message went, as staff and commands read it."""

    IN = "in"
    OUT = "out"


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of a message: the routing rule that decided, and the case it belongs to."""

    id: int
    state: InboundState
    rule: str | None = None
    case_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadMessage:
    """One line of a conversation. ``status`` is a state of ``inbound`` or ``outbound``."""

    direction: Direction
    channel: str
    text: str
    status: str
    at: datetime


_i, _o = inbound.c, outbound.c
_IN = sa.select(
    sa.literal(Direction.IN).label("direction"),
    _i.id,
    _i.channel,
    _i.text,
    _i.state,
    _i.received_at.label("at"),
    _i.id.label("cause"),
)
_OUT = sa.select(
    sa.literal(Direction.OUT).label("direction"),
    _o.id,
    _o.channel,
    _o.text,
    _o.state,
    _o.created_at.label("at"),
    _o.in_reply_to.label("cause"),
)
_THREAD = sa.union_all(
    _IN.where(_i.case_id == sa.bindparam("of")),
    _OUT.where(_o.case_id == sa.bindparam("of")),
)


def record(tx: Tx, messages: Sequence[tuple[InboundMessage, int | None]]) -> list[int | None]:
    """Keep inbound messages with their contacts' ids; return their ids, None where one was seen before.

    ``(channel, external_id)`` is what makes a message the same; of two in one batch the first counts. Sorted by it on
    the way in, so that two processes given the same messages wait for each other and never in a ring. One statement.
    """
    rows = {_key(message): _row(message, contact_id) for message, contact_id in reversed(messages)}
    if not rows:
        return []
    kept = _RECORD.returning(tx, [rows[key] for key in sorted(rows)])
    ids = {(channel, external_id): ident for ident, channel, external_id in kept}
    return [ids.pop(_key(message), None) for message, _ in messages]


def settle(tx: Tx, rows: Sequence[Settled]) -> None:
    """Say what became of messages. One statement."""
    _SETTLE.each(tx, [{"row": row.id, "as_": row.state, "by": row.rule, "of": row.case_id} for row in rows])


def link(tx: Tx, rows: Sequence[tuple[int, int]]) -> None:
    """Say that earlier messages belong to a case that was opened later: ``(message, case)``. One statement."""
    _LINK.each(tx, [{"row": message_id, "of": case_id} for message_id, case_id in rows])


def quarantine(tx: Tx, items: Sequence[tuple[Unreadable, datetime]]) -> None:
    """Keep authentic requests that nobody understood, as they came, until ``purge_quarantine``. One statement."""
    if items:
        tx.execute(
            _QUARANTINE,
            [
                {"channel": item.channel, "reason": item.reason, "raw": item.raw, "received_at": at}
                for item, at in items
            ],
        )


def purge_quarantine(tx: Tx, before: datetime) -> int:
    """Erase what was quarantined before then; return how many."""
    return tx.execute(_PURGE, {"before": before}).rowcount


def failed(tx: Tx) -> list[tuple[int, InboundMessage]]:
    """Read the messages that fail by themselves, oldest first, for a person to look at."""
    return [
        (
            row.id,
            InboundMessage(
                channel=row.channel,
                external_id=row.external_id,
                sender=row.sender,
                recipient=row.recipient,
                text=row.text,
                received_at=row.received_at,
                sent_at=row.sent_at,
                session_event=SessionEvent(row.session_event),
                session_key=row.session_key,
            ),
        )
        for row in tx.execute(_FAILED)
    ]


def thread(tx: Tx, case_id: int) -> list[ThreadMessage]:
    """Read all that was said about a case, both ways, in order of time."""
    return _in_order(tx.execute(_THREAD, {"of": case_id}))


def _key(message: InboundMessage) -> tuple[str, str]:
    return message.channel, given(message.external_id, EXTERNAL_ID_LENGTH)


def _row(message: InboundMessage, contact_id: int | None) -> dict[str, Any]:
    return {
        "channel": message.channel,
        "external_id": message.external_id,
        "contact_id": contact_id,
        "sender": message.sender,
        "recipient": message.recipient,
        "text": message.text,
        "session_event": message.session_event,
        "session_key": message.session_key,
        "sent_at": message.sent_at,
        "received_at": message.received_at,
        "state": InboundState.NEW,
    }


def _in_order(rows: Iterable[sa.Row[Any]]) -> list[ThreadMessage]:
    """Sort by time; within one instant an answer stands after what it answers."""
    ordered = sorted(rows, key=lambda row: (row.at, row.cause or _LAST, row.direction, row.id))
    return [
        ThreadMessage(
            direction=Direction(row.direction), channel=row.channel, text=row.text, status=row.state, at=row.at
        )
        for row in ordered
    ]
