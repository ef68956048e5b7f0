"""Words of commands that are wrong in one way each: what ``barrio check`` says of each, word for word."""

from dataclasses import replace

import pytest

from gateway.check import keywords
from gateway.findings import Level

ERROR, WARNING, NOTE = Level.ERROR, Level.WARNING, Level.NOTE


def words(city, language="es", **changed):
    return replace(city, words={**city.words, language: replace(city.words[language], **changed)})


def more(city, command, *phrases, language="es"):
    commands = city.words[language].commands
    return words(city, language, commands={**commands, command: (*commands[command], *phrases)})


def without(city, command, *phrases):
    """The same city where these phrases command nothing, in no language."""
    for language in city.languages:
        commands = city.words[language].commands
        kept = tuple(phrase for phrase in commands[command] if phrase not in phrases)
        city = words(city, language, commands={**commands, command: kept})
    return city


def label(city, option, said):
    return words(city, options={**city.words["es"].options, option: said})


def told_by(city, category, word):
    one = city.categories[category]
    return replace(city, categories=city.categories | {category: replace(one, words={**one.words, word: 5})})


def called(city, place, alias):
    return replace(city, places=city.places | {place: replace(city.places[place], aliases=(alias,))})


COMMANDS = "es/words.yaml: commands"

#: What is broken: how the words become so, and all that is said of them.
BROKEN = {
    "a command without words": (
        lambda city: words(city, commands=city.words["es"].commands | {"help": ()}),
        [(ERROR, COMMANDS, "has no words for: help")],
    ),
    "a command that nothing listens to": (
        lambda city: words(city, commands={**city.words["es"].commands, "dance": ("baile",)}),
        [(ERROR, COMMANDS, "nothing listens to: dance")],
    ),
    "a phrase of two commands": (
        lambda city: more(city, "help", "baja"),
        [(ERROR, COMMANDS, '"baja" is stop and help')],
    ),
    "two spellings of one sound": (
        lambda city: more(city, "help", "vaja"),
        [(ERROR, COMMANDS, '"vaja" is stop and help')],
    ),
    "a word that is another command in another language": (
        lambda city: more(city, "help", "salir", language="en"),
        [(ERROR, "en/words.yaml: commands", '"salir" is stop in es and help')],
    ),
    "a phrase that another command hides": (
        lambda city: more(city, "menu", "dame de baja mi linea .."),
        [(ERROR, f"{COMMANDS}.menu", '"dame de baja mi linea" is meant for menu, and stop hears it')],
    ),
    "an answer that is heard as a command": (
        lambda city: more(city, "yes", "ya baja .."),
        [(ERROR, f"{COMMANDS}.yes", '"ya baja" is meant for yes, and stop hears it')],
    ),
    "an answer that is heard as another answer": (
        lambda city: more(city, "yes", "no todo esta .."),
        [(ERROR, f"{COMMANDS}.yes", '"no todo esta" is meant for yes, and half hears it')],
    ),
    "a phrase that takes any text": (
        lambda city: more(city, "stop", ".. * .."),
        [(ERROR, f"{COMMANDS}.stop", '".. * .." takes any text at all')],
    ),
    "a phrase without a word": (
        lambda city: more(city, "stop", "¡!"),
        [(ERROR, f"{COMMANDS}.stop", '"¡!" has a place where no word stands')],
    ),
    "a choice between a word and nothing": (
        lambda city: more(city, "stop", "no manden/ mas"),
        [(ERROR, f"{COMMANDS}.stop", '"no manden/ mas" has a place where no word stands')],
    ),
    "a phrase that is longer than what is read": (
        lambda city: more(city, "help", "uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece"),
        [
            (
                ERROR,
                f"{COMMANDS}.help",
                '"uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece" is never heard: it has more than 12 words',
            )
        ],
    ),
    "two commands one slip apart": (
        lambda city: more(city, "help", "menus"),
        [(WARNING, f"{COMMANDS}.menu", '"menus" (help) and "menu" (menu) are one slip apart')],
    ),
    "an opt-out word of carriers that we do not hear": (
        lambda city: without(city, "stop", "quit", "stopall"),
        [
            (ERROR, f"{COMMANDS}.stop", "carriers take STOPALL for an opt-out, and here nothing hears it"),
            (ERROR, f"{COMMANDS}.stop", "carriers take QUIT for an opt-out, and here nothing hears it"),
        ],
    ),
    "a problem that is a command": (
        lambda city: told_by(city, "ruido", "fin"),
        [
            (
                ERROR,
                "categories.yaml: ruido.words",
                '"fin" alone is taken for the command stop, so nobody can report it',
            )
        ],
    ),
    "a problem one slip from a command": (
        lambda city: told_by(city, "ruido", "operadoras"),
        [
            (
                ERROR,
                "categories.yaml: ruido.words",
                '"operadoras" alone is taken for the command agent, so nobody can report it',
            )
        ],
    ),
    "a place that is a command": (
        lambda city: called(city, "obrajes", "El Menú"),
        [
            (
                ERROR,
                "places.yaml: places.obrajes",
                '"El Menú" alone is taken for the command menu, so it is no answer to where',
            )
        ],
    ),
    "an option that opts out when it is typed": (
        lambda city: label(city, "menu_notices", "No más avisos"),
        [
            (
                ERROR,
                "es/words.yaml: options.menu_notices",
                '"No más avisos", typed instead of its digit, is taken for the command stop',
            )
        ],
    ),
    "two languages of one name": (
        lambda city: words(city, "en", called=("Castellano",)),
        [(ERROR, "en/words.yaml: called", '"castellano" is the language es and en')],
    ),
    "a language that nobody has read": (
        lambda city: replace(
            city, words={**city.words, "ay": replace(city.words["en"], language="ay", reviewed_by="")}
        ),
        [(NOTE, "ay/words.yaml", "is offered to nobody: no speaker has read it")],
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_words_are_found(shipped, case):
    spoil, said = BROKEN[case]
    found = list(keywords.examine(spoil(shipped.city)))
    assert [(one.level, one.where, one.what) for one in found] == said
    assert all(one.mend for one in found)


def test_what_we_ship_has_no_fault_in_its_commands(shipped):
    assert list(keywords.examine(shipped.city)) == []
