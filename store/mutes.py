"""Cases that somebody wants to hear no more of: one row for a contact and a case, as long as they want it so.

Rule: nothing unasked about such a case goes to such a contact. It is asked here when something is about to be said, and
once more at hand-over (``handover``), because people change their minds while messages wait.
"""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from store.case_file import parts
from store.schema import mutes
from store.sql import Tx, insert

_m = mutes.c
_MUTE = insert(mutes).on_conflict_do_nothing(index_elements=["contact_id", "case_id"])
_UNMUTE = sa.delete(mutes).where(_m.contact_id == sa.bindparam("who"), _m.case_id == sa.bindparam("which"))
_parts = parts()
_SILENCED = sa.select(_parts.c.root, _m.contact_id).join(mutes, _m.case_id == _parts.c.part).distinct()


def mute(tx: Tx, case_id: int, contact_id: int, at: datetime) -> None:
    """Say nothing unasked about this case to this contact; who said so before has said it."""
    tx.execute(_MUTE, {"contact_id": contact_id, "case_id": case_id, "at": at})


def unmute(tx: Tx, case_id: int, contact_id: int) -> None:
    """Speak again."""
    tx.execute(_UNMUTE, {"who": contact_id, "which": case_id})


def silenced(tx: Tx, case_ids: Collection[int]) -> set[tuple[int, int]]:
    """Which of these cases which contacts want to hear no more of, as ``(case, contact)``.

    A case that was merged into one of these is the same problem: who silenced it hears of neither. One statement.
    """
    return {(row[0], row[1]) for row in tx.execute(_SILENCED, {"ids": case_ids})} if case_ids else set()
