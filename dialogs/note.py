"""Note: more words about a case of one's own are kept with that case; they never become a second one."""

from collections.abc import Mapping, Sequence

from dialogs.effects import AddNote, Effect, Param
from dialogs.facts import Facts
from dialogs.nodes import Dialog, Do, End
from dialogs.session import Answers


def _add(_facts: Facts, answers: Answers) -> Sequence[Effect]:
    return (AddNote(code=str(answers["code"]), text=str(answers["text"])),)


def _code(_facts: Facts, answers: Answers) -> Mapping[str, Param]:
    return {"code": str(answers["code"])}


NOTE = Dialog(
    name="note", start="add", aside=True, steps={"add": Do(effects=_add, next="done"), "done": End(params=_code)}
)
