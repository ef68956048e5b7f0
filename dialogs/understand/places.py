"""Which zone or barrio a text names.

Rule 1: a wrong place is worse than none: where a name may be a street, a school, a saint or a date, it must be said to
be a place ("zona San Antonio"), or be the whole answer, or end the text.
Rule 2: the longest name wins: "Alto Villa Victoria" is not "Villa Victoria".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from rapidfuzz import fuzz, process

from dialogs.city import City, Place
from dialogs.understand.folding import SHORT_FORMS, by_ear, fold
from dialogs.understand.index import longest_from, per_city

#: Likeness is asked only after a word that announces a place, and of short answers.
ALIKE = 88
_SHORT_ANSWER = 4
_LONG = 6
_MOST = 150
#: Words remembered with their sound here, where more short forms are written out.
_WORDS = 4096

_SHORT_FORMS = {
    "v": "villa",
    "vlla": "villa",
    "mcal": "mariscal",
    "mscal": "mariscal",
    "sn": "san",
    "sta": "santa",
    "sto": "santo",
    "stgo": "santiago",
    "urb": "urbanizacion",
    "b": "barrio",
    "bo": "barrio",
}


def _heard(listed: str) -> frozenset[str]:
    return frozenset(by_ear(listed).split())


_ARTICLES = _heard("el la los las")
_SKIPPED = _ARTICLES | _heard("de del")
#: What follows is a place for certain.
_ANNOUNCED = _heard("zona barrio villa urbanizacion sector distrito macrodistrito junta neighbourhood neighborhood")
#: What follows may well be a place; not enough for a date.
_HINTED = _ANNOUNCED | _heard("en por desde hasta vecinos vivo alto bajo somos soy in at from near")
#: Named after a place or a saint, and anywhere in the city.
_THINGS = _heard(
    "calle avenida plaza plazuela pasaje callejon colegio cole escuela kinder unidad hospital clinica farmacia iglesia "
    "parroquia capilla virgen fiesta dia edificio hotel tienda linea ruta puente street avenue school church"
)
_QUALIFIERS = _heard("alto bajo")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gazetteer:
    """Every form of every name, by sound; how many words the longest has that begins with a word.

    ``long_names`` are those that a misspelt one may be like; ``by_letter`` the same by their first letter.
    """

    names: Mapping[str, Place]
    longest: Mapping[str, int]
    long_names: Sequence[str]
    by_letter: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mention:
    """A name in the text, and how surely it is meant as a place."""

    place: Place
    announced: bool
    letters: int


@per_city
def _gazetteer(city: City) -> _Gazetteer:
    names: dict[str, Place] = {}
    for forms in (_as_written, _turned, _bare):
        for place in city.places.values():
            for form in forms(place):
                names.setdefault(form, place)
    long_names = [name for name in names if len(name) >= _LONG]
    by_letter: dict[str, list[str]] = {}
    for name in long_names:
        by_letter.setdefault(name[0], []).append(name)
    return _Gazetteer(names=names, longest=longest_from(names), long_names=long_names, by_letter=by_letter)


def _as_written(place: Place) -> Iterator[str]:
    for name in (place.name, *place.aliases):
        yield " ".join(_sounds(name))


def _turned(place: Place) -> Iterator[str]:
    """``X Alto`` for ``Alto X`` and the other way round: people say both."""
    for name in _as_written(place):
        first, *rest = name.split()
        if first in _QUALIFIERS and rest:
            yield " ".join((*rest, first))
        elif rest and rest[-1] in _QUALIFIERS:
            yield " ".join((rest[-1], first, *rest[:-1]))


def _bare(place: Place) -> Iterator[str]:
    """The name without its article, where it is no everyday word."""
    for name in _as_written(place):
        first, _, rest = name.partition(" ")
        if first in _ARTICLES and rest and not place.common:
            yield rest


@lru_cache(maxsize=_WORDS)
def _sounds_of(word: str) -> tuple[str, ...]:
    written_out = SHORT_FORMS.get(word, word).split()
    return tuple(by_ear(" ".join(_SHORT_FORMS.get(one, one) for one in written_out)).split())


def _sounds(text: str) -> list[str]:
    return list(chain.from_iterable(map(_sounds_of, fold(text).split())))


def find(text: str, city: City) -> Place | None:
    """Return the place that ``text`` names: one announced as such first, then the longest, then the first."""
    gazetteer = _gazetteer(city)
    said = _sounds(text)[:_MOST]
    mentions = list(_mentions(said, gazetteer))
    if mentions:
        return max(mentions, key=lambda mention: (mention.announced, mention.letters)).place
    return _alike(said, gazetteer)


def _mentions(said: Sequence[str], gazetteer: _Gazetteer) -> Iterator[_Mention]:
    end = 0
    for at in [at for at, word in enumerate(said) if word in gazetteer.longest]:
        taken = _longest_name(said, at, gazetteer) if at >= end else 0  # a name within a name is none
        if taken:
            end = at + taken
            name = " ".join(said[at:end])
            place = gazetteer.names[name]
            if _is_meant(said, at, taken, place):
                yield _Mention(place=place, announced=_before(said, at, _SKIPPED) in _ANNOUNCED, letters=len(name))


def _longest_name(said: Sequence[str], at: int, gazetteer: _Gazetteer) -> int:
    """How many words the longest name at ``at`` has; 0 if none stands there."""
    for taken in range(min(gazetteer.longest[said[at]], len(said) - at), 0, -1):
        if " ".join(said[at : at + taken]) in gazetteer.names:
            return taken
    return 0


def _is_meant(said: Sequence[str], at: int, taken: int, place: Place) -> bool:
    if taken == len(said):
        return True
    before = _before(said, at, _SKIPPED)
    if (before if place.common else _before(said, at, _ARTICLES)) in _THINGS:
        return False
    if not place.common:
        return True
    if said[at].isdigit():
        return before in _ANNOUNCED
    return before in _HINTED or at + taken == len(said)


def _before(said: Sequence[str], at: int, skipped: frozenset[str]) -> str:
    """The word before ``at``, small ones left out; nothing at the beginning."""
    while at > 0:
        at -= 1
        if said[at] not in skipped:
            return said[at]
    return ""


def _alike(said: Sequence[str], gazetteer: _Gazetteer) -> Place | None:
    """The place whose misspelt name is the whole short answer, or follows a word that announces a place.

    The first letter must agree, and no name with another first letter be nearer: it would be a guess among two.
    """
    candidates = [" ".join(said)] if len(said) <= _SHORT_ANSWER else []
    for at in range(len(said)) if not _ANNOUNCED.isdisjoint(said) else ():
        if said[at] not in _SKIPPED and _before(said, at, _SKIPPED) in _ANNOUNCED:
            candidates += [" ".join(said[at : at + taken]) for taken in (3, 2, 1)]
    for name in candidates:
        if len(name) >= _LONG:
            near = _nearest(name, gazetteer.by_letter.get(name[0], ()))
            if near and near == _nearest(name, gazetteer.long_names):  # none of another letter is nearer
                return gazetteer.names[near]
    return None


def _nearest(name: str, among: Sequence[str]) -> str | None:
    near = process.extractOne(name, among, scorer=fuzz.ratio, score_cutoff=ALIKE)
    return near[0] if near else None
