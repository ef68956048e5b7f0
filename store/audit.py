"""What staff did, and who looked at what. Append-only, one hash chain (see ``chains``).

Rule: never a resident's words or number; ``subject`` is a code or an id, ``data`` holds JSON values of our own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from store.chains import START, link
from store.schema import audit
from store.sql import Tx

_a = audit.c

_LAST = sa.select(_a.seq, _a.hash).order_by(_a.seq.desc()).limit(1)
_APPEND = sa.insert(audit)
_ALL = sa.select(audit).order_by(_a.seq)
_LATEST = sa.select(audit).order_by(_a.seq.desc()).limit(sa.bindparam("most"))

#: One chain for the house: whoever appends on PostgreSQL waits for who appended before, until that is committed.
_LOCK = sa.select(sa.func.pg_advisory_xact_lock(0x6175646974))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One act."""

    seq: int
    at: datetime
    actor: str
    act: str
    subject: str | None
    data: Mapping[str, Any]


def append(tx: Tx, *, actor: str, act: str, subject: str | None, data: Mapping[str, Any], at: datetime) -> None:
    """Write down an act, in the transaction that does it."""
    if tx.dialect.name == "postgresql":
        tx.execute(_LOCK)
    last = tx.execute(_LAST).one_or_none()
    seq, before = (last.seq + 1, last.hash) if last else (1, START)
    entry = Entry(seq=seq, at=at, actor=actor, act=act, subject=subject, data=data)
    tx.execute(
        _APPEND,
        {
            "seq": seq,
            "at": at,
            "actor": actor,
            "act": act,
            "subject": subject,
            "data": dict(data),
            "hash": _hashed(before, entry),
        },
    )


def broken(tx: Tx) -> int | None:
    """Find the first entry that was changed, put in or taken out; None if all is as written.

    Entries cut off the end leave no trace in the chain itself: compare with a hash that was kept elsewhere.
    """
    before = START
    for seq, row in enumerate(tx.execute(_ALL), start=1):
        before = _hashed(before, _entry(row))
        if (row.seq, row.hash) != (seq, before):
            return seq
    return None


def entries(tx: Tx, limit: int) -> list[Entry]:
    """Read the latest acts, newest first."""
    return [_entry(row) for row in tx.execute(_LATEST, {"most": limit})]


def _hashed(before: str, entry: Entry) -> str:
    return link(
        before,
        entry.at,
        {
            "seq": entry.seq,
            "actor": entry.actor,
            "act": entry.act,
            "subject": entry.subject,
            "data": dict(entry.data),
        },
    )


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(seq=row.seq, at=row.at, actor=row.actor, act=row.act, subject=row.subject, data=row.data)
