"""The proofs about dialogs, on dialogs that are wrong in one way each; and the shipped book, which is not."""

from dataclasses import replace

import pytest

from dialogs import graph
from dialogs.book import BOOK
from dialogs.nodes import Ask, Book, Choose, Dialog, Do, End, Fork


def book(steps, *, start="a", on_expire=None, more=()):
    dialog = Dialog(name="d", start=start, steps=steps, on_expire=on_expire)
    handover = Dialog(name="handover", start="end", steps={"end": End()})
    dialogs = {one.name: one for one in (dialog, handover, *more)}
    return Book(dialogs=dialogs, route=BOOK.route)


def found(one):
    return {(flaw.where, flaw.what) for flaw in graph.flaws(one)}


def nothing(*_):
    return ()


ASK = Ask(parse=lambda *_: None, next="b")


def test_the_shipped_book_has_no_flaw():
    assert found(BOOK) == set()


def test_a_sound_dialog_has_no_flaw():
    assert found(book({"a": ASK, "b": End()})) == set()


def test_every_flaw_says_how_to_mend_it():
    assert all(flaw.mend for flaw in graph.flaws(book({"a": replace(ASK, next="x")}, start="y", on_expire="z")))


@pytest.mark.parametrize(
    ("steps", "flaw"),
    [
        ({"a": replace(ASK, next="x"), "b": End()}, ("d/a", "leads to x, which is not there")),
        ({"a": replace(ASK, give_up="x:"), "b": End()}, ("d/a", "leads to x:, which is not there")),
        ({"a": replace(ASK, give_up="handover:x"), "b": End()}, ("d/a", "leads to handover:x, which is not there")),
        ({"a": Do(effects=nothing, next="x")}, ("d/a", "leads to x, which is not there")),
        ({"a": Fork(pick=nothing, exits={"on": "x"})}, ("d/a", "leads to x, which is not there")),
        (
            {"a": Choose(options=nothing, save="s", next={"1": "b", "2": "x"}), "b": End()},
            ("d/a", "leads to x, which is not there"),
        ),
        ({"a": ASK, "b": End(), "c": End()}, ("d/c", "cannot be reached")),
        ({"a": Do(effects=nothing, next="b"), "b": Do(effects=nothing, next="a")}, ("d/a", "never comes to an end")),
    ],
)
def test_a_flaw_is_found(steps, flaw):
    assert flaw in found(book(steps))


@pytest.mark.parametrize(("where", "what"), [("start", "starts"), ("on_expire", "expires")])
def test_a_dialog_that_begins_nowhere_is_found(where, what):
    assert ("d", f"{what} at x, which is not a step of it") in found(book({"a": End()}, **{where: "x"}))


def test_a_step_that_another_dialog_enters_is_within_reach():
    other = Dialog(name="o", start="go", steps={"go": Do(effects=nothing, next="d:b")})
    assert found(book({"a": End(), "b": End()}, more=(other,))) == set()


def test_a_step_that_only_expiry_enters_is_within_reach():
    assert found(book({"a": End(), "b": End()}, on_expire="b")) == set()


def test_the_templates_of_a_book_are_listed():
    spoken = {one.template: (one.asks, one.offers) for one in graph.spoken(BOOK)}
    assert spoken["report/place"] == (True, False)
    assert spoken["report/category"] == (True, True)
    assert spoken["report/thanks"] == (False, False)
    assert "report/file" not in spoken
