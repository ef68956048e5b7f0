"""What a text wants that is neither a command that somebody wrote down nor surely a report: learnt from labelled texts.

Rule 1: nobody is opted out by what was learnt, and nothing that may be dangerous or must stay confidential is asked
about here at all.
"""

from collections.abc import Callable
from functools import lru_cache, partial

from dialogs.city import City
from dialogs.understand.folding import sounded
from dialogs.understand.index import RECENT, per_city
from dialogs.understand.learned import Model, with_neighbours

REPORT = "report"
#: How probable it must be. What follows is a question, an answer or a note.
LIKELY = 0.5
#: The same for what is answered with silence, brings a case back, or outweighs a problem that is named.
CERTAIN = 0.7
_MOST = 60


def told(text: str) -> list[str]:
    """What there is to learn from: the words of a text by sound, small ones too, and each pair of neighbours."""
    return with_neighbours(_words(text))


def _words(text: str) -> tuple[str, ...]:
    return sounded(text)[:_MOST]


def guess(text: str, city: City) -> tuple[str, float] | None:
    """Return what a text wants, by its label, and how probable that is; None where nothing is likely."""
    return _guesser(city)(text)


@per_city
def _guesser(city: City) -> Callable[[str], tuple[str, float] | None]:
    """One step asks more than once about one text."""
    model = Model(city.intents, neighbours=True) if city.intents else None
    return lru_cache(maxsize=RECENT)(partial(_guess, model))


def _guess(model: Model | None, text: str) -> tuple[str, float] | None:
    found = model.likeliest(_words(text)) if model else None
    return found if found and found[1] >= LIKELY else None
