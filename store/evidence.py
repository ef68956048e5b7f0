"""What the store knows of each message, to be compared with what others saw. For checks of a whole run.

Each function reads a whole table: for a run's end, not for a live service.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dialogs.messages import Consent, MessageKind
from store.messages import InboundState
from store.outbox import State
from store.schema import cases, consents, contacts, inbound, outbound, parked_reports
from store.sql import Tx

_i, _o, _p = inbound.c, outbound.c, parked_reports.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message that came in, as its row has it."""

    id: int
    channel: str
    external_id: str
    contact_id: int | None
    received_at: datetime
    state: InboundState


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message of the outbox, as its row has it."""

    id: int
    channel: str
    contact_id: int
    recipient: str
    text: str
    kind: MessageKind
    segments: int
    in_reply_to: int | None
    broadcast_id: int | None
    state: State
    priority: int
    created_at: datetime
    due_at: datetime | None
    attempts: int
    external_id: str | None
    doubted: bool
    handed_at: datetime | None


_HEARD = sa.select(*(_i[name] for name in Heard.__dataclass_fields__)).order_by(_i.id)
_SENT = sa.select(*(_o[name] for name in Sent.__dataclass_fields__)).order_by(_o.id)
_CONSENTS = sa.select(consents.c.contact_id, consents.c.at, consents.c.kind).order_by(consents.c.id)
_PARKED = sa.select(_p.channel, _p.external_id, sa.func.min(_p.at).label("since")).group_by(_p.channel, _p.external_id)
_SAID_TWICE = (
    sa.select(_o.in_reply_to, sa.func.count())
    .where(_o.in_reply_to.is_not(None))
    .group_by(_o.in_reply_to, _o.channel, _o.template, _o.text)
    .having(sa.func.count() > 1)
    .order_by(_o.in_reply_to)
)
_TOLD = sa.select(contacts.c.msisdn, cases.c.code, cases.c.description).join(
    contacts, contacts.c.id == cases.c.contact_id
)


def heard(tx: Tx) -> list[Heard]:
    """All that came in, in the order in which it was kept."""
    return [Heard(**{**row, "state": InboundState(row["state"])}) for row in tx.execute(_HEARD).mappings()]


def sent(tx: Tx) -> list[Sent]:
    """All that was ever to be sent, in the order in which it was queued."""
    return [
        Sent(**{**row, "kind": MessageKind(row["kind"]), "state": State(row["state"])})
        for row in tx.execute(_SENT).mappings()
    ]


def consent_history(tx: Tx) -> Mapping[int, Sequence[tuple[datetime, Consent]]]:
    """Each contact's opt-outs and opt-ins, first to last."""
    found: dict[int, list[tuple[datetime, Consent]]] = defaultdict(list)
    for contact_id, at, kind in tx.execute(_CONSENTS):
        found[contact_id].append((at, Consent(kind)))
    return found


def parked(tx: Tx) -> Mapping[tuple[str, str], datetime]:
    """What reports wait for, and since when: ``(channel, external id)`` → the oldest report's time."""
    return {(channel, external_id): since for channel, external_id, since in tx.execute(_PARKED)}


def said_twice(tx: Tx) -> Sequence[tuple[int, int]]:
    """Messages that were answered with the same words more than once: ``(inbound id, times)``."""
    return [(message_id, count) for message_id, count in tx.execute(_SAID_TWICE)]


def told(tx: Tx) -> Sequence[tuple[str, str, str]]:
    """Who told what each case is about: ``(number, code, words)``."""
    return [(number, code, words) for number, code, words in tx.execute(_TOLD)]
