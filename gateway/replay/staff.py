"""What staff did, done again: the same act, with the words and dates that are still kept of it."""

import unicodedata
from datetime import datetime

from dialogs.effects import Say
from dialogs.messages import ChannelKind
from gateway.effects import House
from gateway.replay.story import Acted
from gateway.work import casework, filing, merging
from gateway.work.relabelling import Labels, relabel
from store import Tx

#: Stands for words that are no longer kept.
LOST = "(…)"
_MARK = "@@@"
#: What is said with nothing but the case.
_PLAIN = {"started": casework.start, "reopened": casework.reopen, "split": merging.split}


def act(tx: Tx, house: House, now: datetime, moment: Acted, number: str | None, was_told: str) -> None:
    """Do it; ``was_told`` is the notice that went out with it. Raise ``NotPossible`` if the case stands otherwise."""
    case, event = moment.of.case, moment.event
    who, code = event.actor, case.code
    match event.what:
        case "started" | "reopened" | "split":
            _PLAIN[event.what](tx, house, now, who, code)
        case "opened":
            category, place = at_first(moment)
            wanted = filing.Filing(
                text=case.description or LOST,
                msisdn=number,
                category=category,
                place=place,
                confidential=case.confidential,
            )
            filing.open_for(tx, house, now, who, wanted, new_code=code)
        case "assigned":
            casework.assign(tx, house, now, who, code, to=str(event.data["to"]))
        case "planned":
            casework.plan(tx, house, now, who, code, due=due(moment))
        case "resolved":
            casework.resolve(tx, house, now, who, code, reply=reply(house, moment, was_told))
        case "not_competent":
            casework.not_competent(tx, house, now, who, code, body=str(event.data["body"]))
        case "merged":
            merging.merge(tx, house, now, who, code, into=event.data["into"])
        case "relabelled":
            relabel(tx, house, now, who, code, to=Labels(category=event.data["category"], place=event.data["place"]))
        case _:
            casework.note(tx, house, now, who, code, text=LOST)


def at_first(moment: Acted) -> tuple[str, str | None]:
    """The category and the place of a case before anybody relabelled it."""
    for event in moment.of.events:
        if event.what == "relabelled":
            return event.data["was"]["category"], event.data["was"]["place"]
    return moment.of.case.category, moment.of.case.place


def due(moment: Acted) -> datetime:
    """The date that was promised with a plan."""
    made = [one.due_at for one in moment.of.promises if one.made_at == moment.at]
    return made[0] if made else moment.of.case.due_at


def reply(house: House, moment: Acted, was_told: str) -> str:
    """What a resolution said, cut where it would be too long today.

    Of an earlier one only the notice is kept: its words around the reply are taken off.
    """
    return _kept(house, moment, was_told)[: casework.REPLY_MOST].strip()


def _kept(house: House, moment: Acted, was_told: str) -> str:
    case = moment.of.case
    if moment.event.data.get("resolution_no") == case.resolution_no:
        return case.reply or LOST
    say = Say(template="notice/resolved", params={"code": case.code, "reply": _MARK})
    for language in house.config.city.languages:
        before, _, after = house.renderer.text(say, language, ChannelKind.SMS).partition(_MARK)
        around = len(before) + len(after)
        if len(was_told) > around and _alike(was_told[: len(before)], before) and _alike(_end(was_told, after), after):
            return was_told[len(before) : len(was_told) - len(after)]
    return LOST


def _end(text: str, like: str) -> str:
    return text[len(text) - len(like) :]


def _alike(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but accents, which are taken off where that saves a segment."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFD", letter)[0] for letter in text)
