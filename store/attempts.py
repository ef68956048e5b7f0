"""What became of hand-overs: results, and hand-overs whose end nobody recorded.

Rule: what may have been sent is never called unsent: ``in_doubt`` stays so until a provider says more.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialogs.messages import MessageKind
from dialogs.values import quickly_made
from store.hot import Hot
from store.outbox import FINAL, State
from store.schema import outbound
from store.sql import Tx, one_of


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of one attempt. ``refund`` gives the attempt back: the trouble was the line's, not the message's."""

    id: int
    attempt: int
    state: State
    at: datetime
    external_id: str | None = None
    due_at: datetime | None = None
    reason: str | None = None
    refund: bool = False


_o = outbound.c
_SETTLE = (
    sa.update(outbound)
    .where(
        _o.id == sa.bindparam("row"),
        _o.attempts == sa.bindparam("attempt"),
        sa.or_(_o.state == State.HANDING_OVER, _o.state == State.IN_DOUBT),  # IN cannot be said to many rows at once
    )
    .values(
        state=sa.bindparam("as_"),
        due_at=sa.bindparam("next"),
        external_id=sa.func.coalesce(_o.external_id, sa.bindparam("their_id")),
        reason=sa.bindparam("why"),
        attempts=_o.attempts - sa.bindparam("back"),
        owner=None,
        lease_until=None,
        settled_at=sa.bindparam("settled"),
    )
)


_KEEP = Hot(_SETTLE)


def settle(tx: Tx, rows: Sequence[Settled]) -> None:
    """Keep what became of attempts. One that a delivery report or a later attempt has overtaken changes nothing."""
    if rows:
        _KEEP.each(tx, [_settled(row) for row in sorted(rows, key=lambda row: row.id)])


def _settled(row: Settled) -> dict[str, object]:
    return {
        "row": row.id,
        "attempt": row.attempt,
        "as_": row.state,
        "next": row.due_at,
        "their_id": row.external_id,
        "why": row.reason,
        "back": int(row.refund),
        "settled": row.at if row.state in FINAL else None,
    }


_TAKEN = Hot(sa.select(_o.channel, _o.external_id, _o.id).where(one_of(_o.external_id, "external_ids")))


def holders(tx: Tx, external_ids: Collection[str]) -> dict[tuple[str, str], int]:
    """Whose these ids of providers are: (channel, external id) → our id."""
    if not external_ids:
        return {}
    rows = _TAKEN.all(tx, {"external_ids": external_ids})
    return {(channel, external_id): ours for channel, external_id, ours in rows}


def _abandoned(why: sa.ColumnElement[bool]) -> sa.Select[Any]:
    columns = (_o[name] for name in ("id", "channel", "kind", "attempts", "doubted", "broadcast_id"))
    return (
        sa.select(*columns)
        .where(_o.state == State.HANDING_OVER, _o.lease_until.is_not(None), why)
        .order_by(_o.lease_until)
        .limit(sa.bindparam("limit"))
        .with_for_update(skip_locked=True)
    )


_LAPSED = _abandoned(_o.lease_until <= sa.bindparam("now"))
_OF_OTHERS = _abandoned(_o.owner != sa.bindparam("mine"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed:
    """A hand-over whose end nobody recorded."""

    id: int
    channel: str
    kind: MessageKind
    attempts: int
    doubted: bool
    broadcast_id: int | None


def lapsed(tx: Tx, now: datetime, limit: int) -> list[Lapsed]:
    """Up to ``limit`` hand-overs whose lease has ended."""
    return [_lapsed(row) for row in tx.execute(_LAPSED, {"now": now, "limit": limit}).mappings()]


def of_others(tx: Tx, owner: str, limit: int) -> list[Lapsed]:
    """Up to ``limit`` hand-overs of all but ``owner``, whatever their lease: for who knows that the others are dead."""
    return [_lapsed(row) for row in tx.execute(_OF_OTHERS, {"mine": owner, "limit": limit}).mappings()]


def _lapsed(row: sa.RowMapping) -> Lapsed:
    return Lapsed(**{**row, "kind": MessageKind(row["kind"])})
