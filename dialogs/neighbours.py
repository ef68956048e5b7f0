"""Neighbours: who tells of what a neighbour has told already is asked whether it is the same, and may join them.

Alike is what is of the same category in the same place, of the last days, in words of which half are the same. It is
asked, never decided: the words of a text and the barrio say little about which of two lamps is meant. Whoever says
nothing has filed a case of their own.
"""

from collections.abc import Mapping, Sequence

from dialogs.cases import OPEN, Case, CaseKind
from dialogs.effects import AddNote, Effect, LabelKind, Option, Param, SetPlace, Support
from dialogs.facts import Facts, Need, NeedKind
from dialogs.session import Answers
from dialogs.understand import answers as understood
from dialogs.understand import categories, keywords

#: The answers' names under which the neighbour's case, and how many tell of it, are kept while the question stands.
CODE, COUNT = "neighbour", "neighbours"
JOIN, OTHER = "join", "other"
#: So much of the shorter text must be in the longer one.
_ALIKE = 0.5
#: Two people may have one idea, and each is a voice; a complaint or a wish of two is one thing to be done.
_ONE_PROBLEM = frozenset({CaseKind.GRIEVANCE, CaseKind.REQUEST})


def look(facts: Facts, answers: Answers) -> str | Need:
    """Whether a neighbour has told of this already: ``alike`` or ``alone``."""
    category, place = answers.get("category"), answers.get("place")
    if not (facts.neighbour_days and category and place) or answers.get("kind") not in _ONE_PROBLEM:
        return "alone"
    if NeedKind.NEIGHBOURS not in facts.found:
        return Need(kind=NeedKind.NEIGHBOURS, category=str(category), place=str(place))
    return "alone" if _nearest(facts, answers) is None else "alike"


def seen(facts: Facts, answers: Answers) -> Answers:
    """What is kept for the question: whose case it may be, and how many tell of it."""
    case = _nearest(facts, answers)
    return {} if case is None else {CODE: case.code, COUNT: case.supporters + 1}


def _nearest(facts: Facts, answers: Answers) -> Case | None:
    """The neighbour's case that is most like this report; of equals the first that was filed."""
    others = [case for case in facts.found.get(NeedKind.NEIGHBOURS, ()) if case.contact_id != facts.contact.id]
    if not others:  # as for nearly every report: nothing is read then
        return None
    said = _words(told(answers))
    near = [(_shared(said, _words(f"{case.description} {case.location_text}")), case) for case in others]
    shared, case = max(near, key=lambda pair: (pair[0], -pair[1].id))
    return case if shared >= _ALIKE else None


def _words(text: str) -> frozenset[str]:
    return frozenset(categories.content(text))


def _shared(said: frozenset[str], other: frozenset[str]) -> float:
    shorter = min(len(said), len(other))
    return len(said & other) / shorter if shorter else 0.0


def told(answers: Answers) -> str:
    """What the person told, in their words."""
    return " / ".join(str(answers[name]) for name in ("description", "location_text") if answers.get(name))


def options(_facts: Facts, _answers: Answers) -> Sequence[Option]:
    """Join the neighbour, or it is something else."""
    return tuple(
        Option(key="", value=value, label=LabelKind.WORD, ref=f"neighbours_{value}") for value in (JOIN, OTHER)
    )


def in_words(facts: Facts, _answers: Answers, text: str) -> str | None:
    """Who answers yes or supports it joins, who answers no tells of something else."""
    if keywords.command(text, facts.city) == "support":
        return JOIN
    return {"yes": JOIN, "no": OTHER}.get(str(understood.verdict(text, facts.city)))


def asked(_facts: Facts, answers: Answers) -> Mapping[str, Param]:
    """What the question says of the neighbour's case: what everybody may see."""
    return {"category": answers.get("category"), "place": answers.get("place"), "count": answers.get(COUNT)}


def still(facts: Facts, answers: Answers) -> str:
    """Whether the neighbour's case can still be joined: it may have been solved or taken back meanwhile."""
    case = facts.named_cases.get(str(answers.get(CODE)))
    return "open" if case is not None and case.status in OPEN and not case.confidential else "over"


def join(facts: Facts, answers: Answers) -> Sequence[Effect]:
    """The neighbour's case has one more who tells of it, and their words beside it."""
    code = str(answers[CODE])
    effects: list[Effect] = [Support(code=code), AddNote(code=code, text=told(answers))]
    if facts.contact.place is None:
        effects.append(SetPlace(place=str(answers["place"])))
    return effects


def joined(_facts: Facts, answers: Answers) -> Mapping[str, Param]:
    """The code, by which everybody may see how far it is."""
    return {"code": str(answers.get(CODE) or "")}
