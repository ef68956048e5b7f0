"""Reads what is a city's own: the folder ``city/`` and the machine's words of each language.

    city/categories.yaml   id: {name: {es: …, en: …}, unit, days, words: {stem: weight}, emergency}
    city/places.yaml       macrodistritos: {id: name}   places: {id: {name, macrodistrito, aliases: […], common}}
    city/projects.yaml     projects: {id: {name, place, contractor, starts, ends, progress, reviewed}}
    city/holidays.yaml     fixed: ["MM-DD", …]   easter: [days from Easter Sunday, …]   sunday_moves: true
    city/hotlines.yaml     id: {name, number, review_by: "YYYY-MM-DD"}
    city/learned.json      what `barrio learn` wrote: categories and sensitive, the weights of signs for labels
    <lang>/words.yaml      name, reviewed_by, commands: {stop: […], …}, options: {name: label}

Rule 1: a language whose ``reviewed_by`` is empty is read, so that ``check`` can speak of it, but never offered.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, tzinfo
from pathlib import Path
from typing import Annotated, Any, Protocol

from pydantic import BeforeValidator, Field

from dialogs.city import Category, City, HolidayRules, Hotline, Learned, Place, Project, Words
from gateway.strict import ConfigError, Strict, read, validate

#: What a USSD screen with six options leaves for one of them.
LONGEST_NAME = 16
#: What one SMS about a project leaves for its name, and for who builds it.
LONGEST_PROJECT = 32
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError('must be a day in quotes: "2027-01-31"') from None


def _month_day(value: Any) -> tuple[int, int]:
    try:
        day = date.fromisoformat(f"2024-{value}")  # a leap year, so that 02-29 is a day
    except ValueError:
        raise ValueError('must be a month and a day in quotes: "08-06"') from None
    return day.month, day.day


_Text = Annotated[str, Field(min_length=1)]
_MonthDay = Annotated[tuple[int, int], BeforeValidator(_month_day)]


class _Category(Strict):
    name: dict[str, Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]]
    unit: _Text
    days: Annotated[int, Field(ge=1, le=365)]
    words: dict[str, float] = Field(default_factory=dict)
    emergency: bool = False


class _Place(Strict):
    name: _Text
    macrodistrito: _Text
    aliases: tuple[_Text, ...] = ()
    common: bool = False


class _Places(Strict):
    macrodistritos: dict[str, _Text]
    places: dict[str, _Place]


class _Hotline(Strict):
    name: _Text
    number: _Text
    review_by: Annotated[date, BeforeValidator(_day)]


class _Project(Strict):
    name: Annotated[str, Field(min_length=1, max_length=LONGEST_PROJECT)]
    place: _Text
    contractor: Annotated[str, Field(min_length=1, max_length=LONGEST_PROJECT)]
    starts: Annotated[date, BeforeValidator(_day)]
    ends: Annotated[date, BeforeValidator(_day)]
    progress: Annotated[int, Field(ge=0, le=100)]
    reviewed: Annotated[date, BeforeValidator(_day)]


class _Projects(Strict):
    projects: dict[str, _Project]


class _Holidays(Strict):
    fixed: tuple[_MonthDay, ...] = ()
    easter: tuple[int, ...] = ()
    sunday_moves: bool = True


#: What learning writes is under ten; what is far from that was damaged, and would be too large to be summed up.
_Weight = Annotated[float, Field(ge=-1000, le=1000, allow_inf_nan=False)]


class _Model(Strict):
    bias: dict[str, _Weight]
    weights: dict[str, dict[str, _Weight]]


class _Learned(Strict):
    categories: _Model
    sensitive: _Model
    intents: _Model | None = None


class _Words(Strict):
    name: _Text
    called: tuple[_Text, ...] = ()
    reviewed_by: str = ""
    commands: dict[str, tuple[_Text, ...]] = Field(default_factory=dict)
    options: dict[str, _Text] = Field(default_factory=dict)


class Wanted(Protocol):
    """What the config says of the service, as far as a city needs it."""

    @property
    def timezone(self) -> tzinfo:
        """Where the city lies in time."""

    @property
    def country(self) -> str:
        """ISO 3166 alpha-2."""

    @property
    def languages(self) -> Sequence[str]:
        """What the service would speak, the first by default."""


def load_city(folder: Path, words_folder: Path, service: Wanted, config_file: Path) -> City:
    """Read a city. Of the service's languages those that nobody reviewed are not offered."""
    if not folder.is_dir():
        raise ConfigError(config_file, "city", f"there is no folder {folder}")
    words = {language: load_words(words_folder, language, config_file) for language in service.languages}
    offered = tuple(language for language in service.languages if words[language].reviewed_by)
    if not offered:
        raise ConfigError(config_file, "service.languages", "no language has words.yaml with reviewed_by filled in")
    macrodistritos, places = _places(folder / "places.yaml")
    return City(
        timezone=service.timezone,
        country=service.country,
        languages=offered,
        categories=_categories(folder / "categories.yaml", offered),
        macrodistritos=macrodistritos,
        places=places,
        hotlines=_hotlines(folder / "hotlines.yaml"),
        holidays=_holidays(folder / "holidays.yaml"),
        words=words,
        projects=_projects(folder / "projects.yaml", places),
        **_learned(folder / "learned.json"),
    )


