"""What the city's own data lack: categories, places, telephone numbers."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from dialogs import report, safety
from dialogs.city import City
from dialogs.understand.folding import fold
from gateway.findings import Finding, Level, about


def examine(city: City, now: datetime) -> Iterator[Finding]:
    """Give what dialogs need and the city does not have, what has two meanings, and what nobody has looked at."""
    file = "categories.yaml"
    for needed in (report.OTHER, safety.CATEGORY):
        if needed not in city.categories:
            yield Finding(
                level=Level.ERROR, where=file, what=f'has no category "{needed}"', mend="add it: dialogs use it"
            )
    mute = [one.id for one in city.categories.values() if not one.words and one.id != report.OTHER]
    mend = "add words: without them nobody is ever understood to mean it"
    yield from about(mute, level=Level.WARNING, what="has no words", mend=mend)
    said: defaultdict[str, list[str]] = defaultdict(list)
    for place in city.places.values():
        for name in dict.fromkeys(fold(written) for written in (place.name, *place.aliases)):
            said[name].append(place.id)
    for name, ids in said.items():
        if len(ids) > 1:
            yield Finding(
                level=Level.WARNING,
                where="places.yaml",
                what=f'"{name}" may be any of: {", ".join(ids)}',
                mend="take the alias away where it is less used",
            )
    old = [one.id for one in city.hotlines.values() if one.review_by < now.astimezone(city.timezone).date()]
    mend = "call it, and write a later review_by"
    yield from about(old, level=Level.NOTE, what="the number has not been checked lately", mend=mend)
