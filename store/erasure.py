"""Erasing what people said and who they were, and keeping what happened: that a message came, that a case was closed.

Rule 1: rows stay, words and numbers go. ``(channel, external_id)`` stays, so that a late repetition is still known; a
code stays taken; the chain of a case's history holds no words, so it stays whole (and says that they were erased).
Rule 2: what is erased is gone from the tables at the commit. Where its bytes may still lie, and what removes them, is
in ``store.remains``.
Rule 3: messages are found by walking the table in windows of ids, in transactions that only read: there is no index
by person, because it would cost every message a page.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialogs.messages import Consent
from store import cases, contacts
from store.columns import microseconds
from store.outbox import State
from store.schema import (
    audit,
    code_misses,
    farewells,
    inbound,
    mutes,
    notes,
    outbound,
    quarantine,
    sessions,
    ussd_sessions,
)
from store.schema import cases as cases_table
from store.schema import contacts as contacts_table
from store.schema.cases import OVER_WITH_WORDS
from store.sql import Tx, one_of

#: So many ids are walked in one reading statement, and so many rows erased in one transaction.
WINDOW, CHUNK = 50_000, 500
#: What stands in a contact's row where the number was. No telephone number begins so.
_GONE = "gone-"

_c, _i, _n, _o, _p = cases_table.c, inbound.c, notes.c, outbound.c, contacts_table.c
#: Whether a contact was forgotten. Its words may still be there for a moment.
FORGOTTEN = _p.msisdn.startswith(_GONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Rows of a person: ids of messages in and out."""

    inbound: Sequence[int]
    outbound: Sequence[int]


_LAST = sa.select(
    sa.select(sa.func.coalesce(sa.func.max(_i.id), 0)).scalar_subquery(),
    sa.select(sa.func.coalesce(sa.func.max(_o.id), 0)).scalar_subquery(),
)


def last_ids(tx: Tx) -> tuple[int, int]:
    """The ids of the newest message in and out."""
    incoming, outgoing = tx.execute(_LAST).one()
    return incoming, outgoing


def _of_person(table: sa.Table, *private: sa.Column[Any]) -> sa.Select[Any]:
    of = sa.or_(*(column != "" for column in private))
    window = sa.and_(table.c.id > sa.bindparam("after"), table.c.id <= sa.bindparam("until"))
    return sa.select(table.c.id).where(window, table.c.contact_id == sa.bindparam("person"), of).order_by(table.c.id)


_SAID = _of_person(inbound, _i.text, _i.sender)
_HEARD = _of_person(outbound, _o.text, _o.recipient)


def find(tx: Tx, contact_id: int, after: int) -> Found:
    """The messages of a person in one window of ids beyond ``after`` that still hold words or a number."""
    window = {"person": contact_id, "after": after, "until": after + WINDOW}
    return Found(inbound=tx.execute(_SAID, window).scalars().all(), outbound=tx.execute(_HEARD, window).scalars().all())


_READ = sa.select(_i.text).where(one_of(_i.id, "ids"), _i.text != "")
_ERASE_IN = sa.update(inbound).where(one_of(_i.id, "ids")).values(text="", sender="")
#: A message under way is not called back; but whatever the carrier says of it comes too late for the attempt it was.
_UNDER_WAY = sa.or_(_o.state == State.HANDING_OVER, _o.state == State.IN_DOUBT)
_WAITS = sa.or_(_o.state == State.QUEUED, _o.state == State.RETRY_AT)
_ERASE_OUT = (
    sa.update(outbound)
    .where(one_of(_o.id, "ids"))
    .values(
        text="",
        recipient="",
        state=sa.case((_WAITS, State.CANCELLED), (_UNDER_WAY, State.IN_DOUBT), else_=_o.state),
        attempts=sa.case((_UNDER_WAY, _o.attempts + 1), else_=_o.attempts),
        reason=sa.case((sa.or_(_WAITS, _UNDER_WAY), sa.bindparam("why")), else_=_o.reason),
        settled_at=sa.case((_WAITS, sa.bindparam("now", type_=_o.settled_at.type)), else_=_o.settled_at),
        due_at=None,
        owner=None,
        lease_until=None,
    )
)


def erase_messages(tx: Tx, found: Found, now: datetime) -> list[str]:
    """Erase words and numbers of these messages, and send none of them any more; return what people had said."""
    said = list(tx.execute(_READ, {"ids": found.inbound}).scalars())
    tx.execute(_ERASE_IN, {"ids": found.inbound})
    tx.execute(_ERASE_OUT, {"ids": found.outbound, "why": "erased", "now": now})
    return said


