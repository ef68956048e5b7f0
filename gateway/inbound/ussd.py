"""Which part of a USSD transcript is new. A carrier sends the whole of it again with every key press.

never seen             every part is an answer, in turn (we may have missed hops; a dial may carry answers)
longer than stored     what is behind it is ONE answer, a typed ``*`` included
equal or shorter       a repetition, or an old one come late: the stored screen again
another caller, or     END, nothing is done
more than forty hops
"""

from collections.abc import Sequence
from dataclasses import dataclass

from store.sessions import UssdState

#: More hops than any dialog has; a longer session is a loop at the carrier's or a forgery.
HOPS_MOST = 40
#: What separates answers in a transcript. A person may also type it, and no carrier escapes it.
STAR = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """New answers to step through, in order; the first is the dial itself where ``dial`` is set."""

    answers: Sequence[str]
    dial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """The stored screen again; nothing is done."""

    screen: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Refuse:
    """Not this caller's session, or endless: END."""


def latest_answer(stored: UssdState | None, contact_id: int, history: str) -> Fresh | Repeat | Refuse:
    """Decide what a transcript adds to the stored one."""
    if history.count(STAR) >= HOPS_MOST:
        return Refuse()
    if stored is None:
        return Fresh(answers=history.split(STAR) if history else (), dial=True)
    if stored.contact_id != contact_id or stored.hops >= HOPS_MOST:
        return Refuse()
    prefix = f"{stored.history}{STAR}" if stored.history else ""
    if stored.ended or history == stored.history or not history.startswith(prefix):
        return Repeat(screen=stored.screen, ended=stored.ended)
    return Fresh(answers=(history.removeprefix(prefix),), dial=False)
