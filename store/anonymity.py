"""Anonymous cases: which messages would tell whose they are, and how that is undone once a case is long over.

Rule 1: while the machine still knows whose a case is, whatever is read by person (``past``) leaves these messages out.
Rule 2: afterwards they belong to ``NOBODY``, one row for all; the case keeps its words, its code and its history, and
no row says any more who told it: a number that its resident wrote into it is struck out. What only named its code
loses its words.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialogs.cases import CaseStatus
from dialogs.messages import Consent
from dialogs.understand import codes
from store import contacts
from store.contacts import Seen
from store.erasure import WINDOW
from store.schema import cases, inbound, mutes, notes, outbound
from store.schema.cases import ANONYMOUS_AND_KNOWN
from store.sql import Tx, one_of

#: Whose the messages of such cases are in the end. It begins as the numbers of those who were forgotten do.
NOBODY = "gone-nobody"
#: Nothing more is asked or told then.
OVER = (
    CaseStatus.CLOSED,
    CaseStatus.DUPLICATE,
    CaseStatus.NOT_COMPETENT,
    CaseStatus.REJECTED,
    CaseStatus.WITHDRAWN,
)

#: What people put between the digits of a number, and how many of them they leave out at most: the country's.
_BETWEEN, _NATIONAL = "[ .,()/_-]{0,3}", 8

_c, _i, _o, _m, _n = cases.c, inbound.c, outbound.c, mutes.c, notes.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A case that is anonymous, and whose it is."""

    id: int
    code: str
    contact_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Messages of one window that would tell whose a case is.

    ``inbound`` and ``outbound`` are of the case; ``naming_in`` and ``naming_out`` only name it. ``others``: there are
    other messages of the same person. ``waits``: one of ours about it is still on its way.
    """

    inbound: Sequence[int] = ()
    outbound: Sequence[int] = ()
    naming_in: Sequence[int] = ()
    naming_out: Sequence[int] = ()
    others: bool = False
    waits: bool = False


_KNOWN = sa.select(_c.id, _c.code, _c.contact_id).where(sa.text(ANONYMOUS_AND_KNOWN))
_DUE = (
    _KNOWN.where(_c.status.in_(OVER), _c.updated_at < sa.bindparam("before"))
    .order_by(_c.updated_at, _c.id)
    .limit(sa.bindparam("most"))
)
_OF_PEOPLE = _KNOWN.where(one_of(_c.contact_id, "people"))


def due(tx: Tx, before: datetime, most: int) -> list[Known]:
    """Anonymous cases that have been over since before then, and of which the machine still knows whose they are."""
    return [Known(**row) for row in tx.execute(_DUE, {"before": before, "most": most}).mappings()]


def of_people(tx: Tx, people: Collection[int]) -> list[Known]:
    """The anonymous cases of these contacts."""
    return [Known(**row) for row in tx.execute(_OF_PEOPLE, {"people": people}).mappings()] if people else []


def names(text: str, hidden: Collection[str]) -> bool:
    """Whether a text names one of these codes."""
    return not set(hidden).isdisjoint(codes.find(text))


def without(text: str, number: str) -> str:
    """The text without this number (E.164), however it is written: with or without its country."""
    digits = number.removeprefix("+")
    country, national = digits[:-_NATIONAL], digits[-_NATIONAL:]
    written = rf"(?<!\d)(?:\+?{country}{_BETWEEN})?{_BETWEEN.join(national)}(?!\d)"
    return re.sub(written, "#" * _NATIONAL, text)


def _of_person(table: sa.Table, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    window = sa.and_(table.c.id > sa.bindparam("after"), table.c.id <= sa.bindparam("until"))
    return sa.select(*columns).where(window, table.c.contact_id == sa.bindparam("who")).order_by(table.c.id)


_SAID = _of_person(inbound, _i.id, _i.case_id, _i.text)
_WAITS = sa.or_(_o.due_at.is_not(None), _o.lease_until.is_not(None)).label("waits")
_HEARD = _of_person(outbound, _o.id, _o.case_id, _o.in_reply_to, _o.text, _WAITS)
_OF_CASE = sa.select(_i.id).where(_i.case_id == sa.bindparam("which"), _i.case_id.is_not(None))


def telling(tx: Tx, case: Known, after: int) -> Telling:
    """What of a person's messages in one window of ids beyond ``after`` would tell whose this case is."""
    window = {"who": case.contact_id, "after": after, "until": after + WINDOW}
    asked = set(tx.execute(_OF_CASE, {"which": case.id}).scalars())
    said = tx.execute(_SAID, window).all()
    heard = tx.execute(_HEARD, window).all()
    its_in = [row.id for row in said if row.case_id == case.id]
    its_out = {row.id for row in heard if row.case_id == case.id or row.in_reply_to in asked}
    rest_in = [row for row in said if row.case_id != case.id]
    rest_out = [row for row in heard if row.id not in its_out]
    return Telling(
        inbound=its_in,
        outbound=sorted(its_out),
        naming_in=[row.id for row in rest_in if names(row.text, [case.code])],
        naming_out=[row.id for row in rest_out if names(row.text, [case.code])],
        others=bool(rest_in or rest_out),
        waits=any(row.waits for row in heard if row.id in its_out),
    )


_TO_NOBODY = (
    sa.update(inbound).where(one_of(_i.id, "ids")).values(contact_id=sa.bindparam("nobody"), sender=""),
    sa.update(outbound).where(one_of(_o.id, "ids")).values(contact_id=sa.bindparam("nobody"), recipient=""),
)
_WORDLESS = (
    sa.update(inbound).where(one_of(_i.id, "ids")).values(text=""),
    sa.update(outbound).where(one_of(_o.id, "ids")).values(text=""),
)
_UNMUTE = sa.delete(mutes).where(_m.case_id == sa.bindparam("which"), _m.contact_id == sa.bindparam("who"))
_WORDS = (
    (cases, _c.description, _c.id),
    (cases, _c.location_text, _c.id),
    (notes, _n.text, _n.case_id),
    (inbound, _i.text, _i.case_id),
)
_LEAVE = sa.update(cases).where(_c.id == sa.bindparam("which")).values(contact_id=None)


def part(tx: Tx, found: Telling, now: datetime) -> None:
    """Let these messages be nobody's."""
    nobody = _nobody(tx, now)
    for statement, ids in zip(_TO_NOBODY, (found.inbound, found.outbound), strict=True):
        tx.execute(statement, {"ids": ids, "nobody": nobody})
    for statement, ids in zip(_WORDLESS, (found.naming_in, found.naming_out), strict=True):
        tx.execute(statement, {"ids": ids})


def leave(tx: Tx, case: Known) -> None:
    """The case is nobody's from now on, and does not hold its resident's number in somebody's words either."""
    known = contacts.by_ids(tx, [case.contact_id])[case.contact_id]
    for table, words, of in _WORDS:
        for ident, text in tx.execute(sa.select(table.c.id, words).where(of == case.id)).all():
            if (struck := without(text, known.msisdn)) != text:
                tx.execute(sa.update(table).where(table.c.id == ident).values({words: struck}))
    tx.execute(_UNMUTE, {"which": case.id, "who": case.contact_id})
    tx.execute(_LEAVE, {"which": case.id})


def _nobody(tx: Tx, now: datetime) -> int:
    found = contacts.ensure(tx, [Seen(msisdn=NOBODY, language="", at=now)])[NOBODY]
    contacts.consent(tx, found.id, Consent.OUT, "erased", now)
    return found.id
