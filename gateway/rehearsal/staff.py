"""What staff do in a transcript: an act on the last case, or on the one whose code is named."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time
from functools import partial

from dialogs.outreach import Audience
from dialogs.understand import codes, places
from gateway.effects import House
from gateway.work import broadcasts, casework, filing, merging
from gateway.work.casework import Done, NotPossible
from gateway.work.relabelling import Labels, relabel
from store import Tx, cases, deciders, sight

#: Who acts in a transcript: no name of anybody. What ana decided and somebody appealed is decided again by eva.
ANA, EVA = "ana", "eva"
EVERYBODY = "everybody"
_EVENING = time(18, 30)


def act(tx: Tx, house: House, now: datetime, phone: str, words: Sequence[str]) -> None:
    """Do what a ``staff:`` line says; raise ``NotPossible`` if it cannot be done."""
    what, *rest = words
    if what == "broadcast":
        place, text = rest
        _broadcast(tx, house, now, place, text)
        return
    if what == "open":
        drawn = house.clock.new_codes(len(sight.codes(tx)) + 1)
        free = cases.free_codes(tx, drawn)
        wanted = filing.Filing(text=rest[0], msisdn=phone)
        filing.open_for(tx, house, now, ANA, wanted, new_code=next(code for code in drawn if code in free))
        return
    code = rest.pop(0) if rest and codes.find(rest[0]) else sight.codes(tx)[-1]
    if what not in _ACTS:
        raise NotPossible(f"staff do no such thing: {what}")
    case = casework.find(tx, code)
    who = EVA if ANA in deciders.before_appeal(tx, case.id) else ANA
    _ACTS[what](house, rest)(tx, house, now, who, code)


def _until(house: House, day: str) -> datetime:
    """The end of a working day."""
    zone = house.config.service.timezone
    return datetime.combine(datetime.strptime(day, "%Y-%m-%d"), _EVENING, tzinfo=zone).astimezone(UTC)  # noqa: DTZ007


def _labels(category: str, place: str | None = None) -> Labels:
    return Labels(category=category, place=place)


#: What can be done to a case: the act, with what the words behind its name give it.
_ACTS: Mapping[str, Callable[[House, Sequence[str]], Callable[..., Done]]] = {
    "resolve": lambda _, words: partial(casework.resolve, reply=words[0]),
    "reopen": lambda _, __: casework.reopen,
    "assign": lambda _, words: partial(casework.assign, to=words[0]),
    "start": lambda _, __: casework.start,
    "plan": lambda house, words: partial(casework.plan, due=_until(house, words[0])),
    "not_competent": lambda _, words: partial(casework.not_competent, body=words[0]),
    "note": lambda _, words: partial(casework.note, text=words[0]),
    "relabel": lambda _, words: partial(relabel, to=_labels(*words)),
    "merge": lambda _, words: partial(merging.merge, into=words[0]),
    "split": lambda _, __: merging.split,
}


def _broadcast(tx: Tx, house: House, now: datetime, place: str, text: str) -> None:
    """A notice in the first language."""
    found = None if place == EVERYBODY else places.find(place, house.config.city)
    if found is None and place != EVERYBODY:
        raise NotPossible(f"there is no such place: {place}")
    texts = {house.config.city.languages[0]: text}
    broadcasts.create(tx, house, now, ANA, texts, Audience(place=found.id if found else None))
