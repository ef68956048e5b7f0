"""Proofs about the dialogs as data: no target leads nowhere, no step is out of reach, every question has a way out.

``gateway.check`` reports what is found here; a test holds the shipped book to nothing found.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dialogs.nodes import Ask, Book, Choose, Dialog, Do, End, Fork, Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Something wrong with a dialog: where it is, what it is, and how to mend it."""

    where: str
    what: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A template that a dialog speaks. ``asks``: it may come with a lead; ``offers``: with numbered options."""

    template: str
    asks: bool
    offers: bool


def targets(node: Node) -> tuple[str, ...]:
    """Everywhere a node can lead, the way three misses lead included."""
    match node:
        case Ask():
            return (node.next, node.give_up)
        case Choose():
            ways = (node.next,) if isinstance(node.next, str) else tuple(node.next.values())
            return (*ways, node.give_up)
        case Do():
            return (node.next,)
        case Fork():
            return tuple(node.exits.values())
        case _:  # an End
            return ()


def spoken(book: Book) -> Iterator[Spoken]:
    """Every template the dialogs speak, in the order of the book."""
    for dialog in book.dialogs.values():
        for name, node in dialog.steps.items():
            if isinstance(node, Ask | Choose | End):
                yield Spoken(
                    template=f"{dialog.name}/{name}",
                    asks=isinstance(node, Ask | Choose),
                    offers=isinstance(node, Choose),
                )


def flaws(book: Book) -> Iterator[Flaw]:
    """All that is wrong with the dialogs of a book; nothing is the only good answer."""
    for dialog in book.dialogs.values():
        yield from _starts(dialog)
        for name, node in dialog.steps.items():
            yield from _leads(book, dialog, name, node)
        yield from _out_of_reach(book, dialog)
        yield from _dead_ends(book, dialog)


def _starts(dialog: Dialog) -> Iterator[Flaw]:
    for what, step in (("starts", dialog.start), ("expires", dialog.on_expire)):
        if step is not None and step not in dialog.steps:
            yield Flaw(
                where=dialog.name,
                what=f"{what} at {step}, which is not a step of it",
                mend=f"name one of: {', '.join(dialog.steps)}",
            )


def _leads(book: Book, dialog: Dialog, name: str, node: Node) -> Iterator[Flaw]:
    for target in targets(node):
        if _resolve(book, dialog, target) is None:
            yield Flaw(
                where=f"{dialog.name}/{name}",
                what=f"leads to {target}, which is not there",
                mend="name a step of this dialog, dialog:step, or dialog: for where it starts",
            )


def _resolve(book: Book, dialog: Dialog, target: str) -> tuple[str, str] | None:
    other, colon, name = target.rpartition(":")
    found = book.dialogs.get(other) if colon else dialog
    if found is None:
        return None
    step = name or found.start
    return (found.name, step) if step in found.steps else None


def _entries(book: Book, dialog: Dialog) -> set[str]:
    """Where a dialog may be entered: its start, its expiry, and whatever other dialogs or the router name."""
    entries = {dialog.start, *ROUTED.get(dialog.name, ())}
    if dialog.on_expire is not None:
        entries.add(dialog.on_expire)
    for other in book.dialogs.values():
        for node in other.steps.values():
            for target in targets(node):
                found = _resolve(book, other, target)
                if found is not None and found[0] == dialog.name and other is not dialog:
                    entries.add(found[1])
    return entries


#: Steps that the router enters by name (``book.route``), besides a dialog's start.
ROUTED: Mapping[str, frozenset[str]] = {"confirm": frozenset({"stands"}), "cancel": frozenset({"dropped"})}


def _out_of_reach(book: Book, dialog: Dialog) -> Iterator[Flaw]:
    reached: set[str] = set()
    waiting = [step for step in _entries(book, dialog) if step in dialog.steps]
    while waiting:
        step = waiting.pop()
        if step in reached:
            continue
        reached.add(step)
        found = (_resolve(book, dialog, target) for target in targets(dialog.steps[step]))
        waiting.extend(one[1] for one in found if one is not None and one[0] == dialog.name)
    for step in dialog.steps:
        if step not in reached:
            yield Flaw(
                where=f"{dialog.name}/{step}", what="cannot be reached", mend="lead to it from a step, or remove it"
            )


def _dead_ends(book: Book, dialog: Dialog) -> Iterator[Flaw]:
    """Steps from which no end can be reached without an answer going round for ever."""
    nodes = {
        (one.name, name): [_resolve(book, one, target) for target in targets(node)]
        for one in book.dialogs.values()
        for name, node in one.steps.items()
    }
    ends = {place for place in nodes if isinstance(book.node(*place), End)}
    while True:
        more = {place for place, ways in nodes.items() if place not in ends and any(way in ends for way in ways)}
        if not more:
            break
        ends |= more
    for name in dialog.steps:
        if (dialog.name, name) not in ends:
            yield Flaw(where=f"{dialog.name}/{name}", what="never comes to an end", mend="lead it to an End")
