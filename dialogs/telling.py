"""What may be said of a case, and to whom: the disclosure rules in one place.

To the number that reported it: what and where, how far it is, until when. To anybody else: the coarse state only.
Of a confidential case: nothing that names it, to anybody, because phones are shared and screens are seen; and nothing
at all to who does not give its code (the disclosure policy that the programme follows).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from dialogs.cases import OPEN, Case
from dialogs.effects import LabelKind, Option, Param
from dialogs.facts import Facts
from dialogs.session import Answers

#: A code and a category are a long line; three of them, a question and the way on fit one screen.
CASES_A_PAGE = 3


def its_code(_facts: Facts, answers: Answers) -> Mapping[str, Param]:
    """The code of the case that a conversation is about: the ``params`` of what says no more of it."""
    return {"code": str(answers["code"])}


def to_owner(case: Case) -> Mapping[str, Param]:
    """Values for a message to the number that reported the case."""
    return {
        "code": case.code,
        "category": None if case.confidential else case.category,
        "status": case.status,
        "due": case.due_at if case.status in OPEN else None,
    }


def to_stranger(case: Case) -> Mapping[str, Param]:
    """Values for a message to another number."""
    return {"code": case.code, "status": case.status, "updated": case.updated_at}


def listed(cases: Iterable[Case]) -> tuple[Case, ...]:
    """Which of one's own cases are spoken of without their code being given."""
    return tuple(case for case in cases if not case.confidential)


def options(cases: Iterable[Case]) -> tuple[Option, ...]:
    """One's own cases as choices: the code, and what it is about."""
    return tuple(
        Option(key="", value=case.code, label=LabelKind.CASE, ref=f"{case.code}:{case.category}")
        for case in listed(cases)
    )


def just_told(cases: Iterable[Case], since: datetime) -> Case | None:
    """The last of ``cases`` that was filed, if that was after ``since`` and it is still open."""
    last = max(cases, key=lambda case: (case.opened_at, case.id), default=None)
    return last if last is not None and last.opened_at > since and last.status in OPEN else None


def named(cases: Iterable[Case], code: object) -> Case | None:
    """The case of this code among ``cases``."""
    return next((case for case in cases if case.code == code), None)
