"""What a person relabelled: the words of such cases, what was understood at first, and what they are really about.

Rule: never a confidential case, and never words that were erased, nor of somebody whose forgetting is under way.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from dialogs.cases import Case
from store.erasure import FORGOTTEN
from store.schema import case_events, cases, contacts
from store.sql import Tx

_c, _e = cases.c, case_events.c

_RELABELLED = (
    sa.select(_c.id, _c.description, _c.category, _c.assignee, _e.actor, _e.data)
    .join(case_events, _e.case_id == _c.id)
    .outerjoin(contacts, contacts.c.id == _c.contact_id)
    .where(_e.what == "relabelled", sa.not_(_c.confidential), _c.erased_at.is_(None), _c.description != "")
    .where(sa.or_(_c.contact_id.is_(None), sa.not_(FORGOTTEN)))
    .order_by(_c.id, _e.seq)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relabelled:
    """One case: what it says, its category now and at first, and the staff whose names might stand in it."""

    text: str
    category: str
    was: str
    staff: Sequence[str]


def differing(case: Case, wanted: Mapping[str, str | None]) -> Mapping[str, Any] | None:
    """What the event of a relabelling says: what is ``wanted``, and what that ``was``; None where nothing changes."""
    was = {name: getattr(case, name) for name in wanted}
    return None if was == wanted else {**wanted, "was": was}


def relabelled(tx: Tx) -> Iterator[Relabelled]:
    """Every case whose category a person changed, also back again; the oldest first. One statement."""
    for _, rows in groupby(tx.execute(_RELABELLED), key=lambda row: row.id):
        changes = list(rows)
        if any(row.data["category"] != row.data["was"]["category"] for row in changes):
            yield _case(changes)


def _case(changes: Sequence[Any]) -> Relabelled:
    first = changes[0]
    return Relabelled(
        text=first.description,
        category=first.category,
        was=first.data["was"]["category"],
        staff=[name for name in (first.assignee, *(row.actor for row in changes)) if name],
    )