def _learned(file: Path) -> dict[str, Learned]:
    """What was learnt from labelled texts; a city may do without."""
    if not file.is_file():
        return {}
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        raise ConfigError(file, "", "is not JSON") from None
    written = validate(_Learned, document, file)
    models = {"learned": "categories", "sensitive": "sensitive", "intents": "intents"}
    return {
        field: _model(model, file, name)
        for field, name in models.items()
        if (model := getattr(written, name)) is not None
    }


def _model(written: _Model, file: Path, name: str) -> Learned:
    places = {label: at for at, label in enumerate(written.bias)}
    if unknown := next((one for row in written.weights.values() for one in row if one not in places), None):
        raise ConfigError(file, f"{name}.bias.{unknown}", "is missing")
    return Learned(
        labels=tuple(written.bias),
        bias=tuple(written.bias.values()),
        weights={
            sign: tuple((places[one], value) for one, value in row.items()) for sign, row in written.weights.items()
        },
    )


def with_a_project(city: City) -> City:
    """The same city, and a project with the longest names in its first place if it tells of none: for proofs."""
    place = next(iter(city.places), None)
    if city.projects or place is None:
        return city
    longest, day = "X" * LONGEST_PROJECT, date(2026, 6, 30)
    project = Project(
        id="x", name=longest, place=place, contractor=longest, starts=day, ends=day, progress=100, reviewed=day
    )
    return replace(city, projects={"x": project, "y": replace(project, id="y")})


def _categories(file: Path, languages: Sequence[str]) -> dict[str, Category]:
    found = {}
    written = read(file)
    _check_ids(file, "", written)
    for key, group in written.items():
        one = validate(_Category, group, file, key)
        if missing := next((language for language in languages if language not in one.name), None):
            raise ConfigError(file, f"{key}.name.{missing}", "is missing")
        found[key] = Category(id=key, **one.model_dump())
    return found


def _places(file: Path) -> tuple[dict[str, str], dict[str, Place]]:
    written = validate(_Places, read(file), file)
    _check_ids(file, "macrodistritos.", written.macrodistritos)
    _check_ids(file, "places.", written.places)
    found = {}
    for key, one in written.places.items():
        if one.macrodistrito not in written.macrodistritos:
            raise ConfigError(file, f"places.{key}.macrodistrito", f'"{one.macrodistrito}" is not among macrodistritos')
        found[key] = Place(id=key, **one.model_dump())
    return written.macrodistritos, found


def _projects(file: Path, places: Mapping[str, Place]) -> dict[str, Project]:
    """The projects of the barrios; a city may have none, and no file."""
    if not file.is_file():
        return {}
    written = validate(_Projects, read(file), file)
    _check_ids(file, "projects.", written.projects)
    for key, one in written.projects.items():
        if one.place not in places:
            raise ConfigError(file, f"projects.{key}.place", f'"{one.place}" is not among places')
        if one.ends < one.starts:
            raise ConfigError(file, f"projects.{key}.ends", "comes before it starts")
    return {key: Project(id=key, **one.model_dump()) for key, one in written.projects.items()}


def _hotlines(file: Path) -> dict[str, Hotline]:
    written = read(file)
    _check_ids(file, "", written)
    return {key: Hotline(id=key, **validate(_Hotline, group, file, key).model_dump()) for key, group in written.items()}


def _holidays(file: Path) -> HolidayRules:
    written = validate(_Holidays, read(file), file)
    fixed, easter = frozenset(written.fixed), frozenset(written.easter)
    return HolidayRules(fixed=fixed, easter=easter, sunday_moves=written.sunday_moves)


def load_words(folder: Path, language: str, config_file: Path) -> Words:
    """Read the machine's words of one language; ``ConfigError`` if they are not there or wrong."""
    file = folder / language / "words.yaml"
    if not file.is_file():
        raise ConfigError(config_file, "service.languages", f'"{language}" has no words: there is no {file}')
    written = validate(_Words, read(file), file)
    return Words(
        language=language,
        name=written.name,
        called=written.called,
        reviewed_by=written.reviewed_by.strip(),
        commands=written.commands,
        options=written.options,
    )


def _check_ids(file: Path, prefix: str, ids: Iterable[str]) -> None:
    for one in ids:
        if not _ID.fullmatch(one):
            raise ConfigError(file, f"{prefix}{one}", "is not an id: small letters, digits and - only, at most 64")
