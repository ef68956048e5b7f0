"""Pictures: what they show is what the dialogs do, and nothing in them covers anything else."""

import xml.etree.ElementTree as ET
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.book import BOOK
from dialogs.cases import TRANSITIONS
from dialogs.graph import targets
from dialogs.nodes import Dialog, Do, Fork
from gateway.pictures import graphs, mermaid, svg
from gateway.pictures.graphs import Arrow, Box, Captions, Graph, Shape
from gateway.pictures.layout import SMALL, arrange, wrapped
from gateway.pictures.ranks import rank

SVG = "{http://www.w3.org/2000/svg}"
LIFE = graphs.of_case(TRANSITIONS, "life", among="among themselves:")
EVERY = [*(graphs.of_dialog(BOOK, dialog, Captions()) for dialog in BOOK.dialogs.values()), LIFE]


def named(name: str) -> Graph:
    return graphs.of_dialog(BOOK, BOOK.dialogs[name], Captions())


@st.composite
def any_graph(draw) -> Graph:
    """Any picture: steps that lead anywhere, back and to themselves too, with labels of any length."""
    names = [f"s{number}" for number in range(draw(st.integers(1, 9)))]
    shapes = st.sampled_from([one for one in Shape if one is not Shape.DOOR])
    boxes = [Box(name=name, shape=draw(shapes), title=name * draw(st.integers(1, 6)), lines=("x y",)) for name in names]
    pairs = draw(st.sets(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=16))
    words = st.lists(st.text("ab ", min_size=1, max_size=24), max_size=3)
    arrows = [Arrow(source=one, target=other, labels=draw(words)) for one, other in sorted(pairs)]
    return Graph(title="any", boxes=boxes, arrows=arrows)


def covered(graph: Graph) -> list[str]:
    """Boxes that touch, and arrows that run through a box that is neither of their ends, as words."""
    layout = arrange(graph, widest=204)
    found = [
        f"{one.box.name} covers {other.box.name}"
        for one, other in combinations(layout.places, 2)
        if one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    ]
    for way in layout.ways:
        for (x, y), (nx, ny) in zip(way.points, way.points[1:], strict=False):
            # A curve stays between its two points, so its own rectangle tells.
            found += [
                f"{way.arrow.source} → {way.arrow.target} runs through {place.box.name}"
                for place in layout.places
                if min(x, nx) < place.x + place.width
                and place.x < max(x, nx)
                and min(y, ny) < place.y + place.height
                and place.y < max(y, ny)
            ]
    found += [
        f"{one.text} covers {other.text}"
        for one, other in combinations(layout.labels, 2)
        if one.y == other.y and abs(one.x - other.x) < (len(one.text) + len(other.text)) * SMALL / 2
    ]
    beyond = [place.box.name for place in layout.places if place.x < 0 or place.x + place.width > layout.width]
    return found + [f"{name} is cut off" for name in beyond]


@pytest.mark.parametrize("graph", EVERY, ids=lambda graph: graph.title)
def test_nothing_in_a_shipped_picture_covers_anything(graph):
    assert covered(graph) == []


@settings(max_examples=150, deadline=None)
@given(any_graph())
def test_nothing_in_any_picture_covers_anything(graph):
    assert covered(graph) == []


@given(any_graph())
def test_every_box_and_every_arrow_is_in_the_picture_once(graph):
    layout = arrange(graph, widest=204)
    ranks = rank(graph)
    assert sorted(place.box.name for place in layout.places) == sorted(box.name for box in graph.boxes)
    shown = [way.arrow for way in layout.ways] + list(ranks.said)
    assert sorted(shown, key=repr) == sorted(graph.arrows, key=repr)
    assert sum(len(place.ways) > 0 for place in layout.places) == len({arrow.source for arrow in ranks.said})


@pytest.mark.parametrize("name", BOOK.dialogs)
def test_a_dialog_is_drawn_as_it_leads(name):
    dialog, graph = BOOK.dialogs[name], named(name)
    leads = {(step, target) for step, node in dialog.steps.items() for target in targets(node)}
    assert {(arrow.source, arrow.target) for arrow in graph.arrows} == leads
    assert graph.boxes[0].name == dialog.start
    assert set(dialog.steps) <= {box.name for box in graph.boxes}


