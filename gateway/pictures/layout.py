"""Where everything in a picture stands, in pixels: boxes as wide as their words, rows as far apart as labels need.

Rule: no box covers another, and no arrow runs through a box; a test draws pictures by chance and looks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.pictures.graphs import Arrow, Box, Graph, Shape
from gateway.pictures.ranks import Ranks, Strand, rank

#: What a letter takes at 13.3 and at 15 bold pixels, generously: the reader's own font is not known here.
SMALL, LARGE = 7.1, 9.2
LINE, TITLE = 18, 21
MARGIN, BETWEEN, CURVE, TIP = 16, 18, 30, 12
_NARROW = 92
_MOST_LINES = 8
#: How often boxes are drawn to those above them, and in between to those below; the last round goes down, so that what
#: has one box above it ends straight below.
_ROUNDS = 5
#: How much of its width a shape keeps for itself, on each side.
_INSIDE = {Shape.DO: 16, Shape.FORK: 16, Shape.END: 14}
_PADDING = 10
#: What stands before the name of a step to which three misses lead, and of one that is above.
MISSES, BACK = "3× →", "↑"  # noqa: RUF001  a times sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A box in its place: the upper left corner, its size, and its words in lines. ``ways`` are those not drawn."""

    box: Box
    x: float
    y: float
    width: float
    height: float
    title: Sequence[str]
    lines: Sequence[str]
    ways: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """An arrow in its place: the points where its lines and curves meet."""

    arrow: Arrow
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words on an arrow: the middle of their line, and its foot."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A whole picture in its place."""

    width: float
    height: float
    places: Sequence[Place]
    ways: Sequence[Way]
    labels: Sequence[Label]


def arrange(graph: Graph, *, widest: float) -> Layout:
    """Find every box and arrow its place. No box is wider than ``widest``; its words go on in the next line."""
    ranks = rank(graph)
    boxes = {box.name: _measured(box, graph, ranks, widest) for box in graph.boxes}
    said = _said(ranks)
    widths = _widths(ranks, boxes, said)
    middles = _across(ranks, widths)
    tops, height = _down(ranks, boxes, said)
    places = {
        name: replace(boxes[name], x=middles[name] - boxes[name].width / 2, y=tops[depth])
        for depth, row in enumerate(ranks.rows)
        for name in row
        if name in boxes
    }
    depths = {name: depth for depth, row in enumerate(ranks.rows) for name in row}
    floors = [max(places[one].y + places[one].height for one in row if one in places) for row in ranks.rows]
    ways = [_way(strand, ranks, places, middles, (depths, tops, floors)) for strand in ranks.strands]
    notes = [
        Label(text=text, x=middles[name], y=floors[depths[name] - 1] + CURVE + LINE * (number + 1))
        for name, ones in said.items()
        for number, text in enumerate(ones)
    ]
    right = max(middles[name] + widths[name] / 2 for row in ranks.rows for name in row)
    return Layout(width=right + MARGIN, height=height, places=list(places.values()), ways=ways, labels=notes)


