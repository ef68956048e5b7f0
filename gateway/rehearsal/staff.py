"""What staff do in a transcript: an act on the last case, or on the one whose code is named."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

from dialogs.outreach import Audience
from dialogs.understand import codes, places
from gateway.effects import House
from gateway.work import broadcasts, casework, filing
from gateway.work.casework import NotPossible
from store import Tx, cases, sight

#: Who acts in a transcript: no name of anybody.
ANA = "ana"
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
    match what:
        case "resolve":
            casework.resolve(tx, house, now, ANA, code, reply=rest[0])
        case "reopen":
            casework.reopen(tx, house, now, ANA, code)
        case "assign":
            casework.assign(tx, house, now, ANA, code, to=rest[0])
        case "start":
            casework.start(tx, house, now, ANA, code)
        case "plan":
            day = datetime.strptime(rest[0], "%Y-%m-%d").replace(tzinfo=house.config.service.timezone)
            due = datetime.combine(day, _EVENING, tzinfo=day.tzinfo).astimezone(UTC)
            casework.plan(tx, house, now, ANA, code, due=due)
        case "not_competent":
            casework.not_competent(tx, house, now, ANA, code, body=rest[0])
        case "note":
            casework.note(tx, house, now, ANA, code, text=rest[0])
        case _:
            raise NotPossible(f"staff do no such thing: {what}")


def _broadcast(tx: Tx, house: House, now: datetime, place: str, text: str) -> None:
    """A notice in the first language."""
    found = None if place == EVERYBODY else places.find(place, house.config.city)
    if found is None and place != EVERYBODY:
        raise NotPossible(f"there is no such place: {place}")
    texts = {house.config.city.languages[0]: text}
    broadcasts.create(tx, house, now, ANA, texts, Audience(place=found.id if found else None))
