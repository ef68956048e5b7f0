"""Support: a neighbour adds themselves to a case whose code they know. Nothing of it is told but how far it is."""

from collections.abc import Sequence

from dialogs import telling
from dialogs.cases import OPEN
from dialogs.effects import Effect, Support
from dialogs.facts import Facts
from dialogs.nodes import Dialog, Do, End, Fork
from dialogs.session import Answers


def _which(facts: Facts, answers: Answers) -> str:
    """A case of one's own needs no support, one that is over cannot use it, and a confidential one is not there."""
    code = str(answers.get("code") or "")
    case = facts.named_cases.get(code)
    if case is None or case.confidential or case.contact_id == facts.contact.id:
        return "status" if code else "how"
    return "open" if case.status in OPEN else "status"


def _add(_facts: Facts, answers: Answers) -> Sequence[Effect]:
    return (Support(code=str(answers["code"])),)


SUPPORT = Dialog(
    name="support",
    start="which",
    aside=True,
    steps={
        "which": Fork(pick=_which, exits={"open": "add", "status": "status:", "how": "how"}),
        "add": Do(effects=_add, next="done"),
        "done": End(params=telling.its_code),
        "how": End(),
    },
)
