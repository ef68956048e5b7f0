"""Cases: opened with their code, found, moved. History is in ``case_events``, what stands beside in ``case_file``.

Rule: a case changes only through ``change``, which writes what happened into its chain in the same statement's breath;
and a status changes only as ``dialogs.cases.move`` allows.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialogs.cases import APPEALABLE, OPEN, Case, CaseKind, CaseStatus, Outcome, move
from dialogs.values import quickly_made
from store import case_events, schema
from store.case_events import (
    MARGIN,
    CaseEvent,
    History,
    broken_chain,
    digest,
    digest_holds,
    events,
    histories,
    withdraw_digests,
)
from store.case_file import (
    Note,
    Promise,
    behind,
    note,
    notes,
    promise,
    promises,
    support,
    supporters,
    supporters_of,
    who_supports,
)
from store.chains import START
from store.hot import Hot
from store.schema import cases, codes, followups
from store.schema.cases import OPEN_TO_NEIGHBOURS
from store.sql import Tx, one_of

__all__ = [
    "MARGIN",
    "CaseEvent",
    "History",
    "NewCase",
    "Note",
    "Promise",
    "appealable",
    "behind",
    "broken_chain",
    "change",
    "closed",
    "digest",
    "digest_holds",
    "events",
    "free_codes",
    "histories",
    "listing",
    "named",
    "neighbours",
    "note",
    "notes",
    "open_cases",
    "own",
    "promise",
    "promises",
    "support",
    "supporters",
    "supporters_of",
    "take_over",
    "who_supports",
    "withdraw_digests",
]

_c = cases.c

#: What ``own`` leaves out: nothing more is asked of the resident there. ``closed`` gives the first of them.
_OVER = (CaseStatus.CLOSED, CaseStatus.WITHDRAWN, CaseStatus.DUPLICATE, CaseStatus.REJECTED)
_MOST = 20
#: So many open cases of the places and categories that are asked about are looked at: a barrio in a flood.
_MOST_NEIGHBOURS = 200

# "asked" is written out: as a parameter SQLite would hold it against the partial index of what waits, and prepare the
# statement anew each time it is run, which costs ten times its run.
_ASKED = sa.exists(sa.literal_column("1")).where(
    followups.c.case_id == _c.id,
    followups.c.resolution_no == _c.resolution_no,
    followups.c.status == sa.literal_column("'asked'"),
)
#: A row is read by position, twenty times faster than by name: its columns stand in the order of the value's fields.
_FIELDS = tuple(field.name for field in fields(Case) if field.name != "supporters")
_CONTACT_ID = _FIELDS.index("contact_id")
_CASE: sa.Select[Any] = sa.select(*(_ASKED.label(name) if name == "asked" else _c[name] for name in _FIELDS))


_OF_PEOPLE = _CASE.where(one_of(_c.contact_id, "people")).order_by(_c.id.desc())
_OWN = Hot(_OF_PEOPLE.where(*(_c.status != status for status in _OVER)))
_CLOSED = Hot(_OF_PEOPLE.where(_c.status == CaseStatus.CLOSED))
_NAMED = Hot(_CASE.where(one_of(_c.code, "codes")))
_NEIGHBOURS = (
    _CASE.where(
        one_of(_c.place, "places"),
        one_of(_c.category, "categories"),
        sa.text(OPEN_TO_NEIGHBOURS),
        _c.opened_at > sa.bindparam("since"),
    )
    .order_by(_c.id.desc())
    .limit(sa.bindparam("most"))
)
_APPEALED = sa.exists(sa.literal_column("1")).where(
    schema.case_events.c.case_id == _c.id, schema.case_events.c.what == "appealed"
)
_APPEALABLE = _OF_PEOPLE.where(
    sa.or_(*(_c.status == status for status in sorted(APPEALABLE))),
    sa.func.coalesce(_c.resolved_at, _c.updated_at) > sa.bindparam("since"),
    sa.not_(_APPEALED),
)
_LOCKED = _CASE.add_columns(_c.last_seq, _c.last_hash).where(_c.id == sa.bindparam("row")).with_for_update(of=cases)
_TAKEN = Hot(sa.select(codes.c.code).where(one_of(codes.c.code, "codes")))
_TAKE = Hot(sa.insert(codes), columns=("code",))
_OPEN = Hot(
    sa.insert(cases).returning(_c.id, _c.code),
    columns=(
        *("code", "contact_id", "kind", "category", "place", "location_text", "description", "status", "unit"),
        *("confidential", "anonymous", "priority", "draft", "channel", "opened_at", "due_at", "updated_at"),
        *("resolution_no", "reply", "last_seq", "last_hash"),
    ),
)
_PROMISE = Hot(sa.insert(schema.promises), columns=("case_id", "due_at", "reason", "made_at"))
_OF_ROW = sa.update(cases).where(_c.id == sa.bindparam("row"))

#: What ``change`` may set.
_CHANGEABLE = frozenset(
    {
        "kind",
        "category",
        "place",
        "location_text",
        "description",
        "status",
        "unit",
        "assignee",
        "confidential",
        "anonymous",
        "priority",
        "draft",
        "due_at",
        "resolved_at",
        "resolution_no",
        "reply",
        "rating",
        "outcome",
    }
)


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """A case to open. ``actor`` is who files it: the resident, or staff on somebody's behalf."""

    code: str
    contact_id: int | None
    kind: CaseKind
    category: str
    description: str
    unit: str
    channel: str
    opened_at: datetime
    due_at: datetime
    actor: str
    place: str | None = None
    location_text: str = ""
    confidential: bool = False
    anonymous: bool = False
    priority: bool = False
    draft: bool = False


