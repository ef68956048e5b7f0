"""Hand over to a person: what nobody understood is kept as a draft case, and who asked for a person gets one."""

from collections.abc import Mapping, Sequence

from dialogs import enough, promises
from dialogs.cases import CaseKind
from dialogs.effects import Effect, HandOver, OpenCase, Param, Say
from dialogs.engine import HEARD
from dialogs.facts import Facts
from dialogs.messages import ChannelKind
from dialogs.nodes import Dialog, Do, End, Fork
from dialogs.report import DESCRIPTION_MOST, OTHER
from dialogs.session import Answers
from dialogs.understand import safety


def draft(
    facts: Facts, answers: Answers, *, dialog: str, kind: CaseKind, reason: str, wish: str = ""
) -> Sequence[Effect]:
    """Keep what was told, behind what was wished, for a person to read.

    A code that is seen on a screen only is soon forgotten, so it comes by SMS too.
    """
    told = (str(answers.get(name) or "") for name in ("description", HEARD))
    description = " / ".join(text for text in (wish, *told) if text)[:DESCRIPTION_MOST]
    anonymous = bool(answers.get("anonymous")) or safety.anonymous(description)
    draft = OpenCase(
        code=facts.new_code,
        kind=kind,
        category=OTHER,
        description=description,
        due_at=promises.by_a_person(facts.city, facts.now),
        confidential=anonymous or safety.confidential(description, facts.city),
        anonymous=anonymous,
        draft=True,
    )
    handed_over = HandOver(reason=reason, code=facts.new_code)
    if facts.channel_kind is not ChannelKind.USSD:
        return (draft, handed_over)
    return (draft, handed_over, Say(template=f"{dialog}/done", params=code(facts, answers), by_sms=True))


def _misunderstood(facts: Facts, answers: Answers) -> Sequence[Effect]:
    return draft(facts, answers, dialog="handover", kind=CaseKind.GRIEVANCE, reason="three_misses")


def _asked_for(facts: Facts, answers: Answers) -> Sequence[Effect]:
    return draft(facts, answers, dialog="person", kind=CaseKind.REQUEST, reason="asked_for_a_person")


def code(facts: Facts, _answers: Answers) -> Mapping[str, Param]:
    """Of the draft."""
    return {"code": facts.new_code}


_ROOM = Fork(pick=enough.room, exits={"room": "keep", "full": "enough:"})

HANDOVER = Dialog(
    name="handover",
    start="room",
    steps={"room": _ROOM, "keep": Do(effects=_misunderstood, next="done"), "done": End(params=code)},
)

PERSON = Dialog(
    name="person",
    start="room",
    steps={"room": _ROOM, "keep": Do(effects=_asked_for, next="done"), "done": End(params=code)},
)
