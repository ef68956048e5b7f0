"""The five nodes a dialog is made of, and the book that holds the dialogs.

A dialog is frozen data: its words are templates (a step's name *is* its template's name), its choices are the city's
data. A target is ``step`` (in the same dialog), ``dialog:step``, or ``dialog:`` (where that dialog starts).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from dialogs.effects import Effect, Option, Param
from dialogs.facts import Facts, Need
from dialogs.messages import SessionEvent
from dialogs.session import Answers, Session
from dialogs.values import quickly_made


class Lost(Exception):
    """A dialog led nowhere: a target that is not there, or a loop. ``graph`` proves that this cannot happen."""


Known = Callable[[Facts, Answers], Answers | None]
"""What is already known of a step's question, so that it is passed over; None if it must be asked."""

Params = Callable[[Facts, Answers], Mapping[str, Param]]
"""The values a step's template may use."""


def nothing_known(_facts: Facts, _answers: Answers) -> Answers | None:
    """Ask always."""
    return None


def no_params(_facts: Facts, _answers: Answers) -> Mapping[str, Param]:
    """A template without values."""
    return {}


def nothing_kept(_facts: Facts, _answers: Answers) -> Answers:
    """Nothing of what was seen matters later."""
    return {}


def always(_answers: Answers) -> bool:
    """Whatever was answered is worth keeping."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question answered in the person's own words.

    ``parse`` returns what the text answers, or None if it does not. ``give_up`` is where three misses lead.
    ``shields`` are words that are commands elsewhere but a beginning of an answer here (``alto``, a place's name).
    """

    parse: Callable[[Facts, Session, str], Answers | None]
    next: str
    known: Known = nothing_known
    params: Params = no_params
    give_up: str = "handover:"
    shields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose:
    """A question answered by a digit, or by words that mean one of the options.

    ``next`` is one target, or a target for each option's value. ``save`` is the answer's name.
    ``understand`` turns words into an option's value. ``page`` is how many options stand on one screen or SMS: six is
    what a small screen holds, fewer where each is long.
    """

    options: Callable[[Facts, Answers], Sequence[Option]]
    save: str
    next: str | Mapping[str, str]
    known: Known = nothing_known
    params: Params = no_params
    understand: Callable[[Facts, Answers, str], str | None] | None = None
    page: int = 6
    give_up: str = "handover:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Do:
    """Ask the gateway for something and go on."""

    effects: Callable[[Facts, Answers], Sequence[Effect]]
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """Go one of the declared ways. ``pick`` names an exit, or asks for more facts.

    ``keep`` is what is kept of the facts that were seen here, for a question that is answered when they are gone.
    """

    pick: Callable[[Facts, Answers], str | Need]
    exits: Mapping[str, str]
    keep: Callable[[Facts, Answers], Answers] = nothing_kept


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Say the last word."""

    params: Params = no_params


Node = Ask | Choose | Do | Fork | End
Waiting = Ask | Choose


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialog:
    """One conversation.

    ``timeout`` is how long a question stands. ``on_expire`` is where an unanswered one leads (None: it just ends), if
    what was answered before it is ``worth`` keeping.
    ``aside`` dialogs answer and give way: what was pending before, of another dialog, stays pending, unless they end
    with a question of their own; then what was half told is left, and kept if it is ``worth`` it.
    """

    name: str
    start: str
    steps: Mapping[str, Node]
    timeout: timedelta = timedelta(hours=24)
    on_expire: str | None = None
    worth: Callable[[Answers], bool] = always
    aside: bool = False


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Begin this dialog (at ``step``, or at its start) with what the text already told.

    ``misses`` is 1 where the text itself was not understood: three such texts in a row lead to a person.
    ``drops`` says that the person wants what is pending forgotten; otherwise what was half told is kept.
    ``lead`` is a short template said before the question that it comes to, if it comes to one.
    """

    dialog: str
    rule: str
    step: str | None = None
    answers: Answers = field(default_factory=dict)
    misses: int = 0
    drops: bool = False
    lead: str | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The text answers the pending question."""

    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """A USSD dial found a conversation unfinished: offer to go on."""

    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowAgain:
    """Say the pending question again."""

    rule: str
    by_sms: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Say nothing, on purpose. What was written may still be kept."""

    rule: str
    effects: tuple[Effect, ...] = ()


Decision = Start | Answer | Resume | ShowAgain | Silence
Route = Callable[[Facts, str, SessionEvent], Decision | Need]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The dialogs, and the function that decides which of them a text belongs to.

    ``entries`` are the targets at which ``route`` may begin; none named means wherever a dialog starts.
    """

    dialogs: Mapping[str, Dialog]
    route: Route
    entries: Collection[str] = frozenset()

    def node(self, dialog: str, step: str) -> Node:
        """The node of a step; KeyError if a stored session names one that is no more."""
        return self.dialogs[dialog].steps[step]

    def waiting(self, session: Session) -> Waiting:
        """The question a session waits for; ``Lost`` if its step asks none."""
        node = self.node(session.dialog, session.step)
        if isinstance(node, Ask | Choose):
            return node
        raise Lost(f"{session.dialog}/{session.step} asks nothing")
