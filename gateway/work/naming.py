"""What staff name by hand: a category, a place. What is not known is answered with what is near."""

import difflib
from collections.abc import Iterable, Mapping

from dialogs.city import City
from dialogs.understand import places
from dialogs.understand.folding import fold
from gateway.work.casework import NotPossible

#: How alike a name must be to be offered, and how many are.
_ALIKE, _MOST = 0.7, 3


def category(city: City, written: str) -> str:
    """Return the id of a category; raise ``NotPossible`` that names near ones, or all."""
    if written in city.categories:
        return written
    names = {one.id: (one.id, *one.name.values()) for one in city.categories.values()}
    near = _near(written, names)
    hint = f"did you mean {', '.join(near)}?" if near else f"there are: {', '.join(city.categories)}"
    raise NotPossible(f"there is no category {written}; {hint}")


def place(city: City, written: str) -> str:
    """Return the id of a place, named by it or as a resident would; raise ``NotPossible`` that names near ones."""
    if written in city.places:
        return written
    found = places.find(written, city)
    if found is not None:
        return found.id
    near = _near(written, {one.name: (one.id, one.name, *one.aliases) for one in city.places.values()})
    hint = f"did you mean {', '.join(near)}?" if near else "write a zone or barrio as in city/places.yaml"
    raise NotPossible(f"there is no such place: {written}; {hint}")


def _near(written: str, names: Mapping[str, Iterable[str]]) -> list[str]:
    """The things of which any name is like what was written, the most alike first."""
    spelt = {fold(name): thing for thing, theirs in names.items() for name in theirs}
    alike = difflib.get_close_matches(fold(written), spelt, n=_MOST, cutoff=_ALIKE)
    return list(dict.fromkeys(spelt[name] for name in alike))
