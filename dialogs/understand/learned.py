"""A second opinion, learnt from labelled texts, where the city's own words are not sure what a text is about.

People name a wrong by its effect ("nobody sees where they step"), for which nobody can list the words. A linear model
can: each sign in the text adds what it was learnt to be worth for each category. Numbers only, and each can be read.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain, pairwise
from struct import Struct
from typing import Any

from dialogs.city import Learned

#: Of a word so many first letters are a sign too, so that one ending stands for another.
_STEMS = (4, 5)
#: What stands between two neighbours that are a sign together; such a pair has no stems.
PAIR = "_"
_FIRST, _LAST = "^", "$"
#: What one point of the city's own words is worth beside what was learnt.
HINT = 0.5
#: Words, and pairs of them, of which a model remembers what they are worth.
_WORDS = 8192
#: A lane of a row (see ``_Lanes``): its bits, what one of it is worth, and where in it nothing is.
_LANE = 64
_UNIT = 2.0**-20
_MIDDLE = 1 << 40


def signs(said: Sequence[str]) -> dict[str, float]:
    """Give the signs of a text (content words by sound) and their strength; together they are of length 1."""
    counted = Counter(chain.from_iterable(map(_signs_of, said)))
    length = _length(counted)
    return {sign: count / length for sign, count in counted.items()}


def with_neighbours(said: Sequence[str]) -> list[str]:
    """The words of a text and each pair of neighbours, its beginning and its end among them: "ya no" is not "no ya"."""
    return [*said, *map(PAIR.join, pairwise((_FIRST, *said, _LAST)))]


def _signs_of(word: str) -> tuple[str, ...]:
    if PAIR in word:
        return (word,)
    return (word, *(word[:letters] + "*" for letters in _STEMS if len(word) > letters))


def _length(counted: Mapping[Any, int]) -> float:
    return math.sqrt(sum([count * count for count in counted.values()]))


class _Lanes:
    """Rows of numbers, a column for each label. A row is one whole number: to add two is one step for all columns.

    A column is a lane of 64 bits that counts in ``_UNIT``; sums stay under 2**20, far beyond any weights.
    """

    __slots__ = ("_columns", "_middle")

    def __init__(self, columns: int) -> None:
        self._columns = Struct(f"<{columns}Q")
        self._middle = sum(_MIDDLE << _LANE * at for at in range(columns))

    def row(self, numbers: Iterable[tuple[int, float]]) -> int:
        """Keep numbers, each with its column; what is in none is nothing."""
        return sum(round(number / _UNIT) << _LANE * at for at, number in numbers)

    def columns(self, row: int) -> tuple[int, ...]:
        """Give the numbers of a row, or of a sum of rows, in units of ``_UNIT``, and all more by the same.

        How much more does not matter to who compares them; without it a lane below nothing would borrow of the next.
        """
        return self._columns.unpack((row + self._middle).to_bytes(self._columns.size, "little"))


class Model:
    """What was learnt, asked quickly: people use few words, and what each is worth is summed up once.

    ``neighbours``: it was learnt from pairs of words too (see ``with_neighbours``), and hears them in what is asked.
    """

    __slots__ = ("_followers", "_lanes", "_learned", "_neighbours", "_worth")

    def __init__(self, learned: Learned, *, neighbours: bool = False) -> None:
        self._learned = learned
        self._neighbours = neighbours
        self._lanes = _Lanes(len(learned.bias))
        self._worth = lru_cache(maxsize=_WORDS)(self._sum)
        self._followers: dict[str, dict[str, int]] = {}
        for first, pair, second in (sign.partition(PAIR) for sign in learned.weights):
            if pair:
                self._followers.setdefault(first, {})[second] = self._row(first + pair + second)

    def _sum(self, word: str) -> tuple[tuple[str, ...], int | None]:
        found = _signs_of(word)
        known = [self._row(sign) for sign in found if self._learned.weights.get(sign)]
        return found, sum(known) if known else None

    def _row(self, sign: str) -> int:
        return self._lanes.row(self._learned.weights[sign])

    def chances(self, said: Sequence[str], hints: Mapping[str, float]) -> list[tuple[str, float]]:
        """Give every label with its probability, the likeliest first; nothing where no sign is known.

        ``hints`` are what the city's own words say, in points for each label.
        """
        odds = self._odds(said, hints)
        if not odds:
            return []
        every = sum(odds)
        ranked = sorted(zip(odds, self._learned.labels, strict=True), key=lambda one: -one[0])
        return [(label, one / every) for one, label in ranked]

    def likeliest(self, said: Sequence[str]) -> tuple[str, float] | None:
        """Give the first of ``chances``; None where no sign is known."""
        odds = self._odds(said, {})
        if not odds:
            return None
        most = max(odds)
        return self._learned.labels[odds.index(most)], most / sum(odds)

    def chance(self, label: str, said: Sequence[str]) -> float:
        """Give the probability of one label; 0 where no sign is known, or nothing was learnt of it."""
        odds = self._odds(said, {})
        if not odds or label not in self._learned.labels:
            return 0.0
        return odds[self._learned.labels.index(label)] / sum(odds)

    def _odds(self, said: Sequence[str], hints: Mapping[str, float]) -> list[float]:
        """How much likelier each label is than another; nothing where no sign is known."""
        known, length = self._known(said)
        if not known:
            return []
        share, summed = _UNIT / length, self._lanes.columns(sum(known))
        points = [bias + share * one for bias, one in zip(self._learned.bias, summed, strict=True)]
        if hints:
            labels = self._learned.labels
            points = [one + HINT * hints.get(label, 0.0) for one, label in zip(points, labels, strict=True)]
        most = max(points)
        return [math.exp(one - most) for one in points]

    def _known(self, said: Sequence[str]) -> tuple[list[int], float]:
        """What the signs are worth of which something was learnt; and how long all that there are would be together."""
        found: list[str] = []
        known: list[int] = []
        for word in said:
            its, worth = self._worth(word)
            found += its
            if worth is not None:
                known.append(worth)
        if self._neighbours:
            known += self._of_neighbours(said)
        if len(set(found)) < len(found):
            return known, _length(Counter(chain(found, pairwise((_FIRST, *said, _LAST)) if self._neighbours else ())))
        return known, math.sqrt(len(found) + (len(said) + 1 if self._neighbours else 0))

    def _of_neighbours(self, said: Sequence[str]) -> list[int]:
        """What pairs are worth; looked up word by word, because to put them together costs more than all the rest."""
        known = []
        after = self._followers.get(_FIRST)
        for word in (*said, _LAST):
            if after and (worth := after.get(word)) is not None:
                known.append(worth)
            after = self._followers.get(word)
        return known
