"""What the city's own data lack: categories, places, telephone numbers, days of work."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from dialogs import report, safety
from dialogs.calendar import is_working, local_day
from dialogs.city import City
from dialogs.understand import places
from dialogs.understand.folding import fold
from dialogs.understand.phrases import sound
from gateway.findings import Finding, Level, about

#: Among so many days is one of work, or nothing can be promised.
_DAYS = 60
#: Letters of a stem; a shorter one begins every other word.
_STEM = 3
#: A word of this weight decides alone.
_DECIDES = 4
#: Digits of the shortest number that can be called.
_CALLED = 3


def examine(city: City, now: datetime) -> Iterator[Finding]:
    """Give what dialogs need and the city does not have, what has two meanings, and what nobody has looked at."""
    yield from _needed(city)
    yield from _units(city)
    yield from _category_words(city)
    yield from _places(city)
    yield from _hotlines(city, now)
    if not works(city, now):
        what = f"leaves no working day in the next {_DAYS}, so nothing can be promised"
        mend = "list only days on which nobody works besides Saturdays and Sundays"
        yield Finding(level=Level.ERROR, where="holidays.yaml", what=what, mend=mend)


def works(city: City, now: datetime) -> bool:
    """Whether the city ever works; promises are counted in working days, so without one there would be no end."""
    today = local_day(now, city.timezone)
    return any(is_working(today + timedelta(days=day), city.holidays) for day in range(_DAYS))


def _needed(city: City) -> Iterator[Finding]:
    file = "categories.yaml"
    for needed in (report.OTHER, safety.CATEGORY):
        if needed not in city.categories:
            yield Finding(
                level=Level.ERROR, where=file, what=f'has no category "{needed}"', mend="add it: dialogs use it"
            )
    for language in city.languages:
        for name, ids in _same((one.name[language], one.id) for one in city.categories.values()).items():
            what = f'"{name}" is {" and ".join(ids)} in {language}'
            yield Finding(level=Level.ERROR, where=file, what=what, mend="name them so that a resident can choose")
    mute = [one.id for one in city.categories.values() if not one.words and one.id != report.OTHER]
    mend = "add words: without them nobody is ever understood to mean it"
    yield from about(mute, level=Level.WARNING, what="has no words", mend=mend)


def _units(city: City) -> Iterator[Finding]:
    """A case without a unit is nobody's; one unit written in two ways is two desks, each with half the cases."""
    written: defaultdict[str, list[str]] = defaultdict(list)
    for one in city.categories.values():
        if not fold(one.unit):
            mend = "name who answers for it: its cases would be nobody's"
            yield Finding(level=Level.ERROR, where=f"categories.yaml: {one.id}.unit", what="names nobody", mend=mend)
        elif one.unit not in written[fold(one.unit)]:
            written[fold(one.unit)].append(one.unit)
    for spelt in written.values():
        if len(spelt) > 1:
            what = f"one unit is written {' and '.join(spelt)}"
            yield Finding(level=Level.WARNING, where="categories.yaml", what=what, mend="write it in one way")


def _category_words(city: City) -> Iterator[Finding]:
    decides: defaultdict[str, list[str]] = defaultdict(list)
    for category in city.categories.values():
        where = f"categories.yaml: {category.id}.words"
        for word, weight in category.words.items():
            heard = sound(word.replace("*", ""))
            if not heard or ("*" in word and len(fold(word)) < _STEM):
                what = f'"{word}" is too short to tell anything'
                yield Finding(level=Level.ERROR, where=where, what=what, mend="write the word out")
            if weight >= _DECIDES:
                decides[word if "*" in word else heard].append(category.id)
    for word, ids in decides.items():
        if len(ids) > 1:
            what = f'"{word}" decides for {" and ".join(ids)}'
            yield Finding(level=Level.WARNING, where="categories.yaml", what=what, mend="let it decide for one of them")


def _places(city: City) -> Iterator[Finding]:
    twice = _same((name, place.id) for place in city.places.values() for name in (place.name, *place.aliases))
    for name, ids in twice.items():
        what, mend = f'"{name}" may be any of: {", ".join(ids)}', "take the alias away where it is less used"
        yield Finding(level=Level.WARNING, where="places.yaml", what=what, mend=mend)
    named = [
        (f"places.yaml: places.{one.id}", one, name)
        for one in city.places.values()
        for name in (one.name, *one.aliases)
    ]
    mute = [(where, name) for where, _, name in named if not sound(name)]
    for where, name in mute:
        what, mend = f'"{name}" holds no word', "write it in letters"
        yield Finding(level=Level.ERROR, where=where, what=what, mend=mend)
    for where, place, name in () if mute else named:
        found = places.find(name, city)
        if fold(name) not in twice and (found is None or found.id != place.id):
            what = f'"{name}" is understood as {found.id if found else "no place"}'
            mend = "write it in no way in which another place is called"
            yield Finding(level=Level.WARNING, where=where, what=what, mend=mend)


def _hotlines(city: City, now: datetime) -> Iterator[Finding]:
    for one in city.hotlines.values():
        if sum(letter.isdigit() for letter in one.number) < _CALLED:
            what, mend = f'"{one.number}" cannot be called', "write the digits that one presses"
            yield Finding(level=Level.ERROR, where=f"hotlines.yaml: {one.id}.number", what=what, mend=mend)
    old = [one.id for one in city.hotlines.values() if one.review_by < local_day(now, city.timezone)]
    mend = "call it, and write a later review_by"
    yield from about(old, level=Level.NOTE, what="the number has not been checked lately", mend=mend)


def _same(named: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    """Names, as people compare them, that several things have, and which."""
    things: defaultdict[str, list[str]] = defaultdict(list)
    for name, thing in named:
        if thing not in things[fold(name)]:
            things[fold(name)].append(thing)
    return {name: several for name, several in things.items() if len(several) > 1}