def free_codes(tx: Tx, candidates: Collection[str]) -> set[str]:
    """Leave those codes that were never given out. One statement."""
    return set(candidates).difference(*_TAKEN.all(tx, {"codes": candidates})) if candidates else set()


def open_cases(tx: Tx, rows: Sequence[NewCase], now: datetime) -> list[int]:
    """Open cases: their codes, their rows, the first link of their chains and the date promised; return their ids.

    Raise ``Clash`` if a code is taken: run the transaction again with fresh ones. Four statements.
    """
    if not rows:
        return []
    ordered = sorted(rows, key=lambda row: row.code)  # two processes take codes in one order, so never in a ring
    opened = {row.code: _opened(row, now) for row in ordered}
    hashes = {code: case_events.hashed(START, code, event) for code, event in opened.items()}
    _TAKE.each(tx, [{"code": row.code} for row in ordered])
    kept = _OPEN.returning(tx, [_row(row, now, hashes[row.code]) for row in ordered])
    ids = {code: ident for ident, code in kept}
    case_events.append(tx, [(ids[code], event, hashes[code]) for code, event in opened.items()])
    _PROMISE.each(
        tx, [{"case_id": ids[row.code], "due_at": row.due_at, "reason": "opened", "made_at": now} for row in ordered]
    )
    return [ids[row.code] for row in rows]


def own(tx: Tx, contact_ids: Collection[int]) -> dict[int, tuple[Case, ...]]:
    """Give each contact's cases that are not over (resolved ones are not), newest first, at most twenty.

    One statement.
    """
    return _by_contact(tx, _OWN, contact_ids)


def closed(tx: Tx, contact_ids: Collection[int]) -> dict[int, tuple[Case, ...]]:
    """Give each contact's closed cases, newest first, at most twenty. One statement."""
    return _by_contact(tx, _CLOSED, contact_ids)


def appealable(tx: Tx, contact_ids: Collection[int], since: datetime) -> dict[int, tuple[Case, ...]]:
    """Give each contact's cases that were decided after ``since`` and never appealed, newest first. One statement."""
    found: dict[int, list[Case]] = {contact_id: [] for contact_id in contact_ids}
    for row in tx.execute(_APPEALABLE, {"people": contact_ids, "since": since}):
        found[row[_CONTACT_ID]].append(_case(row))
    return {contact_id: tuple(theirs[:_MOST]) for contact_id, theirs in found.items()}


def named(tx: Tx, wanted: Collection[str]) -> dict[str, Case]:
    """Read cases by code, whoever reported them; unknown codes are left out. One statement."""
    return {case.code: case for case in map(_case, _NAMED.all(tx, {"codes": wanted}))} if wanted else {}


def neighbours(tx: Tx, wanted: Collection[tuple[str, str]], since: datetime) -> dict[tuple[str, str], tuple[Case, ...]]:
    """Give the open cases of each (category, place) opened after ``since``, newest first, with how many support each.

    None that is confidential. Of all of them the newest 200 are read. Two statements.
    """
    if not wanted:
        return {}
    asked = {"places": {place for _, place in wanted}, "categories": {category for category, _ in wanted}}
    found = [_case(row) for row in tx.execute(_NEIGHBOURS, {**asked, "since": since, "most": _MOST_NEIGHBOURS})]
    counts = supporters_of(tx, [case.id for case in found])
    alike: dict[tuple[str, str], list[Case]] = {pair: [] for pair in wanted}
    for case in found:
        if (pair := (case.category, str(case.place))) in alike:
            alike[pair].append(replace(case, supporters=counts[case.id]))
    return {pair: tuple(theirs) for pair, theirs in alike.items()}


