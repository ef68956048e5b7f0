"""A second opinion, learnt from labelled texts, where the city's own words are not sure what a text is about.

People name a wrong by its effect ("nobody sees where they step"), for which nobody can list the words. A linear model
can: each sign in the text adds what it was learnt to be worth for each category. Numbers only, and each can be read.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain

from dialogs.city import Learned

#: Of a word so many first letters are a sign too, so that one ending stands for another.
_STEMS = (4, 5)
#: What stands between two neighbours that are a sign together; such a pair has no stems.
PAIR = "_"
#: What one point of the city's own words is worth beside what was learnt.
HINT = 0.5
#: Words, and pairs of them, of which a model remembers what they are worth.
_WORDS = 8192


def signs(said: Sequence[str]) -> dict[str, float]:
    """Give the signs of a text (content words by sound) and their strength; together they are of length 1."""
    counted = Counter(chain.from_iterable(map(_signs_of, said)))
    length = _length(counted)
    return {sign: count / length for sign, count in counted.items()}


def _signs_of(word: str) -> tuple[str, ...]:
    if PAIR in word:
        return (word,)
    return (word, *(word[:letters] + "*" for letters in _STEMS if len(word) > letters))


def _length(counted: Mapping[str, int]) -> float:
    return math.sqrt(sum([count * count for count in counted.values()]))


_Weights = tuple[tuple[int, float], ...]


class Model:
    """What was learnt, asked quickly: people use few words, and what each is worth is summed up once."""

    __slots__ = ("_learned", "_worth")

    def __init__(self, learned: Learned) -> None:
        self._learned = learned
        self._worth = lru_cache(maxsize=_WORDS)(self._sum)

    def _sum(self, word: str) -> tuple[tuple[str, ...], _Weights]:
        found = _signs_of(word)
        summed: dict[int, float] = {}
        for at, weight in chain.from_iterable(self._learned.weights.get(sign, ()) for sign in found):
            summed[at] = summed.get(at, 0.0) + weight
        return found, tuple(summed.items())

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
        return dict(self.chances(said, {})).get(label, 0.0)

    def _odds(self, said: Sequence[str], hints: Mapping[str, float]) -> list[float]:
        """How much likelier each label is than another; nothing where no sign is known."""
        found, known = self._known(said)
        if not any(known):
            return []
        total = [0.0] * len(self._learned.bias)
        for at, weight in chain.from_iterable(known):
            total[at] += weight
        length = math.sqrt(len(found)) if len(set(found)) == len(found) else _length(Counter(found))
        points = [bias + summed / length for bias, summed in zip(self._learned.bias, total, strict=True)]
        if hints:
            labels = self._learned.labels
            points = [one + HINT * hints.get(label, 0.0) for one, label in zip(points, labels, strict=True)]
        most = max(points)
        return [math.exp(one - most) for one in points]

    def _known(self, said: Sequence[str]) -> tuple[list[str], list[_Weights]]:
        """The signs of a text, each as often as it is said, and what was learnt of them."""
        found: list[str] = []
        known: list[_Weights] = []
        of_a_pair = self._learned.weights.get
        for word in said:
            if PAIR in word:  # seldom seen before, so nothing is gained by remembering it
                found.append(word)
                known.append(of_a_pair(word, ()))
            else:
                its, weights = self._worth(word)
                found += its
                known.append(weights)
        return found, known
