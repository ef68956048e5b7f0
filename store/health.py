"""Proof that the store keeps what it is given, and how much it still has to send."""

from datetime import datetime

import sqlalchemy as sa

from store import schema
from store.sql import Tx

_WRITE = schema.quarantine.insert().returning(schema.quarantine.c.id)
_o = schema.outbound.c
_DEPTH = (
    sa.select(_o.state, sa.func.count().label("waiting"))
    .where(sa.or_(_o.due_at.is_not(None), _o.lease_until.is_not(None)))
    .group_by(_o.state)
)
_ERASE = schema.quarantine.delete().where(schema.quarantine.c.id == sa.bindparam("written"))


def prove(tx: Tx, now: datetime) -> None:
    """Write a row and take it back, so that the commit that follows must reach the disk and leaves nothing behind.

    A read, or an empty transaction, succeeds on a full disk and says nothing about the next message.
    """
    row = {"channel": "health", "reason": "proof", "raw": b"", "received_at": now}
    tx.execute(_ERASE, {"written": tx.execute(_WRITE, row).scalar_one()})


def depth(tx: Tx) -> dict[str, int]:
    """Count the messages that wait or are under way, by state; what is settled is not counted."""
    return {row.state: row.waiting for row in tx.execute(_DEPTH)}
