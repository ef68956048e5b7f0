"""The past of conversations as it is kept: what people said, what we said, what became of their cases. Reads only.

Rule 1: what would tell whose an anonymous case is, is no part of anybody's past (``anonymity``).
Rule 2: messages are found by walking the tables in windows of ids, because there is no index by person (see
``store.erasure``): each statement looks at so many rows at most, so a large store does not hit the time of a statement.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dialogs.cases import Case
from dialogs.contacts import Contact
from dialogs.messages import Consent, MessageKind
from dialogs.outreach import FollowUpStatus
from store import anonymity, case_events, cases, contacts, erasure
from store.case_events import CaseEvent
from store.case_file import Promise, promises
from store.erasure import WINDOW
from store.messages import InboundState
from store.outbox import State
from store.schema import broadcasts, consents, followups, inbound, merges, outbound, sessions
from store.schema import cases as cases_table
from store.sql import Tx, one_of

#: Under this rule a wish to be anonymous is kept (``dialogs.anonymous``).
ANONYMOUS = "anonymous"

_i, _o, _c, _f, _s, _b = inbound.c, outbound.c, cases_table.c, followups.c, sessions.c, broadcasts.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A text that came in. ``erased``: its words are gone. For USSD ``text`` is the whole transcript so far."""

    id: int
    contact_id: int
    channel: str
    external_id: str
    text: str
    session_event: str
    session_key: str | None
    at: datetime
    state: InboundState
    rule: str | None
    case_id: int | None
    erased: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A text of ours. ``in_reply_to`` is the id of what it answers, None if nobody had asked.

    ``went``: a carrier has it, or may have it, or it was a screen.
    """

    id: int
    contact_id: int
    channel: str
    text: str
    kind: MessageKind
    template: str | None
    in_reply_to: int | None
    case_id: int | None
    broadcast_id: int | None
    at: datetime
    went: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An opt-out or opt-in, and where it came from."""

    contact_id: int
    kind: Consent
    source: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """A case, all that happened to it, and the dates that were promised."""

    case: Case
    events: Sequence[CaseEvent]
    promises: Sequence[Promise]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A broadcast: its words by language and the place it went to, None for everybody."""

    texts: Mapping[str, str]
    place: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """All that is kept of some people's conversations, each list in the order in which it happened."""

    people: Mapping[int, Contact]
    said: Sequence[Said]
    told: Sequence[Told]
    wishes: Sequence[Wish]
    happened: Sequence[Happened]
    notices: Mapping[int, Notice]


_WENT = frozenset({State.HANDING_OVER, State.IN_DOUBT, State.ACCEPTED, State.SENT, State.DELIVERED, State.ANSWERED})


