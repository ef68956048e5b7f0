"""Note: more words about a case of one's own are kept with that case; they never become a second one."""

from collections.abc import Mapping, Sequence

from dialogs.effects import AddNote, AlertStaff, Effect, Param
from dialogs.facts import Facts
from dialogs.nodes import Dialog, Do, End
from dialogs.session import Answers
from dialogs.understand import safety


def _add(_facts: Facts, answers: Answers) -> Sequence[Effect]:
    """Keep it; and call somebody if what was a nuisance has become a danger."""
    code, text = str(answers["code"]), str(answers["text"])
    alert = (AlertStaff(reason="emergency", code=code),) if safety.emergency(text) else ()
    return (AddNote(code=code, text=text), *alert)


def _code(_facts: Facts, answers: Answers) -> Mapping[str, Param]:
    return {"code": str(answers["code"])}


NOTE = Dialog(
    name="note", start="add", aside=True, steps={"add": Do(effects=_add, next="done"), "done": End(params=_code)}
)
