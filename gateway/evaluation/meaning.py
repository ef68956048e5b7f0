"""What a text means to the house: the dialog that it would begin or answer, told in the words of the labels.

The tables below are all there is between the labels of a file and the dialogs that run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialogs.book import BOOK
from dialogs.cases import Case, CaseKind, CaseStatus
from dialogs.city import City
from dialogs.contacts import Contact
from dialogs.facts import Facts, Need
from dialogs.messages import ChannelKind, SessionEvent
from dialogs.nodes import Answer, Choose, Decision, ShowAgain, Silence, Start
from dialogs.session import Session

UNKNOWN = "unknown"

#: Which question was waiting, by a row's ``ctx``: the dialog and its step.
WAITING: Mapping[str, tuple[str, str]] = {
    "menu": ("menu", "main"),
    "survey": ("confirm", "ask"),
    "confirm": ("confirm", "ask"),
}
#: The label of a text that begins a dialog.
BEGINS: Mapping[str, str] = {
    "note": "report",
    "safety": "report",
    "status": "status",
    "stop": "stop",
    "start": "start",
    "help": "help",
    "menu": "menu",
    "person": "agent",
    "callback": "agent",
    "language": "language",
    "cancel": "cancel",
    "project": "info_project",
    "correct": "confirm_no",
    "appeal": "survey_reply",
    "proposal": "proposal",
    "support": "support",
    "mute": "mute",
    "unmute": "unmute",
    "erase": "erase",
    "keep": "keep",
    "reply": "survey_reply",
    "anonymous": "report",
}
#: The label of what is decided by a rule that begins no dialog of its own.
RULES: Mapping[str, str] = {
    "greeting": "greeting",
    "thanks": "thanks",
    "reply_thanks": "thanks",
    "assent": "confirm_yes",
    "unknown": UNKNOWN,
    "done": "survey_reply",
    "undone": "survey_reply",
    "denied": "confirm_no",
    "notices_off": "stop",
    "notices_on": "start",
}
_VERDICTS = {"yes": "confirm_yes", "no": "confirm_no", "half": "survey_reply"}
#: Who asks, in a file of texts: nobody's number, and a case of theirs that waits for their word.
_CONTACT, _CODE = 1, "100000009"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """The label that a text is given, and the routing rule that decided (see ``dialogs.book``)."""

    intent: str
    rule: str


def meaning(text: str, city: City, now: datetime, ctx: str | None = None) -> Meaning:
    """Say what ``text`` is, to somebody who was asked the question of ``ctx``; None: who was asked nothing."""
    facts = _facts(city, now, ctx)
    decision = BOOK.route(facts, text, SessionEvent.NONE)
    if isinstance(decision, Need):
        raise TypeError("nobody here got a notice that a text could answer")
    return Meaning(intent=_intent(decision, facts, text, ctx), rule=decision.rule)


def _intent(decision: Decision, facts: Facts, text: str, ctx: str | None) -> str:
    match decision:
        case Start():
            return _begun(decision, facts, text)
        case Answer():
            return _answered(facts, text, ctx)
        case ShowAgain(rule=rule) | Silence(rule=rule):
            return RULES.get(rule, UNKNOWN)
    return UNKNOWN


def _begun(start: Start, facts: Facts, text: str) -> str:
    if start.rule in RULES:
        return RULES[start.rule]
    if start.dialog == "confirm":
        return _verdict(facts, text)
    if start.dialog == "report":
        kind = start.answers.get("kind") == CaseKind.PROPOSAL
        return "proposal" if kind else "report"
    return BEGINS.get(start.dialog, UNKNOWN)


def _answered(facts: Facts, text: str, ctx: str | None) -> str:
    if ctx == "confirm":
        return _verdict(facts, text)
    return "menu" if ctx == "menu" else "survey_reply"


def _verdict(facts: Facts, text: str) -> str:
    """What the question that waits takes ``text`` for."""
    asked = BOOK.node(*WAITING["confirm"])
    found = asked.understand(facts, {"code": _CODE}, text) if isinstance(asked, Choose) and asked.understand else None
    return _VERDICTS.get(found or "", UNKNOWN)


def _facts(city: City, now: datetime, ctx: str | None) -> Facts:
    contact = Contact(
        id=_CONTACT, msisdn="", language=city.languages[0], created_at=now, last_seen_at=now, sms_channel=None
    )
    waiting = WAITING.get(ctx or "")
    session = None
    if waiting is not None:
        dialog, step = waiting
        later = now + timedelta(hours=1)
        session = Session(dialog=dialog, step=step, expires_at=later, answers={"code": _CODE}, case=_CODE)
    asked = waiting is not None and waiting[0] == "confirm"
    return Facts(
        now=now,
        contact=contact,
        channel_kind=ChannelKind.SMS,
        city=city,
        new_code="",
        session=session,
        own_cases=(_case(now),) if asked else (),
    )


def _case(now: datetime) -> Case:
    return Case(
        id=1, code=_CODE, kind=CaseKind.GRIEVANCE, category="", description="", status=CaseStatus.RESOLVED, unit="",
        channel="", opened_at=now, due_at=now, updated_at=now, contact_id=_CONTACT, resolution_no=1, asked=True,
    )  # fmt: skip
