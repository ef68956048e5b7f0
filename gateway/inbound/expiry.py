"""What becomes of questions that nobody answered in time: an unfinished report is filed with what is known."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from dialogs import engine
from dialogs.book import BOOK
from dialogs.contacts import Contact
from dialogs.messages import ChannelKind, MessageKind
from dialogs.session import Session
from gateway.effects import RESIDENT, Asked, House, perform
from gateway.inbound import knowledge
from gateway.inbound.knowledge import Asking
from store import Tx, contacts, messages, sessions

#: Sessions ended in one transaction; inbound messages get in between.
CHUNK = 200


def tick(tx: Tx, house: House, now: datetime) -> int:
    """End what has expired, and file what was half told. Returns how many sessions ended."""
    expired = sessions.expired(tx, now, CHUNK)
    if expired:
        end(tx, house, now, contacts.by_ids(tx, [contact_id for contact_id, _ in expired]), expired)
    return len(expired)


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
            )
            for one, step in zip(asking, steps, strict=True)
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
