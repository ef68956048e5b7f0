"""Questions that are answered with yes or no: what is offered, and how an answer in words is read."""

from collections.abc import Sequence

from dialogs.effects import LabelKind, Option
from dialogs.facts import Facts
from dialogs.session import Answers
from dialogs.understand import answers as words


def yes_or_no(_facts: Facts, _answers: Answers) -> Sequence[Option]:
    """Both, as the options of a ``Choose``."""
    return named("yes", "no")


def named(*names: str) -> Sequence[Option]:
    """Options whose labels stand in ``words.yaml``."""
    return tuple(Option(key="", value=name, label=LabelKind.WORD, ref=name) for name in names)


def understood(facts: Facts, _answers: Answers, text: str) -> str | None:
    """The ``understand`` of such a ``Choose``: ``yes``, ``no``, ``half`` or None."""
    return words.verdict(text, facts.city)
