"""How fast a line is fed when several processes feed it: until when it is booked.

Rule: who feeds a line holds its row until the transaction that marks the messages ends, so that two processes never
book the same second. On SQLite one process feeds all lines, so there is nothing to share: it remembers by itself.
"""

from datetime import datetime

import sqlalchemy as sa

from store.schema import paces
from store.sql import Tx, insert

_p = paces.c
_MEET = insert(paces)
_CLAIM = _MEET.on_conflict_do_update(index_elements=["channel"], set_={"channel": _MEET.excluded.channel}).returning(
    _p.booked_until
)
_BOOK = sa.update(paces).where(_p.channel == sa.bindparam("line")).values(booked_until=sa.bindparam("until"))


def claim(tx: Tx, channel: str, now: datetime) -> datetime | None:
    """Hold a line until the transaction ends, and say until when it is booked; one nobody knew is free from ``now``.

    None where nobody else feeds it. One statement.
    """
    if tx.dialect.name != "postgresql":
        return None
    booked: datetime = tx.execute(_CLAIM, {"channel": channel, "booked_until": now}).scalar_one()
    return booked


def book(tx: Tx, channel: str, until: datetime) -> None:
    """Book a line that is held. One statement, none where nobody else feeds it."""
    if tx.dialect.name == "postgresql":
        tx.execute(_BOOK, {"line": channel, "until": until})
