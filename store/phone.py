"""What one telephone said and heard, and what we made of it; for the simulator's page, where people try things out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from store.messages import Direction
from store.schema import cases, inbound, outbound
from store.sql import Tx, one_of

#: How many of the store's newest messages are looked through each way. There is no index by telephone: each index is
#: one more page to dirty a message, and nobody but this page would read it.
_FAR = 5_000
_LAST = 2**63

_i, _o = inbound.c, outbound.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A message and what became of it. ``rule`` is the routing rule that decided (in), ``template`` our words (out)."""

    id: int
    direction: Direction
    channel: str
    text: str
    state: str
    at: datetime
    code: str | None
    rule: str | None
    kind: str | None
    template: str | None
    segments: int | None


def _newest(table: sa.Table, person: sa.Column[Any], columns: Collection[sa.ColumnElement[Any]]) -> sa.Subquery:
    last = sa.select(sa.func.max(table.c.id)).scalar_subquery()
    return (
        sa.select(table.c.id, table.c.channel, table.c.text, table.c.state, cases.c.code, *columns)
        .select_from(table.outerjoin(cases, cases.c.id == table.c.case_id))
        .where(one_of(table.c.channel, "lines"), person == sa.bindparam("phone"), table.c.id > last - _FAR)
        .order_by(table.c.id.desc())
        .limit(sa.bindparam("most"))
        .subquery()
    )


_SAID = _newest(
    inbound,
    _i.sender,
    (
        sa.literal(Direction.IN).label("direction"),
        _i.received_at.label("at"),
        _i.id.label("cause"),
        _i.rule,
        sa.cast(sa.null(), _o.kind.type).label("kind"),
        sa.cast(sa.null(), _o.template.type).label("template"),
        sa.cast(sa.null(), _o.segments.type).label("segments"),
    ),
)
_HEARD = _newest(
    outbound,
    _o.recipient,
    (
        sa.literal(Direction.OUT).label("direction"),
        _o.created_at.label("at"),
        _o.in_reply_to.label("cause"),
        sa.cast(sa.null(), _i.rule.type).label("rule"),
        _o.kind,
        _o.template,
        _o.segments,
    ),
)
_EXCHANGES = sa.union_all(sa.select(_SAID), sa.select(_HEARD))


def exchanges(tx: Tx, lines: Collection[str], phone: str, most: int) -> list[Exchange]:
    """Read the last ``most`` messages between one telephone and some of our lines, in order of time."""
    rows = tx.execute(_EXCHANGES, {"lines": lines, "phone": phone, "most": most})
    ordered = sorted(rows, key=lambda row: (row.at, row.cause or _LAST, row.direction, row.id))
    return [
        Exchange(
            id=row.id,
            direction=Direction(row.direction),
            channel=row.channel,
            text=row.text,
            state=row.state,
            at=row.at,
            code=row.code,
            rule=row.rule,
            kind=row.kind,
            template=row.template,
            segments=row.segments,
        )
        for row in ordered[-most:]
    ]
