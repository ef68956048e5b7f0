"""All that can be said in the languages offered, with the files that hold the words: what every examination reads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dialogs.book import BOOK
from dialogs.city import City
from dialogs.effects import LabelKind
from dialogs.nodes import Book
from gateway.outbound.render import Renderer
from gateway.wording import said, sources
from gateway.wording.said import Said
from gateway.wording.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One template in one language; ``source`` is None where nobody has written it."""

    language: str
    said: Said
    source: Source | None

    @property
    def where(self) -> str:
        """Its file, as findings name it."""
        return f"{self.language}/{self.said.template}.j2"

    @property
    def sound(self) -> bool:
        """Whether there are words that can be read."""
        return self.source is not None and self.source.fault is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The words of a city. ``templates`` is the folder with one folder a language."""

    city: City
    renderer: Renderer
    templates: Path
    by_language: Mapping[str, Sequence[Text]]

    def __iter__(self) -> Iterator[Text]:
        """Every text, language by language."""
        for texts in self.by_language.values():
            yield from texts

    @property
    def base(self) -> str:
        """The language from which the others are translated: the first one offered."""
        return self.city.languages[0]

    def source(self, language: str, template: str) -> Source | None:
        """The words of one template in one language, or None."""
        found = (text.source for text in self.by_language[language] if text.said.template == template)
        return next(found, None)

    def labels(self) -> frozenset[str]:
        """The names of options that something offers."""
        offered = {one.ref for text in self for one in text.said.options if one.label is LabelKind.WORD}
        return frozenset(offered | said.LABELS)


def gather(city: City, renderer: Renderer, templates: Path, *, book: Book = BOOK, language: str = "") -> Texts:
    """Read all that can be said, in the languages offered and in ``language``, which may not be offered yet."""
    wanted = dict.fromkeys((*city.languages, language) if language else city.languages)
    by_language = {
        tongue: tuple(
            Text(language=tongue, said=one, source=sources.read(templates / tongue / f"{one.template}.j2"))
            for one in said.everything(book, city, tongue)
        )
        for tongue in wanted
    }
    return Texts(city=city, renderer=renderer, templates=templates, by_language=by_language)
