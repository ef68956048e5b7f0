"""The words: whether all that can be said is there, agrees with its dialog, fits, costs what it may, shows on a phone.

said → texts → values · lengths → letters · offers · cost      versions → sheet → importing
"""

from collections.abc import Iterator
from pathlib import Path

from dialogs.book import BOOK
from dialogs.city import City
from dialogs.nodes import Book
from gateway.findings import Finding, Level
from gateway.outbound.render import Renderer
from gateway.wording import lengths, letters, offers, said, texts, values, versions


def examine(city: City, renderer: Renderer, templates: Path, book: Book = BOOK) -> Iterator[Finding]:
    """Give all that is wrong with the words, in every language offered. ``templates``: one folder a language."""
    try:
        gathered = texts.gather(city, renderer, templates, book=book)
    except said.Unsayable as trouble:
        what = f"its params fail where not all is known ({type(trouble.error).__name__}: {trouble.error})"
        mend = "take from the answers with answers.get(...), and say nothing where there is nothing"
        yield Finding(level=Level.ERROR, where=trouble.template, what=what, mend=mend)
        return
    yield from findings(gathered)


def findings(of: texts.Texts) -> Iterator[Finding]:
    """Give all that is wrong with words already gathered."""
    measured = lengths.measure(of)
    every = [one for in_language in measured.values() for one in in_language]
    yield from values.examine(of)
    yield from lengths.examine(of, measured)
    yield from offers.examine(of, every)
    yield from letters.examine(of, {one.text.where: one for one in every})
    yield from versions.examine(of)
