"""What people may write anywhere: every phrase is heard as its command, and no word of everyday is.

The commands of all languages offered are heard at once, so all are looked at together. Whatever is judged here is asked
of the very functions that hear residents.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from dialogs import book
from dialogs.city import City, Words
from dialogs.understand import answers, categories
from dialogs.understand.folding import fold
from dialogs.understand.keywords import LONGEST, command, confusable
from dialogs.understand.phrases import ANYTHING, is_open, sound
from gateway.findings import Finding, Level, about

#: In the order in which people need them; what only the book knows comes behind.
_FIRST = (
    "stop start help menu status report language cancel withdraw agent greeting thanks yes no half skip".split()  # noqa: SIM905
)
#: What people may write anywhere; a language without words for one of these leaves them without a way.
COMMANDS = tuple(dict.fromkeys((*_FIRST, *book.COMMANDS)))
#: Carriers opt people out by these themselves; whoever writes one must be opted out here too.
CARRIERS_STOP = ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT")
#: Heard only where a question waits for them.
_VERDICTS = frozenset({"yes", "no", "half"})
_ANSWERS = _VERDICTS | {"skip"}
#: What a typed option must not do instead of choosing it.
_GRAVE = frozenset({"stop", "start", "cancel", "erase"})
#: The option that says what these do.
_MEANT = frozenset({"cancel_optout"})
#: Labels that are only read, never chosen.
_READ = "status_"
#: What stands for any word, and for any ending, where a phrase is tried.
_WORD, _ENDING = "tal", "o"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phrase:
    """A phrase as it is written, and where."""

    written: str
    command: str
    language: str

    @property
    def where(self) -> str:
        """The file and key that hold it."""
        return f"{self.language}/words.yaml: commands.{self.command}"


def examine(city: City) -> Iterator[Finding]:
    """Give what is wrong with the words of the languages offered, and which languages nobody has read."""
    for language in city.languages:
        yield from _complete(city.words[language])
    phrases = [
        _Phrase(written=written, command=name, language=language)
        for language in city.languages
        for name, written_for in city.words[language].commands.items()
        if name in COMMANDS
        for written in written_for
    ]
    unreadable = list(_unreadable(phrases))
    yield from unreadable
    if not unreadable:
        shared = list(_shared(phrases))
        yield from shared
        yield from _unheard(city, phrases, {finding.what.split('"')[1] for finding in shared})
        yield from _near(phrases)
        yield from _carriers(city)
        yield from _everyday(city)
    yield from _languages(city)
    yield from _unreviewed(city)


def _complete(words: Words) -> Iterator[Finding]:
    where = f"{words.language}/words.yaml: commands"
    missing = [name for name in COMMANDS if not words.commands.get(name)]
    if missing:
        what = f"has no words for: {', '.join(missing)}"
        yield Finding(level=Level.ERROR, where=where, what=what, mend="ask a speaker what people write")
    unknown = sorted(words.commands.keys() - set(COMMANDS))
    if unknown:
        what = f"nothing listens to: {', '.join(unknown)}"
        mend = f"give it a dialog under COMMANDS in dialogs/book.py; the commands are: {', '.join(COMMANDS)}"
        yield Finding(level=Level.ERROR, where=where, what=what, mend=mend)


def _unreadable(phrases: Sequence[_Phrase]) -> Iterator[Finding]:
    """Phrases that take every text, or none."""
    for phrase in phrases:
        alternatives = [piece.split("/") for piece in phrase.written.split() if piece not in {ANYTHING, "*"}]
        if not alternatives:
            what, mend = f'"{phrase.written}" takes any text at all', "name at least one word"
        elif not all(sound(word.removesuffix("*")) for words in alternatives for word in words):
            what, mend = f'"{phrase.written}" has a place where no word stands', "write a word, a/b or stem*"
        elif not is_open(phrase.written) and len(sound(phrase.written).split()) > LONGEST:
            what, mend = f'"{phrase.written}" is never heard: it has more than {LONGEST} words', "shorten it"
        else:
            continue
        yield Finding(level=Level.ERROR, where=phrase.where, what=what, mend=mend)


def _shared(phrases: Sequence[_Phrase]) -> Iterator[Finding]:
    """Words that are two commands: only one of them is heard."""
    meant: defaultdict[str, dict[str, _Phrase]] = defaultdict(dict)
    for phrase in phrases:
        heard = phrase.written if is_open(phrase.written) else sound(phrase.written)
        meant[heard].setdefault(phrase.command, phrase)
    for same in meant.values():
        if len(same) > 1:
            named = list(same.values())
            here = named[-1].language
            says = [one.command + ("" if one.language == here else f" in {one.language}") for one in named]
            what = f'"{named[-1].written}" is {" and ".join(says)}'
            yield Finding(
                level=Level.ERROR, where=f"{here}/words.yaml: commands", what=what, mend="leave it with one of them"
            )


def _unheard(city: City, phrases: Sequence[_Phrase], known: set[str]) -> Iterator[Finding]:
    """Phrases that another command hides, or that are not heard at all."""
    for phrase in phrases:
        if phrase.written in known:
            continue
        for text in _samples(phrase.written):
            heard = command(text, city)
            if phrase.command in _VERDICTS and heard in {None, *_VERDICTS}:
                heard = answers.verdict(text, city)
            if heard != phrase.command:
                what = f'"{text}" is meant for {phrase.command}, and {heard or "nothing"} hears it'
                mend = "take it away here, or what hides it there"
                yield Finding(level=Level.ERROR, where=phrase.where, what=what, mend=mend)
                break


def _samples(phrase: str) -> Iterator[str]:
    """Texts that a phrase describes: each of its words once, with nothing where anything may stand."""
    pieces = [piece.split("/") for piece in phrase.split() if piece != ANYTHING]
    plain = [words[0] for words in pieces]
    changed = ([*plain[:at], word, *plain[at + 1 :]] for at, words in enumerate(pieces) for word in words[1:])
    for words in (plain, *changed):
        yield " ".join(_WORD if word == "*" else word.replace("*", _ENDING) for word in words)


def _near(phrases: Sequence[_Phrase]) -> Iterator[Finding]:
    """Words of two commands that are one slip apart."""
    single: dict[str, _Phrase] = {}
    for one in phrases:
        if not is_open(one.written) and " " not in (heard := sound(one.written)):
            single.setdefault(heard, one)
    for (first, one), (second, other) in combinations(single.items(), 2):
        if _compete(one.command, other.command) and confusable(first, one.command, second, other.command):
            what = f'"{one.written}" ({one.command}) and "{other.written}" ({other.command}) are one slip apart'
            mend = "take one of them away: whoever misspells it may get the other"
            yield Finding(level=Level.WARNING, where=other.where, what=what, mend=mend)


def _compete(command_: str, other: str) -> bool:
    """Whether two commands are ever listened to together: who is asked where is not asked yes or no."""
    both = {command_, other}
    return len(both) > 1 and not ("skip" in both and both <= _ANSWERS)


def _carriers(city: City) -> Iterator[Finding]:
    for word in CARRIERS_STOP:
        if command(word, city) not in {"stop", "cancel"}:
            what = f"carriers take {word} for an opt-out, and here nothing hears it"
            mend = "add it: whom the carrier has opted out hears nothing of us either"
            where = f"{city.languages[0]}/words.yaml: commands.stop"
            yield Finding(level=Level.ERROR, where=where, what=what, mend=mend)


def _everyday(city: City) -> Iterator[Finding]:
    """Words that mean something else where people write them, and would command all the same."""
    for category in city.categories.values():
        for word in category.words:
            heard = None if "*" in word else command(word, city)
            if heard is not None and heard not in {*_ANSWERS, "report"} and _tells(word, category.id, city):
                what = f'"{word}" alone is taken for the command {heard}, so nobody can report it'
                yield _taken(f"categories.yaml: {category.id}.words", what)
    for place in city.places.values():
        for name in (place.name, *place.aliases):
            if (heard := command(name, city)) is not None:
                what = f'"{name}" alone is taken for the command {heard}, so it is no answer to where'
                yield _taken(f"places.yaml: places.{place.id}", what)
    for language in city.languages:
        for option, label in city.words[language].options.items():
            heard = command(label, city)
            if heard in _GRAVE and option not in _MEANT and not option.startswith(_READ):
                what = f'"{label}", typed instead of its digit, is taken for the command {heard}'
                yield _taken(f"{language}/words.yaml: options.{option}", what)


def _tells(word: str, category: str, city: City) -> bool:
    guess = categories.guess(word, city)
    return guess.sure and guess.best == category


def _taken(where: str, what: str) -> Finding:
    mend = "take the command's word away, or say it otherwise here"
    return Finding(level=Level.ERROR, where=where, what=what, mend=mend)


def _languages(city: City) -> Iterator[Finding]:
    called: defaultdict[str, list[str]] = defaultdict(list)
    for language in city.languages:
        words = city.words[language]
        for name in dict.fromkeys(fold(one) for one in (words.name, *words.called)):
            called[name].append(language)
    for name, languages in called.items():
        if len(languages) > 1:
            what = f'"{name}" is the language {" and ".join(languages)}'
            where = f"{languages[-1]}/words.yaml: called"
            yield Finding(level=Level.ERROR, where=where, what=what, mend="leave it with one of them")


def _unreviewed(city: City) -> Iterator[Finding]:
    waiting = [f"{language}/words.yaml" for language, words in city.words.items() if not words.reviewed_by]
    mend = "let speakers read it, then put their names into reviewed_by"
    yield from about(waiting, level=Level.NOTE, what="is offered to nobody: no speaker has read it", mend=mend)