def listing(
    tx: Tx,
    *,
    status: CaseStatus | None = None,
    place: str | None = None,
    unit: str | None = None,
    overdue_at: datetime | None = None,
    limit: int = 1000,
) -> list[Case]:
    """Read cases for staff: priority first, then by the date promised. ``overdue_at``: still open, and due before."""
    wanted = _CASE.order_by(_c.priority.desc(), _c.due_at, _c.id).limit(limit)
    for column, value in ((_c.status, status), (_c.place, place), (_c.unit, unit)):
        if value is not None:
            wanted = wanted.where(column == value)
    if overdue_at is not None:
        wanted = wanted.where(_c.due_at < overdue_at, _c.status.in_(sorted(OPEN)))
    return [_case(row) for row in tx.execute(wanted)]


def change(
    tx: Tx, case_id: int, *, actor: str, what: str, at: datetime, data: Mapping[str, Any], **columns: Any
) -> Case:
    """Set columns of a case, append what happened to its chain, and return the case as it now stands.

    A ``status`` goes through ``dialogs.cases.move`` (``IllegalMove``) and is written into the event too. ``data``
    holds JSON values, never a resident's words. Raise ``KeyError`` for no such case. Three statements.
    """
    if unknown := columns.keys() - _CHANGEABLE:
        raise TypeError(f"a case has no {sorted(unknown)} to change")
    row = tx.execute(_LOCKED, {"row": case_id}).one_or_none()
    if row is None:
        raise KeyError(case_id)
    case = _case(row)
    if "status" in columns:
        columns["status"] = move(case.status, CaseStatus(columns["status"]))
        data = {**data, "status": columns["status"]}
    event = CaseEvent(seq=row.last_seq + 1, at=at, actor=actor, what=what, data=data)
    hash_ = case_events.hashed(row.last_hash, case.code, event)
    tx.execute(_OF_ROW.values(**columns, updated_at=at, last_seq=event.seq, last_hash=hash_), {"row": case_id})
    case_events.append(tx, [(case_id, event, hash_)])
    return _changed(case, at, columns)


def take_over(tx: Tx, case_id: int, contact_id: int, *, actor: str, at: datetime) -> Case:
    """Let the case be this contact's from now on, append that to its chain, and return the case as it now stands."""
    case = change(tx, case_id, actor=actor, what="taken_over", at=at, data={})
    tx.execute(_OF_ROW.values(contact_id=contact_id), {"row": case_id})
    return replace(case, contact_id=contact_id)


def _changed(case: Case, at: datetime, columns: Mapping[str, Any]) -> Case:
    shown = {name: value for name, value in columns.items() if name != "draft"}
    if "resolution_no" in shown:
        shown["asked"] = False  # nobody has been asked about a new resolution
    return replace(case, updated_at=at, **shown)


def _by_contact(tx: Tx, statement: Hot, contact_ids: Collection[int]) -> dict[int, tuple[Case, ...]]:
    # The twenty newest are taken here: numbering the rows in SQL doubled the statement's cost, and more are rare.
    found: dict[int, list[Case]] = {contact_id: [] for contact_id in contact_ids}
    if found:
        for row in statement.all(tx, {"people": contact_ids}):
            if len(theirs := found[row[_CONTACT_ID]]) < _MOST:
                theirs.append(_case(row))
    return {contact_id: tuple(theirs) for contact_id, theirs in found.items()}


def _opened(row: NewCase, now: datetime) -> CaseEvent:
    data = {"status": CaseStatus.RECEIVED, "channel": row.channel, "category": row.category}
    return CaseEvent(seq=1, at=now, actor=row.actor, what="opened", data=data)


def _row(row: NewCase, now: datetime, hash_: str) -> dict[str, Any]:
    return {
        "code": row.code,
        "contact_id": row.contact_id,
        "kind": row.kind,
        "category": row.category,
        "place": row.place,
        "location_text": row.location_text,
        "description": row.description,
        "status": CaseStatus.RECEIVED,
        "unit": row.unit,
        "confidential": row.confidential,
        "anonymous": row.anonymous,
        "priority": row.priority,
        "draft": row.draft,
        "channel": row.channel,
        "opened_at": row.opened_at,
        "due_at": row.due_at,
        "updated_at": now,
        "resolution_no": 0,
        "reply": "",
        "last_seq": 1,
        "last_hash": hash_,
    }


def _case(row: Sequence[Any]) -> Case:
    stored: dict[str, Any] = dict(zip(_FIELDS, row, strict=False))  # ``change`` reads more behind
    stored["kind"] = CaseKind(stored["kind"])
    stored["status"] = CaseStatus(stored["status"])
    stored["asked"] = bool(stored["asked"])
    if stored["outcome"] is not None:
        stored["outcome"] = Outcome(stored["outcome"])
    return Case(**stored)
