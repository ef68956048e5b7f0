"""The dialogs as a graph: what leads where, where texts begin, and what is spoken."""

import ast
from pathlib import Path

import dialogs.book
from dialogs import graph
from dialogs.book import BOOK, COMMANDS


def test_the_templates_of_a_book_are_listed():
    spoken = {one.template: (one.asks, one.offers) for one in graph.spoken(BOOK)}
    assert spoken["report/place"] == (True, False)
    assert spoken["report/category"] == (True, True)
    assert spoken["report/thanks"] == (False, False)
    assert "report/file" not in spoken


def test_every_way_of_a_node():
    report, confirm = BOOK.dialogs["report"], BOOK.dialogs["confirm"]
    assert graph.targets(report.steps["category"]) == ("place", "place")
    assert graph.targets(report.steps["how_urgent"]) == ("danger", "thanks")
    assert graph.targets(confirm.steps["ask"]) == ("stands", "handover:")
    assert graph.targets(confirm.steps["thanks"]) == ()
    assert graph.unasked(confirm.steps["ask"]) == ()
    assert graph.unasked(report.steps["category"]) == ("place",)


def test_where_the_router_begins_is_what_the_book_declares():
    """Every ``Start`` that stands in the router, read from its source: none is missing, none is too many."""
    begun = {f"{name}:" for name in COMMANDS.values()}
    for call in ast.walk(ast.parse(Path(dialogs.book.__file__).read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Start":
            given = {one.arg: one.value for one in call.keywords}
            named = [one.value for one in ast.walk(given["dialog"]) if isinstance(one, ast.Constant)]
            step = given.get("step", ast.Constant(""))
            steps = {one.value or "" for one in ast.walk(step) if isinstance(one, ast.Constant)}
            begun |= {f"{name}:{step}" for name in named for step in steps}
    assert begun == BOOK.entries
