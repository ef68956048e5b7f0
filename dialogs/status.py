"""Status: a code becomes an answer. The reporter's number hears how far it is; another number the coarse state only."""

from collections.abc import Mapping, Sequence

from rapidfuzz.distance import OSA

from dialogs import telling
from dialogs.cases import Case
from dialogs.effects import Option, Param
from dialogs.facts import Facts, Need, NeedKind
from dialogs.nodes import Choose, Dialog, End, Fork
from dialogs.session import Answers

#: How many slips of the thumb still count as one's own case: measured, over 99.9 % right among up to ten own cases.
NEAR = 2


def _own(facts: Facts) -> tuple[Case, ...]:
    return telling.listed((*facts.own_cases, *facts.found.get(NeedKind.CLOSED_CASES, ())))


def _which(facts: Facts, answers: Answers) -> str | Need:
    """Which case is meant. Without a code: the open ones, or else the newest that is closed."""
    code = answers.get("code")
    named = facts.named_cases.get(str(code)) if code else None
    if named is not None:
        if named.contact_id == facts.contact.id:
            return "own"
        return "unknown" if named.confidential else "stranger"
    present = telling.listed(facts.own_cases)
    if present and not code:
        return "one" if len(present) == 1 else "many"
    if NeedKind.CLOSED_CASES not in facts.found:
        return Need(kind=NeedKind.CLOSED_CASES)
    if code:
        return "near" if nearest(facts, str(code)) else "unknown"
    return "one" if _own(facts) else "none"


def nearest(facts: Facts, typed: str) -> Case | None:
    """The one own case that was meant; None if none or two are as near. Never anybody else's."""
    near = sorted(((OSA.distance(typed, case.code), case) for case in _own(facts)), key=lambda pair: pair[0])
    if not near or near[0][0] > NEAR or (len(near) > 1 and near[1][0] == near[0][0]):
        return None
    return near[0][1]


def _case(facts: Facts, answers: Answers) -> Case:
    code = str(answers.get("code") or "")
    own = _own(facts)
    found = facts.named_cases.get(code) or telling.named(own, code) or nearest(facts, code)
    return found or own[0]


def _to_owner(facts: Facts, answers: Answers) -> Mapping[str, Param]:
    return telling.to_owner(_case(facts, answers))


def _to_stranger(facts: Facts, answers: Answers) -> Mapping[str, Param]:
    return telling.to_stranger(_case(facts, answers))


def _typed(_facts: Facts, answers: Answers) -> Mapping[str, Param]:
    return {"code": str(answers["code"])}


def _hint(facts: Facts, answers: Answers) -> Mapping[str, Param]:
    return {"typed": str(answers["code"]), "code": _case(facts, answers).code}


def _mine(facts: Facts, _answers: Answers) -> Sequence[Option]:
    return telling.options(_own(facts))


STATUS = Dialog(
    name="status",
    start="which",
    aside=True,
    steps={
        "which": Fork(
            pick=_which,
            exits={
                "own": "own",
                "one": "own",
                "many": "choose",
                "stranger": "stranger",
                "near": "hint",
                "unknown": "unknown",
                "none": "none",
            },
        ),
        "choose": Choose(options=_mine, save="code", next="own", page=telling.CASES_A_PAGE),
        "own": End(params=_to_owner),
        "stranger": End(params=_to_stranger),
        "hint": End(params=_hint),
        "unknown": End(params=_typed),
        "none": End(),
    },
)
