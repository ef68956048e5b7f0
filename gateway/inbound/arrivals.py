"""What of a batch is new, and from whom: write every message down, and answer repetitions from what was said before."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

import structlog

from dialogs.contacts import Contact, normalise_msisdn
from dialogs.effects import Say
from dialogs.messages import ChannelKind, InboundMessage, OutboundMessage, Received, SessionEvent
from dialogs.values import quickly_made
from gateway.channels import Channel
from gateway.effects import House
from gateway.inbound import ussd
from store import Tx, contacts, erasure, messages, sessions
from store.contacts import Seen
from store.messages import InboundState, Settled
from store.sessions import UssdState

log = structlog.get_logger(__name__)

Answers = Sequence[OutboundMessage]

#: The last screen of a USSD session that is not this caller's, or has no end.
DIAL_AGAIN = Say(template="common/dial_again")


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message that was not seen before and whose sender can be answered.

    ``index`` is its place in the batch, ``id`` its row. ``fresh`` tells, for USSD, which answers are new.
    """

    index: int
    id: int
    message: InboundMessage
    contact: Contact
    channel: Channel
    fresh: ussd.Fresh | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """One message of the batch, who sent it (None: nobody who can be answered), and its row if it is new."""

    index: int
    message: InboundMessage
    contact: Contact | None
    id: int | None


def seen(house: House, msisdn: str, sms_channel: str | None, at: datetime) -> Seen:
    """Somebody wrote; who is new is spoken to in the first language."""
    return Seen(msisdn=msisdn, language=house.config.service.languages[0], sms_channel=sms_channel, at=at)


def sms_line(house: House, message: InboundMessage) -> str | None:
    """The line a message came in on, if it is one we can answer by SMS on."""
    return message.channel if house.channels[message.channel].kind is ChannelKind.SMS else None


def record(tx: Tx, house: House, now: datetime, items: Sequence[Received], answers: list[Answers]) -> list[Arrival]:
    """Write down every message of a batch; return those that are new and can be answered.

    ``answers`` is filled, by the place in the batch, for USSD hops that only repeat what was answered already.
    """
    heard = _heard(tx, house, now, items)
    contacts.lock(tx, {one.contact.id for one in heard if one.contact})
    for one in heard:
        if one.id is None:
            log.info("message_repeated", channel=one.message.channel)
            if one.contact is not None and one.contact.created_at == now:
                _leave_forgotten(tx, now, one, one.contact, heard)
        elif one.contact is None:
            log.info("message_not_answered", channel=one.message.channel, reason="no_number")
    silent = [
        Settled(id=one.id, state=InboundState.SILENT, rule="no_number")
        for one in heard
        if one.id is not None and one.contact is None
    ]
    messages.settle(tx, silent)
    arrivals = [
        Arrival(
            index=one.index,
            id=one.id,
            message=one.message,
            contact=one.contact,
            channel=house.channels[one.message.channel],
        )
        for one in heard
        if one.id is not None and one.contact is not None
    ]
    return _screens(tx, house, arrivals, [one for one in heard if one.id is None], answers)


def _leave_forgotten(tx: Tx, now: datetime, again: _Heard, contact: Contact, heard: Sequence[_Heard]) -> None:
    """A message that comes again must not bring back the number of somebody who was forgotten after it came first."""
    writes = any(one.id is not None and one.contact == contact for one in heard)
    if not writes and erasure.was_erased(tx, again.message.channel, again.message.external_id, contact.id):
        erasure.erase_contact(tx, contact.id, now)


def _heard(tx: Tx, house: House, now: datetime, items: Sequence[Received]) -> list[_Heard]:
    said = [(index, item) for index, item in enumerate(items) if isinstance(item, InboundMessage)]
    names = tuple(name for line in house.config.channels.values() for name in (line.address, line.sender_id) if name)
    ours = _forms(names, house.config.service.country)
    numbers = [_number(house, message, ours) for _, message in said]
    known = contacts.ensure(
        tx,
        [
            seen(house, number, sms_line(house, message), now)
            for (_, message), number in zip(said, numbers, strict=True)
            if number is not None
        ],
    )
    people = [known.get(number or "") for number in numbers]
    ids = messages.record(
        tx, [(message, person.id if person else None) for (_, message), person in zip(said, people, strict=True)]
    )
    return [
        _Heard(index=index, message=message, contact=person, id=new)
        for (index, message), person, new in zip(said, people, ids, strict=True)
    ]


@lru_cache
def _forms(names: Collection[str], country: str) -> frozenset[str | None]:
    """How our lines may be named as senders: as they are written, and in full."""
    return frozenset(form for name in names for form in (name, normalise_msisdn(name, country)))


def _number(house: House, message: InboundMessage, ours: Collection[str | None]) -> str | None:
    """Who can be answered: a telephone number that is not one of our own (two gateways would talk for ever)."""
    number = normalise_msisdn(message.sender, house.config.service.country)
    return None if message.sender in ours or number in ours else number


def _screens(
    tx: Tx, house: House, arrivals: Sequence[Arrival], repeated: Sequence[_Heard], answers: list[Answers]
) -> list[Arrival]:
    """Answer repeated USSD hops from the stored screen; tell the others which part of their transcript is new."""
    said = [*(one.message for one in arrivals), *(one.message for one in repeated)]
    keys = [key for message in said if (key := session_key(message)) is not None]
    if not keys:
        return list(arrivals)
    states = sessions.load_ussd(tx, keys)
    for one in repeated:
        key = session_key(one.message)
        if (state := states.get(key or ("", ""))) is not None:
            answers[one.index] = (_screen(one.message, state.screen, ended=state.ended),)
        elif key is not None and one.contact is not None:  # it failed: better a word than an empty screen
            text = house.renderer.text(DIAL_AGAIN, one.contact.language, ChannelKind.USSD)
            answers[one.index] = (_screen(one.message, text, ended=True),)
    return [fresh for arrival in arrivals if (fresh := _unfold(tx, house, arrival, states, answers)) is not None]


def session_key(message: InboundMessage) -> tuple[str, str] | None:
    """What names a carrier's USSD session; None for SMS, and for the event that ends one."""
    if message.session_key is None or message.session_event is SessionEvent.CLOSE:
        return None
    return message.channel, message.session_key


def _unfold(
    tx: Tx, house: House, one: Arrival, states: dict[tuple[str, str], UssdState], answers: list[Answers]
) -> Arrival | None:
    key = session_key(one.message)
    if key is None:
        return one
    found = ussd.latest_answer(states.get(key), one.contact.id, one.message.history or "")
    if isinstance(found, ussd.Fresh):
        return replace(one, fresh=found)
    if isinstance(found, ussd.Repeat):
        rule, screen = "ussd_repeat", _screen(one.message, found.screen, ended=found.ended)
    else:
        text = house.renderer.text(DIAL_AGAIN, one.contact.language, ChannelKind.USSD)
        rule, screen = "ussd_refused", _screen(one.message, text, ended=True)
    answers[one.index] = (screen,)
    log.info(rule, channel=one.channel.id)
    messages.settle(tx, [Settled(id=one.id, state=InboundState.SILENT, rule=rule)])
    return None


def _screen(message: InboundMessage, text: str, *, ended: bool) -> OutboundMessage:
    return OutboundMessage(id=0, channel=message.channel, recipient=message.sender, text=text, ends_session=ended)
