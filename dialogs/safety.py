"""Safety: violence, abuse, minors. The hotline first, no question about what happened, a record only if wanted.

The words themselves are not copied into the case: phones are shared, and the least that is written is the safest.
"""

from collections.abc import Sequence

from dialogs import promises
from dialogs.cases import CaseKind
from dialogs.effects import AlertStaff, Effect, LabelKind, OpenCase, Option
from dialogs.facts import Facts
from dialogs.nodes import Choose, Dialog, Do, End
from dialogs.session import Answers
from dialogs.understand import answers as verdicts

#: The category under which staff who may see confidential cases find it.
CATEGORY = "seguridad"


def _yes_no(_facts: Facts, _answers: Answers) -> Sequence[Option]:
    return tuple(Option(key="", value=name, label=LabelKind.WORD, ref=name) for name in ("yes", "no"))


def _verdict(facts: Facts, _answers: Answers, text: str) -> str | None:
    return verdicts.verdict(text, facts.city)


def _call(facts: Facts, _answers: Answers) -> Sequence[Effect]:
    return (
        OpenCase(
            code=facts.new_code,
            kind=CaseKind.REQUEST,
            category=CATEGORY,
            description="",
            due_at=promises.by_a_person(facts.city, facts.now),
            confidential=True,
            priority=True,
        ),
        AlertStaff(reason="confidential", code=facts.new_code),
    )


SAFETY = Dialog(
    name="safety",
    start="ask",
    steps={
        "ask": Choose(
            options=_yes_no,
            save="call",
            understand=_verdict,
            next={"yes": "call", "no": "bye"},
            give_up="bye",
        ),
        "call": Do(effects=_call, next="called"),
        "called": End(),
        "bye": End(),
    },
)
