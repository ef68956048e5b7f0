"""Enough: who has opened as many cases in a day as one person may is not turned away, and opens no more of them.

What they tell is added to their newest case and staff are alerted, who can open another by hand. Danger, and what must
not be seen by many, always becomes a case (see ``room``); nor is anything added to one that must not be spoken of.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from dialogs import telling
from dialogs.effects import AddNote, AlertStaff, Effect, Param
from dialogs.engine import HEARD
from dialogs.facts import Facts
from dialogs.nodes import Dialog, Do, End
from dialogs.session import Answers
from dialogs.understand import safety

DAY = timedelta(days=1)


def room(facts: Facts, answers: Answers) -> str:
    """Whether one more case of this person's may be opened: ``room`` or ``full``."""
    if len(facts.own_cases) < facts.most_cases or not telling.listed(facts.own_cases):
        return "room"
    opened = sum(case.opened_at > facts.now - DAY for case in facts.own_cases)
    return "room" if opened < facts.most_cases or _needs_a_case(facts, answers) else "full"


def _needs_a_case(facts: Facts, answers: Answers) -> bool:
    known = answers.get("emergency") or answers.get("confidential") or answers.get("anonymous")
    return bool(known) or safety.confidential(_told(answers), facts.city)


def _told(answers: Answers) -> str:
    return " / ".join(str(answers[name]) for name in ("description", HEARD) if answers.get(name))


def _code(facts: Facts) -> str:
    """Of the newest case that may be named to who did not give its code; ``room`` sees to it that there is one."""
    return next((case.code for case in telling.listed(facts.own_cases)), "")


def _keep(facts: Facts, answers: Answers) -> Sequence[Effect]:
    code, told = _code(facts), _told(answers)
    alert = AlertStaff(reason="many_cases", code=code)
    return (AddNote(code=code, text=told), alert) if told else (alert,)


def _said(facts: Facts, _answers: Answers) -> Mapping[str, Param]:
    return {"code": _code(facts), "count": facts.most_cases}


ENOUGH = Dialog(name="enough", start="keep", steps={"keep": Do(effects=_keep, next="said"), "said": End(params=_said)})
