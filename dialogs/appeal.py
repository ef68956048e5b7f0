"""Appeal: who does not agree with what was decided says so, and a unit that had no part in it looks at it once more.

Once a case, and within the days that the city gives. It is not reopening: that is for what turned out not to be solved,
and goes back to who did it. It is done before why is asked: who has no credit for a second message has appealed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from dialogs import promises, telling
from dialogs.cases import Case, CaseStatus
from dialogs.effects import AddNote, AlertStaff, Anonymise, AppealCase, Conceal, Effect, LabelKind, Option, Param
from dialogs.facts import Facts, Need, NeedKind
from dialogs.nodes import Ask, Choose, Dialog, Do, End, Fork
from dialogs.report import DESCRIPTION_MOST, tells_something
from dialogs.session import Answers, Session
from dialogs.understand import safety

#: The answer's name under which the cases that may be chosen are kept, as ``code:category``.
_CHOICE = "appealable"


def _found(facts: Facts) -> Sequence[Case]:
    return facts.found.get(NeedKind.APPEALABLE, ())


def _which(facts: Facts, answers: Answers) -> str | Need:
    """The case of the code that was given, or the only one, or one of several."""
    if facts.appeals is None:
        return "none"
    if NeedKind.APPEALABLE not in facts.found:
        return Need(kind=NeedKind.APPEALABLE)
    code = answers.get("code")
    if code is not None:
        return "none" if telling.named(_found(facts), code) is None else "one"
    return {0: "none", 1: "one"}.get(len(telling.listed(_found(facts))), "many")


def _seen(facts: Facts, answers: Answers) -> Answers:
    listed = telling.listed(_found(facts))
    if answers.get("code") is not None:
        return {}
    if len(listed) == 1:
        return {"code": listed[0].code}
    return {_CHOICE: ",".join(option.ref for option in telling.options(listed))}


def _choice(_facts: Facts, answers: Answers) -> Sequence[Option]:
    """As they stood when they were listed: what was read then is gone when the answer comes."""
    listed = str(answers.get(_CHOICE) or "").split(",")
    return tuple(Option(key="", value=ref.partition(":")[0], label=LabelKind.CASE, ref=ref) for ref in listed if ref)


def _reason(_facts: Facts, _session: Session, text: str) -> Answers | None:
    return {"reason": text.strip()[:DESCRIPTION_MOST]} if tells_something(text) else None


def _appeal(facts: Facts, answers: Answers) -> Sequence[Effect]:
    code = str(answers["code"])
    unit = facts.appeals.unit if facts.appeals else ""
    return (AppealCase(code=code, unit=unit, due_at=_due(facts, answers)), AlertStaff(reason="appealed", code=code))


def _due(facts: Facts, answers: Answers) -> datetime:
    """The date that was told stands, however often why is asked."""
    told = telling.named(facts.own_cases, answers.get("code"))
    if told is not None and told.status is CaseStatus.APPEALED:
        return told.due_at
    case = telling.named(_found(facts), answers.get("code"))
    return promises.for_appeal(facts.city, case.category if case else "", facts.now)


def _promised(facts: Facts, answers: Answers) -> Mapping[str, Param]:
    return {"code": str(answers["code"]), "due": _due(facts, answers)}


def _said(facts: Facts, answers: Answers) -> Sequence[Effect]:
    """What is said of it may name somebody, or ask that nobody is named: the case is for few to read from now on."""
    code, reason = str(answers["code"]), str(answers["reason"])
    hidden: tuple[Effect, ...] = (Conceal(code=code),) if safety.confidential(reason, facts.city) else ()
    if safety.anonymous(reason):
        hidden = (Anonymise(code=code),)
    return (*hidden, AddNote(code=code, text=reason))


APPEAL = Dialog(
    name="appeal",
    start="which",
    steps={
        "which": Fork(pick=_which, exits={"one": "appeal", "many": "choose", "none": "none"}, keep=_seen),
        "choose": Choose(options=_choice, save="code", next="which", give_up="none", page=telling.CASES_A_PAGE),
        "appeal": Do(effects=_appeal, next="why"),
        "why": Ask(parse=_reason, params=_promised, next="tell", give_up="unsaid"),
        "tell": Do(effects=_said, next="done"),
        "done": End(params=telling.its_code),
        "unsaid": End(params=telling.its_code),
        "none": End(),
    },
)
