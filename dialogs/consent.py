"""Opt-out and opt-in.

A stop is honoured at once, in every state, and answered once; the person's own questions are still answered afterwards.
"""

from collections.abc import Sequence

from dialogs.effects import Effect, OptIn, OptOut
from dialogs.facts import Facts
from dialogs.nodes import Dialog, Do, End, Fork
from dialogs.session import Answers


def _stop(_facts: Facts, _answers: Answers) -> Sequence[Effect]:
    return (OptOut(),)


def _start(_facts: Facts, _answers: Answers) -> Sequence[Effect]:
    return (OptIn(),)


def _present(facts: Facts, _answers: Answers) -> str:
    return "on" if facts.contact.opted_out_at is None else "off"


STOP = Dialog(name="stop", start="set", aside=True, steps={"set": Do(effects=_stop, next="done"), "done": End()})

START = Dialog(name="start", start="set", aside=True, steps={"set": Do(effects=_start, next="done"), "done": End()})

#: What the menu's line about notices says: how they stand, and the word that changes it.
NOTICES = Dialog(
    name="notices",
    start="how",
    steps={"how": Fork(pick=_present, exits={"on": "on", "off": "off"}), "on": End(), "off": End()},
)
