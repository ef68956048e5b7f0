"""Who works here, and what each may do. Signing in comes with the console; the command line names its user."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from store import schema
from store.sql import Tx, insert

#: What fits into ``staff.name`` and every ``actor`` column.
LONGEST_NAME = 64


class Role(StrEnum):
    """What a member of staff is for (the roles of the access matrix; one person, one role)."""

    OFFICER = "officer"
    UNIT_HEAD = "unit_head"
    FOCAL_PERSON = "focal_person"
    BROADCASTER = "broadcaster"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person on the staff, known by name."""

    name: str
    role: Role
    created_at: datetime


_STAFF = schema.staff.c
_ROLE = sa.select(_STAFF.role).where(_STAFF.name == sa.bindparam("wanted"))
_ALL = sa.select(_STAFF.name, _STAFF.role, _STAFF.created_at).order_by(_STAFF.name)
_NEW = insert(schema.staff)
_PUT = _NEW.on_conflict_do_update(index_elements=["name"], set_={"role": _NEW.excluded.role})


def role(tx: Tx, name: str) -> Role | None:
    """Tell what this person may do; None if nobody of that name is on the staff."""
    found = tx.execute(_ROLE, {"wanted": name}).scalar_one_or_none()
    return None if found is None else Role(found)


def put(tx: Tx, name: str, wanted: Role, at: datetime) -> Role | None:
    """Add a person, or give one another role. Return the role held before, None for somebody new."""
    before = role(tx, name)
    if before is not wanted:
        tx.execute(_PUT, {"name": name, "role": wanted, "created_at": at})
    return before


def everyone(tx: Tx) -> Sequence[Member]:
    """List the whole staff by name."""
    return [Member(name=row.name, role=Role(row.role), created_at=row.created_at) for row in tx.execute(_ALL)]
