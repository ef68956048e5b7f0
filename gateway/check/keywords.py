"""What people may write anywhere: every command has words in every language, and no words mean two of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from dialogs import book
from dialogs.city import City, Words
from gateway.findings import Finding, Level, about

#: In the order in which people need them; what only the book knows comes behind.
_FIRST = (
    "stop start help menu status report language cancel agent greeting thanks yes no half skip".split()  # noqa: SIM905
)
#: What people may write anywhere; a language without words for one of these leaves them without a way.
COMMANDS = tuple(dict.fromkeys((*_FIRST, *book.COMMANDS)))


def examine(city: City) -> Iterator[Finding]:
    """Give what is wrong with the words of the languages offered, and which languages nobody has read."""
    for language in city.languages:
        yield from _words(city.words[language])
    yield from _unreviewed(city)


def _words(words: Words) -> Iterator[Finding]:
    where = f"{words.language}/words.yaml"
    missing = [command for command in COMMANDS if not words.commands.get(command)]
    if missing:
        what = f"has no words for: {', '.join(missing)}"
        yield Finding(level=Level.ERROR, where=f"{where}: commands", what=what, mend="ask a speaker what people write")
    unknown = sorted(words.commands.keys() - set(COMMANDS))
    if unknown:
        what = f"nothing listens to: {', '.join(unknown)}"
        mend = f"the commands are: {', '.join(COMMANDS)}"
        yield Finding(level=Level.ERROR, where=f"{where}: commands", what=what, mend=mend)
    for phrase, commands in _shared(words).items():
        what = f'"{phrase}" is {" and ".join(commands)}'
        yield Finding(level=Level.ERROR, where=f"{where}: commands", what=what, mend="leave it with one of them")


def _shared(words: Words) -> Mapping[str, list[str]]:
    meant: defaultdict[str, list[str]] = defaultdict(list)
    for command, phrases in words.commands.items():
        for phrase in dict.fromkeys(phrases):
            meant[phrase].append(command)
    return {phrase: commands for phrase, commands in meant.items() if len(commands) > 1}


def _unreviewed(city: City) -> Iterator[Finding]:
    waiting = [f"{language}/words.yaml" for language, words in city.words.items() if not words.reviewed_by]
    mend = "let speakers read it, then put their names into reviewed_by"
    yield from about(waiting, level=Level.NOTE, what="is offered to nobody: no speaker has read it", mend=mend)
