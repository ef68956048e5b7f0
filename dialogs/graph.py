"""What leads where: the dialogs of a book as a graph, and every template that they speak."""

from collections.abc import Iterator

from dialogs.nodes import Ask, Book, Choose, Dialog, Do, End, Fork, Node, nothing_known

#: A step by the names of its dialog and of itself.
Place = tuple[str, str]


def templates(book: Book) -> Iterator[str]:
    """Every template the dialogs speak, in the order of the book."""
    for dialog in book.dialogs.values():
        yield from (
            f"{dialog.name}/{name}" for name, node in dialog.steps.items() if isinstance(node, Ask | Choose | End)
        )


def answered(node: Node) -> tuple[str, ...]:
    """Everywhere a node leads by itself or by an answer that fits."""
    match node:
        case Choose() if not isinstance(node.next, str):
            return tuple(node.next.values())
        case Ask() | Choose() | Do():
            return (str(node.next),)
        case Fork():
            return tuple(node.exits.values())
        case _:  # an End
            return ()


def targets(node: Node) -> tuple[str, ...]:
    """Everywhere a node can lead, the way three misses lead included."""
    return (*answered(node), node.give_up) if isinstance(node, Ask | Choose) else answered(node)


def unasked(node: Node) -> tuple[str, ...]:
    """Everywhere a node may lead without a word from anybody: a question is passed over where its answer is known."""
    return () if always_asks(node) else answered(node)


def always_asks(node: Node) -> bool:
    """Whether a node is a question whose answer is never known beforehand."""
    return isinstance(node, Ask | Choose) and node.known is nothing_known


def resolve(book: Book, dialog: Dialog, target: str) -> Place | None:
    """The step that a target of ``dialog`` names, or None if there is none."""
    other, colon, name = target.rpartition(":")
    found = book.dialogs.get(other) if colon else dialog
    if found is None:
        return None
    step = name or (found.start if colon else "")
    return (found.name, step) if step in found.steps else None
