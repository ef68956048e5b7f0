"""Contacts: one number each, made when it is first seen, locked in one order so that nobody deadlocks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dialogs.contacts import Contact
from dialogs.messages import Consent
from dialogs.values import quickly_made
from store.hot import Hot
from store.schema import consents, contacts
from store.sql import Tx, insert, one_of

#: ``last_seen_at`` is kept to the day: rewriting it with every message would dirty a page a message for nothing. Where
#: the row is written anyway, it is exact.
SEEN_AFTER = timedelta(days=1)

#: A row is read by position, much faster than by name: its columns stand in the order of the value's fields.
_FIELDS = tuple(field.name for field in fields(Contact))
_CONTACT: sa.Select[Any] = sa.select(*(contacts.c[name] for name in _FIELDS))

_SOUGHT = Hot(_CONTACT.where(one_of(contacts.c.msisdn, "msisdns")))
_BY_ID = _CONTACT.where(one_of(contacts.c.id, "ids"))
_BY_MSISDN = _CONTACT.where(contacts.c.msisdn == sa.bindparam("sought"))
_LOCK = (
    sa.select(contacts.c.id).where(one_of(contacts.c.id, "ids")).order_by(contacts.c.id).with_for_update(key_share=True)
)
_INSERT = Hot(
    insert(contacts).on_conflict_do_nothing(index_elements=["msisdn"]).returning(*_CONTACT.selected_columns),
    columns=("msisdn", "language", "sms_channel", "created_at", "last_seen_at"),
)
_SEEN = Hot(
    sa.update(contacts)
    .where(contacts.c.id == sa.bindparam("row"))
    .values(last_seen_at=sa.bindparam("at"), sms_channel=sa.bindparam("line")),
    apart=True,
)
_LANGUAGE = sa.update(contacts).where(contacts.c.id == sa.bindparam("row")).values(language=sa.bindparam("to"))
_PLACE = Hot(
    sa.update(contacts)
    .where(contacts.c.id == sa.bindparam("row"))
    .values(place=sa.bindparam("to"), last_seen_at=sa.bindparam("at")),
    apart=True,
)
_OUT = (
    sa.update(contacts)
    .where(contacts.c.id == sa.bindparam("row"), contacts.c.opted_out_at.is_(None))
    .values(opted_out_at=sa.bindparam("at"))
)
_IN = (
    sa.update(contacts)
    .where(contacts.c.id == sa.bindparam("row"), contacts.c.opted_out_at.is_not(None))
    .values(opted_out_at=None)
)
_CONSENT = sa.insert(consents)


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Somebody wrote to us. ``language`` is for whoever is new; ``sms_channel`` is set if it was by SMS."""

    msisdn: str
    language: str
    at: datetime
    sms_channel: str | None = None


def ensure(tx: Tx, seen: Sequence[Seen]) -> dict[str, Contact]:
    """Give the contact of each number, making those that are missing, and note when and by which line they wrote.

    Of several with one number the last counts. One to five statements, whatever the number.

    No ring of waits, on PostgreSQL: the missing are inserted sorted by number, before any other lock is taken; then,
    if a row must be rewritten, *all* these contacts are locked in the order of their ids. Whoever calls ``lock`` later
    for the same contacts gets what it holds already.
    """
    latest = {one.msisdn: one for one in seen}
    if not latest:
        return {}
    known = _find(tx, latest)
    missing = sorted(latest.keys() - known.keys())
    if missing:
        made = map(_contact, _INSERT.returning(tx, [_row(latest[msisdn]) for msisdn in missing]))
        known |= {contact.msisdn: contact for contact in made}
        if raced := [msisdn for msisdn in missing if msisdn not in known]:  # another process made them meanwhile
            known |= _find(tx, raced)
    stale = {msisdn: fresh for msisdn, one in latest.items() if (fresh := _refreshed(known[msisdn], one))}
    if stale:
        lock(tx, [contact.id for contact in known.values()])
        _SEEN.each(
            tx,
            [
                {"row": contact.id, "at": contact.last_seen_at, "line": contact.sms_channel}
                for contact in sorted(stale.values(), key=lambda contact: contact.id)
            ],
        )
    return known | stale


def lock(tx: Tx, contact_ids: Collection[int]) -> None:
    """Hold these contacts until the transaction ends, so that no other process steps for them meanwhile.

    PostgreSQL: FOR NO KEY UPDATE in the order of ids; rows elsewhere may still refer to them. SQLite: nothing, the one
    writer is the lock.
    """
    if tx.dialect.name == "postgresql" and contact_ids:
        tx.execute(_LOCK, {"ids": sorted(contact_ids)})


def by_ids(tx: Tx, ids: Collection[int]) -> dict[int, Contact]:
    """Read contacts by id; whoever is not there is left out."""
    return {contact.id: contact for contact in map(_contact, tx.execute(_BY_ID, {"ids": ids}).all())} if ids else {}


def by_msisdn(tx: Tx, msisdn: str) -> Contact | None:
    """Read one contact by its number (E.164)."""
    row = tx.execute(_BY_MSISDN, {"sought": msisdn}).one_or_none()
    return None if row is None else _contact(row)


def set_language(tx: Tx, contact_id: int, language: str) -> None:
    """Speak this language to them from now on."""
    tx.execute(_LANGUAGE, {"row": contact_id, "to": language})


def set_places(tx: Tx, places: Mapping[int, str], at: datetime) -> None:
    """Remember where each of these contacts, by id, usually writes from, and that they said so now. One statement."""
    _PLACE.each(tx, [{"row": contact_id, "to": places[contact_id], "at": at} for contact_id in sorted(places)])


def consent(tx: Tx, contact_id: int, kind: Consent, source: str, at: datetime) -> bool:
    """Note that they want no messages, or want them again; say whether that changes anything.

    Idempotent: asking for what already holds writes nothing. A provider's HELP changes nothing either.
    """
    match kind:
        case Consent.OUT:
            changed = tx.execute(_OUT, {"row": contact_id, "at": at}).rowcount
        case Consent.IN:
            changed = tx.execute(_IN, {"row": contact_id}).rowcount
        case Consent.HELP:
            changed = 0
    if changed:
        tx.execute(_CONSENT, {"contact_id": contact_id, "kind": kind, "source": source, "at": at})
    return bool(changed)


def _find(tx: Tx, msisdns: Collection[str]) -> dict[str, Contact]:
    return {contact.msisdn: contact for contact in map(_contact, _SOUGHT.all(tx, {"msisdns": msisdns}))}


def _contact(row: Sequence[Any]) -> Contact:
    return Contact(**dict(zip(_FIELDS, row, strict=True)))


def _row(one: Seen) -> dict[str, Any]:
    return {
        "msisdn": one.msisdn,
        "language": one.language,
        "sms_channel": one.sms_channel,
        "created_at": one.at,
        "last_seen_at": one.at,
    }


def _refreshed(contact: Contact, one: Seen) -> Contact | None:
    """The contact as it should stand now; None if it stands so already, or nearly."""
    line = one.sms_channel or contact.sms_channel
    if line == contact.sms_channel and one.at - contact.last_seen_at < SEEN_AFTER:
        return None
    return replace(contact, last_seen_at=max(one.at, contact.last_seen_at), sms_channel=line)
