"""Proofs about the dialogs as data: every way leads somewhere, every step is in reach, every question has a way out.

``gateway.check`` reports what is found here, and plays the dialogs besides; a test holds the shipped book to nothing
found.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from dialogs import graph
from dialogs.engine import HEARD, HOPS, OFFERED, SHOWN
from dialogs.graph import Place, resolve
from dialogs.nodes import Ask, Book, Choose, Dialog, End, Fork, Node

#: What a small screen holds beside the question.
MOST_OPTIONS = 6
#: After a month nobody knows what was asked.
LONGEST_WAIT = timedelta(days=31)
#: A step's name is its template's file, and a part of a target.
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN = frozenset({HEARD, OFFERED, SHOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Something wrong with a dialog: where it is (``dialog`` or ``dialog/step``), what it is, and how to mend it."""

    where: str
    what: str
    mend: str


def flaws(book: Book) -> Iterator[Flaw]:
    """All that is wrong with the dialogs of a book; nothing is the only good answer.

    Where names or ways are wrong, what they lead to is not judged: mend those first.
    """
    dialogs = book.dialogs.items()
    broken = [flaw for key, dialog in dialogs for flaw in (*_named(key, dialog), *_starts(dialog))]
    broken += [*_begins(book), *(flaw for _, dialog in dialogs for flaw in _leads(book, dialog))]
    yield from broken
    for _, dialog in dialogs:
        yield from _waits(dialog)
        yield from _shaped(dialog)
    if not broken:
        yield from _out_of_reach(book)
        yield from _asked_again(book)
        yield from _endless(book)


def _named(key: str, dialog: Dialog) -> Iterator[Flaw]:
    if key != dialog.name:
        yield Flaw(where=key, what=f"calls itself {dialog.name}", mend="give it the name under which the book has it")
    for where, name in ((dialog.name, dialog.name), *((f"{dialog.name}/{step}", step) for step in dialog.steps)):
        if not _NAME.fullmatch(name):
            yield Flaw(where=where, what="is no name", mend="small letters, digits and _ only, a letter first")


def _starts(dialog: Dialog) -> Iterator[Flaw]:
    for what, step in (("starts", dialog.start), ("expires", dialog.on_expire)):
        if step is not None and step not in dialog.steps:
            mend = f"name one of: {', '.join(dialog.steps)}"
            yield Flaw(where=dialog.name, what=f"{what} at {step}, which is not a step of it", mend=mend)


def _waits(dialog: Dialog) -> Iterator[Flaw]:
    """A question without an end of its time would wait for ever, one without time is over before anybody reads it."""
    if not any(isinstance(node, Ask | Choose) for node in dialog.steps.values()):
        return
    if dialog.timeout <= timedelta(0):
        yield Flaw(where=dialog.name, what="its questions stand for no time", mend="give it a timeout above 0")
    if dialog.timeout > LONGEST_WAIT:
        what = f"its questions stand for {dialog.timeout.days} days"
        yield Flaw(where=dialog.name, what=what, mend=f"give it a timeout of at most {LONGEST_WAIT.days} days")


def _shaped(dialog: Dialog) -> Iterator[Flaw]:
    for name, node in dialog.steps.items():
        where = f"{dialog.name}/{name}"
        if isinstance(node, Ask | Choose) and not node.give_up:
            mend = "name in give_up who takes over: handover: is a person"
            yield Flaw(where=where, what="leads nowhere after three misses", mend=mend)
        if isinstance(node, Fork | Choose) and not graph.answered(node):
            yield Flaw(where=where, what="has no way on", mend="name a target for every answer")
        if isinstance(node, Choose):
            yield from _chosen(where, node)


def _chosen(where: str, node: Choose) -> Iterator[Flaw]:
    if not 1 <= node.page <= MOST_OPTIONS:
        what = f"shows {node.page} options at once"
        yield Flaw(where=where, what=what, mend=f"show 1 to {MOST_OPTIONS}; the rest comes with 9")
    if node.save in _TAKEN:
        what = f"keeps its answer as {node.save}, which the engine uses itself"
        yield Flaw(where=where, what=what, mend="call it otherwise in save")


def _begins(book: Book) -> Iterator[Flaw]:
    for entry in sorted(book.entries):
        dialog, _, step = entry.partition(":")
        begun = book.dialogs.get(dialog)
        if begun is None or (step and step not in begun.steps):
            mend = "name what is there among the entries of the book, as dialog: or dialog:step"
            yield Flaw(where=dialog, what=f"a text may begin at {entry}, which is not there", mend=mend)


def _leads(book: Book, dialog: Dialog) -> Iterator[Flaw]:
    for name, node in dialog.steps.items():
        for target in dict.fromkeys(graph.targets(node)):
            if target and resolve(book, dialog, target) is None:
                mend = "name a step of this dialog, dialog:step, or dialog: for where it starts"
                where = f"{dialog.name}/{name}"
                yield Flaw(where=where, what=f"leads to {target}, which is not there", mend=mend)


