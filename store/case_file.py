"""What is kept beside a case: the dates promised, what people added, and the neighbours who support it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from store import schema
from store.sql import Tx, insert, one_of

_PROMISE = sa.insert(schema.promises)
_PROMISES = (
    sa.select(schema.promises).where(schema.promises.c.case_id == sa.bindparam("of")).order_by(schema.promises.c.id)
)
_NOTE = sa.insert(schema.notes)
_NOTES = sa.select(schema.notes).where(schema.notes.c.case_id == sa.bindparam("of")).order_by(schema.notes.c.id)
_SUPPORT = insert(schema.supporters).on_conflict_do_nothing(index_elements=["case_id", "contact_id"])
_SUPPORTERS = (
    sa.select(schema.supporters.c.case_id, sa.func.count())
    .where(one_of(schema.supporters.c.case_id, "ids"))
    .group_by(schema.supporters.c.case_id)
)
_WHO = (
    sa.select(schema.supporters.c.contact_id)
    .where(schema.supporters.c.case_id == sa.bindparam("of"))
    .order_by(schema.supporters.c.at, schema.supporters.c.contact_id)
    .limit(sa.bindparam("most"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A date that a resident was told, why, and when it was told."""

    due_at: datetime
    reason: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What somebody added to a case."""

    author: str
    text: str
    at: datetime


def promise(tx: Tx, case_id: int, due_at: datetime, reason: str, at: datetime) -> None:
    """Write down a date that was promised. Rows are added, never rewritten."""
    tx.execute(_PROMISE, {"case_id": case_id, "due_at": due_at, "reason": reason, "made_at": at})


def promises(tx: Tx, case_id: int) -> list[Promise]:
    """Read the dates promised, first to last."""
    rows = tx.execute(_PROMISES, {"of": case_id})
    return [Promise(due_at=row.due_at, reason=row.reason, made_at=row.made_at) for row in rows]


def note(tx: Tx, case_id: int, author: str, text: str, at: datetime) -> None:
    """Keep what somebody added to a case."""
    tx.execute(_NOTE, {"case_id": case_id, "author": author, "text": text, "at": at})


def notes(tx: Tx, case_id: int) -> list[Note]:
    """Read what was added, first to last."""
    return [Note(author=row.author, text=row.text, at=row.at) for row in tx.execute(_NOTES, {"of": case_id})]


def support(tx: Tx, case_id: int, contact_id: int, at: datetime) -> bool:
    """Add a neighbour to a case; say whether they are new to it."""
    return bool(tx.execute(_SUPPORT, {"case_id": case_id, "contact_id": contact_id, "at": at}).rowcount)


def who_supports(tx: Tx, case_id: int, most: int) -> Sequence[int]:
    """The contacts who support a case, the first that did so first."""
    return tx.execute(_WHO, {"of": case_id, "most": most}).scalars().all()


def supporters(tx: Tx, case_id: int) -> int:
    """Count the neighbours who support a case."""
    return supporters_of(tx, [case_id])[case_id]


def supporters_of(tx: Tx, case_ids: Collection[int]) -> dict[int, int]:
    """Count the neighbours who support each of these cases. One statement."""
    counted = {row[0]: row[1] for row in tx.execute(_SUPPORTERS, {"ids": case_ids})} if case_ids else {}
    return {case_id: counted.get(case_id, 0) for case_id in case_ids}
