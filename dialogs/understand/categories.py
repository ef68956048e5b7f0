"""What kind of problem a text tells of: the city's words, weighted, and nothing learnt that nobody can read.

Rule 1: the longest phrase wins over its words, so "agua servida" is the sewer's and "agua" alone the water's.
Rule 2: what only says where ("frente a la cancha") counts half.
Rule 3: ``sure`` is for filing without asking; a guess that is not sure puts its best three before the person.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from rapidfuzz import fuzz, process

from dialogs.city import City
from dialogs.understand.folding import by_ear, sounded
from dialogs.understand.index import RECENT, ByWord, per_city
from dialogs.understand.learned import Model
from dialogs.understand.phrases import read_word
from dialogs.values import quickly_made

#: Left out on both sides. Grammar, not city: Spanish and English.
_SMALL = frozenset(
    by_ear(
        "a al de del el la los las lo un una unos unas y e o u se le les me mi mis su sus te es "
        "the of an is are my our it and to muy ya esta estan este ese hay ai"
    ).split()
)
#: What follows says where: the next word that is not small counts half.
_WHERE = frozenset(
    by_ear(
        "en frente lado atras detras cerca altura sobre hasta junto esquina por in at near behind "
        "beside next opposite front"
    ).split()
)
_PLURALS = ("s", "es")
_HALF = 0.5
_SURE = 3.0
_MARGIN = 2.0
_TOP = 3
#: A learnt guess that is less probable than this is none; one that is more likely right than not outweighs a word of
#: the city's own; and one that is so probable, about a text of enough words, needs no question.
_LIKELY = 0.2
_RATHER = 0.5
_CERTAIN = 0.8
_ENOUGH = 3
#: Likeness is asked only where no word was known, and only of long words.
ALIKE = 88
_LONG = 6
#: The words of a text that are read; an SMS of four parts holds fewer.
_MOST = 150
#: Words remembered with what begins at them.
_WORDS = 4096


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """``best`` is None where nothing spoke; ``top`` is at most three categories, the likeliest first.

    ``heard`` says whether any word of the city's own spoke. What was learnt (see ``learned``) finds something in nearly
    every text, so that alone does not make it one for the city; ``learnt`` says that it had the last word.
    """

    best: str | None
    sure: bool
    top: tuple[str, ...]
    heard: bool
    learnt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Phrase:
    """Words next to each other that speak for a category; for none where they are a place's name.

    Two are the same only if they are one: hashing by content would cost more than all the rest.
    """

    words: tuple[str, ...]
    stems: tuple[bool, ...]
    category: str | None
    weight: float

    def goes_on_at(self, said: Sequence[str], at: int) -> bool:
        """Whether the words after the first two, which were looked up, follow them."""
        heard = said[at + 2 : at + len(self.words)]
        return len(heard) == len(self.words) - 2 and all(map(_same, heard, self.words[2:], self.stems[2:]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beginning:
    """What may begin at a word: the longer phrases, by their second word; and what the word says by itself."""

    longer: ByWord[_Phrase] | None
    alone: tuple[_Phrase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lexicon:
    """What begins at a word, if anything; and the word that a misspelt one is like: itself, if it is like none."""

    beginning: Callable[[str], _Beginning | None]
    alike: Callable[[str], str]


@per_city
def _lexicon(city: City) -> _Lexicon:
    by_first = ByWord([(form, phrase.stems[0], phrase) for phrase in _phrases(city) for form in _forms_at(phrase, 0)])
    alike: dict[str, list[str]] = {}  # by their first letter
    for known in by_first.words():
        if len(known) >= _LONG:
            alike.setdefault(known[0], []).append(known)

    @lru_cache(maxsize=_WORDS)
    def beginning(word: str) -> _Beginning | None:
        under = by_first.under(word)
        if not under:
            return None
        longer = [phrase for phrase in under if len(phrase.words) > 1]
        by_second = [(form, phrase.stems[1], phrase) for phrase in longer for form in _forms_at(phrase, 1)]
        return _Beginning(
            longer=ByWord(by_second) if by_second else None,
            alone=_loudest([phrase for phrase in under if len(phrase.words) == 1]),
        )

    return _Lexicon(beginning=beginning, alike=lru_cache(maxsize=_WORDS)(partial(_alike, alike)))


def _forms_at(phrase: _Phrase, at: int) -> tuple[str, ...]:
    """What its word at ``at`` is looked up under."""
    word = phrase.words[at]
    return (word,) if phrase.stems[at] else (word, *(word + ending for ending in _PLURALS))


def _phrases(city: City) -> Iterator[_Phrase]:
    for category in city.categories.values():
        for written, weight in category.words.items():
            yield _phrase(written, category.id, weight)
    for place in city.places.values():
        for name in (place.name, *place.aliases):
            if len(name.split()) > 1:
                yield _phrase(name, None, 0.0)


def _phrase(written: str, category: str | None, weight: float) -> _Phrase:
    every = [read_word(piece) for piece in written.split()]
    kept = [one for one in every if one.sound not in _SMALL] or every
    return _Phrase(
        words=tuple(one.sound for one in kept),
        stems=tuple(one.stem for one in kept),
        category=category,
        weight=weight,
    )


def _same(heard: str, known: str, stem: bool) -> bool:  # noqa: FBT001  mapped over, by position
    if stem:
        return heard.startswith(known)
    return heard == known or (heard.startswith(known) and heard[len(known) :] in _PLURALS)


def guess(text: str, city: City) -> Guess:
    """Return what ``text`` seems to be about. Never fails; a text without a known word is ``Guess(best=None, …)``."""
    return _guesser(city)(text)


@per_city
def _guesser(city: City) -> Callable[[str], Guess]:
    """One step asks more than once about one text."""
    model = Model(city.learned) if city.learned else None
    return lru_cache(maxsize=RECENT)(partial(_guess, city, _lexicon(city), model))


def _guess(city: City, lexicon: _Lexicon, model: Model | None, text: str) -> Guess:
    said = _content(sounded(text)[:_MOST])
    scores = _scores(said, lexicon)
    if not scores:
        scores = _scores([(lexicon.alike(word), weight) for word, weight in said], lexicon)
    listed = _by_words(scores)
    return listed if listed.sure or model is None else _by_learning(city, model, said, scores, listed)


def _by_words(scores: Mapping[str, float]) -> Guess:
    top = sorted(scores, key=lambda name: -scores[name])[:_TOP]
    if not top:
        return Guess(best=None, sure=False, top=(), heard=False)
    best = scores[top[0]]
    second = scores[top[1]] if len(top) > 1 else 0.0
    return Guess(best=top[0], sure=best >= _SURE and best - second >= _MARGIN, top=tuple(top), heard=True)


def _by_learning(
    city: City, model: Model, said: Sequence[tuple[str, float]], scores: Mapping[str, float], listed: Guess
) -> Guess:
    """What was learnt says, where the city's words are not sure; only of categories that the city has."""
    found = [one for one in model.chances([word for word, _ in said], scores) if one[0] in city.categories]
    if not found or found[0][1] < _LIKELY:
        return listed
    best, probability = found[0]
    names = [name for name, _ in found]
    if listed.best is not None and probability < _RATHER:
        best, names = listed.best, [listed.best, *(name for name in names if name != listed.best)]
    sure = probability >= _CERTAIN and len({word for word, _ in said}) >= _ENOUGH
    return Guess(best=best, sure=sure, top=tuple(names[:_TOP]), heard=listed.heard, learnt=True)


