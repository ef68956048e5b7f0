"""A picture as SVG: words that can be read out and searched, no script, colours from the page or, alone, of its own."""

from collections.abc import Iterator
from html import escape

from gateway.pictures.graphs import Arrow, Graph, Shape
from gateway.pictures.layout import LINE, TITLE, Layout, Place, Way, arrange, labels

#: What a picture needs where ``house.css`` is not: its colours and its letters.
HOUSE = """.picture { --ink: #1c1f23; --soft: #5a616a; --paper: #faf8f4;
  --sheet: #fff; --line: #d9d5cc; --accent: #0b6b66;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
@media (prefers-color-scheme: dark) {
  .picture { --ink: #e9e7e2; --soft: #a7adb5; --paper: #15171a; --sheet: #1d2024; --line: #363b42; --accent: #57c2ba; }
}
"""
_QUESTIONS = frozenset({Shape.ASK, Shape.CHOOSE})
#: How wide a box may be, and one that names many statuses.
WIDE, WIDER = 204.0, 330.0
_TAIL, _CUT, _BAR, _ROUND = 9, 12, 6, 4


def alone(graph: Graph, rules: str) -> str:
    """Draw it as a file of its own, with how it looks (the ``rules`` of ``picture.css``); no box leads anywhere."""
    return _drawn(graph, f"<style>\n{HOUSE}{rules}</style>")


def within(graph: Graph) -> str:
    """Draw it for a page of ours, which brings the colours; boxes lead to their links."""
    return _drawn(graph, "")


def _drawn(graph: Graph, style: str) -> str:
    layout = arrange(graph, widest=WIDE if all(box.shape is not Shape.STATE for box in graph.boxes) else WIDER)
    size = f'viewBox="0 0 {_n(layout.width)} {_n(layout.height)}" width="{_n(layout.width)}"'
    role = 'role="img"' if style else 'role="group"'
    space = 'xmlns="http://www.w3.org/2000/svg" ' if style else ""
    parts = [
        f'<svg {space}class="picture" {size} {role} aria-labelledby="picture-title picture-desc">',
        f'<title id="picture-title">{escape(graph.title)}</title>',
        f'<desc id="picture-desc">{escape(_told(graph))}</desc>',
        *([style, '<rect class="ground" width="100%" height="100%"/>'] if style else []),
        *_body(layout, linked=not style),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _told(graph: Graph) -> str:
    """The picture for who hears it: every way that leads from a box, with what makes one go it."""
    titles = {box.name: box.title for box in graph.boxes}

    def told(arrow: Arrow) -> str:
        said = ", ".join(labels(arrow))
        return f"{titles[arrow.source]} → {titles[arrow.target]}" + (f" ({said})" if said else "")

    return "; ".join(told(arrow) for arrow in graph.arrows)


def _body(layout: Layout, *, linked: bool) -> Iterator[str]:
    """The arrows first, so that a label covers a line and never the other way round."""
    for way in layout.ways:
        yield from _arrow(way)
    for place in layout.places:
        link = place.box.link if linked else None
        kind = "question" if place.box.shape in _QUESTIONS else str(place.box.shape)
        yield f'<a href="{escape(link)}" class="{kind}">' if link else f'<g class="{kind}">'
        yield from _shape(place)
        yield from _words(place)
        yield "</a>" if link else "</g>"
    for label in layout.labels:
        yield _text("label", label.x, label.y - 5, label.text)


def _arrow(way: Way) -> Iterator[str]:
    """A line that swings from row to row and runs straight beside boxes, with its tip."""
    (x, y), *rest = way.points
    path = [f"M{_n(x)} {_n(y)}"]
    for nx, ny in rest:
        half = _n((y + ny) / 2)
        path.append(f"V{_n(ny)}" if nx == x else f"C{_n(x)} {half} {_n(nx)} {half} {_n(nx)} {_n(ny)}")
        x, y = nx, ny
    kind = "way misses" if way.arrow.misses else "way"
    yield f'<path class="{kind}" d="{" ".join(path)}"/>'
    yield f'<path class="tip" d="M{_n(x)} {_n(y)} l-4.5 -9 h9 z"/>'


def _shape(place: Place) -> Iterator[str]:
    x, y, width, height = place.x, place.y, place.width, place.height
    across, down = _n(width), _n(height)
    box = f'x="{_n(x)}" y="{_n(y)}" width="{across}" height="{down}"'
    match place.box.shape:
        case Shape.ASK:
            yield f'<path class="shape" d="{_bubble(x, y, width, height)}"/>'
        case Shape.FORK:
            yield f'<path class="shape" d="{_pointed(x, y, width, height)}"/>'
        case Shape.END:
            yield f'<rect class="shape" {box} rx="{_n(min(22.0, height / 2))}"/>'
        case Shape.DO:
            yield f'<rect class="shape" {box}/>'
            bars = f"M{_n(x + _BAR)} {_n(y)} v{down} M{_n(x + width - _BAR)} {_n(y)} v{down}"
            yield f'<path class="shape" d="{bars}"/>'
        case _:
            yield f'<rect class="shape" {box} rx="{_ROUND}"/>'


def _pointed(x: float, y: float, width: float, height: float) -> str:
    """A box with a point on either side."""
    middle, low = _n(y + height / 2), _n(y + height)
    left, right = _n(x + _CUT), _n(x + width - _CUT)
    return f"M{left} {_n(y)} H{right} L{_n(x + width)} {middle} L{right} {low} H{left} L{_n(x)} {middle} z"


def _bubble(x: float, y: float, width: float, height: float) -> str:
    """A box that speaks: its tail hangs beside the arrows."""
    left, right = _n(x + 14), _n(x + 14 + _TAIL)
    low = _n(y + height)
    return f"M{_n(x)} {_n(y)} H{_n(x + width)} V{low} H{right} L{left} {_n(y + height + _TAIL)} V{low} H{_n(x)} z"


def _words(place: Place) -> Iterator[str]:
    middle, y = place.x + place.width / 2, place.y + 8
    if place.box.note:
        y += LINE
        yield _text("note", middle, y - 4, place.box.note)
    for line in place.title:
        y += TITLE
        yield _text("title", middle, y - 5, line)
    for line in place.lines:
        y += LINE
        yield _text("line", middle, y - 4, line)
    if place.ways:
        y += LINE / 2
        yield f'<path class="rule" d="M{_n(place.x + 10)} {_n(y)} h{_n(place.width - 20)}"/>'
    for line in place.ways:
        y += LINE
        yield _text("unseen", middle, y - 4, line)


def _text(kind: str, x: float, y: float, words: str) -> str:
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}">{escape(words)}</text>'


def _n(value: float) -> str:
    """A number without what a pixel cannot show."""
    return f"{value:.1f}".removesuffix(".0")
