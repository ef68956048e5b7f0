"""Follow-ups: what falls due after a resolution. Broadcasts are in ``broadcasts``.

Rule 1: what falls due is a row, claimed in the transaction that acts on it; so nothing is lost by a restart and
nothing happens twice, however many processes look.
Rule 2: a contact is locked before the rows about it, as a batch of inbound messages does, so that nobody waits in a
ring.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dialogs.outreach import FollowUpKind, FollowUpStatus
from store import contacts, outbox
from store.schema import cases, followups, sessions
from store.sql import Tx, insert, one_of

_WAITING = FollowUpStatus.WAITING
_ASKED = FollowUpStatus.ASKED

_f = followups.c
_PLAN = insert(followups).on_conflict_do_nothing(index_elements=["case_id", "resolution_no", "kind"])


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFollowUp:
    """Something that falls due after a resolution."""

    case_id: int
    resolution_no: int
    kind: FollowUpKind
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DueFollowUp:
    """A follow-up whose time has come. ``closes_at`` is when the case closes by itself, None if it does not."""

    id: int
    case_id: int
    code: str
    contact_id: int | None
    resolution_no: int
    kind: FollowUpKind
    closes_at: datetime | None


def plan_followups(tx: Tx, rows: Sequence[NewFollowUp]) -> None:
    """Write down what falls due; what is written already stays as it is."""
    if rows:
        tx.execute(
            _PLAN,
            [
                {
                    "case_id": row.case_id,
                    "resolution_no": row.resolution_no,
                    "kind": row.kind,
                    "due_at": row.due_at,
                    "status": _WAITING,
                }
                for row in rows
            ],
        )


_other = followups.alias("other")
_same = sa.and_(_other.c.case_id == _f.case_id, _other.c.resolution_no == _f.resolution_no)
_CLOSES_AT = sa.select(_other.c.due_at).where(_same, _other.c.kind == FollowUpKind.CLOSE).correlate(followups)
#: The question was not asked yet, so silence means nothing.
_UNASKED = sa.exists().where(_same, _other.c.kind == FollowUpKind.CONFIRM, _other.c.status == _WAITING)
_s = sessions.c
_TALKING = sa.and_(
    _s.contact_id.is_not(None), _s.expires_at > sa.bindparam("now"), _s.updated_at > sa.bindparam("idle_since")
)
_OUR_QUESTION = sa.and_(_s.case_code == cases.c.code, _s.dialog == "confirm", _s.step == "ask")
_ANSWERING = sa.and_(_TALKING, sa.func.coalesce(_s.case_code == cases.c.code, sa.false()), _s.step != "ask")
_DUE = (
    sa.select(
        _f.id,
        _f.case_id,
        cases.c.code,
        cases.c.contact_id,
        _f.resolution_no,
        _f.kind,
        _CLOSES_AT.scalar_subquery().label("closes_at"),
    )
    .select_from(followups.join(cases).outerjoin(sessions, _s.contact_id == cases.c.contact_id))
    .where(
        _f.status == sa.text(f"'{_WAITING}'"),  # word for word the index's condition
        _f.due_at <= sa.bindparam("now"),
        sa.case(
            (_f.kind == FollowUpKind.CLOSE, sa.not_(sa.or_(_UNASKED.correlate(followups), _ANSWERING))),
            else_=sa.not_(sa.and_(_TALKING, sa.not_(sa.func.coalesce(_OUR_QUESTION, sa.false())))),
        ),
    )
    .order_by(_f.due_at, _f.id)
    .limit(sa.bindparam("limit"))
)
_DUE_LOCKED = _DUE.where(one_of(_f.id, "ids")).with_for_update(of=followups, skip_locked=True)


def due_followups(tx: Tx, now: datetime, *, idle_since: datetime, limit: int) -> list[DueFollowUp]:
    """Claim up to ``limit`` follow-ups whose time has come and whose resident is not in the middle of something.

    Questions wait for a conversation about something else, unless it has been idle since ``idle_since``. A case is
    not closed for silence before its question was asked, nor while the resident is answering it.
    """
    ask = {"now": now, "idle_since": idle_since, "limit": limit}
    rows = [_due(row) for row in tx.execute(_DUE, ask).mappings()]
    if rows and tx.dialect.name == "postgresql":
        contacts.lock(tx, {row.contact_id for row in rows if row.contact_id is not None})
        rows = [_due(row) for row in tx.execute(_DUE_LOCKED, {**ask, "ids": [row.id for row in rows]}).mappings()]
    return rows


def _due(row: sa.RowMapping) -> DueFollowUp:
    return DueFollowUp(**{**row, "kind": FollowUpKind(row["kind"])})


_END_IDLE = (
    sa.update(sessions)
    .where(one_of(_s.contact_id, "contact_ids"), _s.expires_at > sa.bindparam("now"))
    .values(expires_at=sa.bindparam("now"))
)


def end_idle(tx: Tx, contact_ids: Collection[int], now: datetime) -> int:
    """Let the time of these contacts' conversations be over now, so that what was half told is filed; say how many."""
    return tx.execute(_END_IDLE, {"contact_ids": contact_ids, "now": now}).rowcount if contact_ids else 0


_MARK = sa.update(followups).where(_f.id == sa.bindparam("row")).values(status=sa.bindparam("as_"))
_MOVE_CLOSE = (
    sa.update(followups)
    .where(
        _f.case_id == sa.bindparam("case"),
        _f.resolution_no == sa.bindparam("resolution"),
        _f.kind == FollowUpKind.CLOSE,
        _f.status == _WAITING,
    )
    .values(due_at=sa.bindparam("until"))
)


def mark_followups(tx: Tx, statuses: Mapping[int, FollowUpStatus]) -> None:
    """Say what became of follow-ups: id → status."""
    if statuses:
        tx.execute(_MARK, [{"row": key, "as_": status} for key, status in sorted(statuses.items())])


def postpone_close(tx: Tx, case_id: int, resolution_no: int, until: datetime) -> None:
    """Let the case close by itself no earlier than ``until``."""
    tx.execute(_MOVE_CLOSE, {"case": case_id, "resolution": resolution_no, "until": until})


def _end(waiting: FollowUpStatus, asked: FollowUpStatus) -> sa.Update:
    return (
        sa.update(followups)
        .where(_f.case_id == sa.bindparam("case"), sa.or_(_f.status == _WAITING, _f.status == _ASKED))
        .values(status=sa.case((_f.status == _ASKED, asked), else_=waiting))
    )


_CANCEL = _end(FollowUpStatus.CANCELLED, FollowUpStatus.CANCELLED)
_ANSWER = _end(FollowUpStatus.CANCELLED, FollowUpStatus.ANSWERED)
_FINISH = _end(FollowUpStatus.DONE, FollowUpStatus.DONE)


def cancel_followups(tx: Tx, case_id: int) -> None:
    """The resolution no longer stands: ask nothing more about it, not even what is queued."""
    tx.execute(_CANCEL, {"case": case_id})
    outbox.cancel_for_case(tx, case_id)


def answer_followups(tx: Tx, case_id: int) -> None:
    """The resident has had the last word about a resolution: ask nothing more."""
    tx.execute(_ANSWER, {"case": case_id})
    outbox.cancel_for_case(tx, case_id)


def finish_followups(tx: Tx, case_id: int) -> None:
    """Time has had the last word: the case closes for silence."""
    tx.execute(_FINISH, {"case": case_id})
    outbox.cancel_for_case(tx, case_id)
