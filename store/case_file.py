"""What is kept beside a case: the dates promised, what people added, and the neighbours who support it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

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

_c, _m, _s = schema.cases.c, schema.merges.c, schema.supporters.c


def parts() -> sa.CTE:
    """Each case asked about (``root``) with its ``part``s: itself, and what was merged into it or into one of those."""
    roots = sa.select(_c.id.label("root"), _c.id.label("part"), _c.contact_id.label("owner"))
    whole = roots.where(one_of(_c.id, "ids")).cte("parts", recursive=True)
    more = sa.select(whole.c.root, _m.case_id, whole.c.owner).join(whole, _m.into_id == whole.c.part)
    return whole.union(more)


def _backers() -> sa.Subquery:
    """Everybody behind each root: who supports any of its parts, and who reported a part that was merged into it.

    ``known`` is the code under which they know it. A merged case that is nobody's (filed without a number, or its
    resident was forgotten) still is one voice: it stands under its own id, below nought.
    """
    whole = parts()
    root, part, owner = whole.c.root, whole.c.part, whole.c.owner
    supporting = sa.select(root, owner, _s.contact_id.label("who"), _s.at, part.label("known"))
    reporting = sa.select(root, owner, sa.func.coalesce(_c.contact_id, -_c.id), _m.at, root)
    both = supporting.join(schema.supporters, _s.case_id == part).union_all(
        reporting.join(schema.merges, _m.case_id == part).join(schema.cases, _c.id == part).where(part != root)
    )
    return both.subquery("backers")


_backer = _backers().c
_NOT_THE_OWNER = _backer.who.is_distinct_from(_backer.owner)
_SUPPORTERS = (
    sa.select(_backer.root, sa.func.count(_backer.who.distinct())).where(_NOT_THE_OWNER).group_by(_backer.root)
)
_WHO = (
    sa.select(_backer.who, _c.code)
    .join(schema.cases, _c.id == _backer.known)
    .where(_NOT_THE_OWNER, _backer.who > 0)
    .order_by(_backer.at, _backer.who, _backer.known)
)
_BEHIND = sa.select(_backer.root, _backer.who).where(one_of(_backer.who, "people")).distinct()


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


def who_supports(tx: Tx, case_id: int, most: int) -> dict[int, str]:
    """The contacts who support a case, the first that did so first, and the code under which each knows it.

    Who supported a case that was merged into this one knows that one's; who reported it was told of this one.
    """
    known: dict[int, str] = {}
    for who, code in tx.execute(_WHO, {"ids": [case_id]}):
        known.setdefault(who, code)
    return dict(islice(known.items(), most))


def behind(tx: Tx, people: Collection[int], case_ids: Collection[int]) -> set[tuple[int, int]]:
    """Who of these contacts stands behind which of these cases, as ``(case, contact)``. One statement."""
    return {(row[0], row[1]) for row in tx.execute(_BEHIND, {"people": people, "ids": case_ids})} if case_ids else set()


def supporters(tx: Tx, case_id: int) -> int:
    """Count the neighbours who support a case, those of cases that were merged into it among them."""
    return supporters_of(tx, [case_id])[case_id]


def supporters_of(tx: Tx, case_ids: Collection[int]) -> dict[int, int]:
    """Count the neighbours who support each of these cases. One statement."""
    counted = {row[0]: row[1] for row in tx.execute(_SUPPORTERS, {"ids": case_ids})} if case_ids else {}
    return {case_id: counted.get(case_id, 0) for case_id in case_ids}
