"""What a person must look at: poison messages, hand-overs, doubtful sends, low credit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from store.hot import Hot
from store.schema import alerts
from store.sql import Tx

_a = alerts.c

_STANDS = sa.exists().where(
    _a.seen_by.is_(None),
    _a.reason == sa.bindparam("why"),
    _a.subject.is_not_distinct_from(sa.bindparam("of", type_=_a.subject.type)),
)
_RAISE = Hot(
    sa.insert(alerts).from_select(
        ["reason", "subject", "at"],
        sa.select(
            sa.bindparam("why", type_=_a.reason.type),
            sa.bindparam("of", type_=_a.subject.type),
            sa.bindparam("when", type_=_a.at.type),
        ).where(~_STANDS),
    )
)
_OPEN = sa.select(alerts).where(_a.seen_by.is_(None)).order_by(_a.id)
_SEEN = sa.update(alerts).where(_a.id == sa.bindparam("row"), _a.seen_by.is_(None)).values(seen_by=sa.bindparam("by"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Somebody must look. ``reason`` is one word of a closed list; ``subject`` a code, a channel, a template, an id."""

    id: int
    reason: str
    subject: str | None
    at: datetime


def raise_alert(tx: Tx, reason: str, subject: str | None, at: datetime) -> bool:
    """Ask for a person, unless the same is asked already and nobody has looked; say whether it is new."""
    return bool(_RAISE.run(tx, {"why": reason, "of": subject, "when": at}))


def raise_each(tx: Tx, asked: Sequence[tuple[str, str | None]], at: datetime) -> None:
    """The same for many, each a reason and a subject. One statement."""
    _RAISE.each(tx, [{"why": reason, "of": subject, "when": at} for reason, subject in asked])


def open_alerts(tx: Tx) -> list[Alert]:
    """Read what nobody has looked at yet, oldest first."""
    return [Alert(id=row.id, reason=row.reason, subject=row.subject, at=row.at) for row in tx.execute(_OPEN)]


def see(tx: Tx, alert_id: int, by: str) -> bool:
    """Note who looked at it; say whether it was still open."""
    return bool(tx.execute(_SEEN, {"row": alert_id, "by": by}).rowcount)
