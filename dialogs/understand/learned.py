"""A second opinion, learnt from labelled texts, where the city's own words are not sure what a text is about.

People name a wrong by its effect ("nobody sees where they step"), for which nobody can list the words. A linear model
can: each sign in the text adds what it was learnt to be worth for each category. Numbers only, and each can be read.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain, pairwise, repeat
from operator import itemgetter
from struct import Struct

from dialogs.city import Learned

#: Of a word so many first letters are a sign too, so that one ending stands for another.
_STEMS = (4, 5)
#: What stands between two neighbours that are a sign together; such a pair has no stems.
PAIR = "_"
_FIRST, _LAST = "^", "$"
#: What one point of the city's own words is worth beside what was learnt.
HINT = 0.5
#: Words of which a model remembers what they are worth.
_WORDS = 8192
#: A lane of a row (see ``_Lanes``): its bits, what one of it is worth, and where in it nothing is.
_LANE = 32
_UNIT = 2.0**-10
_MIDDLE = 1 << 30


def signs(said: Sequence[str]) -> dict[str, float]:
    """Give the signs of a text (content words by sound) and their strength.

    Each is as strong as often as it is there, by the root of how many there are: of a long text one says less.
    """
    counted = Counter(chain.from_iterable(map(_signs_of, said)))
    length = math.sqrt(counted.total())
    return {sign: count / length for sign, count in counted.items()}


def with_neighbours(said: Sequence[str]) -> list[str]:
    """The words of a text and each pair of neighbours, its beginning and its end among them: "ya no" is not "no ya"."""
    return [*said, *map(PAIR.join, pairwise((_FIRST, *said, _LAST)))]


def _signs_of(word: str) -> tuple[str, ...]:
    if PAIR in word:
        return (word,)
    return (word, *(word[:letters] + "*" for letters in _STEMS if len(word) > letters))


class _Lanes:
    """Rows of numbers, a column for each label. A row is one whole number: to add two is one step for all columns.

    A column is a lane of 32 bits that counts in ``_UNIT``; sums stay under 2**20, twice
    what the heaviest weights that are allowed come to in the longest text.
    """

    __slots__ = ("_columns", "_middle")

    def __init__(self, columns: int) -> None:
        self._columns = Struct(f"<{columns}I")
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
    A row has a column for each label, one for how many signs are known, and one for how many there are.
    """

    __slots__ = ("_lanes", "_learned", "_neighbours", "_pairs", "_worth")

    def __init__(self, learned: Learned, *, neighbours: bool = False) -> None:
        self._learned = learned
        self._neighbours = neighbours
        self._lanes = _Lanes(len(learned.bias) + 2)
        self._worth = lru_cache(maxsize=_WORDS)(self._sum)
        pairs = ((sign, sign.partition(PAIR)) for sign in learned.weights if PAIR in sign)
        self._pairs = {(first, second): self._row(sign) for sign, (first, _, second) in pairs}

    def _sum(self, word: str) -> int:
        found = _signs_of(word)
        there = self._lanes.row([(len(self._learned.bias) + 1, len(found))])
        return there + sum(self._row(sign) for sign in found if self._learned.weights.get(sign))

    def _row(self, sign: str) -> int:
        return self._lanes.row([*self._learned.weights[sign], (len(self._learned.bias), 1)])

    def chances(self, said: Sequence[str], hints: Mapping[str, float]) -> list[tuple[str, float]]:
        """Give every label with its probability, the likeliest first; nothing where no sign is known.

        ``hints`` are what the city's own words say, in points for each label.
        """
        odds = self._odds(said, hints)
        every = sum(odds)
        ranked = sorted(zip(odds, self._learned.labels, strict=False), key=itemgetter(0), reverse=True)
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
        row, pairs = sum(map(self._worth, said)), 0
        if self._neighbours:
            row += sum(map(self._pairs.get, pairwise((_FIRST, *said, _LAST)), repeat(0)))
            pairs = len(said) + 1
        *summed, known, there = self._lanes.columns(row)
        if known == _MIDDLE:
            return []
        share = _UNIT / math.sqrt((there - _MIDDLE) * _UNIT + pairs)
        points = [bias + share * one for bias, one in zip(self._learned.bias, summed, strict=True)]
        if hints:
            labels = self._learned.labels
            points = [one + HINT * hints.get(label, 0.0) for one, label in zip(points, labels, strict=True)]
        most = max(points)
        return [math.exp(one - most) for one in points]
