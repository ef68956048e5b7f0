"""Look-ups that are built once and remembered, so that understanding a text is a few dictionary reads."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Generic, TypeVar

from dialogs.city import City

_Built = TypeVar("_Built")
_Value = TypeVar("_Value")
_CITIES = 8
#: Texts remembered with what was found in them: one is asked many things, and those of a batch once more where a step
#: needed more of the store. Of a full transaction only the end is remembered, which costs nothing but time.
RECENT = 256


class _TheCity:
    """A city as a key: the same object is the same key. It holds the city, so its identity cannot be given away."""

    __slots__ = ("city",)

    def __init__(self, city: City) -> None:
        self.city = city

    def __hash__(self) -> int:
        return id(self.city)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _TheCity) and other.city is self.city


def per_city(build: Callable[[City], _Built]) -> Callable[[City], _Built]:
    """Make ``build`` run once for each of the last few cities. A city is frozen, so its look-ups never grow old."""

    @lru_cache(maxsize=_CITIES)
    def remembered(key: _TheCity) -> _Built:
        return build(key.city)

    last: tuple[City, _Built] | None = None

    def look_up(city: City) -> _Built:
        nonlocal last
        found = last  # read once: another thread may be here with another city
        if found is None or found[0] is not city:
            last = found = (city, remembered(_TheCity(city)))
        return found[1]

    return look_up


def longest_from(phrases: Iterable[str]) -> Mapping[str, int]:
    """How many words the longest of ``phrases`` has, by the first: no others need be tried where that word stands."""
    longest: dict[str, int] = {}
    for phrase in phrases:
        first = phrase.partition(" ")[0]
        longest[first] = max(len(phrase.split()), longest.get(first, 0))
    return longest


class ByWord(Generic[_Value]):
    """Values under whole words and under stems; a word finds its own and those of every stem it begins with."""

    __slots__ = ("_lengths", "_shortest", "_stems", "_whole")

    def __init__(self, entries: Iterable[tuple[str, bool, _Value]]) -> None:
        """``entries`` are (word, whether it is a stem, value)."""
        self._whole: dict[str, list[_Value]] = {}
        self._stems: dict[str, list[_Value]] = {}
        for word, is_stem, value in entries:
            (self._stems if is_stem else self._whole).setdefault(word, []).append(value)
        self._shortest = min(map(len, self._stems), default=0)
        self._lengths: dict[str, list[int]] = {}
        for stem in sorted(self._stems, key=len):
            lengths = self._lengths.setdefault(stem[: self._shortest], [])
            if len(stem) not in lengths:
                lengths.append(len(stem))

    def under(self, word: str) -> tuple[_Value, ...]:
        """What stands under ``word``, whole word first, short stems before long ones."""
        found = tuple(self._whole.get(word, ()))
        for length in self._lengths.get(word[: self._shortest], ()):
            if length <= len(word):
                found = (*found, *self._stems.get(word[:length], ()))
        return found

    def words(self) -> list[str]:
        """Every word and stem under which something stands, in order, so that of two as near always one is met."""
        return sorted({*self._whole, *self._stems})
