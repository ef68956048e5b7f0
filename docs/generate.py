"""Make the pages that repeat what the code says: the commands, the life of a case, the dialogs.

``python -m docs.generate`` writes them; with ``--check`` it only says which are stale, and a test sees to that.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import click

from dialogs.book import BOOK
from dialogs.cases import CONFIRMABLE, OPEN, TRANSITIONS, CaseStatus, Outcome
from dialogs.graph import targets
from dialogs.nodes import Ask, Choose, Dialog, Do, End, Fork, Node, Waiting
from gateway.cli import barrio

HERE = Path(__file__).resolve().parent
MADE = "*Made from the code by `make docs`; change it there.*\n"

#: How Mermaid draws each node: what opens and what closes its shape.
SHAPES: Mapping[type[Node], tuple[str, str]] = {
    Ask: ("[/", "/]"),
    Choose: ("{{", "}}"),
    Do: ("[[", "]]"),
    Fork: ("{", "}"),
    End: ("([", "])"),
}


def commands() -> str:
    """Every command as its own ``--help`` tells it."""
    pages = [f"```text\n{text}\n```" for text in _helps(barrio, click.Context(barrio, info_name="barrio"))]
    return "\n\n".join(["# Commands", MADE + "\n`barrio` is `python -m gateway`.", *pages]) + "\n"


def _helps(command: click.Command, context: click.Context) -> Iterator[str]:
    context.terminal_width = 100
    yield command.get_help(context)
    if isinstance(command, click.Group):
        for name, inner in sorted(command.commands.items()):
            yield from _helps(inner, click.Context(inner, info_name=name, parent=context))


def case_life() -> str:
    """Which status may follow which, grouped where the answer is the same."""
    groups: dict[frozenset[CaseStatus], list[CaseStatus]] = {}
    for status, exits in TRANSITIONS.items():
        groups.setdefault(exits, []).append(status)
    rows = [f"| {_names(statuses)} | {_names(exits)} |" for exits, statuses in groups.items()]
    table = "\n".join(["| a case that is | may become |", "|---|---|", *rows])
    return f"""# The life of a case

{MADE}
The table is `TRANSITIONS` in [`dialogs/cases.py`](../dialogs/cases.py); a status can be changed in no other way.

{table}

Open311 calls open: {_names(OPEN)}. All others are closed to it.

The resident is asked to confirm: {_names(CONFIRMABLE)}. A case closes as {_names(Outcome)}; these are counted apart,
because silence is not satisfaction.
"""


def _names(words: Iterable[CaseStatus | Outcome]) -> str:
    order = [*CaseStatus, *Outcome]
    return ", ".join(f"`{word}`" for word in sorted(words, key=order.index))


def dialogs() -> str:
    """Every dialog drawn: its steps, and where each leads."""
    keys = (
        "a slanted box asks in own words, a hexagon offers digits, a double box acts, a diamond forks, a round box ends"
    )
    parts = [f"# The dialogs\n\n{MADE}\nIn the pictures {keys}; a dotted line is where three misses lead.\n"]
    parts += [_dialog(dialog) for dialog in BOOK.dialogs.values()]
    return "\n".join(parts)


def _dialog(dialog: Dialog) -> str:
    lines = [f"    {_shape(dialog, name, node)}" for name, node in dialog.steps.items()]
    lines += [f"    {line}" for name, node in dialog.steps.items() for line in _arrows(dialog, name, node)]
    wait = f"A question stands for {dialog.timeout.total_seconds() / 3600:g} hours"
    after = f"then `{dialog.on_expire}` follows" if dialog.on_expire else "then the conversation ends"
    kept = " It gives way: what was pending stays pending." if dialog.aside else ""
    picture = "\n".join(["```mermaid", "flowchart LR", *lines, "```"])
    return f"## {dialog.name}\n\nBegins at `{dialog.start}`. {wait}, {after}.{kept}\n\n{picture}\n"


def _shape(dialog: Dialog, name: str, node: Node) -> str:
    begin, end = SHAPES[type(node)]
    return f'{_id(dialog, name)}{begin}"{name}"{end}'


def _arrows(dialog: Dialog, name: str, node: Node) -> Iterator[str]:
    labels = node.exits if isinstance(node, Fork) else node.next if isinstance(node, Choose) else {}
    words = {target: label for label, target in labels.items()} if isinstance(labels, Mapping) else {}
    give_up = node.give_up if isinstance(node, Waiting) else None
    for target in dict.fromkeys(targets(node)):
        arrow = "-.->" if target == give_up else "-->"
        word = f"|{words[target]}|" if target in words else ""
        yield f"{_id(dialog, name)} {arrow}{word} {_target(dialog, target)}"


def _target(dialog: Dialog, target: str) -> str:
    other, colon, name = target.rpartition(":")
    if not colon:
        return _id(dialog, name)
    found = BOOK.dialogs[other]
    return f'{_id(found, name or found.start)}("{other}")'


def _id(dialog: Dialog, name: str) -> str:
    """Mermaid's own words (``end``, ``default``) cannot be ids, so every id has its dialog before it."""
    return f"{dialog.name}_{name}"


PAGES: Mapping[str, Callable[[], str]] = {"commands.md": commands, "case-life.md": case_life, "dialogs.md": dialogs}


def main() -> int:
    """Write the pages, or with ``--check`` name the stale ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    made = {HERE / name: page() for name, page in PAGES.items()}
    stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        print(f"stale: docs/{path.name}" if asked.check else f"written: docs/{path.name}")
        if not asked.check:
            path.write_text(made[path])
    return 1 if asked.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
