"""The tables, in four rooms: ``conversations``, ``cases``, ``house``, ``upkeep``.

Few indexes, and each earns its keep: pages dirtied per message are what slows a large store down.
"""

from store.schema.base import metadata
from store.schema.cases import case_events, cases, codes, digests, followups, merges, mutes, notes, promises, supporters
from store.schema.conversations import (
    consents,
    contacts,
    farewells,
    inbound,
    outbound,
    outbound_parts,
    parked_reports,
    quarantine,
    replies,
    sessions,
    ussd_sessions,
)
from store.schema.house import accounts, alerts, audit, broadcasts, code_misses, contact_sends, paces, spending, staff
from store.schema.upkeep import chores, heard, problems

__all__ = [
    "accounts",
    "alerts",
    "audit",
    "broadcasts",
    "case_events",
    "cases",
    "chores",
    "code_misses",
    "codes",
    "consents",
    "contact_sends",
    "contacts",
    "digests",
    "farewells",
    "followups",
    "heard",
    "inbound",
    "merges",
    "metadata",
    "mutes",
    "notes",
    "outbound",
    "outbound_parts",
    "paces",
    "parked_reports",
    "problems",
    "promises",
    "quarantine",
    "replies",
    "sessions",
    "spending",
    "staff",
    "supporters",
    "ussd_sessions",
]
