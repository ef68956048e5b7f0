"""All that a step may know, read beforehand in the transaction that will hold its result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from dialogs.cases import Case
from dialogs.city import City
from dialogs.contacts import Contact
from dialogs.effects import Effect
from dialogs.messages import ChannelKind
from dialogs.outreach import Notice
from dialogs.session import Session
from dialogs.values import quickly_made


class NeedKind(StrEnum):
    """What a step may ask for beyond ``Facts``; one statement a kind for the whole batch."""

    CLOSED_CASES = "closed_cases"
    NEIGHBOURS = "neighbours"
    SUPPORTED = "supported"
    APPEALABLE = "appealable"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A step that cannot decide yet. It runs again with ``Facts.found[kind]`` filled, at most three times.

    ``NEIGHBOURS`` are open cases of others of this ``category`` and ``place``, of the last ``Facts.neighbour_days``.
    ``SUPPORTED`` is the case of this ``code``, if this contact stands behind it: supports it, or reported one that was
    merged into it.
    ``APPEALABLE`` are this contact's cases that were decided within ``Facts.appeals.within`` and never appealed.
    ``NOTICE`` is the last that this contact was sent within ``Facts.replies_for``; it is found in ``Facts.notices``.
    """

    kind: NeedKind
    category: str = ""
    place: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeals:
    """Which ``unit`` looks at a case once more, and for how long after it was decided one may ask for that."""

    unit: str
    within: timedelta


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The world as one step sees it.

    ``own_cases`` are this contact's open or resolved cases, newest first, at most twenty. ``named_cases`` are the
    cases of any code found in the text, or that the question which waits is about (``neighbours.CODE``), whoever
    reported them: a step must not tell a stranger more than the coarse state. ``new_code`` is a code that nobody has,
    for one new case; ``spare_code`` is another, for a report that was left half told (empty where no session can be).
    ``most_cases``: so many cases may one person open in a day. ``neighbour_days``: for so long a new report may be the
    same problem as a neighbour's; 0 if nobody is asked whether it is. ``appeals``: None where nobody takes them.
    ``replies_for``: for so long after a notice a text may answer it; 0: never. ``notices``: the last, if there is one;
    None until a step asks for it.
    """

    now: datetime
    contact: Contact
    channel_kind: ChannelKind
    city: City
    new_code: str
    spare_code: str = ""
    session: Session | None = None
    own_cases: tuple[Case, ...] = ()
    named_cases: Mapping[str, Case] = field(default_factory=dict)
    most_cases: int = 5
    neighbour_days: int = 0
    appeals: Appeals | None = None
    replies_for: timedelta = timedelta(0)
    notices: tuple[Notice, ...] | None = None
    found: Mapping[NeedKind, tuple[Case, ...]] = field(default_factory=dict)


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The whole result of a step. ``rule`` names the routing rule that decided; it is stored with the message."""

    session: Session | None
    effects: tuple[Effect, ...]
    rule: str
