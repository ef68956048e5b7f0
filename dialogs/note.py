"""Note: more words about a case of one's own are kept with that case; they never become a second one."""

from collections.abc import Sequence

from dialogs import telling
from dialogs.cases import CONFIRMABLE
from dialogs.effects import AddNote, AlertStaff, Anonymise, Effect
from dialogs.facts import Facts
from dialogs.nodes import Dialog, Do, End
from dialogs.session import Answers
from dialogs.understand import safety


def _add(facts: Facts, answers: Answers) -> Sequence[Effect]:
    """Keep it; and call somebody if a nuisance has become a danger, or if nobody looks at this case any more.

    Nor does anybody look at one that is resolved: if the person does not answer our question, it closes by itself.
    """
    code, text = str(answers["code"]), str(answers["text"])
    effects: list[Effect] = [AddNote(code=code, text=text)]
    if safety.anonymous(text):
        effects.append(Anonymise(code=code))
    if safety.emergency(text):
        effects.append(AlertStaff(reason="emergency", code=code))
    case = telling.named(facts.own_cases, code)
    if case is None or case.status in CONFIRMABLE:
        effects.append(AlertStaff(reason="noted_when_over", code=code))
    return effects


NOTE = Dialog(
    name="note",
    start="add",
    aside=True,
    steps={"add": Do(effects=_add, next="done"), "done": End(params=telling.its_code)},
)
