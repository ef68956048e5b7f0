"""Where conversations stand: one session a contact, and a carrier's own USSD sessions beside it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialogs.session import Session
from store.columns import given
from store.hot import Hot
from store.schema import contacts, sessions, ussd_sessions
from store.sql import Tx, insert, one_of

_s, _u = sessions.c, ussd_sessions.c

_SESSION: sa.Select[Any] = sa.select(
    _s.contact_id, _s.dialog, _s.step, _s.answers, _s.misses, _s.page, _s.case_code, _s.expires_at
)
_LOAD = Hot(_SESSION.where(one_of(_s.contact_id, "ids")))
_NEW = insert(sessions)
_SAVE = Hot(
    _NEW.on_conflict_do_update(
        index_elements=["contact_id"],
        set_={column.name: column for column in _NEW.excluded if column.name != "contact_id"},
    ),
    columns=sessions.c.keys(),
)
_END = Hot(sa.delete(sessions).where(one_of(_s.contact_id, "ids")))
_END_FOR_CASE = sa.delete(sessions).where(_s.case_code == sa.bindparam("code"))
_EXPIRED = (
    _SESSION.select_from(sessions.join(contacts, contacts.c.id == _s.contact_id))
    .where(_s.expires_at <= sa.bindparam("now"))
    .order_by(_s.expires_at)
    .limit(sa.bindparam("most"))
    # The contact, as a batch of inbound does it, and never the session: who holds a contact also writes its session.
    .with_for_update(of=contacts, key_share=True, skip_locked=True)
)

_LOAD_USSD = sa.select(ussd_sessions).where(one_of(_u.channel, "channels"), one_of(_u.key, "keys"))
_SAVE_USSD = insert(ussd_sessions)
_SAVE_USSD = _SAVE_USSD.on_conflict_do_update(
    index_elements=["channel", "key"],
    set_={column.name: column for column in _SAVE_USSD.excluded if column.name not in {"channel", "key", "contact_id"}},
)
_PURGE_USSD = sa.delete(ussd_sessions).where(_u.updated_at < sa.bindparam("before"))

#: Room for a carrier's session id.
KEY_LENGTH = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class UssdState:
    """What was typed in a carrier's session (``history``) in ``hops`` requests, and the ``screen`` it stands on."""

    contact_id: int
    history: str
    hops: int
    screen: str
    ended: bool


def load(tx: Tx, contact_ids: Collection[int]) -> dict[int, Session]:
    """Read the sessions of these contacts, expired ones too: the caller compares. One statement."""
    return dict(map(_session, _LOAD.all(tx, {"ids": contact_ids}))) if contact_ids else {}


def save(tx: Tx, rows: Sequence[tuple[int, Session | None]], now: datetime) -> None:
    """Put each contact's session in the place of what stood there; None ends it. At most two statements."""
    _SAVE.each(tx, [_row(contact_id, session, now) for contact_id, session in rows if session is not None])
    if ended := [contact_id for contact_id, session in rows if session is None]:
        _END.run(tx, {"ids": ended})


def expired(tx: Tx, now: datetime, limit: int) -> list[tuple[int, Session]]:
    """Read up to ``limit`` sessions whose time is over, oldest first.

    On PostgreSQL their contacts are locked, and those that others hold are passed over.
    """
    found = [_session(row) for row in tx.execute(_EXPIRED, {"now": now, "most": limit}).all()]
    if not found or tx.dialect.name != "postgresql":
        return found
    # Another process may have gone on with one after our picture was taken and before we had the lock.
    present = load(tx, [contact_id for contact_id, _ in found])
    return [
        (contact_id, session)
        for contact_id, _ in found
        if (session := present.get(contact_id)) is not None and session.expires_at <= now
    ]


def end_for_case(tx: Tx, code: str) -> int:
    """End the sessions bound to a case, because it was reopened, closed or merged; return how many."""
    return tx.execute(_END_FOR_CASE, {"code": code}).rowcount


def load_ussd(tx: Tx, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], UssdState]:
    """Read carriers' sessions by ``(channel, key)``. One statement."""
    if not keys:
        return {}
    wanted = {(channel, given(key, KEY_LENGTH)): (channel, key) for channel, key in keys}
    found = tx.execute(
        _LOAD_USSD,
        {"channels": {channel for channel, _ in wanted}, "keys": {key for _, key in wanted}},
    )
    return {
        wanted[row.channel, row.key]: UssdState(
            contact_id=row.contact_id, history=row.history, hops=row.hops, screen=row.screen, ended=row.ended
        )
        for row in found
        if (row.channel, row.key) in wanted  # the statement finds every pairing of the channels with the keys
    }


def save_ussd(tx: Tx, rows: Sequence[tuple[tuple[str, str], UssdState]], now: datetime) -> None:
    """Keep where carriers' sessions stand. Whose session it is never changes. One statement."""
    if rows:
        tx.execute(
            _SAVE_USSD,
            [
                {
                    "channel": channel,
                    "key": key,
                    "contact_id": state.contact_id,
                    "history": state.history,
                    "hops": state.hops,
                    "screen": state.screen,
                    "ended": state.ended,
                    "updated_at": now,
                }
                for (channel, key), state in sorted(rows, key=lambda row: row[0])
            ],
        )


def purge_ussd(tx: Tx, before: datetime) -> int:
    """Forget carriers' sessions untouched since then; return how many."""
    return tx.execute(_PURGE_USSD, {"before": before}).rowcount


def _session(row: Sequence[Any]) -> tuple[int, Session]:
    contact_id, dialog, step, answers, misses, page, case, expires_at = row
    return contact_id, Session(
        dialog=dialog,
        step=step,
        answers=answers,
        misses=misses,
        page=page,
        case=case,
        expires_at=expires_at,
    )


def _row(contact_id: int, session: Session, now: datetime) -> dict[str, Any]:
    return {
        "contact_id": contact_id,
        "dialog": session.dialog,
        "step": session.step,
        "answers": dict(session.answers),
        "misses": session.misses,
        "page": session.page,
        "case_code": session.case,
        "updated_at": now,
        "expires_at": session.expires_at,
    }
