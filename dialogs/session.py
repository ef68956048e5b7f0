"""Where a conversation stands: one session a contact, shared by SMS and USSD."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dialogs.values import quickly_made

Answer = str | int | bool | None
Answers = Mapping[str, Answer]


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A conversation that waits for an answer. A conversation that has ended has no session.

    ``answers`` is what has been said so far, as JSON values. ``page`` is which page of the options was last shown
    (0 is the first). ``misses`` counts answers in a row that did not fit.
    ``case`` is the code of the case it is bound to.
    """

    dialog: str
    step: str
    expires_at: datetime
    answers: Answers = field(default_factory=dict)
    misses: int = 0
    page: int = 0
    case: str | None = None
