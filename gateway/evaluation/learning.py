"""Learn from labelled texts how much each sign speaks for each label: linear models, and plain numbers.

Multinomial logistic regression by stochastic gradient steps (AdaGrad), which needs no library and is the same each
time. It is quick enough: two thousand texts in ten seconds. Look again where there are a hundred times as many.
"""

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from dialogs.city import Learned
from dialogs.understand import categories
from dialogs.understand.learned import signs

#: How often all texts are gone through.
ROUNDS = 15
#: How far a step goes: firmly, where each label has a hundred texts; gently, where a few words must not decide.
FIRMLY, GENTLY = 0.5, 0.1
#: What pulls weights towards nothing; a sign seen once or twice must not decide.
_PULL = 0.0004
#: A weight that is less than this part of a whole step is left out: it changes nothing and makes the file long.
_LEAST = 1.4

#: In residents' own texts a sign of fewer than so many may be somebody's name.
PRIVATE = 3
#: So many digits may be somebody's number, or a code.
_NUMBER = re.compile(r"\d{4}")

Example = tuple[str, str]


def learn(
    examples: Sequence[Example],
    labels: Sequence[str],
    *,
    step: float = FIRMLY,
    words: Callable[[str], Sequence[str]] = categories.content,
    seen: int = 1,
) -> Learned:
    """Learn from (text, label); an example of another label is passed over.

    ``step`` is ``FIRMLY`` or ``GENTLY``; ``words`` gives those of a text whose signs are learnt. What fewer than
    ``seen`` texts say is left out (``PRIVATE`` for residents' own), and so is every number.
    """
    labels = tuple(labels)
    mixed = sorted((one for one in examples if one[1] in labels), key=_mixed)
    known = _public([(signs(words(text)), labels.index(label)) for text, label in mixed], seen)
    weights: defaultdict[str, list[float]] = defaultdict(lambda: [0.0] * len(labels))
    steps: defaultdict[str, list[float]] = defaultdict(lambda: [1e-2] * len(labels))
    bias = [0.0] * len(labels)
    for number in range(ROUNDS):
        for found, label in known[number % 2 :: 2] + known[1 - number % 2 :: 2]:  # not always in the same order
            odds = _odds(bias, weights, found)
            for at in range(len(labels)):
                slope = odds[at] - (at == label)
                if abs(slope) < 1e-3:  # noqa: PLR2004  learnt already
                    continue
                bias[at] -= 0.01 * slope
                for sign, strength in found.items():
                    towards = slope * strength + _PULL * weights[sign][at]
                    steps[sign][at] += towards * towards
                    weights[sign][at] -= step * towards / math.sqrt(steps[sign][at])
    return Learned(
        labels=labels,
        bias=tuple(round(one, 3) for one in bias),
        weights={sign: kept for sign in sorted(weights) if (kept := _kept(weights[sign], step * _LEAST))},
    )


def _mixed(example: Example) -> bytes:
    """An order that follows nothing and is the same each time: what comes last, a file of one kind, weighs more."""
    return sha256("\n".join(example).encode()).digest()


def _public(known: Sequence[tuple[dict[str, float], int]], seen: int) -> list[tuple[dict[str, float], int]]:
    """Leave out what could tell of one person."""
    counted = Counter(sign for found, _ in known for sign in found)
    kept = {sign for sign, count in counted.items() if count >= seen and not _NUMBER.search(sign)}
    return [({sign: strength for sign, strength in found.items() if sign in kept}, label) for found, label in known]


def _odds(bias: Sequence[float], weights: defaultdict[str, list[float]], found: dict[str, float]) -> list[float]:
    total = list(bias)
    for sign, strength in found.items():
        for at, weight in enumerate(weights[sign]):
            total[at] += strength * weight
    most = max(total)
    odds = [math.exp(one - most) for one in total]
    every = sum(odds)
    return [one / every for one in odds]


def _kept(weights: Sequence[float], least: float) -> tuple[tuple[int, float], ...]:
    return tuple((at, round(weight, 1)) for at, weight in enumerate(weights) if abs(weight) >= least)


def keep(models: Mapping[str, Learned], file: Path) -> None:
    """Write models under their names, one sign a line, so that a change can be read."""
    file.write_text("{\n" + ",\n".join(_written(name, one) for name, one in models.items()) + "\n}\n", encoding="utf-8")


def _written(name: str, learned: Learned) -> str:
    bias = _json(dict(zip(learned.labels, learned.bias, strict=True)))
    lines = [
        f"{_json(sign)}: {_json({learned.labels[at]: weight for at, weight in weights})}"
        for sign, weights in learned.weights.items()
    ]
    return f'{_json(name)}: {{"bias": {bias}, "weights": {{\n' + ",\n".join(lines) + "\n}}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
