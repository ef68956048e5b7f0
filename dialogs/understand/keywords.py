"""Whether a whole message is a command, an opt-out above all.

Rule 1: a word commands only when it is the whole message, apart from greetings, thanks and please: "ayuda! entra tierra
a mi casa" is a report. Longer messages command only by phrases that somebody wrote down in ``words.yaml``.
Rule 2: nobody is opted out by likeness. Short opt-out and opt-in words count by sound only (ALTO and ALTA are one
letter apart); where a message says both, it says neither.
Rule 3: commands are tried in the order in which they stand in ``words.yaml`` of the first language, the opt-out before
all: "no quiero volver a recibir" is a stop and not a start.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from rapidfuzz import fuzz, process

from dialogs.city import City
from dialogs.understand.folding import by_ear, sounded
from dialogs.understand.index import RECENT, longest_from, per_city
from dialogs.understand.phrases import Phrasebook, is_open, sound

#: Longer messages are told, not commanded.
LONGEST = 12
#: Measured on two hundred messages: no false command at 85, 0.7 % at 80.
ALIKE = 85
_SHORTEST_ALIKE = 4
_SHORTEST_CONSENT_ALIKE = 10
_MANY_DIGITS = 6
#: Words remembered with the command that they are like.
_WORDS = 4096

_CONSENT = frozenset({"stop", "start", "mute", "unmute", "erase", "keep"})
_COURTESY = frozenset({"greeting", "thanks"})
#: Their open phrases are answers, not commands: they are for ``answers.verdict``.
_ANSWERS = frozenset({"half", "no", "yes"})

#: A vowel twice where no word known has it is a thumb that stayed: "baaja". Nothing is guessed, so it opts out too.
_DRAWN_OUT = re.compile(r"([aeiou])\1+")
#: What is drawn for a letter where a digit stands inside a word ("ST0P").
_DRAWN = str.maketrans("01345", "oleas")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Index:
    """The commands of every offered language, by sound. It is the same only as itself, so that it can be a key.

    ``longest`` is how many words the longest command has that begins with a word, ``alike`` the command that a misspelt
    word is like.
    """

    whole: Mapping[str, str]
    longest: Mapping[str, int]
    alike: Callable[[str], str | None]
    phrases: Phrasebook


@per_city
def _index(city: City) -> _Index:
    said: dict[str, list[str]] = {}
    for language in city.languages:
        for name, phrases in city.words[language].commands.items():
            said.setdefault(name, []).extend(phrases)
    ranked = sorted(said, key=lambda name: name != "stop")
    whole = {sound(phrase): name for name in reversed(ranked) for phrase in said[name] if not is_open(phrase)}
    alike = _by_letter({word: name for word, name in whole.items() if _may_be_alike(word, name)})
    return _Index(
        whole=whole,
        longest=longest_from(whole),
        alike=lru_cache(maxsize=_WORDS)(partial(_alike, whole, alike)),
        phrases=Phrasebook({name: filter(is_open, said[name]) for name in ranked if name not in _ANSWERS}),
    )


def _may_be_alike(word: str, command: str) -> bool:
    shortest = _SHORTEST_CONSENT_ALIKE if command in _CONSENT else _SHORTEST_ALIKE
    return " " not in word and len(word) >= shortest


def confusable(word: str, command: str, other: str, its: str) -> bool:
    """Whether a misspelling of ``word`` (by sound, of ``command``) may be taken for the word of another command."""
    guessed = _may_be_alike(word, command) or _may_be_alike(other, its)
    return guessed and word[0] == other[0] and fuzz.ratio(word, other) >= ALIKE


def _by_letter(alike: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    return {first: {word: alike[word] for word in alike if word[0] == first} for first in {word[0] for word in alike}}


#: Said with any command, and no command themselves.
_POLITE = frozenset(
    by_ear(
        "por favor please senor senora senorita senores joven caballero licenciado licenciada lic "
        "muchas nomas ps pues pe"
    ).split()
)
_LEFT_OUT = _POLITE | {sound("gracias"), sound("thanks")}


def command(text: str, city: City) -> str | None:
    """Return the command that the whole of ``text`` is (see ``dialogs.city.Words``), or None.

    A lone question mark asks for help. "Yes, thanks" is thanks: ``answers.verdict`` hears the yes in it.
    """
    said = sounded(text)
    if not said:
        return "help" if "?" in text and not text.strip("?¿!¡ .\t\r\n") else None
    if len(said) > LONGEST:
        return None
    index = _index(city)
    return _meant(_parts(said, index)) or _phrase(said, index)


def parts(text: str, city: City) -> frozenset[str]:
    """Return every command of which the whole of ``text`` is made; none if it holds a word that belongs to none."""
    said = sounded(text)
    return _parts(said, _index(city)) if len(said) <= LONGEST else frozenset()


@lru_cache(maxsize=RECENT)  # a text is asked for its command, and again for its yes or no
def _parts(said: tuple[str, ...], index: _Index) -> frozenset[str]:
    found: set[str] = set()
    at = 0
    while at < len(said):
        taken, name = _next(said, at, index)
        if not taken:
            return frozenset()
        if name:
            found.add(name)
        at += taken
    return frozenset(found)


def _next(said: Sequence[str], at: int, index: _Index) -> tuple[int, str | None]:
    """How many words the phrase at ``at`` takes and what it commands; no word at all where it is unknown."""
    for taken in range(min(index.longest.get(said[at], 0), len(said) - at), 0, -1):
        name = index.whole.get(" ".join(said[at : at + taken]))
        if name is not None:
            return taken, name
    if said[at] in _POLITE:
        return 1, None
    name = index.alike(said[at])
    return (1, name) if name is not None else (0, None)


def _alike(whole: Mapping[str, str], alike: Mapping[str, Mapping[str, str]], word: str) -> str | None:
    """The command that a misspelt word is like. The first letter must agree: FALTA is not ALTA."""
    if name := whole.get(_DRAWN_OUT.sub(r"\1", word)):
        return name
    if not word.isalpha():
        return None if word.isdigit() else whole.get(by_ear(word.translate(_DRAWN)))
    if len(word) < _SHORTEST_ALIKE:
        return None
    among = alike.get(word[0], {})
    near = process.extract(word, among.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE, limit=None)
    names = {among[match] for match, _score, _at in near}
    return names.pop() if len(names) == 1 else None


def _meant(found: frozenset[str]) -> str | None:
    meant = found - _COURTESY
    if not meant:
        return "thanks" if "thanks" in found else "greeting" if found else None
    if "stop" in meant and meant <= {"stop", "cancel", "yes"}:
        return "stop"
    if len(meant) > 1:
        return None
    return "thanks" if meant == {"yes"} and "thanks" in found else next(iter(meant))


def _phrase(said: Sequence[str], index: _Index) -> str | None:
    bare = list(said)
    while bare and bare[-1] in _LEFT_OUT:
        bare.pop()
    while bare and bare[0] in _LEFT_OUT:
        bare.pop(0)
    named = index.phrases.named(bare)
    if not named and len(bare) < len(said):  # a title or a please may also be what a phrase ends with
        named = index.phrases.named(said)
    name = next(iter(named), None)
    return None if name and name != "stop" and _is_numbered(bare) else name


def _is_numbered(said: Sequence[str]) -> bool:
    """Whether a code may stand there, which speaks for itself."""
    return sum(word.isdigit() * len(word) for word in said) >= _MANY_DIGITS