def _window(table: sa.Table, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return sa.select(*columns).where(table.c.id > sa.bindparam("after"), table.c.id <= sa.bindparam("until"))


_WHO_SAID = (
    _window(inbound, _i.contact_id)
    .where(_i.received_at >= sa.bindparam("since"), _i.contact_id.is_not(None))
    .distinct()
)
_WHO_HEARD = (
    _window(outbound, _o.contact_id).where(_o.created_at >= sa.bindparam("since"), _o.broadcast_id.is_(None)).distinct()
)
_SAID = _window(
    inbound,
    *(_i.id, _i.contact_id, _i.channel, _i.external_id, _i.text, _i.session_event, _i.session_key),
    *(_i.received_at.label("at"), _i.state, _i.rule, _i.case_id, (_i.sender == "").label("erased")),
)
_SAID = _SAID.where(one_of(_i.contact_id, "people")).order_by(_i.id)
_TOLD = _window(
    outbound,
    *(_o.id, _o.contact_id, _o.channel, _o.text, _o.kind, _o.template, _o.in_reply_to, _o.case_id, _o.broadcast_id),
    *(_o.created_at.label("at"), _o.state),
)
_TOLD_TO_ANY = _TOLD.order_by(_o.id)
_TOLD = _TOLD_TO_ANY.where(one_of(_o.contact_id, "people"))
_WISHES = (
    sa.select(consents.c.contact_id, consents.c.kind, consents.c.source, consents.c.at)
    .where(one_of(consents.c.contact_id, "people"))
    .order_by(consents.c.id)
)
_CODES = sa.select(_c.code).where(one_of(_c.contact_id, "people")).order_by(_c.opened_at, _c.id)
_OWNERS = sa.select(_c.code, _c.contact_id).where(one_of(_c.code, "codes"), _c.contact_id.is_not(None))
_OTHER = cases_table.alias("other")
_JOINED = (
    sa.select(_OTHER.c.contact_id)
    .join(merges, sa.or_(merges.c.into_id == _OTHER.c.id, merges.c.case_id == _OTHER.c.id))
    .join(cases_table, sa.or_(merges.c.case_id == _c.id, merges.c.into_id == _c.id))
    .where(one_of(_c.contact_id, "people"), _OTHER.c.contact_id.is_not(None))
)
_NOTICES = sa.select(_b.id, _b.texts, _b.place, _b.created_at.label("at")).where(one_of(_b.id, "ids"))


def speakers(tx: Tx, since: datetime) -> set[int]:
    """Who wrote to us since then, or was written to; a broadcast does not count. Their contacts' ids."""
    last_in, last_out = erasure.last_ids(tx)
    wrote = _walk(tx, _WHO_SAID, last_in, since=since)
    heard = _walk(tx, _WHO_HEARD, last_out, since=since)
    return {row["contact_id"] for rows in (wrote, heard) for row in rows}


def owners(tx: Tx, codes: Collection[str]) -> dict[str, int]:
    """Whose cases these codes name; what is nobody's is left out."""
    return {row.code: row.contact_id for row in tx.execute(_OWNERS, {"codes": codes})} if codes else {}


def joined(tx: Tx, people: Collection[int]) -> set[int]:
    """Whose cases are merged with cases of these contacts, either way; they are among them."""
    return set(tx.execute(_JOINED, {"people": people}).scalars())


def said(tx: Tx, people: Collection[int]) -> list[Said]:
    """All that these contacts said, in the order in which it was acted on."""
    return _said(tx, people, anonymity.of_people(tx, people))[0]


def _said(tx: Tx, people: Collection[int], hidden: Sequence[anonymity.Known]) -> tuple[list[Said], set[int]]:
    """What they said but for what is of an anonymous case, or wished for one; and the ids of that."""
    rows = _walk(tx, _SAID, erasure.last_ids(tx)[0], people=people)
    whole = [Said(**{**row, "state": InboundState(row["state"]), "erased": bool(row["erased"])}) for row in rows]
    ids, codes = {case.id for case in hidden}, {case.code for case in hidden}
    secret = [one for one in whole if one.case_id in ids or one.rule == ANONYMOUS or anonymity.names(one.text, codes)]
    dialled = {(one.channel, one.session_key) for one in secret if one.session_key is not None}
    left_out = {one.id for one in secret} | {one.id for one in whole if (one.channel, one.session_key) in dialled}
    return [one for one in whole if one.id not in left_out], left_out


def read(tx: Tx, people: Collection[int]) -> Past:
    """All that is kept of these contacts' conversations."""
    hidden = anonymity.of_people(tx, people)
    spoken, left_out = _said(tx, people, hidden)
    ids, codes = {case.id for case in hidden}, {case.code for case in hidden}
    told = [
        one
        for one in map(_told, _walk(tx, _TOLD, erasure.last_ids(tx)[1], people=people))
        if one.case_id not in ids and one.in_reply_to not in left_out and not anonymity.names(one.text, codes)
    ]
    wishes = tx.execute(_WISHES, {"people": people}).mappings()
    named = cases.named(tx, set(tx.execute(_CODES, {"people": people}).scalars()) - codes)
    notices = tx.execute(_NOTICES, {"ids": sorted({one.broadcast_id for one in told if one.broadcast_id is not None})})
    return Past(
        people=contacts.by_ids(tx, people),
        said=spoken,
        told=told,
        wishes=[Wish(**{**row, "kind": Consent(row["kind"])}) for row in wishes],
        happened=[_happened(tx, case) for case in sorted(named.values(), key=lambda case: (case.opened_at, case.id))],
        notices={row.id: Notice(texts=row.texts, place=row.place, at=row.at) for row in notices},
    )


def told_after(tx: Tx, message_id: int) -> list[Told]:
    """What we said to anybody after the message with this id."""
    return list(map(_told, _walk(tx, _TOLD_TO_ANY, erasure.last_ids(tx)[1], first=message_id)))


def _told(row: sa.RowMapping) -> Told:
    rest = {name: value for name, value in row.items() if name != "state"}
    return Told(**{**rest, "kind": MessageKind(row["kind"]), "went": row["state"] in _WENT})


def _happened(tx: Tx, case: Case) -> Happened:
    return Happened(case=case, events=case_events.events(tx, case.id), promises=promises(tx, case.id))


def _walk(tx: Tx, statement: sa.Select[Any], last: int, first: int = 0, **asked: Any) -> Iterator[sa.RowMapping]:
    for after in range(first, last, WINDOW):
        yield from tx.execute(statement, {**asked, "after": after, "until": after + WINDOW}).mappings()


_WAITING = _f.status == FollowUpStatus.WAITING
_ENDS = sa.select(sa.func.min(_s.expires_at))
_FALLS_DUE = sa.select(sa.func.min(_f.due_at)).where(_WAITING, _f.due_at > sa.bindparam("after"))
_WAITS = sa.select(_f.id).where(_WAITING, _f.due_at <= sa.bindparam("after")).limit(1)
_IDLES = sa.select(sa.func.min(_s.updated_at)).where(_s.updated_at > sa.bindparam("since"))
_MOMENT = timedelta(microseconds=1)


def next_due(tx: Tx, after: datetime, idle: timedelta) -> datetime | None:
    """When something falls due after ``after``; None if nothing does.

    A question's time is over, or a follow-up's has come, or one that waits for somebody to be ``idle`` may go.
    """
    found = [tx.execute(_ENDS).scalar(), tx.execute(_FALLS_DUE, {"after": after}).scalar()]
    if tx.execute(_WAITS, {"after": after}).first() is not None:
        quiet = tx.execute(_IDLES, {"since": after - idle}).scalar()
        found.append(None if quiet is None else quiet + idle + _MOMENT)
    return min((at for at in found if at is not None and at > after), default=None)
