"""What a transcript can see of the store: what happened to cases, to consent, to messages, and where a session stands."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

import sqlalchemy as sa

from dialogs.outreach import Audience
from dialogs.understand import codes, places
from gateway.effects import House
from gateway.work import broadcasts
from store import schema

#: A message in one of these states is on its way or arrived; the transcript shows its text instead.
_WELL = frozenset({"queued", "handing_over", "accepted", "answered"})


@dataclass(frozen=True, slots=True)
class Sight:
    """All that was seen at one moment."""

    events: Mapping[tuple[int, int], str]
    consents: Mapping[int, str]
    alerts: Mapping[int, str]
    messages: Mapping[int, str]


def look(tx: sa.Connection, zone: tzinfo) -> Sight:
    """Take it all in."""
    return Sight(
        events=dict(_events(tx, zone)),
        consents={row.id: f"consent {row.kind}" for row in tx.execute(sa.select(schema.consents))},
        alerts={row.id: f"alert {row.reason}" for row in tx.execute(sa.select(schema.alerts))},
        messages={row.id: _message(row) for row in tx.execute(sa.select(schema.outbound))},
    )


def news(before: Sight, after: Sight) -> list[str]:
    """What is in ``after`` and was not in ``before``, as ``=`` lines."""
    lines = [line for key, line in after.events.items() if key not in before.events]
    lines += [line for key, line in after.consents.items() if key not in before.consents]
    lines += [line for key, line in after.alerts.items() if key not in before.alerts]
    lines += [line for key, line in after.messages.items() if line and before.messages.get(key) != line]
    return [f"= {line}" for line in lines]


def session(tx: sa.Connection, msisdn: str, now: datetime) -> str:
    """Where this number's conversation stands, as a ``.`` line."""
    row = tx.execute(
        sa.select(schema.sessions)
        .join(schema.contacts, schema.contacts.c.id == schema.sessions.c.contact_id)
        .where(schema.contacts.c.msisdn == msisdn)
    ).one_or_none()
    if row is None:
        return ". -"
    if row.expires_at <= now:
        return ". - (expired)"
    marks = "".join((f" page {row.page + 1}" if row.page else "", f" misses {row.misses}" if row.misses else ""))
    return f". {row.dialog}/{row.step}{marks}"


def _events(tx: sa.Connection, zone: tzinfo):
    joined = sa.select(schema.case_events, schema.cases).join(
        schema.cases, schema.cases.c.id == schema.case_events.c.case_id
    )
    for row in tx.execute(
        joined.order_by(schema.case_events.c.at, schema.case_events.c.case_id, schema.case_events.c.seq)
    ):
        yield (row.case_id, row.seq), _event(row, zone)


def _event(row: sa.Row, zone: tzinfo) -> str:
    said = f"case {codes.show(row.code)} {row.what}"
    if row.what == "opened":
        flags = [name for name in ("priority", "confidential", "draft") if getattr(row, name)]
        due = row.due_at.astimezone(zone).strftime("%Y-%m-%d")
        return " ".join([said, row.category, row.place or "-", f"due {due}", *flags])
    status = row.data.get("status") if isinstance(row.data, dict) else None
    return f"{said} by {row.actor}" + (f" status {status}" if status else "")


def _message(row: sa.Row) -> str:
    if row.state in _WELL:
        return ""
    return f"sms {row.kind} {row.state}" + (f" ({row.reason})" if row.reason else "")


def sent(body: bytes) -> dict[str, str]:
    """What the simulator's line was given: to whom, and the text."""
    return json.loads(body)


def broadcast(tx: sa.Connection, house: House, now: datetime, place: str, text: str) -> None:
    """A notice in Spanish to the residents of a place."""
    found = places.find(place, house.config.city)
    broadcasts.create(tx, house, now, "ana", {"es": text}, Audience(place=found.id))


def last_code(tx: sa.Connection) -> str:
    """The code of the newest case."""
    return tx.execute(sa.select(schema.cases.c.code).order_by(schema.cases.c.id.desc()).limit(1)).scalar_one()
