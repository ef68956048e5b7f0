"""Look-ups that are built once and remembered, so that understanding a text is a few dictionary reads."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Generic, TypeVar

from dialogs.city import City

_Built = TypeVar("_Built")
_Value = TypeVar("_Value")
_CITIES = 8


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

    def look_up(city: City) -> _Built:
        return remembered(_TheCity(city))

    return look_up


class ByWord(Generic[_Value]):
    """Values under whole words and under stems; a word finds its own and those of every stem it begins with."""

    __slots__ = ("_lengths", "_stems", "_whole")

    def __init__(self, entries: Iterable[tuple[str, bool, _Value]]) -> None:
        """``entries`` are (word, whether it is a stem, value)."""
        self._whole: dict[str, list[_Value]] = {}
        self._stems: dict[str, list[_Value]] = {}
        for word, is_stem, value in entries:
            (self._stems if is_stem else self._whole).setdefault(word, []).append(value)
        self._lengths = tuple(sorted({len(stem) for stem in self._stems}))

    def under(self, word: str) -> Iterator[_Value]:
        """Yield what stands under ``word``, whole word first, short stems before long ones."""
        yield from self._whole.get(word, ())
        for length in self._lengths:
            if length > len(word):
                return
            yield from self._stems.get(word[:length], ())

    def words(self) -> set[str]:
        """Every word and stem under which something stands."""
        return {*self._whole, *self._stems}
