"""Who decided a case before it was appealed: nobody of them has a part in deciding it again."""

import sqlalchemy as sa

from store.schema import case_events
from store.sql import Tx

_e = case_events.c
_DECIDED = ("resolved", "not_competent")
_WHEN = sa.select(sa.func.max(_e.seq)).where(_e.case_id == sa.bindparam("of"), _e.what == "appealed").scalar_subquery()
_BEFORE = sa.select(_e.actor).where(
    _e.case_id == sa.bindparam("of"), sa.or_(*(_e.what == what for what in _DECIDED)), _e.seq < _WHEN
)


def before_appeal(tx: Tx, case_id: int) -> frozenset[str]:
    """The names, in small letters; none of a case that was never appealed. One statement."""
    return frozenset(actor.casefold() for (actor,) in tx.execute(_BEFORE, {"of": case_id}))
