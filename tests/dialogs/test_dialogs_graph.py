"""The dialogs as a graph: what leads where, where texts begin, and what is spoken."""

import ast
from pathlib import Path

from dialogs import added, anonymous, coded, confirm, correct, graph, learnt, reply
from dialogs import book as router
from dialogs.book import BOOK, COMMANDS


def test_the_templates_of_a_book_are_listed():
    spoken = list(graph.templates(BOOK))
    assert {"report/place", "report/category", "report/thanks"} <= set(spoken)
    assert "report/file" not in spoken
    assert len(spoken) == len(set(spoken))


def test_every_way_of_a_node():
    report, confirm = BOOK.dialogs["report"], BOOK.dialogs["confirm"]
    assert graph.targets(report.steps["category"]) == ("place", "place")
    assert graph.targets(report.steps["receipt"]) == ("danger", "hidden", "behalf", "proposed", "thanks")
    assert graph.targets(confirm.steps["ask"]) == ("stands", "handover:")
    assert graph.targets(confirm.steps["thanks"]) == ()
    assert graph.unasked(confirm.steps["ask"]) == ()
    assert graph.unasked(report.steps["category"]) == ("place",)


def test_where_the_router_begins_is_what_the_book_declares():
    """Every ``Start`` that stands in what routes, read from its source: none is missing, none is too many."""
    begun = {f"{name}:" for name in (*COMMANDS.values(), *learnt.DIALOGS.values())}
    for source in (router, added, anonymous, coded, confirm, correct, learnt, reply):
        for call in ast.walk(ast.parse(Path(source.__file__).read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Start":
                begun |= set(_begun(call))
    assert begun == BOOK.entries


def _begun(call):
    given = {one.arg: one.value for one in call.keywords}
    named = [one.value for one in ast.walk(given["dialog"]) if isinstance(one, ast.Constant)]
    step = given.get("step", ast.Constant(""))
    steps = {one.value or "" for one in ast.walk(step) if isinstance(one, ast.Constant)}
    return {f"{name}:{step}" for name in named for step in steps}
