"""Call back: who would rather speak than write says when, and a person calls. Silence means at any hour."""

from collections.abc import Sequence

from dialogs import enough
from dialogs.cases import CaseKind
from dialogs.effects import Effect, Option
from dialogs.facts import Facts
from dialogs.handover import code, draft
from dialogs.nodes import Choose, Dialog, Do, End, Fork
from dialogs.session import Answers
from dialogs.verdicts import named

_ANY = "call_any"


def _windows(_facts: Facts, _answers: Answers) -> Sequence[Option]:
    return named("call_morning", "call_afternoon", _ANY)


def _keep(facts: Facts, answers: Answers) -> Sequence[Effect]:
    """The case says when, in the city's first language: staff read it there."""
    window = str(answers.get("window") or _ANY)
    wish = facts.city.words[facts.city.languages[0]].options.get(window, window)
    return draft(facts, answers, dialog="callback", kind=CaseKind.REQUEST, reason="asked_for_a_call", wish=wish)


CALLBACK = Dialog(
    name="callback",
    start="room",
    on_expire="keep",
    steps={
        "room": Fork(pick=enough.room, exits={"room": "when", "full": "enough:"}),
        "when": Choose(options=_windows, save="window", next="keep", give_up="keep"),
        "keep": Do(effects=_keep, next="done"),
        "done": End(params=code),
    },
)
