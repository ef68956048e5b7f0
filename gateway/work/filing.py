"""Files a case for somebody who came or called: the same understanding, the same code and receipt as for a text."""

from dataclasses import dataclass
from datetime import datetime

from dialogs import promises, report, safety
from dialogs.contacts import Contact, normalise_msisdn
from dialogs.effects import Effect, OpenCase, Say, SetPlace
from dialogs.messages import ChannelKind, MessageKind
from dialogs.understand import categories, kinds, places
from dialogs.understand import safety as danger
from gateway.config import OFFICE
from gateway.effects import Asked, House, perform
from gateway.work import naming
from gateway.work.casework import Done, NotPossible, Told, find, one_line
from store import Tx, audit, contacts, erasure, replies

#: How many codes to draw so that one of them is free.
DRAWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What somebody said. ``msisdn`` is as written; what is None is understood from the text.

    ``reply`` is a reply to a notice, whose author it is filed for: their number is nobody's to read.
    """

    text: str
    msisdn: str | None = None
    reply: int | None = None
    category: str | None = None
    place: str | None = None
    language: str | None = None
    confidential: bool = False


def open_for(tx: Tx, house: House, now: datetime, actor: str, filing: Filing, *, new_code: str) -> Done:
    """Open a case whose source is ``office``; the receipt goes by SMS if there is a number.

    Raise ``NotPossible`` for what cannot be filed, ``store.Clash`` if the code was taken meanwhile.
    """
    text = one_line(filing.text, report.DESCRIPTION_MOST, "say in words what it is about")
    opened = _understood(house, now, filing, text, new_code)
    contact = _contact(tx, house, now, filing)
    effects: list[Effect] = [opened, _receipt(opened)]
    if contact is not None and contact.place is None and opened.place is not None:
        effects.append(SetPlace(place=opened.place))
    asked = Asked(
        contact=contact,
        channel=OFFICE,
        channel_kind=ChannelKind.SMS,
        actor=actor,
        kind=MessageKind.REPLY,
        effects=effects,
    )
    perform(tx, house, now, [asked])
    audit.append(tx, actor=actor, act="case.opened", subject=new_code, data={"category": opened.category}, at=now)
    return Done(case=find(tx, new_code), told=Told.BY_SMS if contact else Told.NO_NUMBER)


def _understood(house: House, now: datetime, filing: Filing, text: str, code: str) -> OpenCase:
    confidential = filing.confidential or danger.confidential(text, house.config.city)
    category = _category(house, filing, text, confidential=confidential)
    return OpenCase(
        code=code,
        kind=kinds.guess(text),
        category=category,
        description=text,
        due_at=promises.for_new(house.config.city, category, now),
        place=_place(house, filing, text),
        confidential=confidential,
        priority=confidential or danger.emergency(text),
    )


def _receipt(opened: OpenCase) -> Say:
    """What a text would have been answered; of a confidential case it names nothing."""
    category, place = (None, None) if opened.confidential else (opened.category, opened.place)
    return Say(template="report/thanks", params=report.receipt(opened.code, category, place, due=opened.due_at))


def _contact(tx: Tx, house: House, now: datetime, filing: Filing) -> Contact | None:
    if filing.reply is not None:
        return _author(tx, filing.reply)
    if filing.msisdn is None:
        return None
    msisdn = normalise_msisdn(filing.msisdn.replace(" ", ""), house.config.service.country)
    if msisdn is None:
        raise NotPossible("this is not a telephone number: write it like +59170000001")
    offered = house.config.city.languages
    language = filing.language or offered[0]
    if language not in offered:
        raise NotPossible(f"this language is not offered: {', '.join(offered)}")
    return contacts.ensure(tx, [contacts.Seen(msisdn=msisdn, language=language, at=now)])[msisdn]


def _author(tx: Tx, reply: int) -> Contact:
    """Who wrote a reply, if they were not forgotten since."""
    who = replies.author(tx, reply)
    if who is None or erasure.named_since(tx, who) is None:
        raise NotPossible(f"there is no reply {reply}, or who wrote it is forgotten: see barrio broadcast replies")
    return contacts.by_ids(tx, [who])[who]


def _category(house: House, filing: Filing, text: str, *, confidential: bool) -> str:
    known = house.config.city.categories
    if filing.category is not None:
        return naming.category(house.config.city, filing.category)
    understood = safety.CATEGORY if confidential else categories.guess(text, house.config.city).best
    return understood if understood is not None and understood in known else report.OTHER


def _place(house: House, filing: Filing, text: str) -> str | None:
    if filing.place is not None:
        return naming.place(house.config.city, filing.place)
    place = places.find(text, house.config.city)
    return None if place is None else place.id
