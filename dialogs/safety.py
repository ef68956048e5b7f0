"""Safety: violence, abuse, minors. The hotline first, no question about what happened, a record only if wanted.

The words themselves are not copied into the case: phones are shared, and the least that is written is the safest.
"""

from collections.abc import Sequence

from dialogs import promises
from dialogs.cases import CaseKind
from dialogs.effects import AlertStaff, Effect, OpenCase
from dialogs.facts import Facts
from dialogs.nodes import Choose, Dialog, Do, End
from dialogs.session import Answers
from dialogs.verdicts import understood, yes_or_no

#: The category under which staff who may see confidential cases find it.
CATEGORY = "seguridad"


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
            options=yes_or_no,
            save="call",
            understand=understood,
            next={"yes": "call", "no": "bye"},
            give_up="bye",
        ),
        "call": Do(effects=_call, next="called"),
        "called": End(),
        "bye": End(),
    },
)
