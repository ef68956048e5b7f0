"""What must always hold in the store, asked of the live one. Each function gives what breaks its rule; nothing is good.

Reads only, and only what indexes or one pass over a table can answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialogs.cases import CONFIRMABLE
from store.schema import (
    audit,
    broadcasts,
    case_events,
    cases,
    codes,
    consents,
    contacts,
    digests,
    followups,
    merges,
    outbound,
)
from store.schema import inbound as inbound_table
from store.sql import Tx

_c, _f, _o, _b, _i, _n = cases.c, followups.c, outbound.c, broadcasts.c, inbound_table.c, contacts.c

_HEADS = sa.select(_c.id, _c.code, _c.status).order_by(_c.id)
_UNTAKEN = sa.select(_c.code).where(~sa.exists().where(codes.c.code == _c.code)).order_by(_c.code)
_PLANNED = sa.exists().where(_f.case_id == _c.id, _f.resolution_no == _c.resolution_no)
_UNASKED = sa.select(_c.code).where(_c.status == "resolved", ~_PLANNED).order_by(_c.code)
_STALE = (
    sa.select(_c.code)
    .join(followups, _f.case_id == _c.id)
    .where(
        _f.status == "waiting",
        sa.or_(_c.status.not_in(sorted(CONFIRMABLE)), _f.resolution_no != _c.resolution_no),
    )
    .distinct()
    .order_by(_c.code)
)
_LINKED = sa.exists().where(merges.c.case_id == _c.id)
_UNLINKED = sa.select(_c.code).where((_c.status == "duplicate") != _LINKED).order_by(_c.code)
_STUCK = (
    sa.select(sa.func.count())
    .select_from(inbound_table)
    .where(_i.state == "new", _i.received_at < sa.bindparam("before"))
)
_LAPSED = (
    sa.select(sa.func.count())
    .select_from(outbound)
    .where(_o.lease_until.is_not(None), _o.lease_until < sa.bindparam("before"))
)
_DOUBTFUL = (
    sa.select(_o.broadcast_id, sa.func.count())
    .where(_o.state == "in_doubt", _o.due_at.is_(None), _o.broadcast_id.is_not(None))
    .group_by(_o.broadcast_id)
    .order_by(_o.broadcast_id)
)
_ALONE = (
    sa.select(_b.id, _b.recipients, _b.approved_by, audit.c.data)
    .join(audit, sa.and_(audit.c.act == "broadcast.created", audit.c.subject == sa.cast(_b.id, sa.String)))
    .where(
        _b.status.in_(["queueing", "queued"]),
        sa.or_(_b.approved_by.is_(None), _b.approved_by == _b.created_by),
    )
    .order_by(_b.id)
)
_NAMELESS = (
    sa.select(_c.code)
    .join(case_events, case_events.c.case_id == _c.id)
    .where(sa.func.trim(case_events.c.actor) == "")
    .distinct()
    .order_by(_c.code)
)
_DIGESTED = (
    sa.select(digests.c.day)
    .where(digests.c.made_at <= sa.bindparam("now"))
    .order_by(digests.c.day.desc())
    .limit(sa.bindparam("most"))
)
_APPROVED = (
    sa.select(_b.id, _b.text_hash, audit.c.data)
    .join(audit, sa.and_(audit.c.act == "broadcast.approved", audit.c.subject == sa.cast(_b.id, sa.String)))
    .where(_b.status.in_(["queueing", "queued"]))
    .order_by(_b.id)
)
_SENT_TO = sa.exists().where(_o.broadcast_id == _b.id, _o.contact_id == _n.id)
#: Nobody is counted who has written or was changed since: they may have been elsewhere, or not have wanted it.
_LEFT_OUT = (
    sa.select(_b.id, sa.func.count())
    .join(contacts, sa.and_(_n.id <= _b.last_contact, sa.or_(_b.place.is_(None), _b.place == _n.place)))
    .where(_b.status == "queued", _b.created_at >= sa.bindparam("since"))
    .where(_n.opted_out_at.is_(None), _n.last_seen_at < _b.created_at, ~_SENT_TO)
    .where(~sa.exists().where(consents.c.contact_id == _n.id, consents.c.at >= _b.created_at))
    .group_by(_b.id)
    .order_by(_b.id)
)
_NOT_STOPPED = (
    sa.select(_b.id, sa.func.count())
    .join(outbound, _o.broadcast_id == _b.id)
    .where(_b.status == "cancelled", _b.cursor == _b.last_contact, _o.state.in_(["queued", "retry_at"]))
    .group_by(_b.id)
    .order_by(_b.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A case as its row has it, to be compared with its history."""

    id: int
    code: str
    status: str