_WORDS = (_c.description, _c.location_text, _c.reply)
_OF_CONTACT = sa.select(_c.id).where(_c.contact_id == sa.bindparam("person")).order_by(_c.id)
_CASE_WORDS = sa.select(*_WORDS).where(one_of(_c.id, "ids"))
_NOTE_WORDS = sa.select(_n.text).where(one_of(_n.case_id, "ids"), _n.text != "")
_ERASE_NOTES = sa.update(notes).where(one_of(_n.case_id, "ids")).values(text="")
_MARK_CASES = sa.update(cases_table).where(one_of(_c.id, "ids")).values(erased_at=sa.bindparam("at"))
_LEAVE_CASES = sa.update(cases_table).where(one_of(_c.id, "ids")).values(contact_id=None)
_OF_CASES = tuple(
    sa.select(table.c.id).where(one_of(table.c.case_id, "ids"), table.c.case_id.is_not(None), text != "")
    for table, text in ((inbound, _i.text), (outbound, _o.text))
)


def cases_of(tx: Tx, contact_id: int) -> Sequence[int]:
    """The ids of a person's cases."""
    return tx.execute(_OF_CONTACT, {"person": contact_id}).scalars().all()


def erase_cases(tx: Tx, ids: Collection[int], actor: str, now: datetime, *, leave: Collection[int]) -> list[str]:
    """Erase what was said in and about these cases; return the words that went. Their history says that it was done.

    Those in ``leave`` also become nobody's. Kind, category, place, dates, rating and history stay.
    """
    if not ids:
        return []
    said = [word for row in tx.execute(_CASE_WORDS, {"ids": ids}) for word in row if word]
    said += tx.execute(_NOTE_WORDS, {"ids": ids}).scalars()
    for case_id in sorted(ids):
        blank = {"description": "", "location_text": "", "reply": ""}
        cases.change(tx, case_id, actor=actor, what="erased", at=now, data={}, **blank)
    tx.execute(_ERASE_NOTES, {"ids": ids})
    tx.execute(_MARK_CASES, {"ids": ids, "at": now})
    tx.execute(_LEAVE_CASES, {"ids": leave})
    incoming, outgoing = (tx.execute(ask, {"ids": ids}).scalars().all() for ask in _OF_CASES)
    return [*said, *erase_messages(tx, Found(inbound=incoming, outbound=outgoing), now)]


_NAME = (
    sa.update(contacts_table)
    .where(_p.id == sa.bindparam("row"))
    .values(msisdn=sa.bindparam("as_"), place=None, sms_channel=None)
)
_SESSION_WORDS = sa.select(sessions.c.answers).where(sessions.c.contact_id == sa.bindparam("person"))
_END_SESSION = sa.delete(sessions).where(sessions.c.contact_id == sa.bindparam("person"))
_u = ussd_sessions.c
_USSD_WORDS = sa.select(_u.history, _u.screen).where(_u.contact_id == sa.bindparam("person"))
_END_USSD = sa.delete(ussd_sessions).where(_u.contact_id == sa.bindparam("person"))
_END_MUTES = sa.delete(mutes).where(mutes.c.contact_id == sa.bindparam("person"))
_END_FAREWELL = sa.delete(farewells).where(farewells.c.contact_id == sa.bindparam("person"))
_END_MISSES = sa.delete(code_misses).where(code_misses.c.contact_id == sa.bindparam("person"))


def erase_contact(tx: Tx, contact_id: int, now: datetime) -> list[str]:
    """Take the number from a contact, and end what it was saying; return what it had said. No notice goes to it."""
    contacts.lock(tx, [contact_id])
    contacts.consent(tx, contact_id, Consent.OUT, "erased", now)
    person = {"person": contact_id}
    said = [str(word) for answers in tx.execute(_SESSION_WORDS, person).scalars() for word in answers.values() if word]
    said += [word for row in tx.execute(_USSD_WORDS, person) for word in row if word]
    tx.execute(_END_SESSION, person)
    tx.execute(_END_USSD, person)
    tx.execute(_END_MISSES, person)
    tx.execute(_END_MUTES, person)
    tx.execute(_END_FAREWELL, person)
    tx.execute(_NAME, {"row": contact_id, "as_": f"{_GONE}{contact_id}"})
    return said


_NAMED = sa.select(_p.created_at).where(_p.id == sa.bindparam("row"), ~FORGOTTEN)


def named_since(tx: Tx, contact_id: int) -> int | None:
    """When a contact that still has its number was made, in microseconds; None if there is none, or it was erased."""
    made = tx.execute(_NAMED, {"row": contact_id}).scalar_one_or_none()
    return None if made is None else microseconds(made)


#: Acts in the audit log. Their data name the contact by its id, and say when it was made.
BEGUN, ENDED = "contact.forgotten", "contact.erased"
_BEGUN = sa.select(audit.c.data).where(audit.c.act == BEGUN).order_by(audit.c.seq)
_ENDED = sa.select(audit.c.data).where(audit.c.act == ENDED)


def forgotten(tx: Tx) -> list[tuple[int, int]]:
    """Who was forgotten on demand: the contact's id, and when it was made, in microseconds."""
    return [(int(data["contact"]), int(data["made"])) for data in tx.execute(_BEGUN).scalars()]