def content(text: str) -> list[str]:
    """The words of a text that carry meaning, by sound: what there is to learn from."""
    return [word for word, _ in _content(sounded(text)[:_MOST])]


@lru_cache(maxsize=RECENT)
def _content(said: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """The words that carry meaning, each with 1.0, or less where it only says where."""
    content = []
    weight = 1.0
    for word in said:
        if word in _WHERE:
            weight = _HALF
        elif word not in _SMALL:
            content.append((word, weight))
            weight = 1.0
    return tuple(content)


def _scores(content: Sequence[tuple[str, float]], lexicon: _Lexicon) -> dict[str, float]:
    """Sum the weights, each phrase once, in the order in which categories are first named: that breaks ties.

    What weighs nothing or less is left out: it is there to be the longest phrase, before a word of it.
    """
    said = [word for word, _ in content]
    best: dict[_Phrase, float] = {}
    end = 0
    for at, begins in enumerate(map(lexicon.beginning, said)):
        if begins is None or at < end:
            continue  # most words say nothing; a phrase within a phrase is none
        found = _longest_at(said, at, begins)
        for phrase in found:
            best[phrase] = max(best.get(phrase, 0.0), phrase.weight * content[at][1])
        if found:
            end = at + len(found[0].words)
    scores: dict[str, float] = {}
    for phrase, weight in best.items():
        if phrase.category is not None and weight:
            scores[phrase.category] = scores.get(phrase.category, 0.0) + weight
    return scores


def _longest_at(said: Sequence[str], at: int, begins: _Beginning) -> Sequence[_Phrase]:
    """The phrases that stand at ``at``: of the longest, the one that speaks loudest for each category."""
    if begins.longer and at + 1 < len(said) and (longer := begins.longer.under(said[at + 1])):
        found = [phrase for phrase in longer if phrase.goes_on_at(said, at)]
        if found:
            longest = max(len(phrase.words) for phrase in found)
            return _loudest([phrase for phrase in found if len(phrase.words) == longest])
    return begins.alone


def _loudest(phrases: Sequence[_Phrase]) -> tuple[_Phrase, ...]:
    """One phrase a category, in the order in which categories come."""
    loudest: dict[str | None, _Phrase] = {}
    for phrase in phrases:
        known = loudest.get(phrase.category)
        if known is None or phrase.weight > known.weight:
            loudest[phrase.category] = phrase
    return tuple(loudest.values())


def _alike(known: Mapping[str, Sequence[str]], word: str) -> str:
    if len(word) < _LONG:
        return word
    near = process.extractOne(word, known.get(word[0], ()), scorer=fuzz.ratio, score_cutoff=ALIKE)
    return near[0] if near else word