def heads(tx: Tx) -> list[Head]:
    """Read every case's id, code and present status."""
    return [Head(id=row.id, code=row.code, status=row.status) for row in tx.execute(_HEADS)]


def codes_not_taken(tx: Tx) -> Sequence[str]:
    """Codes of cases that could be given out again, because they are not among the codes given out."""
    return tx.execute(_UNTAKEN).scalars().all()


def resolved_without_followup(tx: Tx) -> Sequence[str]:
    """Cases whose present resolution nobody will ever be asked about."""
    return tx.execute(_UNASKED).scalars().all()


def followups_without_resolution(tx: Tx) -> Sequence[str]:
    """Cases with a question that waits although what it asks about no longer stands."""
    return tx.execute(_STALE).scalars().all()


def merges_adrift(tx: Tx) -> Sequence[str]:
    """Cases that are called a duplicate of none, or have a link to another and are no duplicate."""
    return tx.execute(_UNLINKED).scalars().all()


def stuck_inbound(tx: Tx, before: datetime) -> int:
    """Count messages received before then on which nobody has acted."""
    return int(tx.execute(_STUCK, {"before": before}).scalar_one())


def lapsed_leases(tx: Tx, before: datetime) -> int:
    """Count messages whose hand-over should have ended before then."""
    return int(tx.execute(_LAPSED, {"before": before}).scalar_one())


def doubtful_broadcasts(tx: Tx) -> Sequence[tuple[int, int]]:
    """Broadcasts with messages that may or may not have been sent, and will not be sent again: ``(id, messages)``."""
    return [(broadcast, count) for broadcast, count in tx.execute(_DOUBTFUL)]


def broadcasts_by_one(tx: Tx) -> Sequence[int]:
    """Broadcasts that needed a second person, by what held when they were made, and went without one.

    Nothing is said of one whose making does not tell from how many recipients on a second person was needed.
    """
    return [row.id for row in tx.execute(_ALONE) if row.approved_by or _needed_two(row.recipients, row.data)]


def _needed_two(recipients: int, made: Mapping[str, Any]) -> bool:
    return recipients > int(made.get("approve_above", recipients))


def acts_without_actor(tx: Tx) -> Sequence[str]:
    """Cases in whose history something was done by nobody."""
    return tx.execute(_NAMELESS).scalars().all()


def digested_days(tx: Tx, most: int, now: datetime) -> Sequence[str]:
    """The last days for which a digest over all histories was written down, ``2026-03-02``, newest first.

    A digest of what is still to come by this clock is left out: the clock was set back, and it is to be withdrawn.
    """
    return tx.execute(_DIGESTED, {"most": most, "now": now}).scalars().all()


def broadcasts_changed(tx: Tx) -> Sequence[int]:
    """Broadcasts that go, or went, with another text or audience than a second person approved."""
    return [row.id for row in tx.execute(_APPROVED) if row.data.get("text_hash") != row.text_hash]


def left_out(tx: Tx, since: datetime) -> Sequence[tuple[int, int]]:
    """Broadcasts made since then, queued whole, that some of their audience are not in: ``(id, contacts)``."""
    return [(broadcast, count) for broadcast, count in tx.execute(_LEFT_OUT, {"since": since})]


def not_stopped(tx: Tx) -> Sequence[tuple[int, int]]:
    """Broadcasts that were stopped and still have messages that would go: ``(id, messages)``."""
    return [(broadcast, count) for broadcast, count in tx.execute(_NOT_STOPPED)]
