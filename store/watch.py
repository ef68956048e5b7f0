"""What the watch keeps: how often each line is heard, which problems stand, and what waits too long."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from store import outbox
from store.outbox import State
from store.schema import heard, inbound, outbound, problems
from store.sql import Tx, insert

_e, _i, _o, _w = heard.c, inbound.c, outbound.c, problems.c

#: So many messages are counted in one go.
MOST = 5_000

_LAST = sa.select(sa.func.coalesce(sa.func.max(_i.id), 0))
_NEW = (
    sa.select(_i.channel, sa.func.count().label("messages"), sa.func.max(_i.received_at).label("last_at"))
    .where(_i.id > sa.bindparam("after"), _i.id <= sa.bindparam("until"))
    .group_by(_i.channel)
)
_COUNT = insert(heard)
_COUNT = _COUNT.on_conflict_do_update(
    index_elements=["channel", "day"],
    set_={"messages": _e.messages + _COUNT.excluded.messages, "last_at": _COUNT.excluded.last_at},
)
_DAYS = sa.select(heard).where(_e.day >= sa.bindparam("since"))
_FORGET_DAYS = sa.delete(heard).where(_e.day < sa.bindparam("since"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """How many messages came in on a line on a local day (``2026-03-02``), and when the last did."""

    channel: str
    day: str
    messages: int
    last_at: datetime


def last_inbound(tx: Tx) -> int:
    """The id of the newest message that came in."""
    return int(tx.execute(_LAST).scalar_one())


def arrived(tx: Tx, after: int) -> tuple[int, list[tuple[str, int, datetime]]]:
    """Count what came in beyond the id ``after``: up to which id, and by line how many and when the last."""
    until = min(after + MOST, last_inbound(tx))
    rows = tx.execute(_NEW, {"after": after, "until": until})
    return until, [(row.channel, row.messages, row.last_at) for row in rows]


def count(tx: Tx, rows: Collection[Heard]) -> None:
    """Add to what the lines heard."""
    for row in rows:
        tx.execute(_COUNT, {"channel": row.channel, "day": row.day, "messages": row.messages, "last_at": row.last_at})


def days(tx: Tx, since: str) -> list[Heard]:
    """What the lines heard from a day on; what was before is forgotten."""
    tx.execute(_FORGET_DAYS, {"since": since})
    return [Heard(**row) for row in tx.execute(_DAYS, {"since": since}).mappings()]


_OVERDUE = sa.select(
    sa.exists().where(
        _o.due_at.is_not(None),
        _o.channel == sa.bindparam("line"),
        _o.priority == sa.bindparam("urgency"),
        _o.due_at <= sa.bindparam("before"),
    )
)
_URGENT = tuple(sorted(set(outbox.PRIORITY.values()))[:-1])


def overdue(tx: Tx, channel: str, before: datetime) -> bool:
    """Whether a reply, notice or follow-up on this line should have gone before then. A broadcast takes its time."""
    ask = {"line": channel, "before": before}
    return any(tx.execute(_OVERDUE, {**ask, "urgency": urgency}).scalar_one() for urgency in _URGENT)


#: Not qualified, so that a test can put a view of its own before the server's.
_ARCHIVER = sa.text(
    "SELECT coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) FROM pg_stat_archiver"
)


def archiver_fails(tx: Tx) -> bool:
    """Whether PostgreSQL's last try to archive its log failed. Never on SQLite, nor where nothing is archived."""
    return tx.dialect.name == "postgresql" and bool(tx.execute(_ARCHIVER).scalar_one())


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What stands. ``told_at``: when the person on call was last told; ``clear_at``: since when it is not seen."""

    what: str
    since: datetime
    told_at: datetime | None
    clear_at: datetime | None
    message_id: int | None


_ALL = sa.select(problems)
_RAISE = insert(problems).on_conflict_do_nothing(index_elements=["what"])
_OF = sa.update(problems).where(_w.what == sa.bindparam("of"))
_TELL = _OF.values(told_at=sa.bindparam("at"), message_id=sa.bindparam("message"))
_CLEAR = _OF.values(clear_at=sa.bindparam("at"))
_OVER = sa.delete(problems).where(_w.what == sa.bindparam("of"))


def standing(tx: Tx) -> dict[str, Problem]:
    """All that stands, by its name."""
    return {row["what"]: Problem(**row) for row in tx.execute(_ALL).mappings()}


def raise_problem(tx: Tx, what: str, at: datetime) -> None:
    """Note that something stands from now on."""
    tx.execute(_RAISE, {"what": what, "since": at})


def told(tx: Tx, what: str, at: datetime, message_id: int | None) -> None:
    """Note that the person on call is told of it, in which message."""
    tx.execute(_TELL, {"of": what, "at": at, "message": message_id})


def cleared(tx: Tx, what: str, at: datetime | None) -> None:
    """Note since when it is not seen any more; None: it is seen again."""
    tx.execute(_CLEAR, {"of": what, "at": at})


def over(tx: Tx, what: str) -> None:
    """It does not stand any more."""
    tx.execute(_OVER, {"of": what})


_NEWEST_TO = (
    sa.select(_o.id)
    .where(_o.contact_id == sa.bindparam("person"), _o.due_at.is_not(None))
    .order_by(_o.id.desc())
    .limit(1)
)
_TAKE_BACK = (
    sa.update(outbound)
    .where(_o.id == sa.bindparam("row"), _o.state == State.QUEUED)
    .values(state=State.CANCELLED, due_at=None, reason="over", settled_at=sa.bindparam("now"))
)


def newest_to(tx: Tx, contact_id: int) -> int | None:
    """The id of the newest message that waits to be sent to somebody."""
    return tx.execute(_NEWEST_TO, {"person": contact_id}).scalar_one_or_none()


def take_back(tx: Tx, message_id: int, now: datetime) -> bool:
    """Do not send a message any more, if nobody has begun to; say whether that was so."""
    return bool(tx.execute(_TAKE_BACK, {"row": message_id, "now": now}).rowcount)
