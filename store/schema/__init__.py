"""The tables, in three rooms: ``conversations``, ``cases``, ``house``.

Few indexes, and each earns its keep: pages dirtied per message are what slows a large store down.
"""

from store.schema.base import metadata
from store.schema.cases import case_events, cases, codes, digests, followups, notes, promises, supporters
from store.schema.conversations import (
    consents,
    contacts,
    inbound,
    outbound,
    outbound_parts,
    parked_reports,
    quarantine,
    sessions,
    ussd_sessions,
)
from store.schema.house import accounts, alerts, audit, broadcasts, contact_sends, spending, staff

__all__ = [
    "accounts",
    "alerts",
    "audit",
    "broadcasts",
    "case_events",
    "cases",
    "codes",
    "consents",
    "contact_sends",
    "contacts",
    "digests",
    "followups",
    "inbound",
    "metadata",
    "notes",
    "outbound",
    "outbound_parts",
    "parked_reports",
    "promises",
    "quarantine",
    "sessions",
    "spending",
    "staff",
    "supporters",
    "ussd_sessions",
]
