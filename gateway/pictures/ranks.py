"""Which boxes of a picture stand in which row, and in which order, so that arrows lead down and seldom cross.

The usual way of drawing a flow: arrows that lead back are set aside, each box stands one row below the lowest that
leads to it, an arrow over several rows gets a bend in each, rows are put in order by the middle of their neighbours.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.pictures.graphs import Arrow, Graph, Shape

#: How often the rows are put in order from above and from below; more changes nothing in a dialog of our sizes.
SWEEPS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """An arrow with what it passes: its two boxes, and between them a bend in each row."""

    arrow: Arrow
    points: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranks:
    """The rows from above, each from the left; the arrows that lead down; and those that are said, not drawn."""

    rows: Sequence[Sequence[str]]
    strands: Sequence[Strand]
    said: Sequence[Arrow]


def rank(graph: Graph) -> Ranks:
    """Put the boxes in rows.

    What leads back, and what three misses lead to in another dialog, is not drawn: it would hide the picture, and each
    question says it of itself.
    """
    doors = {box.name for box in graph.boxes if box.shape is Shape.DOOR}
    back = _leading_back(graph)
    drawn = [one for one in graph.arrows if one not in back and not (one.misses and one.target in doors)]
    reached = {one.target for one in drawn}
    names = [box.name for box in graph.boxes if box.name not in doors or box.name in reached]
    depth = _depths(names, drawn)
    strands = [_strand(number, arrow, depth) for number, arrow in enumerate(drawn)]
    rows = _rows(names, strands, depth)
    said = [one for one in graph.arrows if one not in drawn]
    return Ranks(rows=_in_order(rows, strands), strands=strands, said=said)


def _leading_back(graph: Graph) -> list[Arrow]:
    """The arrows that close a circle, when one walks from the first box."""
    ways: dict[str, list[Arrow]] = {box.name: [] for box in graph.boxes}
    for arrow in graph.arrows:
        ways[arrow.source].append(arrow)
    back: list[Arrow] = []
    done: set[str] = set()

    def walk(name: str, above: frozenset[str]) -> None:
        done.add(name)
        for arrow in ways[name]:
            if arrow.target in above:
                back.append(arrow)
            elif arrow.target not in done:
                walk(arrow.target, above | {arrow.target})

    for name in ways:
        if name not in done:
            walk(name, frozenset({name}))
    return back


def _depths(names: Sequence[str], arrows: Sequence[Arrow]) -> Mapping[str, int]:
    """How far down each box stands: one row below the lowest of those that lead to it."""
    above: dict[str, list[str]] = {name: [] for name in names}
    for arrow in arrows:
        above[arrow.target].append(arrow.source)
    depth: dict[str, int] = {}

    def find(name: str) -> int:
        if name not in depth:
            depth[name] = max((find(one) + 1 for one in above[name]), default=0)
        return depth[name]

    for name in names:
        find(name)
    return depth


def _strand(number: int, arrow: Arrow, depth: Mapping[str, int]) -> Strand:
    bends = [f"{number}/{row}" for row in range(depth[arrow.source] + 1, depth[arrow.target])]
    return Strand(arrow=arrow, points=(arrow.source, *bends, arrow.target))


def _rows(names: Sequence[str], strands: Sequence[Strand], depth: Mapping[str, int]) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for name in names:
        rows[depth[name]].append(name)
    for strand in strands:
        for further, bend in enumerate(strand.points[1:-1], start=depth[strand.arrow.source] + 1):
            rows[further].append(bend)
    return rows


def _in_order(rows: list[list[str]], strands: Sequence[Strand]) -> list[list[str]]:
    """Put each row in the order of its neighbours' middles, from above and from below; keep the fewest crossings."""
    pairs = [pair for strand in strands for pair in zip(strand.points, strand.points[1:], strict=False)]
    best, fewest = rows, _crossings(rows, pairs)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        rows = _swept(rows, pairs if down else [(below, above) for above, below in pairs], down=down)
        crossings = _crossings(rows, pairs)
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _swept(rows: Sequence[Sequence[str]], pairs: Iterable[tuple[str, str]], *, down: bool) -> list[list[str]]:
    neighbours: dict[str, list[str]] = {}
    for before, after in pairs:
        neighbours.setdefault(after, []).append(before)
    place: dict[str, float] = {}
    swept: list[list[str]] = []
    for row in rows if down else reversed(rows):
        present = {name: at / max(1, len(row) - 1) for at, name in enumerate(row)}
        middle = {name: _middle([place[one] for one in neighbours.get(name, ())], present[name]) for name in row}
        swept.append(sorted(row, key=middle.__getitem__))
        place.update({name: float(at) for at, name in enumerate(swept[-1])})
    return swept if down else swept[::-1]


def _middle(places: Sequence[float], otherwise: float) -> float:
    return sum(places) / len(places) if places else otherwise


def _crossings(rows: Sequence[Sequence[str]], pairs: Sequence[tuple[str, str]]) -> int:
    at = {name: (depth, place) for depth, row in enumerate(rows) for place, name in enumerate(row)}
    spans = [(at[one][0], at[one][1], at[other][1]) for one, other in pairs]
    return sum(
        (left - before) * (right - after) < 0
        for number, (row, left, right) in enumerate(spans)
        for depth, before, after in spans[:number]
        if depth == row
    )
