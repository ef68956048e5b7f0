"""A second opinion, learnt from labelled texts, where the city's own words are not sure what a text is about.

People name a wrong by its effect ("nobody sees where they step"), for which nobody can list the words. A linear model
can: each sign in the text adds what it was learnt to be worth for each category. Numbers only, and each can be read.
"""

import math
from collections.abc import Mapping, Sequence

from dialogs.city import Learned

#: Of a word so many first letters are a sign too, so that one ending stands for another.
_STEMS = (4, 5)
#: What one point of the city's own words is worth beside what was learnt.
HINT = 0.5


def signs(said: Sequence[str]) -> dict[str, float]:
    """Give the signs of a text (content words by sound) and their strength; together they are of length 1."""
    counted: dict[str, float] = {}
    for word in said:
        counted[word] = counted.get(word, 0.0) + 1.0
        for letters in _STEMS:
            if len(word) > letters:
                stem = word[:letters] + "*"
                counted[stem] = counted.get(stem, 0.0) + 1.0
    length = math.sqrt(sum([strength * strength for strength in counted.values()]))
    return {sign: strength / length for sign, strength in counted.items()}


def chances(learned: Learned, said: Sequence[str], hints: Mapping[str, float]) -> list[tuple[str, float]]:
    """Give every category with its probability, the likeliest first; nothing where no sign is known.

    ``hints`` are what the city's own words say, in points for each category.
    """
    total = list(learned.bias)
    known = False
    for sign, strength in signs(said).items():
        for at, weight in learned.weights.get(sign, ()):
            total[at] += strength * weight
            known = True
    if not known:
        return []
    for at, label in enumerate(learned.labels):
        total[at] += HINT * hints.get(label, 0.0)
    most = max(total)
    odds = [math.exp(one - most) for one in total]
    every = sum(odds)
    ranked = sorted(zip(odds, learned.labels, strict=True), key=lambda one: -one[0])
    return [(label, one / every) for one, label in ranked]
