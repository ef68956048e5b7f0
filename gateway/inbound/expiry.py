"""What becomes of questions that nobody answered in time: an unfinished report is filed with what is known."""

from datetime import datetime

from dialogs import engine
from dialogs.book import BOOK
from dialogs.messages import ChannelKind, MessageKind
from gateway.effects import RESIDENT, Asked, House, perform
from gateway.inbound import knowledge
from gateway.inbound.knowledge import Asking
from store import Tx, contacts, sessions

#: Sessions ended in one transaction; inbound messages get in between.
CHUNK = 200


def tick(tx: Tx, house: House, now: datetime) -> int:
    """End what has expired, and file what was half told. Returns how many sessions ended."""
    expired = sessions.expired(tx, now, CHUNK)
    if not expired:
        return 0
    people = contacts.by_ids(tx, [contact_id for contact_id, _ in expired])
    asking = [Asking(contact=people[contact_id], channel_kind=ChannelKind.SMS) for contact_id, _ in expired]
    facts = knowledge.gather(tx, house, now, asking)
    steps = knowledge.satisfied(tx, facts, lambda index, known: engine.expire(BOOK, known, expired[index][1]))
    perform(
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
    sessions.save(tx, [(contact_id, None) for contact_id, _ in expired], now)
    return len(expired)
