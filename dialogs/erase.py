"""Erase: who asks for it is forgotten, number and words, after one question and a day in which it can be taken back.

Nothing is erased in the conversation itself: the answer has to reach somebody who still has a number.
"""

from collections.abc import Sequence
from datetime import timedelta

from dialogs.effects import Effect, ForgetMe, KeepMe
from dialogs.facts import Facts
from dialogs.nodes import Choose, Dialog, Do, End
from dialogs.session import Answers
from dialogs.verdicts import understood, yes_or_no

#: How long after a yes it is done; the words of the answer say so.
WAIT = timedelta(hours=24)
#: A yes that comes later than this may mean anything, and what it would do cannot be undone.
_STANDS = timedelta(hours=1)


def _ask(facts: Facts, _answers: Answers) -> Sequence[Effect]:
    return (ForgetMe(due_at=facts.now + WAIT),)


def _keep(_facts: Facts, _answers: Answers) -> Sequence[Effect]:
    return (KeepMe(),)


ERASE = Dialog(
    name="erase",
    start="sure",
    timeout=_STANDS,
    steps={
        "sure": Choose(
            options=yes_or_no,
            save="sure",
            understand=understood,
            next={"yes": "ask", "no": "keep:"},
            give_up="keep:",
        ),
        "ask": Do(effects=_ask, next="done"),
        "done": End(),
    },
)

KEEP = Dialog(name="keep", start="set", aside=True, steps={"set": Do(effects=_keep, next="done"), "done": End()})