def unfinished(tx: Tx) -> list[int]:
    """Contacts whose forgetting was begun and cut short."""
    ended = {int(data["contact"]) for data in tx.execute(_ENDED).scalars()}
    return [contact_id for contact_id, _ in forgotten(tx) if contact_id not in ended]


_QUARANTINED = (
    sa.select(quarantine.c.id, quarantine.c.raw)
    .where(quarantine.c.id > sa.bindparam("after"))
    .order_by(quarantine.c.id)
    .limit(CHUNK)
)
_DROP = sa.delete(quarantine).where(one_of(quarantine.c.id, "ids"))


def quarantined(tx: Tx, after: int) -> list[tuple[int, bytes]]:
    """Up to 500 unreadable requests beyond the id ``after``, as they came."""
    return [(row.id, row.raw) for row in tx.execute(_QUARANTINED, {"after": after})]


def drop_quarantined(tx: Tx, ids: Collection[int]) -> None:
    """Delete these."""
    if ids:
        tx.execute(_DROP, {"ids": ids})


_STORED = sa.select(_i.contact_id).where(
    _i.channel == sa.bindparam("channel"), _i.external_id == sa.bindparam("external_id", type_=_i.external_id.type)
)


def was_erased(tx: Tx, channel: str, external_id: str, contact_id: int) -> bool:
    """Whether a message that came again was somebody else's when it was first kept: of one who was forgotten since."""
    kept = tx.execute(_STORED, {"channel": channel, "external_id": external_id}).scalar_one_or_none()
    return kept is not None and kept != contact_id and named_since(tx, kept) is None


_OVER = (
    sa.select(_c.id, _c.confidential)
    .where(
        sa.text(OVER_WITH_WORDS),
        _c.updated_at < sa.bindparam("either"),  # for the index
        sa.or_(
            sa.and_(_c.confidential, _c.updated_at < sa.bindparam("sensitive")),
            sa.and_(sa.not_(_c.confidential), _c.updated_at < sa.bindparam("ordinary")),
        ),
    )
    .order_by(_c.updated_at)
    .limit(sa.bindparam("most"))
)


def over(tx: Tx, *, ordinary: datetime, sensitive: datetime, limit: int) -> list[tuple[int, bool]]:
    """Cases at rest since before these times whose words are still there: ``(id, confidential)``, oldest first."""
    ask = {"ordinary": ordinary, "sensitive": sensitive, "either": max(ordinary, sensitive), "most": limit}
    return [(row.id, bool(row.confidential)) for row in tx.execute(_OVER, ask)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """How far a walk came, what it found on the way, and whether it may find more."""

    until: int
    ids: Sequence[int]
    more: bool


_OLD_IN = (
    sa.select(_i.id, _i.case_id, _i.received_at.label("at"), sa.false().label("waits"))
    .where(_i.id > sa.bindparam("after"))
    .order_by(_i.id)
    .limit(CHUNK)
)
_OLD_OUT = (
    sa.select(_o.id, _o.case_id, _o.created_at.label("at"), _o.due_at.is_not(None).label("waits"))
    .where(_o.id > sa.bindparam("after"))
    .order_by(_o.id)
    .limit(CHUNK)
)


def old_inbound(tx: Tx, after: int, before: datetime) -> Walked:
    """Walk on from the id ``after`` through messages received before then, and find those that belong to no case."""
    return _walked(tx.execute(_OLD_IN, {"after": after}).all(), after, before)


def old_outbound(tx: Tx, after: int, before: datetime) -> Walked:
    """The same for messages written before then; what still waits is passed by."""
    return _walked(tx.execute(_OLD_OUT, {"after": after}).all(), after, before)


def _walked(rows: Sequence[sa.Row[Any]], after: int, before: datetime) -> Walked:
    old = [row for row in rows if row.at < before]
    ids = [row.id for row in old if row.case_id is None and not row.waits]
    return Walked(until=max((row.id for row in old), default=after), ids=ids, more=len(old) == CHUNK)


_SILENT = sa.select(_p.id, _p.last_seen_at, _p.msisdn).where(_p.id > sa.bindparam("after")).order_by(_p.id).limit(CHUNK)
_WITH_WORDS = sa.select(_c.contact_id).where(
    one_of(_c.contact_id, "ids"), sa.or_(_c.erased_at.is_(None), _c.erased_at < _c.updated_at)
)


def silent(tx: Tx, after: int, before: datetime) -> Walked:
    """Walk on from the id ``after`` through contacts, and find who was silent since then and has no case with words."""
    rows = tx.execute(_SILENT, {"after": after}).all()
    quiet = [row.id for row in rows if row.last_seen_at < before and not row.msisdn.startswith(_GONE)]
    busy = set(tx.execute(_WITH_WORDS, {"ids": quiet}).scalars())
    until = max((row.id for row in rows), default=after)
    return Walked(until=until, ids=[one for one in quiet if one not in busy], more=len(rows) == CHUNK)
