"""What becomes of questions that nobody answered in time: an unfinished report is filed with what is known."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog

from dialogs import engine
from dialogs.book import BOOK
from dialogs.contacts import Contact
from dialogs.messages import ChannelKind, MessageKind
from dialogs.session import Session
from gateway.effects import RESIDENT, Asked, House, perform
from gateway.inbound import knowledge
from gateway.inbound.knowledge import Asking
from store import Clash, StoreUnavailable, Tx, alerts, contacts, crash, messages, sessions

log = structlog.get_logger(__name__)

#: Sessions ended in one transaction; inbound messages get in between.
CHUNK = 200
ALERT_FAILED = "session_failed"


def tick(tx: Tx, house: House, now: datetime) -> int:
    """End what has expired, and file what was half told. Returns how many sessions ended."""
    expired = sessions.expired(tx, now, CHUNK)
    if not expired:
        return 0
    people = contacts.by_ids(tx, [contact_id for contact_id, _ in expired])
    try:
        with tx.begin_nested():
            end(tx, house, now, people, expired)
    except (StoreUnavailable, Clash):
        raise
    except Exception:
        log.exception("sessions_failed", count=len(expired))
        for one in expired:
            _end_alone(tx, house, now, people, one)
    return len(expired)


def _end_alone(tx: Tx, house: House, now: datetime, people: Mapping[int, Contact], one: tuple[int, Session]) -> None:
    """End one; if it fails alone it is shown to staff, and must not keep everybody else's from ending for ever."""
    try:
        with tx.begin_nested():
            end(tx, house, now, people, [one])
    except (StoreUnavailable, Clash):
        raise
    except Exception:
        contact_id, session = one
        log.exception("session_failed", contact=contact_id, dialog=session.dialog, step=session.step)
        alerts.raise_alert(tx, ALERT_FAILED, f"contact {contact_id}", now)
        sessions.save(tx, [(contact_id, None)], now)


def end(
    tx: Tx, house: House, now: datetime, people: Mapping[int, Contact], over: Sequence[tuple[int, Session]]
) -> None:
    """End these conversations of ``people``, whom the caller has locked, and file what was half told."""
    asking = [Asking(contact=people[contact_id], channel_kind=ChannelKind.SMS) for contact_id, _ in over]
    facts = knowledge.gather(tx, house, now, asking)
    steps = knowledge.satisfied(tx, facts, lambda index, known: engine.expire(BOOK, known, over[index][1]))
    performed = perform(
        tx,
        house,
        now,
        [
            Asked(
                contact=one.contact,
                channel=one.contact.sms_channel or "",
                channel_kind=ChannelKind.SMS,
                actor=RESIDENT,
                kind=MessageKind.NOTICE,
                effects=step.effects,
                before=knowledge.heard_in(session),
            )
            for one, step, (_, session) in zip(asking, steps, over, strict=True)
        ],
    )
    told = [
        (message_id, done.case_id)
        for (_, session), done in zip(over, performed, strict=True)
        if done.case_id is not None
        for message_id in knowledge.heard_in(session)
    ]
    messages.link(tx, told)
    sessions.save(tx, [(contact_id, None) for contact_id, _ in over], now)
    crash.point("expiry.ended")
