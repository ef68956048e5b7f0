"""Which option somebody names by writing what stands behind its key: "reabrir el caso" instead of 1.

Whole answers are compared, folded, with the key before them or without, in every language offered: a person may have
been asked in one and answer in the other. What only resembles an option is left to who asks.
"""

from collections.abc import Iterator, Sequence

from dialogs.city import City
from dialogs.effects import LabelKind, Option
from dialogs.understand import codes
from dialogs.understand.folding import fold
from dialogs.understand.index import per_city


def chosen(text: str, options: Sequence[Option], city: City) -> str | None:
    """Return the value of the one option whose words ``text`` is, or None. Cases by their code."""
    said = fold(text)
    if not said:
        return None
    named = _named(city)
    found = {one.value for one in options if _is_said(said, one, named.get((one.label, one.ref), ()), city)}
    return found.pop() if len(found) == 1 else None


def _is_said(said: str, option: Option, labels: Sequence[str], city: City) -> bool:
    listed = _of_a_case(option, city) if option.label is LabelKind.CASE else labels
    before = ("", f"{option.key} ")
    return any(said.removesuffix(label) in before for label in listed)


@per_city
def _named(city: City) -> dict[tuple[LabelKind, str], Sequence[str]]:
    """What stands behind a key, in every language offered, folded; cases apart, which come and go."""
    words = {ref for language in city.languages for ref in city.words[language].options}
    return {
        **{(LabelKind.WORD, ref): tuple(_words(ref, city)) for ref in words},
        **{(LabelKind.CATEGORY, ref): tuple(_category(ref, city)) for ref in city.categories},
    }


def _words(ref: str, city: City) -> Iterator[str]:
    offered = (city.words[language].options for language in city.languages)
    return (fold(options[ref]) for options in offered if ref in options)


def _category(ref: str, city: City) -> Iterator[str]:
    return (fold(city.categories[ref].name.get(language, "")) for language in city.languages)


def _of_a_case(option: Option, city: City) -> Iterator[str]:
    """A code as it is shown or as nine digits, alone or with what it is about."""
    code, _, category = option.ref.partition(":")
    for written in (code, fold(codes.show(code))):
        yield written
        if category in city.categories:
            yield from (f"{written} {name}" for name in _category(category, city))
