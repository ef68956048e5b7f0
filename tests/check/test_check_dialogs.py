"""Dialogs that are wrong in one way each: what ``barrio check`` says of each, word for word."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialogs import proofs
from dialogs.book import BOOK
from dialogs.nodes import Ask, Book, Choose, Dialog, Do, End, Fork


def nothing(*_):
    return ()


def known(*_):
    return {}


ASK = Ask(parse=lambda *_: None, next="b")
PICK = Choose(options=nothing, save="s", next="b")
END = End()


def book(steps, *, entries=(), more=(), **changed):
    """A dialog ``d`` of these steps, beside a person to hand over to and the dialogs ``more``."""
    dialog = replace(Dialog(name="d", start="a", steps=steps), **changed)
    handover = Dialog(name="handover", start="end", steps={"end": End()})
    dialogs = {one.name: one for one in (dialog, handover, *more)}
    return Book(dialogs=dialogs, route=BOOK.route, entries=entries)


def other(name="o", **steps):
    return Dialog(name=name, start=next(iter(steps)), steps=steps)


def chain(length):
    """So many steps that act, one after another."""
    steps = {f"s{number}": Do(effects=nothing, next=f"s{number + 1}") for number in range(length - 1)}
    return {"a": Do(effects=nothing, next="s0"), **steps, f"s{length - 1}": End()}


#: What is broken, the book, and all that is said of it: where and what.
BROKEN = {
    "an answer leads to a step that is not there": (
        book({"a": replace(ASK, next="x"), "b": END}),
        [("d/a", "leads to x, which is not there")],
    ),
    "three misses lead to a dialog that is not there": (
        book({"a": replace(ASK, give_up="x:"), "b": END}),
        [("d/a", "leads to x:, which is not there")],
    ),
    "three misses lead to a step that is not in that dialog": (
        book({"a": replace(ASK, give_up="handover:x"), "b": END}),
        [("d/a", "leads to handover:x, which is not there")],
    ),
    "a step that acts leads nowhere": (
        book({"a": Do(effects=nothing, next="x")}),
        [("d/a", "leads to x, which is not there")],
    ),
    "an exit leads nowhere": (
        book({"a": Fork(pick=nothing, exits={"on": "x"})}),
        [("d/a", "leads to x, which is not there")],
    ),
    "one of the choices leads nowhere": (
        book({"a": replace(PICK, next={"1": "b", "2": "x"}), "b": END}),
        [("d/a", "leads to x, which is not there")],
    ),
    "two dialogs lead to what is not there": (
        book({"a": replace(ASK, next="x")}, more=(other(a=replace(ASK, next="y")),)),
        [("d/a", "leads to x, which is not there"), ("o/a", "leads to y, which is not there")],
    ),
    "a dialog starts at a step that is not there": (
        book({"a": END, "b": END}, start="x"),
        [("d", "starts at x, which is not a step of it")],
    ),
    "a dialog expires at a step that is not there": (
        book({"a": END, "b": END}, on_expire="x"),
        [("d", "expires at x, which is not a step of it")],
    ),
    "a step that nothing leads to": (book({"a": ASK, "b": END, "c": END}), [("d/c", "cannot be reached")]),
    "steps that only each other lead to": (
        book({"a": END, "b": replace(ASK, next="c"), "c": replace(ASK, next="b")}),
        [
            ("d/b", "cannot be reached"),
            ("d/c", "cannot be reached"),
        ],
    ),
    "a dialog that no text and no step begins": (
        book({"a": END}, entries={"d:"}, more=(other(a=END),)),
        [("handover", "cannot be reached"), ("o", "cannot be reached")],
    ),
    "a text begins at a dialog that is not there": (
        book({"a": ASK, "b": END}, entries={"d:", "x:"}),
        [("x", "a text may begin at x:, which is not there")],
    ),
    "a text begins at a step that is not there": (
        book({"a": ASK, "b": END}, entries={"d:", "d:x"}),
        [("d", "a text may begin at d:x, which is not there")],
    ),
    "texts begin at two dialogs that are not there": (
        book({"a": ASK, "b": END}, entries=("d:", "z:", "x:")),
        [("x", "a text may begin at x:, which is not there"), ("z", "a text may begin at z:, which is not there")],
    ),
    "a text begins at what is no place": (
        book({"a": ASK, "b": END}, entries={"d:", "d:b:a"}),
        [("d", "a text may begin at d:b:a, which is not there")],
    ),
    "a dialog under another's name": (
        replace(book({"a": END}), dialogs={"d": other("o", a=END)}),
        [("d", "calls itself o")],
    ),
    "a step whose name can be no file": (
        book({"a": replace(ASK, next="B/c"), "B/c": END}),
        [("d/B/c", "is no name")],
    ),
    "a dialog whose name can be no target": (
        replace(book({}), dialogs={"d:e": other("d:e", a=END)}),
        [("d:e", "is no name")],
    ),
    "questions that nobody has time to answer": (
        book({"a": ASK, "b": END}, timeout=timedelta(0)),
        [("d", "its questions stand for no time")],
    ),
    "questions that stand for ever": (
        book({"a": ASK, "b": END}, timeout=timedelta(days=3650)),
        [("d", "its questions stand for 3650 days")],
    ),
    "a question without a way for who is not understood": (
        book({"a": replace(ASK, give_up=""), "b": END}),
        [("d/a", "leads nowhere after three misses")],
    ),
    "a fork without exits": (
        book({"a": ASK, "b": Fork(pick=nothing, exits={})}),
        [("d/b", "has no way on"), ("d/b", "never comes to an end")],
    ),
    "a choice that leads nowhere": (
        book({"a": replace(PICK, next={}, give_up="b"), "b": END}),
        [("d/a", "has no way on")],
    ),
    "more options than a small screen holds": (
        book({"a": replace(PICK, page=7), "b": END}),
        [("d/a", "shows 7 options at once")],
    ),
    "pages that hold nothing": (book({"a": replace(PICK, page=0), "b": END}), [("d/a", "shows 0 options at once")]),
    "an answer kept where the engine keeps its own": (
        book({"a": replace(PICK, save="shown"), "b": END}),
        [("d/a", "keeps its answer as shown, which the engine uses itself")],
    ),
    "a circle of steps that act": (
        book({"a": Do(effects=nothing, next="b"), "b": Do(effects=nothing, next="a")}),
        [
            ("d/a", "never comes to an end"),
            ("d/b", "never comes to an end"),
            ("d/a", "comes back to itself without asking anybody"),
            ("d/b", "comes back to itself without asking anybody"),
        ],
    ),
    "questions that nothing ends": (
        book({"a": replace(ASK, give_up="b"), "b": replace(ASK, next="a", give_up="a")}),
        [
            ("d/a", "never comes to an end"),
            ("d/b", "never comes to an end"),
            ("d/a", "comes back for ever to who is never understood"),
            ("d/b", "comes back for ever to who is never understood"),
        ],
    ),
    "a question that is passed over leads back to itself": (
        book({"a": replace(ASK, known=known), "b": Fork(pick=nothing, exits={"again": "a", "end": "c"}), "c": END}),
        [
            ("d/a", "comes back to itself without asking anybody"),
            ("d/b", "comes back to itself without asking anybody"),
        ],
    ),
    "a question that three misses lead back to": (
        book({"a": replace(ASK, give_up="a"), "b": END}),
        [("d/a", "comes back for ever to who is never understood")],
    ),
    "two questions that misses lead back and forth between": (
        book(
            {"a": replace(ASK, give_up="o:"), "b": END}, more=(other(a=replace(ASK, next="handover:", give_up="d:")),)
        ),
        [
            ("d/a", "comes back for ever to who is never understood"),
            ("o/a", "comes back for ever to who is never understood"),
        ],
    ),
    "misses come back to a question by a step that is not asked": (
        book({"a": replace(ASK, give_up="c"), "b": END, "c": Fork(pick=nothing, exits={"on": "a"})}),
        [("d/a", "comes back for ever to who is never understood")],
    ),
    "misses come back to a question by one that may be passed over": (
        book({"a": replace(ASK, give_up="c"), "b": END, "c": replace(ASK, known=known, next="a", give_up="b")}),
        [
            ("d/a", "comes back for ever to who is never understood"),
            ("d/c", "comes back for ever to who is never understood"),
        ],
    ),
    "silence is answered by the same question": (
        book({"a": ASK, "b": END}, on_expire="a"),
        [("d/a", "is asked when the time of d is over, so who is silent is asked for ever")],
    ),
    "silence is answered by another question": (
        book({"a": ASK, "b": END, "c": Do(effects=nothing, next="o:")}, on_expire="c", more=(other(a=ASK, b=END),)),
        [("o/a", "is asked when the time of d is over, so who is silent is asked for ever")],
    ),
    "more steps in a row on one of two ways": (
        book(
            {**chain(41), "b": Fork(pick=nothing, exits={"short": "s40", "long": "s1"})},
            entries={"d:b", "d:a", "handover:"},
        ),
        [
            ("d/a", "goes 42 steps without asking anybody, and the engine at most 40"),
            ("d/s0", "goes 41 steps without asking anybody, and the engine at most 40"),
            ("d/b", "goes 41 steps without asking anybody, and the engine at most 40"),
        ],
    ),
    "more steps in a row than the engine goes": (
        book(chain(41)),
        [
            ("d/a", "goes 42 steps without asking anybody, and the engine at most 40"),
            ("d/s0", "goes 41 steps without asking anybody, and the engine at most 40"),
        ],
    ),
}


#: How each kind of flaw is mended, by how it begins.
MENDS = {
    "starts at": "name one of: a, b",
    "expires at": "name one of: a, b",
    "leads to": "name a step of this dialog, dialog:step, or dialog: for where it starts",
    "a text may begin at": "name what is there among the entries of the book, as dialog: or dialog:step",
    "calls itself": "give it the name under which the book has it",
    "is no name": "small letters, digits and _ only, a letter first",
    "its questions stand for no time": "give it a timeout above 0",
    "its questions stand for 3650 days": "give it a timeout of at most 31 days",
    "leads nowhere after three misses": "name in give_up who takes over: handover: is a person",
    "has no way on": "name a target for every answer",
    "shows": "show 1 to 6; the rest comes with 9",
    "keeps its answer": "call it otherwise in save",
    "cannot be reached": "lead to it from a step, or remove it",
    "is asked when the time of": "lead on_expire to an End",
    "never comes to an end": "lead it to an End",
    "comes back to itself": "ask something between, or lead elsewhere",
    "comes back for ever": "lead its give_up to a person (handover:) or an End",
    "goes": "join steps that only act",
}


def mend(what):
    """How it is mended."""
    return next(MENDS[begins] for begins in MENDS if what.startswith(begins))


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_dialog_is_found(case):
    broken, said = BROKEN[case]
    found = list(proofs.flaws(broken))
    assert [(flaw.where, flaw.what) for flaw in found] == said
    assert [flaw.mend for flaw in found] == [mend(what) for _, what in said]


def test_the_shipped_book_has_no_flaw():
    assert list(proofs.flaws(BOOK)) == []


@pytest.mark.parametrize(
    "sound",
    [
        book({"a": ASK, "b": END}),
        book({"a": END, "b": END}, on_expire="b"),
        book({"a": END, "b": END}, more=(other(go=Do(effects=nothing, next="d:b")),)),
        book({"a": END, "b": END}, entries={"d", "d:b", "handover:"}),
        book(chain(39)),
        book({"a": ASK, "b": END}, timeout=timedelta(days=31)),
        book({"a": ASK, "b": END}, timeout=timedelta(seconds=1)),
        book({"a": replace(PICK, page=1), "b": END}),
        book({"a": replace(PICK, page=6), "b": END}),
    ],
    ids=[
        *("a question", "reached by silence", "reached by another dialog", "reached by a text", "a long chain"),
        *("a month to answer", "a second to answer", "one option at a time", "six options"),
    ],
)
def test_a_sound_dialog_has_no_flaw(sound):
    assert list(proofs.flaws(sound)) == []


@pytest.mark.parametrize("own", ["heard", "offered", "shown"])
def test_no_answer_is_kept_where_the_engine_keeps_its_own(own):
    found = list(proofs.flaws(book({"a": replace(PICK, save=own), "b": END})))
    assert [flaw.what for flaw in found] == [f"keeps its answer as {own}, which the engine uses itself"]


def test_a_month_and_a_day_is_too_long():
    found = list(proofs.flaws(book({"a": ASK, "b": END}, timeout=timedelta(days=31, seconds=1))))
    assert [flaw.what for flaw in found] == ["its questions stand for 31 days"]