def wrapped(text: str, most: int) -> list[str]:
    """Break a text into lines of at most ``most`` letters; a longer word stands alone."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def labels(arrow: Arrow) -> Sequence[str]:
    """What stands at an arrow."""
    return (MISSES.split(maxsplit=1)[0],) if arrow.misses else arrow.labels


def _measured(box: Box, graph: Graph, ranks: Ranks, widest: float) -> Place:
    """A box with its words in lines and its size, not yet in its place."""
    known = {one.name: one for one in graph.boxes}
    ways = [_unseen(one, known[one.target]) for one in ranks.said if one.source == box.name]
    inside = 2 * _INSIDE.get(box.shape, _PADDING)
    room = int((widest - inside) / SMALL)
    title = wrapped(box.title, int((widest - inside) / LARGE))
    lines = [line for said in box.lines for line in wrapped(said, room)]
    if len(lines) > _MOST_LINES and box.shape is not Shape.STATE:
        lines = [*lines[: _MOST_LINES - 1], "…"]
    ways = [line for way in ways for line in wrapped(way, room)]
    letters = [len(line) * LARGE for line in title] + [len(line) * SMALL for line in (box.note, *lines, *ways)]
    width = min(widest, max(_NARROW, max(letters) + inside))
    rows = TITLE * len(title) + LINE * (bool(box.note) + len(lines) + len(ways))
    height = rows + 2 * _PADDING + (LINE / 2 if ways else 0)
    return Place(box=box, x=0, y=0, width=width, height=height, title=title, lines=lines, ways=ways)


def _unseen(arrow: Arrow, target: Box) -> str:
    if arrow.misses:
        return f"{MISSES} {target.title}"
    said = ", ".join(arrow.labels)
    return f"{BACK} {said}" if target.shape is Shape.STATE else f"{said} {BACK} {target.title}".strip()


def _said(ranks: Ranks) -> Mapping[str, Sequence[str]]:
    """The labels above each box or bend, one below the other; what several arrows say there is said once."""
    said: dict[str, list[str]] = {}
    for strand in ranks.strands:
        said.setdefault(strand.points[1], []).extend(labels(strand.arrow))
    return {name: list(dict.fromkeys(ones)) for name, ones in said.items()}


def _widths(ranks: Ranks, boxes: Mapping[str, Place], said: Mapping[str, Sequence[str]]) -> Mapping[str, float]:
    """How much room everything in a row takes: a bend next to nothing, and nothing less than its labels."""
    return {
        name: max([boxes[name].width if name in boxes else 2.0, *(len(label) * SMALL for label in said.get(name, ()))])
        for row in ranks.rows
        for name in row
    }


def _across(ranks: Ranks, widths: Mapping[str, float]) -> Mapping[str, float]:
    """The middle of everything from the left: near what it belongs to, and never closer than its width allows."""
    middles: dict[str, float] = {}
    for row in ranks.rows:
        middles.update(_spread(row, dict.fromkeys(row, 0.0), widths))
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for strand in ranks.strands:
        for one, other in zip(strand.points, strand.points[1:], strict=False):
            below.setdefault(one, []).append(other)
            above.setdefault(other, []).append(one)
    for turn in range(_ROUNDS):
        down = turn % 2 == 0
        neighbours = above if down else below
        for row in ranks.rows if down else reversed(ranks.rows):
            near = {name: [middles[one] for one in neighbours.get(name, ())] for name in row}
            wanted = {name: sum(ones) / len(ones) if ones else middles[name] for name, ones in near.items()}
            middles.update(_spread(row, wanted, widths))
    left = min(middles[name] - widths[name] / 2 for name in middles)
    return {name: round(middle - left + MARGIN, 1) for name, middle in middles.items()}


def _spread(row: Sequence[str], wanted: Mapping[str, float], widths: Mapping[str, float]) -> dict[str, float]:
    """Bring a row as near to what is wanted as it goes without touching: those that would touch move as one."""
    offsets: dict[str, float] = {}
    reach = 0.0
    for name in row:
        offsets[name] = reach + widths[name] / 2
        reach += widths[name] + BETWEEN
    blocks: list[list[str]] = []
    for name in row:
        blocks.append([name])
        while len(blocks) > 1 and _shift(blocks[-2], wanted, offsets) > _shift(blocks[-1], wanted, offsets):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    return {name: _shift(block, wanted, offsets) + offsets[name] for block in blocks for name in block}


def _shift(block: Sequence[str], wanted: Mapping[str, float], offsets: Mapping[str, float]) -> float:
    return sum(wanted[name] - offsets[name] for name in block) / len(block)


def _down(ranks: Ranks, boxes: Mapping[str, Place], said: Mapping[str, Sequence[str]]) -> tuple[Sequence[float], float]:
    """The top of each row, and the height of the whole: between two rows there is room for curves and labels."""
    tops: list[float] = []
    y = float(MARGIN)
    for number, names in enumerate(ranks.rows):
        if number:
            y += CURVE + LINE * max(len(said.get(name, ())) for name in names) + TIP
        tops.append(y)
        y += max(boxes[name].height for name in names if name in boxes)
    return tops, y + MARGIN


def _way(
    strand: Strand,
    ranks: Ranks,
    places: Mapping[str, Place],
    middles: Mapping[str, float],
    levels: tuple[Mapping[str, int], Sequence[float], Sequence[float]],
) -> Way:
    """An arrow from the lower edge of one box to the upper edge of another, straight wherever a box may stand."""
    depths, tops, floors = levels
    source = places[strand.arrow.source]
    x = _leaves_at(strand, ranks, source, middles)
    points = [(x, source.y + source.height), (x, floors[depths[strand.arrow.source]])]
    for name in strand.points[1:]:
        row = depths[name]
        points.append((middles[name], floors[row - 1] + CURVE))
        points.append((middles[name], tops[row] if name == strand.points[-1] else floors[row]))
    return Way(arrow=strand.arrow, points=points)


def _leaves_at(strand: Strand, ranks: Ranks, source: Place, middles: Mapping[str, float]) -> float:
    """Where along the lower edge an arrow leaves its box: in the order of where it goes."""
    ways = [one for one in ranks.strands if one.arrow.source == strand.arrow.source]
    ways.sort(key=lambda one: middles[one.points[1]])
    step = min(24.0, source.width / (len(ways) + 1))
    return round(source.x + source.width / 2 + (ways.index(strand) - (len(ways) - 1) / 2) * step, 1)
