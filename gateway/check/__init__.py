"""What is wrong although it loads: the config, the city, the dialogs, the words in every language.

What does not load at all is a ``ConfigError`` and never comes here.
"""

from collections.abc import Iterator
from datetime import datetime

from dialogs import proofs
from dialogs.book import BOOK
from dialogs.city import City
from dialogs.nodes import Book
from gateway import wording
from gateway.check import cities, keywords, playing, settings
from gateway.config import WORDS, Config
from gateway.findings import Finding, Level
from gateway.outbound.render import Renderer


def examine(config: Config, now: datetime) -> list[Finding]:
    """Look at everything that can be looked at without a store."""
    city = config.city
    found = [*settings.examine(config), *cities.examine(city, now), *keywords.examine(city)]
    if not cities.works(city, now):  # no date can be promised, so nothing can be said or played
        return found
    renderer = Renderer(city, WORDS, config.service.name)
    return [*found, *_dialogs(BOOK, city, found), *wording.examine(city, renderer, WORDS)]


def _dialogs(book: Book, city: City, found: list[Finding]) -> Iterator[Finding]:
    """The proofs; and where nothing is wrong until here, a play of all: what is broken below would only fail again."""
    flaws = [Finding(level=Level.ERROR, where=one.where, what=one.what, mend=one.mend) for one in proofs.flaws(book)]
    yield from flaws
    if not any(one.level is Level.ERROR for one in (*found, *flaws)):
        yield from playing.examine(book, city)
