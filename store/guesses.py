"""How many codes that nobody has were texted lately: by each contact, and by everybody together.

Rule 1: a row counts until its ``until`` and no longer, and says nothing of which codes they were.
Rule 2: whoever reads the rows holds them to the end of the transaction. A contact's is its contact's, who is locked
already; everybody's is one row, so what may raise it takes turns. Nobody comes here but for a code that is not theirs.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from store.schema import code_misses
from store.sql import Tx, insert, one_of

#: What stands in the place of a contact's id where all are counted together; ids begin with 1.
EVERYBODY = 0
_BEFORE = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """So many misses, which count until then."""

    misses: int
    until: datetime


_m = code_misses.c
_HOLD = (
    sa.select(_m.contact_id, _m.misses, _m.until)
    .where(one_of(_m.contact_id, "ids"))
    .order_by(_m.contact_id)
    .with_for_update()
)
_BEGIN = insert(code_misses).on_conflict_do_nothing(index_elements=[_m.contact_id])
_KEEP = insert(code_misses)
_KEEP = _KEEP.on_conflict_do_update(
    index_elements=[_m.contact_id], set_={name: _KEEP.excluded[name] for name in ("misses", "until")}
)
_OLD = (
    sa.select(_m.contact_id)
    .where(_m.until <= sa.bindparam("now"))
    .order_by(_m.contact_id)
    .limit(sa.bindparam("limit"))
    .with_for_update(skip_locked=True)  # what somebody holds is about to count anew
    .scalar_subquery()
)
_FORGET = sa.delete(code_misses).where(_m.contact_id.in_(_OLD))


def tallies(tx: Tx, contact_ids: Collection[int]) -> dict[int, Tally]:
    """Hold and read what stands of these contacts, who are locked, and of ``EVERYBODY``, which is never left out."""
    found = _held(tx, contact_ids)
    if EVERYBODY not in found:  # no row, nothing to hold: two processes would both begin with none
        tx.execute(_BEGIN, {"contact_id": EVERYBODY, "misses": 0, "until": _BEFORE})
        found = _held(tx, contact_ids)
    return found


def _held(tx: Tx, contact_ids: Collection[int]) -> dict[int, Tally]:
    rows = tx.execute(_HOLD, {"ids": [EVERYBODY, *contact_ids]})
    return {row.contact_id: Tally(misses=row.misses, until=row.until) for row in rows}


def keep(tx: Tx, changed: Mapping[int, Tally]) -> None:
    """Keep these in the place of what stood. One statement."""
    if changed:
        rows = [
            {"contact_id": contact_id, "misses": one.misses, "until": one.until}
            for contact_id, one in sorted(changed.items())
        ]
        tx.execute(_KEEP, rows)


def forget(tx: Tx, now: datetime, limit: int) -> int:
    """Delete up to ``limit`` rows that count no longer; say how many."""
    return tx.execute(_FORGET, {"now": now, "limit": limit}).rowcount
