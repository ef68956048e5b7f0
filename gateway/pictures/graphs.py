"""What a picture shows, before anybody draws it: the boxes and arrows of a dialog, or of the life of a case."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from dialogs.cases import CaseStatus
from dialogs.graph import targets
from dialogs.nodes import Book, Choose, Dialog, Fork, Node, Waiting


class Shape(StrEnum):
    """What a box stands for: one of the five nodes, another dialog, or statuses that lead the same ways."""

    ASK = "ask"
    CHOOSE = "choose"
    DO = "do"
    FORK = "fork"
    END = "end"
    DOOR = "door"
    STATE = "state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One box. ``note`` is a word or two above the title; ``lines`` stand below it; ``link`` is where a click leads."""

    name: str
    shape: Shape
    title: str
    note: str = ""
    lines: Sequence[str] = ()
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """A way from one box to another, with what makes one go it. ``misses``: it is where three misses lead."""

    source: str
    target: str
    labels: Sequence[str] = ()
    misses: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A picture's content. The first box is where one begins; every arrow's ends are among the boxes."""

    title: str
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]


def _no_lines(_name: str) -> Sequence[str]:
    return ()


def _itself(name: str) -> str:
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """How a picture speaks to its readers.

    ``notes`` says what each shape is; ``lines`` gives what stands in a step's box, ``label`` the words on an arrow for
    an option's value or an exit's name; ``called`` is a dialog's name for its readers; ``link`` and ``door`` are where
    a step's box and another dialog's lead.
    """

    notes: Mapping[Shape, str] = field(default_factory=dict)
    lines: Callable[[str], Sequence[str]] = _no_lines
    label: Callable[[str], str] = _itself
    called: Callable[[str], str] = _itself
    link: Callable[[str], str | None] = lambda _name: None
    door: Callable[[str], str | None] = lambda _name: None


def of_dialog(book: Book, dialog: Dialog, captions: Captions) -> Graph:
    """Every step of a dialog in its own order, the start first, and the other dialogs to which it leads."""
    names = sorted(dialog.steps, key=lambda name: name != dialog.start)
    steps = [
        Box(
            name=name,
            shape=shape(dialog.steps[name]),
            title=name,
            note=captions.notes.get(shape(dialog.steps[name]), ""),
            lines=captions.lines(name),
            link=captions.link(name),
        )
        for name in names
    ]
    arrows = [arrow for name in names for arrow in _arrows(name, dialog.steps[name], captions)]
    doors = [_door(book, target, captions) for target in dict.fromkeys(arrow.target for arrow in arrows)]
    return Graph(
        title=captions.called(dialog.name), boxes=[*steps, *(door for door in doors if door is not None)], arrows=arrows
    )


def shape(node: Node) -> Shape:
    """The shape by which a node is known."""
    return Shape(type(node).__name__.lower())


def _arrows(name: str, node: Node, captions: Captions) -> Iterator[Arrow]:
    """One arrow for each target, with all that leads there; where misses lead to a usual target needs no second one."""
    ways = targets(node)
    usual = ways[:-1] if isinstance(node, Waiting) else ways
    said = _labels(node)
    for target in dict.fromkeys(ways):
        labels = [captions.label(value) for value, way in said.items() if way == target]
        yield Arrow(source=name, target=target, labels=labels, misses=target not in usual)


def _labels(node: Node) -> Mapping[str, str]:
    if isinstance(node, Fork):
        return node.exits
    if isinstance(node, Choose) and not isinstance(node.next, str):
        return node.next
    return {}


def _door(book: Book, target: str, captions: Captions) -> Box | None:
    """The box of another dialog; None for a step of this one."""
    other, colon, step = target.rpartition(":")
    if not colon:
        return None
    title = captions.called(other)
    if step and step != book.dialogs[other].start:
        title = f"{title}: {step}"
    note = captions.notes.get(Shape.DOOR, "")
    return Box(name=target, shape=Shape.DOOR, title=title, note=note, link=captions.door(other))


def of_case(
    transitions: Mapping[CaseStatus, frozenset[CaseStatus]],
    title: str,
    *,
    label: Callable[[str], str] = _itself,
    among: str = "",
) -> Graph:
    """The life of a case: statuses from which the same ways lead share a box, so that the arrows can be counted.

    An arrow names the statuses that it makes of a case. ``among`` stands before those that a box's own statuses may
    become without leaving it.
    """
    groups: dict[frozenset[CaseStatus], list[CaseStatus]] = {}
    for status in transitions:
        groups.setdefault(transitions[status], []).append(status)
    boxes = [
        Box(
            name=_group(statuses),
            shape=Shape.STATE,
            title=", ".join(label(status) for status in statuses),
            lines=[f"{among} {', '.join(inner)}"] if (inner := _within(statuses, ways, label)) else (),
        )
        for ways, statuses in groups.items()
    ]
    arrows = [
        Arrow(source=_group(statuses), target=_group(others), labels=[label(one) for one in others if one in ways])
        for ways, statuses in groups.items()
        for others in groups.values()
        if others is not statuses and not ways.isdisjoint(others)
    ]
    return Graph(title=title, boxes=boxes, arrows=arrows)


def _group(statuses: Sequence[CaseStatus]) -> str:
    return str(statuses[0])


def _within(statuses: Iterable[CaseStatus], ways: frozenset[CaseStatus], label: Callable[[str], str]) -> list[str]:
    return [label(status) for status in statuses if status in ways]
