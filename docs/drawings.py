"""The pages with pictures: each dialog, and the life of a case, as they are in the program."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from dialogs.book import BOOK
from dialogs.cases import CONFIRMABLE, OPEN, TRANSITIONS, CaseStatus, Outcome
from dialogs.nodes import Dialog
from gateway.pictures import graphs, mermaid, svg
from gateway.pictures.graphs import Arrow, Captions, Graph, Shape
from gateway.pictures.layout import labels

MADE = "*Made from the code by `make docs`; change it there.*\n"
RULES = (Path(__file__).resolve().parents[1] / "gateway/web/static/picture.css").read_text()
#: What each shape does, as short as it stands in a box.
NOTES: Mapping[Shape, str] = {
    Shape.ASK: "asks",
    Shape.CHOOSE: "offers digits",
    Shape.DO: "acts",
    Shape.FORK: "forks",
    Shape.END: "says, and ends",
    Shape.DOOR: "goes to",
}
_DAY = 24

DIALOGS = """# The dialogs

{made}
A box with a heavy edge waits for the person: with a tail it takes any words, without one it offers digits. A double
box asks the gateway for something, a pointed one goes one of its ways, a round one says the last word; an underlined
name is another dialog. `3× →` and a broken line are where three misses lead, `↑` goes back up. What each step says, in
every language, is on the service's own page `/dialogs`.
"""  # noqa: RUF001  a times sign

CASE = """# The life of a case

{made}
![The life of a case, drawn](img/case-life.svg)

The table is `TRANSITIONS` in [`dialogs/cases.py`](../dialogs/cases.py); a status can be changed in no other way. In the
picture statuses from which the same ways lead share a box, and an arrow names what a case becomes; `↑` goes back to the
first box.

{table}

Open311 calls open: {open}. All others are closed to it.

The resident is asked to confirm: {confirmable}. A case closes as {outcomes}; these are counted apart,
because silence is not satisfaction.

{mermaid}
"""


def dialogs() -> str:
    """Every dialog drawn, with the same as a table and as Mermaid."""
    return "\n".join([DIALOGS.format(made=MADE), *(_dialog(dialog) for dialog in BOOK.dialogs.values())])


def case_life() -> str:
    """Which status may follow which, drawn, and grouped where the answer is the same."""
    groups: dict[frozenset[CaseStatus], list[CaseStatus]] = {}
    for status, exits in TRANSITIONS.items():
        groups.setdefault(exits, []).append(status)
    rows = [f"| {_names(statuses)} | {_statuses(exits)} |" for exits, statuses in groups.items()]
    return CASE.format(
        made=MADE,
        table="\n".join(["| a case that is | may become |", "|---|---|", *rows]),
        open=_statuses(OPEN),
        confirmable=_statuses(CONFIRMABLE),
        outcomes=_names(Outcome),
        mermaid=_mermaid(_life()),
    )


def pictures() -> Mapping[str, Callable[[], str]]:
    """The name of every picture, and what makes it."""
    made: dict[str, Callable[[], str]] = {
        f"img/dialog-{name}.svg": partial(_picture, dialog) for name, dialog in BOOK.dialogs.items()
    }
    return made | {"img/case-life.svg": lambda: svg.alone(_life(), RULES)}


def drawn(docs: Path) -> Iterator[Path]:
    """The pictures of dialogs that lie there, also of those that are no more."""
    yield from sorted(docs.glob("img/dialog-*.svg"))


def _picture(dialog: Dialog) -> str:
    return svg.alone(_graph(dialog), RULES)


def _graph(dialog: Dialog) -> Graph:
    return graphs.of_dialog(BOOK, dialog, Captions(notes=NOTES))


def _life() -> Graph:
    return graphs.of_case(TRANSITIONS, "The life of a case", among="among themselves:")


def _dialog(dialog: Dialog) -> str:
    graph = _graph(dialog)
    hours = int(dialog.timeout.total_seconds() // 3600)
    wait = f"{hours // _DAY} days" if hours > _DAY else f"{hours} hour{'s' * (hours > 1)}"
    after = f"then `{dialog.on_expire}` follows" if dialog.on_expire else "then the conversation ends"
    kept = " It gives way: what was pending stays pending." if dialog.aside else ""
    return f"""## {dialog.name}

Begins at `{dialog.start}`. A question stands for {wait}, {after}.{kept}

![{dialog.name}, drawn](img/dialog-{dialog.name}.svg)

{_table(graph)}

{_mermaid(graph)}
"""


def _table(graph: Graph) -> str:
    """What the picture shows, for who cannot see it."""

    def leads(name: str) -> str:
        return ", ".join(_leads(arrow) for arrow in graph.arrows if arrow.source == name)

    steps = (box for box in graph.boxes if box.shape is not Shape.DOOR)
    rows = [f"| `{box.name}` | {box.note} | {leads(box.name)} |" for box in steps]
    return "\n".join(["| step | | leads to |", "|---|---|---|", *rows])


def _leads(arrow: Arrow) -> str:
    said = ", ".join(labels(arrow))
    return f"`{arrow.target}`" + (f" ({said})" if said else "")


def _mermaid(graph: Graph) -> str:
    return f"<details><summary>The same as Mermaid</summary>\n\n```mermaid\n{mermaid.text(graph)}\n```\n\n</details>"


def _statuses(some: Collection[CaseStatus]) -> str:
    return _names(status for status in CaseStatus if status in some)


def _names(words: Iterable[CaseStatus | Outcome]) -> str:
    return ", ".join(f"`{word}`" for word in words)
