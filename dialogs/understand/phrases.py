"""The little language in which field staff write what people say: words, ``a/b``, ``stem*`` and ``..``.

    dar de baja mi numero        exactly these words
    no me manden/envien ..       either word, then anything or nothing
    .. en que quedo* ..          anything, then these words, the last one with any ending
    no *                         no and any one word

Case, accents, spelling by ear and the short forms of text messages do not matter: both sides are compared by sound.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from dialogs.understand.folding import by_ear, words
from dialogs.understand.index import ByWord

ANYTHING = ".."
#: Words remembered with the phrases that they tell. People use few; whoever sends noise pushes out the oldest.
_WORDS = 4096


def is_open(phrase: str) -> bool:
    """Whether ``phrase`` leaves something open; one that does not is compared as a whole, which is cheaper."""
    return ANYTHING in phrase or "*" in phrase or "/" in phrase


def sound(phrase: str) -> str:
    """A phrase, or a word of one, in the shape in which it is compared."""
    return by_ear(" ".join(words(phrase)))


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a phrase by sound; a ``stem`` is true of every word that begins so."""

    sound: str
    stem: bool


def read_word(written: str) -> Word:
    """Read one written word. A stem sounds as it does before a vowel: ``alcantarill*`` begins *alcantarilla*."""
    if written.endswith("*"):
        return Word(sound(written[:-1] + "a")[:-1], stem=True)
    return Word(sound(written), stem=False)


@dataclass(frozen=True, slots=True)
class _Place:
    """What may stand in one place of a phrase: whole words, or words that begin so."""

    whole: frozenset[str]
    stems: tuple[str, ...]

    def takes(self, heard: str) -> bool:
        return heard in self.whole or heard.startswith(self.stems)


_Block = tuple[_Place, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Phrase:
    """Blocks of places next to each other, with anything between them, and before and after unless closed there.

    ``needs`` are the places without a stem, each with all that may stand there.
    """

    blocks: tuple[_Block, ...]
    closed_before: bool
    closed_after: bool
    needs: tuple[frozenset[str], ...]

    def may_describe(self, words: frozenset[str]) -> bool:
        """Whether for each place one of ``words`` is there; quickly told of nearly all phrases that do not describe."""
        return not any(map(words.isdisjoint, self.needs))

    def describes(self, said: Sequence[str]) -> bool:
        """Take each block where it first fits: with nothing but gaps between, that finds a way if there is one."""
        at = 0
        for number, block in enumerate(self.blocks):
            first = at
            last = len(said) - len(block)
            if number == 0 and self.closed_before:
                last = min(last, 0)
            if number == len(self.blocks) - 1 and self.closed_after:
                first = max(first, len(said) - len(block))
            found = _first(block, said, first, last)
            if found is None:
                return False
            at = found + len(block)
        return True


def _first(block: _Block, said: Sequence[str], first: int, last: int) -> int | None:
    """Where the block first fits, from ``first`` to ``last``."""
    whole, stems = block[0].whole, block[0].stems
    for start in range(first, last + 1):
        heard = said[start]
        if (heard in whole or heard.startswith(stems)) and _goes_on(block, said, start):
            return start
    return None


def _goes_on(block: _Block, said: Sequence[str], start: int) -> bool:
    return len(block) == 1 or all(map(_Place.takes, block[1:], said[start + 1 : start + len(block)]))


class Phrasebook:
    """Phrases under names, asked at once. Only those whose longest word is in the text are tried: linear time."""

    __slots__ = ("_names", "_under")

    def __init__(self, phrases: Mapping[str, Iterable[str]]) -> None:
        self._names = tuple(phrases)
        by_word = ByWord(
            [
                (one.sound, one.stem, (rank, phrase))
                for rank, name in enumerate(phrases)
                for phrase, words_ in map(_read, phrases[name])
                for one in words_
            ]
        )
        self._under = lru_cache(maxsize=_WORDS)(by_word.under)

    def named(self, said: Sequence[str]) -> list[str]:
        """The names of which a phrase describes ``said`` (sounds, see ``folding.sounded``) from first word to last.

        In the order in which they were given.
        """
        tried = set(chain.from_iterable(map(self._under, said)))
        if not tried:
            return []
        there = frozenset(said)
        found = {rank for rank, phrase in tried if phrase.may_describe(there) and phrase.describes(said)}
        return [self._names[rank] for rank in sorted(found)]


def _read(phrase: str) -> tuple[_Phrase, Sequence[Word]]:
    """The phrase, and the words of the place that tells it best: the one whose shortest word is longest."""
    pieces = phrase.split()
    groups = [[read_word(written) for written in piece.split("/")] for piece in pieces if piece != ANYTHING]
    places = iter([_place(group) for group in groups])
    blocks: list[list[_Place]] = [[]]
    for piece in pieces:
        if piece == ANYTHING:
            blocks.append([])
        else:
            blocks[-1].append(next(places))
    compiled = _Phrase(
        blocks=tuple(tuple(block) for block in blocks if block),
        closed_before=pieces[0] != ANYTHING,
        closed_after=pieces[-1] != ANYTHING,
        needs=tuple(place.whole for block in blocks for place in block if not place.stems),
    )
    return compiled, max(groups, key=lambda group: min(len(one.sound) for one in group))


def _place(group: Sequence[Word]) -> _Place:
    return _Place(frozenset(one.sound for one in group if not one.stem), tuple(one.sound for one in group if one.stem))
