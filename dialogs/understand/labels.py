"""Which option somebody names by writing what stands behind its key: "reabrir el caso" instead of 1.

Whole answers are compared, folded, with the key before them or without, in every language offered: a person may have
been asked in one and answer in the other. What only resembles an option is left to who asks.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from dialogs.city import City
from dialogs.effects import LabelKind, Option
from dialogs.understand import codes
from dialogs.understand.folding import fold

#: Labels remembered with their shapes; a city has a few dozen.
_LABELS = 512


def chosen(text: str, options: Sequence[Option], city: City) -> str | None:
    """Return the value of the one option whose words ``text`` is, or None. Cases by their code."""
    said = fold(text)
    found = {one.value for one in options for label in _labels(one, city) if said in {label, f"{one.key} {label}"}}
    return found.pop() if said and len(found) == 1 else None


def _labels(option: Option, city: City) -> Iterator[str]:
    for language in city.languages:
        if option.label is LabelKind.WORD:
            yield _folded(city.words[language].options.get(option.ref, ""))
        elif option.label is LabelKind.CATEGORY:
            yield _folded(city.categories[option.ref].name.get(language, ""))
        elif option.label is LabelKind.CASE:
            yield from _of_a_case(option, city, language)


def _of_a_case(option: Option, city: City, language: str) -> Iterator[str]:
    """A code as it is shown or as nine digits, alone or with what it is about."""
    code, _, category = option.ref.partition(":")
    known = city.categories.get(category)
    for written in (code, _folded(codes.show(code))):
        yield written
        if known is not None:
            yield f"{written} {_folded(known.name.get(language, ''))}"


@lru_cache(maxsize=_LABELS)
def _folded(label: str) -> str:
    return fold(label)
