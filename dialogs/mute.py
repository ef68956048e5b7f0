"""Mute: an opt-out word with the code of a case silences that case alone, and an opt-in word brings it back.

Rule: only who reported a case or stands behind it can silence it; anybody else hears what an unknown code gets. Who
asked in the same words for no messages at all is heard whatever code stands beside it.
"""

from collections.abc import Sequence

from dialogs import telling
from dialogs.effects import Effect, Mute, Unmute
from dialogs.facts import Facts, Need, NeedKind
from dialogs.nodes import Dialog, Do, End, Fork
from dialogs.session import Answers

#: The answer's name under which it is kept that the whole text would opt out of everything.
ALL = "all"


def _whose(facts: Facts, answers: Answers) -> str | Need:
    code = str(answers.get("code") or "")
    if not code:
        return "how"
    case = facts.named_cases.get(code)
    if case is not None and case.contact_id == facts.contact.id:
        return "theirs"
    if NeedKind.SUPPORTED not in facts.found:
        return Need(kind=NeedKind.SUPPORTED, code=code)
    if telling.named(telling.listed(facts.found[NeedKind.SUPPORTED]), code) is not None:
        return "theirs"
    return "everything" if answers.get(ALL) else "unknown"


def _mute(_facts: Facts, answers: Answers) -> Sequence[Effect]:
    return (Mute(code=str(answers["code"])),)


def _unmute(_facts: Facts, answers: Answers) -> Sequence[Effect]:
    return (Unmute(code=str(answers["code"])),)


def _present(facts: Facts, _answers: Answers) -> str:
    return "on" if facts.contact.opted_out_at is None else "off"


MUTE = Dialog(
    name="mute",
    start="whose",
    aside=True,
    steps={
        "whose": Fork(
            pick=_whose,
            exits={"theirs": "set", "everything": "stop:", "unknown": "status:unknown", "how": "how"},
        ),
        "set": Do(effects=_mute, next="done"),
        "done": End(params=telling.its_code),
        "how": End(),
    },
)

UNMUTE = Dialog(
    name="unmute",
    start="whose",
    aside=True,
    steps={
        "whose": Fork(pick=_whose, exits={"theirs": "set", "unknown": "status:unknown", "how": "mute:how"}),
        "set": Do(effects=_unmute, next="hears"),
        "hears": Fork(pick=_present, exits={"on": "done", "off": "nothing"}),
        "done": End(params=telling.its_code),
        "nothing": End(params=telling.its_code),
    },
)
