"""What is a city's own, as values. The data is the folder ``city/``; another city replaces that folder only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A kind of problem: the unit that answers for it, and in how many working days.

    ``name`` maps a language to what a resident reads (at most 16 characters, so that six fit a USSD screen).
    ``words`` are stems or phrases that tell it in a text, with weights; matched after folding (see ``understand``).
    """

    id: str
    name: Mapping[str, str]
    unit: str
    days: int
    words: Mapping[str, float] = field(default_factory=dict)
    emergency: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A zone or barrio.

    ``aliases`` are other ways people write it. ``macrodistrito`` is an id of ``City.macrodistritos``.
    """

    id: str
    name: str
    macrodistrito: str
    aliases: tuple[str, ...] = ()
    common: bool = False
    """Whether the name is also a saint, a date or an everyday word, so that it needs a word that says place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hotline:
    """A number to call that is not ours. It changes, so it carries the date by which somebody must check it."""

    id: str
    name: str
    number: str
    review_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """An upgrading project of a barrio, as the municipality tells of it.

    ``place`` is an id of ``City.places``, ``progress`` per cent; ``reviewed`` is when somebody last checked all this.
    """

    id: str
    name: str
    place: str
    contractor: str
    starts: date
    ends: date
    progress: int
    reviewed: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of one language that a machine needs: commands, yes and no, fixed options.

    ``commands`` maps a command (``stop``, ``start``, ``help``, ``menu``, ``status``, ``report``, ``language``,
    ``cancel``, ``withdraw``, ``agent``, ``greeting``, ``thanks``, ``yes``, ``no``, ``half``, ``skip``) to what people
    write for it.
    ``called`` is what else people call the language. ``options`` maps an option's name to its label.
    ``reviewed_by`` is empty while no speaker has read the language.
    """

    language: str
    name: str
    reviewed_by: str
    commands: Mapping[str, tuple[str, ...]]
    options: Mapping[str, str]
    called: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What was learnt from labelled texts: how much each sign in a text speaks for each label.

    ``bias`` has a number for each, ``weights`` those of a sign by their place in ``labels``.
    A sign is a word by sound, or its first letters and a star, as in the categories' own words.
    """

    labels: tuple[str, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, tuple[tuple[int, float], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """All that is this city's own, loaded and checked at start."""

    timezone: tzinfo
    country: str
    languages: tuple[str, ...]
    categories: Mapping[str, Category]
    macrodistritos: Mapping[str, str]
    places: Mapping[str, Place]
    hotlines: Mapping[str, Hotline]
    holidays: "HolidayRules"
    words: Mapping[str, Words]
    projects: Mapping[str, Project] = field(default_factory=dict)
    learned: Learned | None = None
    """Which category a text is about."""
    intents: Learned | None = None
    """What a text that is no plain report wants."""
    sensitive: Learned | None = None
    """Whether a text must stay confidential: ``yes`` or ``no``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayRules:
    """Days on which nobody works: fixed ones as ``(month, day)`` and those counted from Easter Sunday, in days.

    ``sunday_moves`` says whether a fixed one that falls on a Sunday is kept on the Monday after (Bolivia: yes).
    """

    fixed: frozenset[tuple[int, int]] = frozenset()
    easter: frozenset[int] = frozenset()
    sunday_moves: bool = True
