"""What a transcript shows of the store: what happened to cases, to consent, to messages, and where a session stands.

It reads whole tables, so it is for a store that holds one conversation. Reads only.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialogs.session import Session
from store import contacts, sessions
from store.schema import alerts, case_events, consents, farewells, inbound, mutes, outbound, replies
from store.schema import cases as cases_table
from store.schema import contacts as contacts_table
from store.sql import Tx

_c, _e, _o = cases_table.c, case_events.c, outbound.c


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSeen:
    """Something that happened to a case, and how the case stands. ``status`` is what it became by it."""

    code: str
    what: str
    actor: str
    status: str | None
    category: str
    place: str | None
    due_at: datetime
    priority: bool
    confidential: bool
    anonymous: bool
    draft: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSeen:
    """How a message of ours stands."""

    kind: str
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that is there at one moment, each by what names it."""

    events: Mapping[tuple[int, int], CaseSeen]
    consents: Mapping[int, str]
    muted: AbstractSet[tuple[str, str]]
    farewells: Mapping[str, datetime]
    replies: Mapping[tuple[int, int], str]
    alerts: Mapping[int, str]
    messages: Mapping[int, MessageSeen]


_EVENTS = (
    sa.select(_e.case_id, _e.seq, _e.what, _e.actor, _e.data, _c.code, _c.category, _c.place)
    .add_columns(_c.due_at, _c.priority, _c.confidential, _c.anonymous, _c.draft)
    .join(cases_table, _c.id == _e.case_id)
    .order_by(_e.at, _e.case_id, _e.seq)
)
_CONSENTS = sa.select(consents.c.id, consents.c.kind).order_by(consents.c.id)
_MUTED = (
    sa.select(_c.code, contacts_table.c.msisdn)
    .join(mutes, mutes.c.case_id == _c.id)
    .join(contacts_table, contacts_table.c.id == mutes.c.contact_id)
)
_FAREWELLS = sa.select(contacts_table.c.msisdn, farewells.c.due_at).join(farewells)
_REPLIES = (
    sa.select(replies.c.broadcast_id, replies.c.inbound_id, inbound.c.text)
    .join(inbound, inbound.c.id == replies.c.inbound_id)
    .order_by(replies.c.broadcast_id, replies.c.inbound_id)
)
_ALERTS = sa.select(alerts.c.id, alerts.c.reason).order_by(alerts.c.id)
_MESSAGES = sa.select(_o.id, _o.kind, _o.state, _o.reason).order_by(_o.id)
_CODES = sa.select(_c.code).order_by(_c.id)


def look(tx: Tx) -> Seen:
    """Take it all in."""
    return Seen(
        events={(row.case_id, row.seq): _case(row) for row in tx.execute(_EVENTS)},
        consents={row.id: row.kind for row in tx.execute(_CONSENTS)},
        muted={(row.code, row.msisdn) for row in tx.execute(_MUTED)},
        farewells={row.msisdn: row.due_at for row in tx.execute(_FAREWELLS)},
        replies={(row.broadcast_id, row.inbound_id): row.text for row in tx.execute(_REPLIES)},
        alerts={row.id: row.reason for row in tx.execute(_ALERTS)},
        messages={
            row.id: MessageSeen(kind=row.kind, state=row.state, reason=row.reason) for row in tx.execute(_MESSAGES)
        },
    )


def session(tx: Tx, msisdn: str) -> Session | None:
    """Where a number's conversation stands, also if its time is over; None if there is none."""
    contact = contacts.by_msisdn(tx, msisdn)
    return None if contact is None else sessions.load(tx, [contact.id]).get(contact.id)


def codes(tx: Tx) -> list[str]:
    """The codes of all cases, the first opened first."""
    return list(tx.execute(_CODES).scalars())


def _case(row: sa.Row[Any]) -> CaseSeen:
    return CaseSeen(
        code=row.code,
        what=row.what,
        actor=row.actor,
        status=row.data.get("status"),
        category=row.category,
        place=row.place,
        due_at=row.due_at,
        priority=row.priority,
        confidential=row.confidential,
        anonymous=row.anonymous,
        draft=row.draft,
    )
