"""What a step asks for. The gateway performs it; nothing here does.

The union is closed: ``gateway.effects`` matches every member, and the type checker proves it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dialogs.cases import CaseKind, Outcome
from dialogs.values import quickly_made

Param = str | int | float | datetime | None


class LabelKind(StrEnum):
    """Where an option's label comes from, so that it is said in the reader's language."""

    WORD = "word"
    CATEGORY = "category"
    PLACE = "place"
    LANGUAGE = "language"
    CASE = "case"


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One numbered choice: the key a person presses, what it means to us, and how it is called."""

    key: str
    value: str
    label: LabelKind
    ref: str


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Say a template to the person. ``template`` is ``dialog/step``; ``lead`` is a short template said before it.

    ``by_sms`` says it by SMS even if the person is on USSD, through the line that speaks for that channel.
    """

    template: str
    params: Mapping[str, Param] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    lead: str | None = None
    ends_session: bool = False
    by_sms: bool = False


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """File what the person told us. ``draft`` marks a text that nobody understood and a person must read."""

    code: str
    kind: CaseKind
    category: str
    description: str
    due_at: datetime
    place: str | None = None
    location_text: str = ""
    confidential: bool = False
    anonymous: bool = False
    priority: bool = False
    draft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote:
    """Keep what the person added to a case of theirs."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relabel:
    """The resident says that we misunderstood: what their case is about, or where. None stays as it is.

    ``unit`` answers for the category.
    """

    code: str
    category: str | None
    unit: str | None
    place: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """Add this person to a neighbour's case."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCase:
    """How well it was done, 1 to 5."""

    code: str
    rating: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCase:
    """The resident had the last word: close it, confirmed or half."""

    code: str
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenCase:
    """The resident says it is not true. The case comes back first in the queue, with a new date."""

    code: str
    due_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealCase:
    """The resident does not agree with what was decided: another ``unit`` looks at it, first in its queue."""

    code: str
    unit: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Conceal:
    """What is told of the case now is for few to read, and the case with it."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anonymise:
    """Nobody of the staff may learn whose this case is; it is for few to read, too."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver:
    """Who writes is whom somebody else told this case for: it is theirs from now on."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """The resident takes it back. The case is kept as withdrawn."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLanguage:
    """Speak this language from now on."""

    language: str


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class SetPlace:
    """Remember where this person usually writes from."""

    place: str


@dataclass(frozen=True, slots=True)
class OptOut:
    """No more notices, follow-ups or broadcasts, also those already queued."""


@dataclass(frozen=True, slots=True)
class OptIn:
    """Notices again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Nothing unasked about this case any more; all else as before."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmute:
    """This case is spoken of again."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetMe:
    """Erase their number and words, not before ``due_at``, and not if they take it back."""

    due_at: datetime


@dataclass(frozen=True, slots=True)
class KeepMe:
    """Erase nothing, if they ever asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepReply:
    """What the person wrote answers the ``notice`` of this id: this message, those that a question held before it."""

    notice: int
    this: bool = True
    before: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertStaff:
    """Somebody must look now. ``reason`` is one word from a closed list, never a resident's words."""

    reason: str
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """A person takes this conversation over; until then the case stands as a draft."""

    reason: str
    code: str | None = None


Effect = (
    Say
    | OpenCase
    | AddNote
    | Relabel
    | Support
    | RateCase
    | CloseCase
    | ReopenCase
    | AppealCase
    | Conceal
    | Anonymise
    | TakeOver
    | Withdraw
    | SetLanguage
    | SetPlace
    | OptOut
    | OptIn
    | Mute
    | Unmute
    | ForgetMe
    | KeepMe
    | KeepReply
    | AlertStaff
    | HandOver
)
