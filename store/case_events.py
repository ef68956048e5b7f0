"""What happened to a case: who, when, what; one hash chain a case, so that no two cases wait for each other.

Rule: ``data`` holds codes, numbers, dates as text and staff's own choices, never a resident's words; those stand
beside it and can be erased without breaking the chain.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from dialogs.values import quickly_made
from store.chains import START, link
from store.hot import Hot
from store.schema import case_events, cases, digests
from store.sql import Tx, insert

_e = case_events.c

_APPEND = Hot(sa.insert(case_events), columns=("case_id", "seq", "at", "actor", "what", "data", "hash"))
_EVENTS = sa.select(case_events).where(_e.case_id == sa.bindparam("of")).order_by(_e.seq)
_HEAD = sa.select(cases.c.code, cases.c.last_seq, cases.c.last_hash).where(cases.c.id == sa.bindparam("of"))

_ALL = (
    sa.select(cases.c.code, cases.c.status, cases.c.last_seq, cases.c.last_hash)
    .add_columns(_e.seq, _e.at, _e.actor, _e.what, _e.data, _e.hash)
    .select_from(cases.outerjoin(case_events))
    .order_by(cases.c.id, _e.seq)
    .execution_options(yield_per=1000)
)

_LAST = (
    sa.select(_e.case_id, sa.func.max(_e.seq).label("seq"))
    .where(_e.at < sa.bindparam("before"))
    .group_by(_e.case_id)
    .subquery()
)
_HEADS = (
    sa.select(cases.c.code, _e.seq, _e.hash)
    .join(_LAST, sa.and_(_LAST.c.case_id == _e.case_id, _LAST.c.seq == _e.seq))
    .join(cases, cases.c.id == _e.case_id)
    .order_by(cases.c.code)
)
_KEEP = insert(digests).on_conflict_do_nothing(index_elements=["day"])
_KEPT = sa.select(digests).where(digests.c.day == sa.bindparam("of"))
_AHEAD = sa.delete(digests).where(digests.c.made_at > sa.bindparam("now")).returning(digests.c.day, digests.c.digest)

#: A digest leaves the last minutes out, so that a transaction still under way cannot add to what it covers.
MARGIN = timedelta(minutes=10)


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """One row of a case's history. Where the case moved, ``data["status"]`` is what it became."""

    seq: int
    at: datetime
    actor: str
    what: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A case's code and present status, and all that happened to it; ``sound`` if it stands as it was written."""

    code: str
    status: str
    events: Sequence[CaseEvent]
    sound: bool


def hashed(before: str, code: str, event: CaseEvent) -> str:
    """The hash of an event that follows the hash ``before`` in the chain of the case with this code."""
    return link(
        before,
        event.at,
        {"case": code, "seq": event.seq, "actor": event.actor, "what": event.what, "data": dict(event.data)},
    )


def append(tx: Tx, rows: Sequence[tuple[int, CaseEvent, str]]) -> None:
    """Write events with their hashes to the cases with these ids. Whoever calls moves the cases' ends along."""
    _APPEND.each(
        tx,
        [
            {
                "case_id": case_id,
                "seq": event.seq,
                "at": event.at,
                "actor": event.actor,
                "what": event.what,
                "data": dict(event.data),
                "hash": hash_,
            }
            for case_id, event, hash_ in rows
        ],
    )


def events(tx: Tx, case_id: int) -> list[CaseEvent]:
    """Read all that happened to a case, first to last."""
    return [_event(row) for row in tx.execute(_EVENTS, {"of": case_id})]


def broken_chain(tx: Tx, case_id: int) -> int | None:
    """Find the first row of a case's history that was changed, put in or taken out; None if all is as written."""
    head = tx.execute(_HEAD, {"of": case_id}).one()
    before, seq = START, 0
    for seq, row in enumerate(tx.execute(_EVENTS, {"of": case_id}), start=1):
        before = hashed(before, head.code, _event(row))
        if (row.seq, row.hash) != (seq, before):
            return seq
    return None if (seq, before) == (head.last_seq, head.last_hash) else seq + 1


def histories(tx: Tx) -> Iterator[History]:
    """Walk all cases with all that happened to them, in one statement and without holding more than one at a time."""
    for (code, status, last_seq, last_hash), rows in groupby(tx.execute(_ALL), key=lambda row: tuple(row[:4])):
        # A case to which nothing happened has one row all the same, and it is empty.
        links = [(_event(row), row.hash) for row in rows if row.seq is not None]
        end, unbroken = START, True
        for seq, (event, hash_) in enumerate(links, start=1):
            end = hashed(end, code, event)
            unbroken = unbroken and (event.seq, hash_) == (seq, end)
        sound = unbroken and (len(links), end) == (last_seq, last_hash)
        yield History(code=code, status=status, events=[event for event, _ in links], sound=sound)


def digest(tx: Tx, day: date, now: datetime) -> str:
    """Write down, once for ``day``, one hash over the ends of all chains as they were ten minutes ago; return it.

    A case that is later deleted whole, or whose history is cut, shows against it. Keep a copy out of the house.
    """
    before = now - MARGIN
    count, made = _heads(tx, before)
    tx.execute(_KEEP, {"day": day.isoformat(), "cases": count, "digest": made, "made_at": before})
    kept: str = tx.execute(_KEPT, {"of": day.isoformat()}).one().digest
    return kept


def digest_holds(tx: Tx, day: date) -> bool | None:
    """Say whether the digest of that day still follows from the chains; None if there is none."""
    row = tx.execute(_KEPT, {"of": day.isoformat()}).one_or_none()
    return None if row is None else _heads(tx, row.made_at) == (row.cases, row.digest)


def withdraw_digests(tx: Tx, now: datetime) -> list[tuple[str, str]]:
    """Take out the digests of what had happened up to a moment that is still to come: the clock was set back since.

    Return the day and the digest of each.
    """
    return sorted((row.day, row.digest) for row in tx.execute(_AHEAD, {"now": now}))


def _heads(tx: Tx, before: datetime) -> tuple[int, str]:
    whole, count = hashlib.sha256(), 0
    for code, seq, hash_ in tx.execute(_HEADS, {"before": before}):
        whole.update(f"{code} {seq} {hash_}\n".encode("ascii"))
        count += 1
    return count, whole.hexdigest()


def _event(row: sa.Row[Any]) -> CaseEvent:
    return CaseEvent(seq=row.seq, at=row.at, actor=row.actor, what=row.what, data=row.data)
