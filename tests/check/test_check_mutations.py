"""Mutations of what ships, generated: none passes ``barrio check`` in silence.

Each makes one change that breaks something: a way that leads nowhere, an exit gone, a function that fails, a word taken
from one command for another. What a change of meaning does (another reply, another date) is for transcripts to tell.
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from dialogs import graph, proofs
from dialogs.book import BOOK
from dialogs.nodes import Ask, Book, Choose, Dialog, Do, End, Fork, Node
from dialogs.understand.phrases import is_open
from gateway import wording
from gateway.check import cities, keywords, playing
from gateway.config import HOME
from gateway.findings import Level
from gateway.outbound.render import Renderer

GONE = "gone"
#: The functions of a node that may fail or give what cannot be.
FUNCTIONS = ("parse", "known", "params", "options", "understand", "effects", "pick")


#: Mutations that change nothing, and why.
EQUIVALENT = {
    "cancel: still loses its exit no": "who picks a case that is gone is asked again before this, and pretended people's cases stand still",
}


def fails(*_):
    raise ValueError("mutated")


def with_node(dialog: Dialog, step: str, node: Node) -> Book:
    return with_dialog(replace(dialog, steps={**dialog.steps, step: node}))


def with_dialog(dialog: Dialog) -> Book:
    return replace(BOOK, dialogs={**BOOK.dialogs, dialog.name: dialog})


def without(names, gone):
    return {name: one for name, one in names.items() if name != gone}


def of_dialog(dialog: Dialog) -> Iterator[tuple[str, Book]]:
    yield "starts nowhere", with_dialog(replace(dialog, start=GONE))
    yield "expires nowhere", with_dialog(replace(dialog, on_expire=GONE))
    yield "has a step too many", with_dialog(replace(dialog, steps={**dialog.steps, "spare": End()}))
    yield "is left out", replace(BOOK, dialogs=without(BOOK.dialogs, dialog.name))
    for step in dialog.steps:
        yield f"loses {step}", with_dialog(replace(dialog, steps=without(dialog.steps, step)))
    questions = [step for step, node in dialog.steps.items() if graph.always_asks(node)]
    for step in questions:
        yield f"asks the silent {step}", with_dialog(replace(dialog, on_expire=step))
    if any(isinstance(node, Ask | Choose) for node in dialog.steps.values()):
        yield "gives no time", with_dialog(replace(dialog, timeout=timedelta(0)))
        yield "waits for ever", with_dialog(replace(dialog, timeout=timedelta.max))


def of_node(step: str, node: Node) -> Iterator[tuple[str, Node]]:
    if isinstance(node, Ask | Choose):
        yield "gives up nowhere", replace(node, give_up=GONE)
        yield "gives up not at all", replace(node, give_up="")
        yield "never gives up", replace(node, give_up=step)
    if isinstance(node, Ask | Do) or (isinstance(node, Choose) and isinstance(node.next, str)):
        yield "leads nowhere", replace(node, next=GONE)
    if isinstance(node, Do):
        yield "acts for ever", replace(node, next=step)
        yield "asks for what is no effect", replace(node, effects=lambda *_: (step,))
    if isinstance(node, Choose):
        yield from of_choice(node)
    if isinstance(node, Fork):
        yield "has no exit", replace(node, exits={})
        for name in node.exits:
            yield f"loses its exit {name}", replace(node, exits=without(node.exits, name))
            yield f"leads nowhere by {name}", replace(node, exits={**node.exits, name: GONE})
            yield f"goes round by {name}", replace(node, exits={**node.exits, name: step})
    for name in FUNCTIONS:
        if getattr(node, name, None) is not None and not (name == "known" and graph.always_asks(node)):
            yield f"fails in {name}", replace(node, **{name: fails})


def of_choice(node: Choose) -> Iterator[tuple[str, Node]]:
    yield "shows seven", replace(node, page=7)
    yield "keeps its answer as shown", replace(node, save="shown")
    yield "offers nothing", replace(node, options=lambda *_: ())
    yield "offers all twice", replace(node, options=lambda *given: tuple(node.options(*given)) * 2)
    for name in () if isinstance(node.next, str) else node.next:
        yield f"loses its way {name}", replace(node, next=without(node.next, name))
        yield f"leads nowhere by {name}", replace(node, next={**node.next, name: GONE})


def mutants(dialog: Dialog) -> Iterator[tuple[str, Book]]:
    yield from of_dialog(dialog)
    for step, node in dialog.steps.items():
        for what, mutant in of_node(step, node):
            yield f"{step} {what}", with_node(dialog, step, mutant)


def is_found(book: Book, city) -> bool:
    if next(proofs.flaws(book), None) is not None:
        return True
    return any(one.level is not Level.NOTE for one in playing.examine(book, city))


@pytest.mark.parametrize("name", BOOK.dialogs)
def test_no_mutation_of_a_dialog_passes(shipped, name):
    made = list(mutants(BOOK.dialogs[name]))
    assert len(made) > len(BOOK.dialogs[name].steps)
    passed = [f"{name}: {what}" for what, book in made if not is_found(book, shipped.city)]
    assert passed == [known for known in EQUIVALENT if known.startswith(f"{name}: ")]


@pytest.mark.parametrize("entry", sorted(BOOK.entries))
def test_no_entry_can_be_left_out(shipped, entry):
    assert is_found(replace(BOOK, entries=BOOK.entries - {entry}), shipped.city)


def test_no_phrase_can_be_two_commands(shipped):
    """The first phrase of each command, given to the next command too, in each language."""
    city, passed = shipped.city, []
    for language in city.languages:
        said = city.words[language].commands
        for name, other in zip(said, [*said][1:] + [*said][:1], strict=True):
            phrase = next(one for one in said[name] if not is_open(one))
            both = replace(city.words[language], commands={**said, other: (*said[other], phrase)})
            findings = keywords.examine(replace(city, words={**city.words, language: both}))
            if not any(f'"{phrase}" is ' in one.what for one in findings):
                passed.append((language, name, phrase))
    assert passed == []


def test_no_command_can_be_without_words(shipped):
    city = shipped.city
    for language in city.languages:
        for name in keywords.COMMANDS:
            mute = replace(city.words[language], commands=without(city.words[language].commands, name))
            first = next(keywords.examine(replace(city, words={**city.words, language: mute})))
            assert first.what == f"has no words for: {name}"


def test_no_category_can_be_nobodys_mute_or_named_twice(shipped, today):
    city, passed = shipped.city, []
    names = [*city.categories]
    for name, other in zip(names, names[1:] + names[:1], strict=True):
        one = city.categories[name]
        for spoilt in (
            replace(one, unit=" "),
            replace(one, words={}),
            replace(one, name=city.categories[other].name),
            replace(one, words={**one.words, "x*": 1}),
        ):
            found = list(cities.examine(replace(city, categories={**city.categories, name: spoilt}), today))
            if not found and not (name == "otro" and not spoilt.words):  # what is all else needs no words
                passed.append((name, spoilt))
    assert passed == []


def test_no_place_can_have_anothers_name(shipped, today):
    city = shipped.city
    places = [*city.places.values()]
    passed = []
    for one, other in list(pairwise(places))[::10]:
        spoilt = replace(city, places={**city.places, one.id: replace(one, aliases=(*one.aliases, other.name))})
        if not list(cities.examine(spoilt, today)):
            passed.append(one.id)
    assert passed == []


@pytest.mark.parametrize("mutation", ["gone", "{{ nobody }}", "{% if code %}", "{# segments: 1 #}" + "x" * 400])
def test_no_template_can_be_spoilt(shipped, tmp_path, mutation):
    """Every template of the first language at once: each must be found by its own name."""
    folder = tmp_path / "sms"
    shutil.copytree(HOME / "templates" / "sms", folder)
    files = sorted((folder / "es").rglob("*.j2"))
    for file in files:
        if mutation == "gone":
            file.unlink()
        else:
            file.write_text(mutation, encoding="utf-8")
    renderer = Renderer(shipped.city, folder, shipped.service.name)
    found = {one.where for one in wording.examine(shipped.city, renderer, folder) if one.level is Level.ERROR}
    assert {f"es/{file.relative_to(folder / 'es')}" for file in files} <= found