def test_a_fork_says_what_makes_it_go_each_way():
    fork = BOOK.dialogs["confirm"].steps["stands"]
    assert isinstance(fork, Fork)
    said = {
        label: arrow.target for arrow in named("confirm").arrows if arrow.source == "stands" for label in arrow.labels
    }
    assert said == fork.exits


def test_three_misses_are_drawn_only_where_they_lead_elsewhere():
    misses = {(arrow.source, arrow.target) for arrow in named("report").arrows if arrow.misses}
    assert misses == {("describe", "handover:"), ("place", "file")}


def test_what_is_not_drawn_is_said_in_the_box():
    places = {place.box.name: place for place in arrange(named("confirm"), widest=204).places}
    assert places["what_now"].ways == ["↑ stands", "3× → handover"]  # noqa: RUF001
    assert "handover:" not in places


def test_another_dialogs_step_is_named_unless_it_starts_there():
    graph = graphs.of_dialog(BOOK, BOOK.dialogs["cancel"], Captions(called=str.upper))
    assert graph.title == "CANCEL"
    assert [box.title for box in graph.boxes if box.shape is Shape.DOOR] == ["STOP"]
    elsewhere = Dialog(
        name="x", start="go", steps={"go": Do(effects=lambda _facts, _answers: (), next="cancel:dropped")}
    )
    assert [box.title for box in graphs.of_dialog(BOOK, elsewhere, Captions()).boxes] == ["go", "cancel: dropped"]


def test_the_life_of_a_case_is_the_table():
    """From the picture alone, the table comes out again."""
    titles = {box.name: box.title.split(", ") for box in LIFE.boxes}
    told: dict[str, set[str]] = {status: set() for statuses in titles.values() for status in statuses}
    for box in LIFE.boxes:
        inside = box.lines[0].removeprefix("among themselves: ").split(", ") if box.lines else []
        outside = [label for arrow in LIFE.arrows if arrow.source == box.name for label in arrow.labels]
        for status in titles[box.name]:
            told[status] |= {*inside, *outside}
    assert told == TRANSITIONS


@pytest.mark.parametrize("graph", EVERY, ids=lambda graph: graph.title)
def test_a_picture_can_be_read_as_text(graph):
    drawn = ET.fromstring(svg.alone(graph, ".picture .way { fill: none; }"))  # noqa: S314  ours
    assert drawn.get("role") == "img"
    assert drawn.findtext(f"{SVG}title") == graph.title
    words = " ".join(drawn.itertext())
    assert [box.title for box in graph.boxes if any(word not in words for word in box.title.split())] == []
    told = drawn.findtext(f"{SVG}desc")
    assert told is not None
    assert told.count("→") >= len(graph.arrows)


def test_a_picture_of_a_page_leads_on_and_brings_no_colours():
    captions = Captions(link=lambda step: f"#{step}", door=lambda other: f"/dialogs/{other}?a=1&b=2")
    drawn = svg.within(graphs.of_dialog(BOOK, BOOK.dialogs["menu"], captions))
    assert '<a href="#main" class="question">' in drawn
    assert '<a href="/dialogs/report?a=1&amp;b=2" class="door">' in drawn
    assert "<style" not in drawn


def test_words_of_field_staff_cannot_break_a_picture():
    graph = graphs.of_dialog(BOOK, BOOK.dialogs["help"], Captions(lines=lambda _step: ('</text><script>"',)))
    assert "<script" not in svg.within(graph)
    assert 'script>"' not in mermaid.text(graph)


def test_many_words_are_cut_short_and_a_cut_is_seen():
    graph = graphs.of_dialog(BOOK, BOOK.dialogs["help"], Captions(lines=lambda _step: ("word " * 80,)))
    (place,) = arrange(graph, widest=204).places
    assert len(place.lines) == 8
    assert place.lines[-1] == "…"


def test_mermaid_has_every_way_and_no_word_of_its_own_as_a_name():
    text = mermaid.text(named("confirm"))
    assert text.splitlines()[0] == "flowchart TB"
    assert text.count("-->") + text.count("-.->") == len(named("confirm").arrows)
    assert 's3 -.->|"3×"| s11' in text  # noqa: RUF001
    assert '-->|"no, half_reopen"|' in text


def test_lines_break_between_words():
    assert wrapped("uno dos tres cuatrocientos", 8) == ["uno dos", "tres", "cuatrocientos"]
    assert wrapped("", 8) == []
