"""The characters of what we say: which are not in GSM-7, which cost double, which no USSD screen shows.

Rule 1: a letter that only loses its accent (á, í, ó, ú, ç, ï) is no fault: it is folded where that saves a segment.
Rule 2: what is written in its place, or left out, must be written so by who writes the words: they should see what a
phone shows.
"""

import unicodedata
from collections.abc import Iterator, Mapping

from gateway.findings import Finding, Level
from gateway.outbound import segments
from gateway.wording.lengths import Measured
from gateway.wording.texts import Texts

#: Spanish signs that a screen goes without, and nobody misses.
_MISSED_BY_NOBODY = frozenset("¿¡\n")


def examine(texts: Texts, measured: Mapping[str, Measured]) -> Iterator[Finding]:
    """Give every character that costs more than its place, or that a phone will not show. ``measured`` by file."""
    for text in texts:
        if text.source is None:
            continue
        written = "".join(text.source.literal)
        yield from _dear(text.where, written, measured.get(text.where))
        if text.said.on_screen:
            yield from _unshown(text.where, written)
    for where, name in _names(texts):
        yield from _dear(where, name, None)
        yield from _unshown(where, name)


def _names(texts: Texts) -> Iterator[tuple[str, str]]:
    """What is said inside other words: labels, names of languages, categories and places, numbers to call."""
    city = texts.city
    for language in texts.by_language:
        words = city.words[language]
        yield f"{language}/words.yaml: name", words.name
        for option, label in words.options.items():
            yield f"{language}/words.yaml: options.{option}", label
        for category in city.categories.values():
            yield f"categories.yaml: {category.id}.name.{language}", category.name.get(language, "")
    for place in city.places.values():
        yield f"places.yaml: places.{place.id}.name", place.name
    for line in city.hotlines.values():
        yield f"hotlines.yaml: {line.id}.number", line.number


def _dear(where: str, written: str, one: Measured | None) -> Iterator[Finding]:
    for char in dict.fromkeys(written):
        width = segments.septets(char)
        if width == 1 or _only_loses_its_accent(char):
            continue
        instead = segments.cheaper(segments.gsm7(char))
        mend = f'write "{instead}"' if instead else "leave it out"
        if width is not None:
            what = f"{_named(char)} takes two places of the 160"
        else:
            what = f"{_named(char)} is not in GSM-7: {_cost(char, one)}"
        yield Finding(level=Level.WARNING, where=where, what=what, mend=mend)


def _cost(char: str, one: Measured | None) -> str:
    """What a message costs at its longest with this one character as it is written, and without it."""
    if one is None:
        return "with it a message holds 70 characters, without it 160"
    plain = segments.gsm7(one.sms)
    kept, without = segments.count(plain + char), segments.count(plain)
    return f"with it the message takes {kept} segments at its longest, without it {without}"


def _unshown(where: str, written: str) -> Iterator[Finding]:
    for char in dict.fromkeys(written):
        if segments.ussd(char) or char in _MISSED_BY_NOBODY or not segments.gsm7(char):
            continue
        yield Finding(
            level=Level.WARNING,
            where=where,
            what=f"{_named(char)} cannot be shown on a USSD screen, and is missing there",
            mend="say it in letters",
        )


def _only_loses_its_accent(char: str) -> bool:
    instead = segments.gsm7(char)
    return char.isalpha() and len(instead) == 1 and unicodedata.normalize("NFD", char)[0] == instead


def _named(char: str) -> str:
    return f'"{char}"' if char.isprintable() else f"U+{ord(char):04X}"
