"""From what is to be said to the words that say it, in the person's language and fit for the channel.

A template that fails must never reach a resident as an error, nor leave them without an answer: it becomes an apology
and an alarm (``RenderFailed`` is caught by who performs effects).
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from babel import localedata
from babel.dates import format_date
from jinja2.sandbox import ImmutableSandboxedEnvironment

from dialogs.city import City
from dialogs.effects import LabelKind, Option, Say
from dialogs.messages import ChannelKind
from dialogs.understand import codes
from gateway.outbound import segments

#: A day as people read it: ``lun 30 nov``. Numbers alone are read the other way round in other countries.
_DAY = "EEE d MMM"
#: Days remembered with the words for them, which Babel takes long to find; most messages name one of a few.
_DAYS = 1024


class RenderFailed(Exception):
    """A template is missing, or uses a value that it was not given. Names the template, never the values."""


class Renderer:
    """Turns ``Say`` into text. Templates are compiled once; a change of words needs a restart."""

    def __init__(self, city: City, templates: Path, service: str) -> None:
        """``templates`` is the folder with one folder a language; ``service`` is how we call ourselves."""
        self._city = city
        self._environment = ImmutableSandboxedEnvironment(
            loader=jinja2.FileSystemLoader(templates),
            undefined=jinja2.StrictUndefined,
            autoescape=False,
            keep_trailing_newline=False,
            trim_blocks=True,
            auto_reload=False,  # otherwise every message asks the disk whether its template changed
            cache_size=-1,
        )
        hotlines = {line.id: line.number for line in city.hotlines.values()}
        self._everywhere = {**self._environment.globals, "service": service, "hotlines": hotlines}
        self._by_language = lru_cache(maxsize=None)(self._environments)
        self._templates = lru_cache(maxsize=None)(self._template)

    def text(self, say: Say, language: str, kind: ChannelKind) -> str:
        """The words of ``say`` in ``language`` (or the first offered one that has them), folded for ``kind``."""
        words = self.written(say, language)
        return segments.ussd(words) if kind is ChannelKind.USSD else segments.fold(words)

    def written(self, say: Say, language: str) -> str:
        """The same words as their authors wrote them, before they are folded for a channel."""
        words = self._words(say.template, language, say.params)
        if say.lead is not None:
            words = f"{self._words(say.lead, language, {})} {words}"
        if say.options:
            words = "\n".join((words, *(self._option(option, language) for option in say.options)))
        return words

    def filters(self, language: str) -> frozenset[str]:
        """What a template may write behind ``|``."""
        return frozenset(self._by_language(language).filters)

    def own(self, language: str) -> frozenset[str]:
        """Those of them that are ours: what makes a code, a day or a name readable."""
        return self.filters(language) - frozenset(self._environment.filters)

    def _words(self, name: str, language: str, params: Mapping[str, Any]) -> str:
        for tongue in (language, *self._city.languages):
            try:
                template = self._templates(tongue, name)
            except jinja2.TemplateNotFound:
                continue
            except jinja2.TemplateError as error:
                raise RenderFailed(f"{tongue}/{name}: {type(error).__name__}") from error
            try:
                return _rendered(template, {**self._everywhere, **params})
            except (jinja2.TemplateError, LookupError, TypeError, ValueError, AttributeError) as error:
                raise RenderFailed(f"{tongue}/{name}: {type(error).__name__}") from error
        raise RenderFailed(f"{language}/{name}: no such template")

    def _option(self, option: Option, language: str) -> str:
        return f"{option.key} {self.label(option, language)}"

    def label(self, option: Option, language: str) -> str:
        """What stands behind the key of an option."""
        match option.label:
            case LabelKind.WORD:
                return self._word(option.ref, language)
            case LabelKind.CATEGORY:
                return self._category(option.ref, language)
            case LabelKind.PLACE:
                return self._place(option.ref)
            case LabelKind.LANGUAGE:
                return self._city.words[option.ref].name
            case LabelKind.CASE:
                code, _, category = option.ref.partition(":")
                return f"{codes.show(code)} {self._category(category, language)}".strip()

    def _word(self, name: str, language: str) -> str:
        for tongue in (language, *self._city.languages):
            words = self._city.words.get(tongue)
            if words is not None and name in words.options:
                return words.options[name]
        raise RenderFailed(f"{language}: the option {name} has no word")

    def _category(self, name: str, language: str) -> str:
        category = self._city.categories.get(name)
        if category is None:
            return name
        return category.name.get(language) or category.name[self._city.languages[0]]

    def _place(self, name: str) -> str:
        place = self._city.places.get(name)
        return name if place is None else place.name

    def _template(self, language: str, name: str) -> jinja2.Template:
        return self._by_language(language).get_template(f"{language}/{name}.j2")

    def _environments(self, language: str) -> jinja2.Environment:
        """One overlay a language: the same templates' loader, with filters that speak it."""
        overlay, locale = self._environment.overlay(), self._locale(language)
        overlay.filters = {
            **self._environment.filters,
            "code": codes.show,
            "day": lambda at: self._day(at, locale),
            "category": lambda name: self._category(name, language),
            "place": self._place,
            "status": lambda name: self._word(f"status_{name}", language),
            "language": lambda name: self._city.words[name].name,
        }
        return overlay

    def day(self, at: datetime, language: str) -> str:
        """The day of ``at`` on the city's clock as people read it: ``lun 30 nov``."""
        return self._day(at, self._locale(language))

    def _day(self, at: datetime, locale: str) -> str:
        return _day_in_words(at.astimezone(self._city.timezone).date(), locale)

    def _locale(self, language: str) -> str:
        """Who speaks a language for which nobody has listed the days says them in the city's first one: Aymara, ay."""
        known = (tongue for tongue in (language, *self._city.languages) if localedata.exists(tongue))
        return next(known, "en")


def _rendered(template: jinja2.Template, values: dict[str, Any]) -> str:
    """As ``template.render``, which puts the same globals together anew for every text, at twice the cost of it."""
    return "".join(template.root_render_func(template.new_context(values, shared=True)))


@lru_cache(maxsize=_DAYS)
def _day_in_words(day: date, language: str) -> str:
    return format_date(day, _DAY, locale=language).replace(".", "").replace(",", "")