def _out_of_reach(book: Book) -> Iterator[Flaw]:
    """What no text, no answer and no silence ever leads to."""
    reached: set[Place] = set()
    waiting = [_entered(book, entry) for entry in book.entries or [f"{name}:" for name in book.dialogs]]
    while waiting:
        at = waiting.pop()
        if at in reached:
            continue
        reached.add(at)
        dialog = book.dialogs[at[0]]
        ways = (*graph.targets(dialog.steps[at[1]]), *((dialog.on_expire,) if dialog.on_expire else ()))
        waiting.extend(place for way in ways if (place := resolve(book, dialog, way)) is not None)
    mend = "lead to it from a step, or remove it"
    for dialog in book.dialogs.values():
        out = [step for step in dialog.steps if (dialog.name, step) not in reached]
        whole = len(out) == len(dialog.steps)
        for where in [dialog.name] if whole else [f"{dialog.name}/{step}" for step in out]:
            yield Flaw(where=where, what="cannot be reached", mend=mend)


def _entered(book: Book, entry: str) -> Place:
    dialog, _, step = entry.partition(":")
    return dialog, step or book.dialogs[dialog].start


def _asked_again(book: Book) -> Iterator[Flaw]:
    """Whoever was silent is not asked anew when the time is over: that would go on for ever."""
    ways = _ways(book, graph.unasked)
    for dialog in book.dialogs.values():
        for place in _from((dialog.name, dialog.on_expire), ways) if dialog.on_expire else ():
            if graph.always_asks(book.node(*place)):
                what = f"is asked when the time of {dialog.name} is over, so who is silent is asked for ever"
                yield Flaw(where="/".join(place), what=what, mend="lead on_expire to an End")


def _endless(book: Book) -> Iterator[Flaw]:
    ended = {place for place in _places(book) if isinstance(book.node(*place), End)}
    back = _ways(book, graph.targets)
    for place in _places(book):
        if ended.isdisjoint(_from(place, back)):
            yield Flaw(where="/".join(place), what="never comes to an end", mend="lead it to an End")
    unasked = _ways(book, graph.unasked)
    circles = [place for place in _places(book) if _returns(place, unasked)]
    for place in circles:
        what = "comes back to itself without asking anybody"
        yield Flaw(where="/".join(place), what=what, mend="ask something between, or lead elsewhere")
    missing = _ways(book, _misunderstood)
    for place in _places(book):
        if isinstance(book.node(*place), Ask | Choose) and place not in circles and _returns(place, missing):
            what = "comes back for ever to who is never understood"
            yield Flaw(where="/".join(place), what=what, mend="lead its give_up to a person (handover:) or an End")
    if not circles:
        yield from _too_far(book, unasked)


def _misunderstood(node: Node) -> tuple[str, ...]:
    """Where somebody comes who fits no question; questions whose answer may be known are passed over too."""
    return (node.give_up, *graph.unasked(node)) if isinstance(node, Ask | Choose) else graph.answered(node)


def _too_far(book: Book, unasked: Mapping[Place, tuple[Place, ...]]) -> Iterator[Flaw]:
    """Chains that the engine takes for circles. ``unasked`` holds none, so each chain has a length."""
    steps: dict[Place, int] = {}

    def length(place: Place) -> int:
        if place not in steps:
            steps[place] = 1 + max((length(way) for way in unasked[place]), default=0)
        return steps[place]

    for place in _places(book):
        if length(place) > HOPS:
            what = f"goes {steps[place]} steps without asking anybody, and the engine at most {HOPS}"
            yield Flaw(where="/".join(place), what=what, mend="join steps that only act")


def _places(book: Book) -> list[Place]:
    return [(dialog.name, step) for dialog in book.dialogs.values() for step in dialog.steps]


def _ways(book: Book, ways: Callable[[Node], tuple[str, ...]]) -> Mapping[Place, tuple[Place, ...]]:
    """Where each step leads by ``ways``, as far as that is there."""
    return {
        (dialog.name, step): tuple(
            place for target in ways(node) if (place := resolve(book, dialog, target)) is not None
        )
        for dialog in book.dialogs.values()
        for step, node in dialog.steps.items()
    }


def _from(place: Place, ways: Mapping[Place, tuple[Place, ...]]) -> set[Place]:
    """Everything in reach of ``place``, itself included."""
    reached, waiting = {place}, [place]
    while waiting:
        new = set(ways[waiting.pop()]) - reached
        reached |= new
        waiting.extend(new)
    return reached


def _returns(place: Place, ways: Mapping[Place, tuple[Place, ...]]) -> bool:
    return any(place in _from(way, ways) for way in ways[place])
