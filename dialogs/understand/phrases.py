"""The little language in which field staff write what people say: words, ``a/b``, ``stem*`` and ``..``.

    dar de baja mi numero        exactly these words
    no me manden/envien ..       either word, then anything or nothing
    .. en que quedo* ..          anything, then these words, the last one with any ending
    no *                         no and any one word

Case, accents, spelling by ear and the short forms of text messages do not matter: both sides are compared by sound.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dialogs.understand.folding import by_ear, words
from dialogs.understand.index import ByWord

ANYTHING = ".."


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


class Phrasebook:
    """Many phrases, asked at once. Only those whose longest word is in the text are tried."""

    __slots__ = ("_by_word",)

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_word = ByWord(
            [(one.sound, one.stem, pattern) for pattern, anchor in map(_compiled, phrases) for one in anchor]
        )

    def describes(self, said: Sequence[str]) -> bool:
        """Whether any phrase describes ``said`` (sounds, see ``folding.sounded``) from the first word to the last."""
        tried: set[re.Pattern[str]] = set()
        text = ""
        for heard in said:
            for pattern in self._by_word.under(heard):
                if pattern not in tried:
                    tried.add(pattern)
                    text = text or "".join(f" {one}" for one in said)
                    if pattern.fullmatch(text):
                        return True
        return False


def _compiled(phrase: str) -> tuple[re.Pattern[str], Sequence[Word]]:
    """The expression, and the group of words that tells it best: the one whose shortest word is longest."""
    groups = [_group(piece) for piece in phrase.split()]
    expression = "".join(_expression(group) if group else r"(?: [^ ]+)*?" for group in groups)
    anchor = max((group for group in groups if group), key=lambda group: min(len(one.sound) for one in group))
    return re.compile(expression), anchor


def _group(piece: str) -> Sequence[Word]:
    """The words that may stand in one place; none for ``..``."""
    if piece == ANYTHING:
        return ()
    return [read_word(written) for written in piece.split("/")]


def _expression(group: Sequence[Word]) -> str:
    return " (?:" + "|".join(re.escape(one.sound) + ("[^ ]*" if one.stem else "") for one in group) + ")"
