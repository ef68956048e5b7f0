"""Merged cases: each keeps a link to the case that is the same, and how it stood, so that it can be taken out again.

Rule: nothing is moved. Who reported or supports a merged case counts as a supporter of the other as long as the link
stands (see ``case_file``), so taking a case out again leaves everybody where they were.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dialogs.cases import CaseStatus
from store.schema import cases, merges
from store.sql import Tx, one_of

_m = merges.c

_LOCK = sa.select(cases.c.id).where(one_of(cases.c.id, "ids")).order_by(cases.c.id).with_for_update()
_OF = sa.select(_m.stood, cases.c.code).join(cases, cases.c.id == _m.into_id).where(_m.case_id == sa.bindparam("of"))
_PUT = sa.insert(merges)
_OUT = sa.delete(merges).where(_m.case_id == sa.bindparam("of"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """The code of the case that is the same, and the status that the merged one had."""

    into: str
    stood: CaseStatus


def hold(tx: Tx, case_ids: Collection[int]) -> None:
    """Hold these cases until the transaction ends, in the order of ids: two of them must not be merged crosswise."""
    tx.execute(_LOCK, {"ids": case_ids})


def of(tx: Tx, case_id: int) -> Merge | None:
    """With which case this one is merged; None if it stands alone."""
    row = tx.execute(_OF, {"of": case_id}).one_or_none()
    return None if row is None else Merge(into=row.code, stood=CaseStatus(row.stood))


def link(tx: Tx, case_id: int, into_id: int, stood: CaseStatus, at: datetime) -> None:
    """Say that a case is the same as another."""
    tx.execute(_PUT, {"case_id": case_id, "into_id": into_id, "stood": stood, "at": at})


def unlink(tx: Tx, case_id: int) -> None:
    """Say that it is not."""
    tx.execute(_OUT, {"of": case_id})
