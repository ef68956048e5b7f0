"""Behalf: a case that was told from a borrowed phone becomes the case of the number that it was told for.

Rule 1: by the code, sent from the number that stands in the report ("para el 7xxxxxxx"). Until then it is the case of
who told it: nobody is written to who has not written to us.
Rule 2: never where few may read the case, or nobody may know whose it is.
"""

from collections.abc import Mapping, Sequence

from dialogs import telling
from dialogs.cases import Case
from dialogs.effects import AddNote, AlertStaff, Effect, Param, TakeOver
from dialogs.facts import Facts
from dialogs.nodes import Dialog, Do, End
from dialogs.session import Answers
from dialogs.understand import safety
from dialogs.understand.msisdns import meant_for


def is_meant(facts: Facts, case: Case) -> bool:
    """Whether somebody else told this case for the number that writes now."""
    if case.contact_id == facts.contact.id or case.confidential or case.anonymous:
        return False
    told = f"{case.description} / {case.location_text}"
    return meant_for(told, facts.city.country) == facts.contact.msisdn


def _take(_facts: Facts, answers: Answers) -> Sequence[Effect]:
    code, text = str(answers["code"]), str(answers.get("text") or "")
    effects: list[Effect] = [TakeOver(code=code)]
    if text:
        effects.append(AddNote(code=code, text=text))
    if safety.emergency(text):
        effects.append(AlertStaff(reason="emergency", code=code))
    return effects


def _told(facts: Facts, answers: Answers) -> Mapping[str, Param]:
    return telling.to_owner(facts.named_cases[str(answers["code"])])


BEHALF = Dialog(
    name="behalf",
    start="take",
    aside=True,
    steps={"take": Do(effects=_take, next="done"), "done": End(params=_told)},
)
