"""Dialogs that do otherwise than they declare: what the play in ``barrio check`` says of each, word for word."""

from dataclasses import dataclass, replace

import pytest

from dialogs.book import BOOK
from dialogs.effects import CloseCase, LabelKind, OpenCase, Option, Say
from dialogs.facts import Need, NeedKind
from dialogs.nodes import Answer, Ask, Book, Choose, Dialog, Do, End, Fork, Start
from gateway.check import playing
from gateway.findings import Level


@dataclass(frozen=True, kw_only=True)
class Dance:
    """An effect that nobody performs."""


def offers(*values):
    return lambda *_: tuple(Option(key="", value=value, label=LabelKind.WORD, ref=value) for value in values)


def never(*_):
    raise KeyError("code")


def begins(facts, *_):
    return Answer(rule="r") if facts.session else Start(dialog="d", rule="r")


ASK = Ask(parse=lambda *_: {"heard": True}, next="b")
PICK = Choose(options=offers("x", "y"), save="s", next={"x": "b", "y": "b"})
END = End()


def book(steps, *, route=begins, entries=(), **fields):
    dialog = replace(Dialog(name="d", start="a", steps=steps), **fields)
    handover = Dialog(name="handover", start="end", steps={"end": End()})
    return Book(dialogs={"d": dialog, "handover": handover}, route=route, entries=entries)


def changed(where, **fields):
    """The shipped book with one step changed."""
    name, _, step = where.partition("/")
    dialog = BOOK.dialogs[name]
    steps = {**dialog.steps, step: replace(dialog.steps[step], **fields)}
    return replace(BOOK, dialogs={**BOOK.dialogs, name: replace(dialog, steps=steps)})


def under_magic(facts, answers):
    """What is asked for when somebody is in danger, under a category of no city."""
    effects = BOOK.dialogs["safety"].steps["call"].effects(facts, answers)
    return [replace(one, category="magia") if isinstance(one, OpenCase) else one for one in effects]


#: What is broken: the book, and all that is said of it.
BROKEN = {
    "an exit that is not declared": (
        book({"a": Fork(pick=lambda *_: "off", exits={"on": "b"}), "b": END}),
        [("d/a", "picks off, and its exits are: on")],
    ),
    "an exit of the shipped book that was renamed": (
        changed("report/receipt", exits={"hazard": "danger", "idea": "proposed", "ordinary": "thanks"}),
        [("report/receipt", "picks danger, and its exits are: hazard, idea, ordinary")],
    ),
    "a fork that needs facts for ever": (
        book({"a": Fork(pick=lambda *_: Need(kind=NeedKind.CLOSED_CASES), exits={"on": "b"}), "b": END}),
        [("the router", 'cannot be gone on with after "stop" (Lost: needs more facts after 3 rounds)')],
    ),
    "a choice that leads nowhere": (
        book({"a": replace(PICK, next={"x": "b"}), "b": END}),
        [("d/a", "offers y, which leads nowhere")],
    ),
    "nothing to choose": (
        book({"a": replace(PICK, options=offers()), "b": END}),
        [("d/a", "offers nothing")],
    ),
    "one option twice": (
        book({"a": replace(PICK, options=offers("x", "x")), "b": END}),
        [("d/a", "offers x twice")],
    ),
    "an option that turns the page": (
        book({"a": replace(PICK, options=offers("9"), next="b"), "b": END}),
        [("d/a", "offers 9, by which pages are turned")],
    ),
    "an effect that nobody performs": (
        book({"a": Do(effects=lambda *_: (Dance(),), next="b"), "b": END}),
        [("d/a", "asks for Dance, which nobody performs")],
    ),
    "a category that the city does not have": (
        changed("safety/call", effects=under_magic),
        [("safety/call", 'files under "magia", which the city does not have')],
    ),
    "a template that no step is called": (
        book({"a": Do(effects=lambda *_: (Say(template="d/bye"),), next="b"), "b": END}),
        [("d/a", "says d/bye, which no step is called")],
    ),
    "an effect without what it needs": (
        book({"a": Do(effects=lambda _, answers: (CloseCase(code=answers["code"], outcome="x"),), next="b"), "b": END}),
        [("d/a", "fails with KeyError: 'code'")],
    ),
    "an answer that cannot be kept": (
        book({"a": replace(ASK, parse=lambda *_: {"day": NotImplemented}), "b": END}),
        [("d/a", "keeps day as NotImplementedType, which a session cannot hold")],
    ),
    "what a fork saw and cannot be kept": (
        book({"a": Fork(pick=lambda *_: "on", exits={"on": "b"}, keep=lambda *_: {"cases": []}), "b": END}),
        [("d/a", "keeps cases as list, which a session cannot hold")],
    ),
    "what is known and cannot be kept": (
        book({"a": replace(ASK, known=lambda *_: {"cases": []}), "b": END}),
        [("d/a", "keeps cases as list, which a session cannot hold")],
    ),
    "a value that cannot be said": (
        book({"a": ASK, "b": End(params=lambda *_: {"case": object()})}),
        [("d/b", "gives its template case as object, which cannot be said")],
    ),
    "a question that fails": (
        book({"a": replace(ASK, parse=never), "b": END}),
        [("d/a", "fails with KeyError: 'code'")],
    ),
    "words that fail": (
        book({"a": replace(PICK, understand=never), "b": END}),
        [("d/a", "fails with KeyError: 'code'")],
    ),
    "what is worth keeping fails": (
        book({"a": ASK, "b": END}, on_expire="b", worth=never),
        [("d", "fails with KeyError: 'code'")],
    ),
    "a router that fails": (
        book({"a": ASK, "b": END}, route=never),
        [("the router", "fails with KeyError: 'code'")],
    ),
    "a router that begins where nothing was declared": (
        book({"a": ASK, "b": END}, entries={"d:b"}),
        [("the router", "begins at d:, where the book declares no entry")],
    ),
    "a router that begins what is not there": (
        book({"a": END}, route=lambda *_: Start(dialog="x", rule="r")),
        [("the router", "cannot be gone on with after \"stop\" (KeyError: 'x')")],
    ),
    "a conversation whose ways have no end": (
        book(
            {
                "a": Ask(parse=lambda _, session, *__: {"n": session.answers.get("n", 0) + 1}, next="a"),
                "b": END,
            },
        ),
        [("the book", "has more states than 3000, and not all were tried")],
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_dialog_that_does_otherwise_is_found(shipped, case):
    broken, said = BROKEN[case]
    found = [one for one in playing.examine(broken, shipped.city) if one.level is not Level.NOTE]
    assert [(one.where, one.what) for one in found] == said
    assert all(one.mend for one in found)


def test_every_step_of_what_we_ship_is_come_by(shipped):
    assert list(playing.examine(BOOK, shipped.city)) == []


def test_a_step_that_no_pretended_person_comes_by_is_a_note(shipped):
    secret = Fork(pick=lambda facts, _: "yes" if facts.contact.id == 7 else "no", exits={"yes": "b", "no": "c"})
    [note] = playing.examine(book({"a": secret, "b": END, "c": END}), shipped.city)
    assert (note.level, note.where) == (Level.NOTE, "d/b, handover/end")
    assert note.what == "was not come by in trying all dialogs"
