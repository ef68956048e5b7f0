"""Proposal: an idea is told in one message, has a code of its own, and neighbours support it by that code."""

from dialogs.cases import CaseKind
from dialogs.facts import Facts
from dialogs.nodes import Ask, Dialog
from dialogs.report import tells_something, understood
from dialogs.session import Answers, Session


def _idea(facts: Facts, _session: Session, text: str) -> Answers | None:
    return {**understood(facts, text), "kind": CaseKind.PROPOSAL} if tells_something(text) else None


PROPOSAL = Dialog(name="proposal", start="tell", steps={"tell": Ask(parse=_idea, next="report:")})
