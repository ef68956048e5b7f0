"""A picture as Mermaid, the text that many wikis and GitHub draw by themselves."""

from collections.abc import Iterator, Mapping

from gateway.pictures.graphs import Arrow, Graph, Shape
from gateway.pictures.layout import labels

#: What opens and what closes each shape.
_SHAPES: Mapping[Shape, tuple[str, str]] = {
    Shape.ASK: ("[/", "/]"),
    Shape.CHOOSE: ("{{", "}}"),
    Shape.DO: ("[[", "]]"),
    Shape.FORK: ("{", "}"),
    Shape.END: ("([", "])"),
    Shape.DOOR: ("(", ")"),
    Shape.STATE: ("[", "]"),
}


def text(graph: Graph) -> str:
    """Write the picture as a flow from above."""
    return "\n".join(["flowchart TB", *(f"    {line}" for line in _lines(graph))])


def _lines(graph: Graph) -> Iterator[str]:
    # Mermaid's own words (``end``, ``default``) cannot be ids, so ids are numbers.
    ids = {box.name: f"s{number}" for number, box in enumerate(graph.boxes)}
    for box in graph.boxes:
        opened, closed = _SHAPES[box.shape]
        words = "<br/>".join((box.title, *box.lines)).replace('"', "'")
        yield f'{ids[box.name]}{opened}"{words}"{closed}'
    for arrow in graph.arrows:
        yield f"{ids[arrow.source]} {_line(arrow)} {ids[arrow.target]}"


def _line(arrow: Arrow) -> str:
    drawn = "-.->" if arrow.misses else "-->"
    said = ", ".join(labels(arrow)).replace('"', "'")
    return f'{drawn}|"{said}"|' if said else drawn
