"""Replies: which messages answer which notice, and which notice somebody was sent last.

Rule: no words are kept here. A reply's are those of its message, so that what erases messages erases replies.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dialogs.outreach import Notice
from store.hot import Hot
from store.outbox import State
from store.schema import broadcasts, contacts, inbound, outbound, replies
from store.sql import Tx, insert, one_of

_b, _c, _i, _o, _r = broadcasts.c, contacts.c, inbound.c, outbound.c, replies.c

#: What has left the house, or may have.
_SENT = (State.ACCEPTED, State.SENT, State.DELIVERED, State.IN_DOUBT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What somebody answered to a notice. ``text`` is empty where it was erased; ``id`` is the message's."""

    id: int
    at: datetime
    text: str
    place: str | None


_NOTICED = (
    sa.select(_o.contact_id, _o.broadcast_id, _o.handed_at, _b.texts)
    .join(broadcasts, _b.id == _o.broadcast_id)
    .where(
        one_of(_o.contact_id, "people"),
        _o.broadcast_id.is_not(None),
        sa.or_(*(_o.state == state for state in _SENT)),
        _o.handed_at >= sa.bindparam("since", type_=_o.handed_at.type),
    )
    .order_by(_o.handed_at, _o.id)
)
_LAST = Hot(_NOTICED)  # asked for nearly every text
_KEEP = insert(replies).on_conflict_do_nothing(index_elements=["broadcast_id", "inbound_id"])
_OF = (
    sa.select(_i.id, _i.received_at, _i.text, _c.place)
    .join(replies, _r.inbound_id == _i.id)
    .outerjoin(contacts, _c.id == _i.contact_id)
    .where(_r.broadcast_id == sa.bindparam("notice"))
    .order_by(_i.id)
)
_AUTHOR = sa.select(_i.contact_id).where(
    _i.id == sa.bindparam("reply"), sa.exists().where(_r.inbound_id == _i.id).correlate(inbound)
)
_COUNT = sa.select(sa.func.count()).select_from(replies).where(_r.broadcast_id == sa.bindparam("notice"))


def noticed(tx: Tx, contact_ids: Collection[int], since: datetime) -> Mapping[int, Notice]:
    """The last notice that each of these contacts was sent since then, by contact. One statement."""
    rows = _LAST.all(tx, {"people": contact_ids, "since": since}) if contact_ids else ()
    return {
        contact_id: Notice(id=broadcast_id, text=" ".join(texts.values()), at=at)
        for contact_id, broadcast_id, at, texts in rows
    }


def keep(tx: Tx, broadcast_id: int, inbound_ids: Collection[int]) -> None:
    """Let these messages be replies to this notice; those that are so already, are."""
    if inbound_ids:
        tx.execute(_KEEP, [{"broadcast_id": broadcast_id, "inbound_id": one} for one in inbound_ids])


def of(tx: Tx, broadcast_id: int) -> list[Reply]:
    """What was answered to a notice, the first first."""
    rows = tx.execute(_OF, {"notice": broadcast_id})
    return [Reply(id=row.id, at=row.received_at, text=row.text, place=row.place) for row in rows]


def count(tx: Tx, broadcast_id: int) -> int:
    """How many answers there are to a notice."""
    return int(tx.execute(_COUNT, {"notice": broadcast_id}).scalar_one())


def author(tx: Tx, reply_id: int) -> int | None:
    """The contact who wrote this reply; None if there is no such reply."""
    found: int | None = tx.execute(_AUTHOR, {"reply": reply_id}).scalar_one_or_none()
    return found
