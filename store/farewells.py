"""Who asked to be forgotten, and from when on it may be done. What is done then is in ``erasure``.

Rule: a row goes with the number it is about, or when it is taken back; so nothing is done twice, and nothing that
somebody no longer wants.
"""

from datetime import datetime

import sqlalchemy as sa

from dialogs.messages import MessageKind
from store.outbox import PRIORITY
from store.schema import farewells, outbound
from store.sql import Tx, insert

_f, _o = farewells.c, outbound.c
_ASK = insert(farewells)
_ASK = _ASK.on_conflict_do_update(
    index_elements=[_f.contact_id], set_={name: _ASK.excluded[name] for name in ("asked_at", "due_at")}
)
_TAKE_BACK = sa.delete(farewells).where(_f.contact_id == sa.bindparam("who"))
#: An answer is on its way to them: they are still heard.
_ANSWERED = sa.exists().where(
    _o.contact_id == _f.contact_id,
    sa.text("(outbound.due_at IS NOT NULL OR outbound.lease_until IS NOT NULL)"),
    _o.priority == PRIORITY[MessageKind.REPLY],
)
_DUE = sa.select(_f.contact_id).where(_f.due_at <= sa.bindparam("now"), ~_ANSWERED).order_by(_f.due_at, _f.contact_id)
_STANDS = sa.select(_f.contact_id).where(_f.contact_id == sa.bindparam("who"), _f.due_at <= sa.bindparam("now"))


def ask(tx: Tx, contact_id: int, at: datetime, due_at: datetime) -> None:
    """They ask to be forgotten, at ``due_at``; who asks again is forgotten so long after that."""
    tx.execute(_ASK, {"contact_id": contact_id, "asked_at": at, "due_at": due_at})


def take_back(tx: Tx, contact_id: int) -> None:
    """They are not to be forgotten, if they ever asked for it."""
    tx.execute(_TAKE_BACK, {"who": contact_id})


def due(tx: Tx, now: datetime) -> list[int]:
    """Whose time has come; nobody to whom an answer is still on its way."""
    return list(tx.execute(_DUE, {"now": now}).scalars())


def stands(tx: Tx, contact_id: int, now: datetime) -> bool:
    """Whether they want it still, and its time has come."""
    return tx.execute(_STANDS, {"who": contact_id, "now": now}).scalar_one_or_none() is not None
