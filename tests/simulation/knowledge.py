"""What a house knows, without the ids, codes and times by which two runs of the same days differ."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from store import Tx
from store.schema import (
    audit,
    broadcasts,
    case_events,
    cases,
    consents,
    contacts,
    followups,
    inbound,
    notes,
    outbound,
    promises,
    sessions,
)

#: States in which a provider has a message, or may have it: which of them is the carrier's business.
_GONE = frozenset({"handing_over", "in_doubt", "accepted", "sent", "delivered"})
#: The answer in which a session keeps the ids of its messages.
_MESSAGES = "messages"
_CODE = re.compile(r"\b(\d{3})-?(\d{3})-?(\d{3})\b")
_CASE = (
    *("kind", "category", "place", "location_text", "description", "status", "unit", "assignee", "confidential"),
    *("priority", "draft", "channel", "due_at", "resolution_no", "reply", "rating", "outcome"),
)


def code_of(tx: Tx, number: str) -> str | None:
    """The code of somebody's latest case."""
    newest = (
        sa.select(cases.c.code).join(contacts).where(contacts.c.msisdn == number).order_by(cases.c.id.desc()).limit(1)
    )
    return tx.execute(newest).scalar_one_or_none()


def known(tx: Tx) -> dict[str, Any]:
    """All of it, person by person, each thing in its order."""
    names = _names(tx)
    numbers = {row.id: row.msisdn for row in tx.execute(sa.select(contacts.c.id, contacts.c.msisdn))}
    people = {
        number: {
            "contact": _plain(_one(tx, contacts, contacts.c.id == key), ["language", "place", "sms_channel"])
            | {"out": _one(tx, contacts, contacts.c.id == key)["opted_out_at"] is not None},
            "cases": [_case(tx, row, names) for row in _rows(tx, cases, cases.c.contact_id == key, "id")],
            "in": _all(tx, inbound, key, ["channel", "text", "state", "rule", "session_event"], names),
            "out": [_said(row, names) for row in _rows(tx, outbound, outbound.c.contact_id == key, "id")],
            "consents": _all(tx, consents, key, ["kind", "source"], names),
            "session": [_talk(row, names) for row in _rows(tx, sessions, sessions.c.contact_id == key, "contact_id")],
        }
        for key, number in numbers.items()
    }
    return {
        "people": people,
        "audit": [
            _named(_plain(row, ["actor", "act", "subject"]), names) for row in _rows(tx, audit, sa.true(), "seq")
        ],
        "broadcasts": [
            _plain(row, ["texts", "place", "status", "recipients", "created_by", "approved_by"])
            for row in _rows(tx, broadcasts, sa.true(), "id")
        ],
    }


def _names(tx: Tx) -> dict[str, str]:
    """Call each code by its case: whose, and the how many-th of theirs."""
    rows = tx.execute(sa.select(cases.c.code, contacts.c.msisdn).join(contacts).order_by(cases.c.id))
    counts: dict[str, int] = {}
    named = {}
    for code, number in rows:
        counts[number] = counts.get(number, 0) + 1
        named[code] = f"<{number[-4:]} case {counts[number]}>"
    return named


def _case(tx: Tx, row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    of = row["id"]
    return {
        **{name: str(row[name]) for name in _CASE},
        "events": [
            _named(_plain(event, ["actor", "what", "data"]), names)
            for event in _rows(tx, case_events, case_events.c.case_id == of, "seq")
        ],
        "promises": [_plain(one, ["reason"]) for one in _rows(tx, promises, promises.c.case_id == of, "id")],
        "notes": [
            _named(_plain(one, ["author", "text"]), names) for one in _rows(tx, notes, notes.c.case_id == of, "id")
        ],
        "followups": sorted(
            (one["resolution_no"], one["kind"], one["status"])
            for one in _rows(tx, followups, followups.c.case_id == of, "id")
        ),
    }


def _said(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    said = _named(_plain(row, ["channel", "kind", "template", "text", "segments", "recipient"]), names)
    return {**said, "state": "gone" if row["state"] in _GONE else row["state"]}


def _talk(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    told = {name: value for name, value in row["answers"].items() if name != _MESSAGES}
    return _named({**_plain(row, ["dialog", "step", "misses", "page", "case_code"]), "answers": told}, names)


def _all(
    tx: Tx, table: sa.Table, contact: int, columns: Sequence[str], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    return [_named(_plain(row, columns), names) for row in _rows(tx, table, table.c.contact_id == contact, "id")]


def _rows(tx: Tx, table: sa.Table, which: sa.ColumnElement[bool], by: str) -> Sequence[Mapping[str, Any]]:
    return tx.execute(sa.select(table).where(which).order_by(table.c[by])).mappings().all()


def _one(tx: Tx, table: sa.Table, which: sa.ColumnElement[bool]) -> Mapping[str, Any]:
    return tx.execute(sa.select(table).where(which)).mappings().one()


def _plain(row: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in columns}


def _named(values: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Put each case's name in the place of its code, wherever it is said."""
    written = json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)
    read: dict[str, Any] = json.loads(
        _CODE.sub(lambda found: names.get("".join(found.groups()), found.group()), written)
    )
    return read
