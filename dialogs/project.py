"""Project: what is built in a barrio, by whom and until when. Whoever asks is told; no case is opened."""

from collections.abc import Mapping
from datetime import date, datetime, time

from dialogs.city import Project
from dialogs.effects import Param
from dialogs.facts import Facts
from dialogs.nodes import Ask, Dialog, End, Fork
from dialogs.session import Answers, Session
from dialogs.understand import places

#: A day is told as its noon, which is the same day wherever the clock stands.
_NOON = time(12)


def _where(facts: Facts, _session: Session, text: str) -> Answers | None:
    place = places.find(text, facts.city)
    return None if place is None else {"place": place.id}


def _known(facts: Facts, answers: Answers) -> Answers | None:
    """The place named in the question, or the one this person usually writes from."""
    if answers.get("place") is not None:
        return {}
    return {"place": facts.contact.place} if facts.contact.place in facts.city.places else None


def _here(facts: Facts, answers: Answers) -> list[Project]:
    """The projects of the place, or of all where none is named: those that are not over first, then by their end."""
    place = answers.get("place")
    found = [one for one in facts.city.projects.values() if place in (None, one.place)]
    today = facts.now.astimezone(facts.city.timezone).date()
    return sorted(found, key=lambda one: (one.ends < today, one.ends))


def _is_there_any(facts: Facts, answers: Answers) -> str:
    return "some" if _here(facts, answers) else "none"


def _told(facts: Facts, answers: Answers) -> Mapping[str, Param]:
    first, *others = _here(facts, answers)
    return {
        "project": first.name,
        "contractor": first.contractor,
        "progress": first.progress,
        "ends": _moment(facts, first.ends),
        "more": len(others) or None,
    }


def _moment(facts: Facts, day: date) -> datetime:
    return datetime.combine(day, _NOON, tzinfo=facts.city.timezone)


def _place(_facts: Facts, answers: Answers) -> Mapping[str, Param]:
    return {"place": answers.get("place")}


PROJECT = Dialog(
    name="project",
    start="where",
    aside=True,
    steps={
        "where": Ask(parse=_where, known=_known, next="any", give_up="none"),
        "any": Fork(pick=_is_there_any, exits={"some": "told", "none": "none"}),
        "told": End(params=_told),
        "none": End(params=_place),
    },
)
