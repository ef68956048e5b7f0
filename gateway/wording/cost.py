"""What words cost: each message, and a whole case from its first text to the last word.

Rule 1: an SMS is paid by the segment, at the price that config.yaml names. A USSD screen is paid with its session, at a
price that only the carrier knows: screens are measured, not priced.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.wording import said
from gateway.wording.lengths import ANSWER, CASE, Measured, pushed
from gateway.wording.said import Occasion

#: What is said in the life of a case whose resident agrees, and in one whose resident is silent.
AGREED: Sequence[tuple[str, str]] = (
    ("receipt", said.RECEIPT),
    ("resolution", said.RESOLVED),
    ("is it true?", said.QUESTION),
    ("yes: how well?", "confirm/rate"),
    ("thanks", "confirm/thanks"),
)
SILENT: Sequence[tuple[str, str]] = (*AGREED[:3], ("reminder", said.QUESTION))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One message in the life of a case, in segments."""

    name: str
    template: str
    usual: int
    worst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What something takes at its longest, and what it may take, in segments."""

    what: str
    takes: int
    may: int

    @property
    def kept(self) -> bool:
        """Whether it takes no more than it may."""
        return self.takes <= self.may


def path(of: Sequence[Measured], stages: Sequence[tuple[str, str]]) -> Iterator[Stage]:
    """The messages of a case in one language; one that cannot be said is left out."""
    by_template = _by_template(of)
    for name, template in stages:
        if template in by_template:
            one = by_template[template]
            yield Stage(name=name, template=template, usual=one.usual, worst=one.worst)


def budgets(of: Sequence[Measured]) -> Sequence[Budget]:
    """What is held in one language: all that is pushed for a case, and the longest answer."""
    answers = [one.worst for one in of if one.text.said.occasion is Occasion.ANSWER]
    worst = {template: one.worst for template, one in _by_template(of).items()}
    return (
        Budget(what="pushed for a case: resolution, question, one reminder", takes=pushed(worst), may=CASE),
        Budget(what="the longest answer to a resident's own text", takes=max(answers, default=0), may=ANSWER),
    )


def _by_template(of: Sequence[Measured]) -> Mapping[str, Measured]:
    return {one.text.said.template: one for one in of}
