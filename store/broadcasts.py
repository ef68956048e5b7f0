"""Broadcasts: notices to many, kept with what was approved and how far their queueing is.

Rule: who goes on with a broadcast holds its row, so that each contact is reached once however many processes work.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialogs.contacts import Contact
from dialogs.outreach import Audience, Broadcast, BroadcastStatus
from store.hot import Hot
from store.schema import broadcasts, contacts
from store.sql import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A broadcast and how far it is. ``text_hash`` is of what was approved; contacts up to ``cursor`` are done."""

    broadcast: Broadcast
    text_hash: str
    cursor: int
    last_contact: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of an audience speak a language, apart by whether they want notices."""

    language: str
    opted_out: bool
    count: int
    last_contact: int


_b = broadcasts.c
_ADD = sa.insert(broadcasts).returning(_b.id)
_READ = sa.select(broadcasts).where(_b.id == sa.bindparam("broadcast"))
_LOCK = _READ.with_for_update()
_ALL = sa.select(broadcasts).order_by(_b.id.desc()).limit(sa.bindparam("limit"))
_CLAIM = (
    sa.select(broadcasts)
    .where(
        sa.or_(
            sa.and_(_b.status == BroadcastStatus.QUEUEING, _b.due_at <= sa.bindparam("now")),
            sa.and_(_b.status == BroadcastStatus.CANCELLED, _b.cursor < _b.last_contact),
        )
    )
    .order_by(_b.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_CHANGE = sa.update(broadcasts).where(_b.id == sa.bindparam("broadcast"))


def add(tx: Tx, broadcast: Broadcast, *, text_hash: str, last_contact: int) -> int:
    """Keep a new broadcast (its ``id`` is not read) for contacts up to ``last_contact``; give its id."""
    row = {
        "texts": dict(broadcast.texts),
        "text_hash": text_hash,
        "place": broadcast.audience.place,
        "created_by": broadcast.created_by,
        "created_at": broadcast.created_at,
        "due_at": broadcast.due_at,
        "status": broadcast.status,
        "recipients": broadcast.recipients,
        "cursor": 0,
        "last_contact": last_contact,
    }
    return int(tx.execute(_ADD, row).scalar_one())


def read(tx: Tx, broadcast_id: int, *, lock: bool = False) -> Kept | None:
    """Read a broadcast; ``lock`` it to change it in the same transaction."""
    row = tx.execute(_LOCK if lock else _READ, {"broadcast": broadcast_id}).mappings().one_or_none()
    return None if row is None else _kept(row)


def latest(tx: Tx, limit: int) -> list[Kept]:
    """Read the newest broadcasts, newest first."""
    return [_kept(row) for row in tx.execute(_ALL, {"limit": limit}).mappings()]


def claim(tx: Tx, now: datetime) -> Kept | None:
    """Claim one broadcast that has more to be queued now, or, cancelled, to be taken out of the outbox."""
    row = tx.execute(_CLAIM, {"now": now}).mappings().one_or_none()
    return None if row is None else _kept(row)


def change(tx: Tx, broadcast_id: int, **columns: Any) -> None:
    """Set columns of a broadcast: status, cursor, who approved and when."""
    tx.execute(_CHANGE.values(**columns), {"broadcast": broadcast_id})


def _kept(row: sa.RowMapping) -> Kept:
    return Kept(
        broadcast=Broadcast(
            id=row["id"],
            texts=row["texts"],
            audience=Audience(place=row["place"]),
            created_by=row["created_by"],
            created_at=row["created_at"],
            due_at=row["due_at"],
            status=BroadcastStatus(row["status"]),
            recipients=row["recipients"],
            approved_by=row["approved_by"],
        ),
        text_hash=row["text_hash"],
        cursor=row["cursor"],
        last_contact=row["last_contact"],
    )


_c = contacts.c
_SHARES = sa.select(
    _c.language,
    _c.opted_out_at.is_not(None).label("opted_out"),
    sa.func.count().label("count"),
    sa.func.max(_c.id).label("last_contact"),
).group_by(_c.language, _c.opted_out_at.is_not(None))
#: A row is read by position, much faster than by name: a chunk of five hundred holds the store.
_FIELDS = tuple(field.name for field in fields(Contact))
_MEMBERS = (
    sa.select(*(_c[name] for name in _FIELDS))
    .where(_c.id > sa.bindparam("after"), _c.id <= sa.bindparam("last"), _c.opted_out_at.is_(None))
    .order_by(_c.id)
    .limit(sa.bindparam("limit"))
)
_OF_PLACE = _c.place == sa.bindparam("place")
_EVERYBODY, _NEIGHBOURS = Hot(_MEMBERS), Hot(_MEMBERS.where(_OF_PLACE))


def shares(tx: Tx, audience: Audience) -> list[Share]:
    """Count an audience by language and by whether they want notices."""
    if audience.place is None:
        rows = tx.execute(_SHARES).mappings()
    else:
        rows = tx.execute(_SHARES.where(_OF_PLACE), {"place": audience.place}).mappings()
    return [Share(**{**row, "opted_out": bool(row["opted_out"])}) for row in rows]


def members(tx: Tx, audience: Audience, *, after: int, last: int, limit: int) -> list[Contact]:
    """Read up to ``limit`` of an audience who want notices, by id: beyond ``after``, up to ``last``."""
    ask = {"after": after, "last": last, "limit": limit, "place": audience.place}
    rows = (_EVERYBODY if audience.place is None else _NEIGHBOURS).all(tx, ask)
    return [Contact(**dict(zip(_FIELDS, row, strict=True))) for row in rows]
