"""Chores: what one process does for all now and then, and how late it is.

Rule: whoever finds a chore due moves ``due_at`` on, in a transaction; the others then find nothing due. If it dies
before the end, the chore is due again at the time it moved to.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from store.schema import chores
from store.sql import Tx, insert

_h = chores.c
_ADD = insert(chores).on_conflict_do_nothing(index_elements=["name"])
_READ = sa.select(chores).where(_h.name == sa.bindparam("chore"))
_CLAIM = (
    sa.update(chores)
    .where(_h.name == sa.bindparam("chore"), _h.due_at <= sa.bindparam("now"))
    .values(due_at=sa.bindparam("again"))
)
_DONE = (
    sa.update(chores)
    .where(_h.name == sa.bindparam("chore"))
    .values(done_at=sa.bindparam("now"), due_at=sa.bindparam("next"), late_at=sa.bindparam("late"))
)
_MOVE = sa.update(chores).where(_h.name == sa.bindparam("chore")).values(cursor=sa.bindparam("to"))
_DROP = sa.delete(chores).where(_h.name == sa.bindparam("chore"))
_LATE = sa.select(_h.name, _h.done_at).where(_h.late_at <= sa.bindparam("now")).order_by(_h.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """How a chore stands. ``late_at``: when somebody must be told that it was not done again; None: never."""

    name: str
    due_at: datetime
    late_at: datetime | None
    done_at: datetime | None
    cursor: int


def read(tx: Tx, name: str) -> Chore | None:
    """Read how a chore stands; None if it was never due."""
    row = tx.execute(_READ, {"chore": name}).mappings().one_or_none()
    return None if row is None else Chore(**row)


def claim(tx: Tx, name: str, now: datetime, *, again: datetime, late: datetime | None = None) -> Chore | None:
    """Take a chore if it is due, until ``again``; None if it is not, or if another process has it.

    One that nobody knew yet is due now, and late at ``late``.
    """
    tx.execute(_ADD, {"name": name, "due_at": now, "late_at": late})
    if not tx.execute(_CLAIM, {"chore": name, "now": now, "again": again}).rowcount:
        return None
    return read(tx, name)


def done(tx: Tx, name: str, now: datetime, *, due: datetime, late: datetime | None = None) -> None:
    """Say that a chore was done now, when it is due next, and when it would be late."""
    tx.execute(_DONE, {"chore": name, "now": now, "next": due, "late": late})


def expect(tx: Tx, name: str, now: datetime, *, late: datetime) -> None:
    """Somebody else does this chore: say when it is late if nobody says that it was done. Nothing, if it is known."""
    tx.execute(_ADD, {"name": name, "due_at": now, "late_at": late})


def move(tx: Tx, name: str, to: int) -> None:
    """Remember how far a chore has come: the last id that was looked at."""
    tx.execute(_MOVE, {"chore": name, "to": to})


def drop(tx: Tx, name: str) -> None:
    """Nobody does this chore any more."""
    tx.execute(_DROP, {"chore": name})


def late(tx: Tx, now: datetime) -> list[tuple[str, datetime | None]]:
    """Chores that should have been done again by now, and when they were done last."""
    return [(row.name, row.done_at) for row in tx.execute(_LATE, {"now": now})]
