"""Cancel: inside a dialog it ends the dialog; alone it asks what to cancel.

Carriers take the word for an opt-out, and people mean a case. A case that is taken back is kept as withdrawn. Who gives
a code is asked once more, because one word and nine digits are soon written; who picked from a list has been asked.
"""

from collections.abc import Mapping, Sequence

from dialogs import telling
from dialogs.cases import TRANSITIONS, Case, CaseStatus
from dialogs.effects import Effect, Option, Param, Withdraw
from dialogs.facts import Facts
from dialogs.nodes import Choose, Dialog, Do, End, Fork
from dialogs.session import Answers
from dialogs.verdicts import named, understood, yes_or_no


def _what(_facts: Facts, _answers: Answers) -> Sequence[Option]:
    return named("cancel_optout", "cancel_withdraw")


def _withdrawable(facts: Facts) -> tuple[Case, ...]:
    return tuple(case for case in telling.listed(facts.own_cases) if CaseStatus.WITHDRAWN in TRANSITIONS[case.status])


def _how_many(facts: Facts, _answers: Answers) -> str:
    return "some" if _withdrawable(facts) else "none"


def _mine(facts: Facts, _answers: Answers) -> Sequence[Option]:
    return telling.options(_withdrawable(facts))


def _about(facts: Facts, answers: Answers) -> Mapping[str, Param]:
    code = str(answers["code"])
    case = telling.named(_withdrawable(facts), code)
    return {"code": code, "category": case.category if case else None}


def _withdraw(_facts: Facts, answers: Answers) -> Sequence[Effect]:
    return (Withdraw(code=str(answers["code"])),)


def _still(facts: Facts, answers: Answers) -> str:
    return "yes" if telling.named(_withdrawable(facts), answers.get("code")) else "no"


CANCEL = Dialog(
    name="cancel",
    start="what",
    steps={
        "what": Choose(
            options=_what,
            save="cancel",
            next={"cancel_optout": "stop:", "cancel_withdraw": "how_many"},
            give_up="dropped",
        ),
        "how_many": Fork(pick=_how_many, exits={"some": "which", "none": "none"}),
        "which": Choose(options=_mine, save="code", next="still", give_up="dropped", page=telling.CASES_A_PAGE),
        "given": Fork(pick=_still, exits={"yes": "sure", "no": "none"}),
        "sure": Choose(
            options=yes_or_no,
            save="sure",
            understand=understood,
            params=_about,
            next={"yes": "still", "no": "kept"},
            give_up="kept",
        ),
        "still": Fork(pick=_still, exits={"yes": "withdraw", "no": "none"}),
        "withdraw": Do(effects=_withdraw, next="withdrawn"),
        "withdrawn": End(params=telling.its_code),
        "kept": End(params=telling.its_code),
        "none": End(),
        "dropped": End(),
    },
)
