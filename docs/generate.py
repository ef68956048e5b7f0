"""Make the pages that repeat what the code says: the directory, the commands, the life of a case, the dialogs.

``python -m docs.generate`` writes them; with ``--check`` it only says which are stale, and a test sees to that.
"""

import argparse
import ast
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path

import click

from dialogs.book import BOOK
from dialogs.cases import CONFIRMABLE, OPEN, TRANSITIONS, CaseStatus, Outcome
from dialogs.graph import targets
from dialogs.nodes import Ask, Choose, Dialog, Do, End, Fork, Node, Waiting
from gateway.cli.root import barrio

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DAY = 24
MADE = "*Made from the code by `make docs`; change it there.*\n"

COMMANDS = """# Commands

{made}
`barrio` is `.venv/bin/barrio`, or `python -m gateway`. Every command also takes `--config FILE` (otherwise what
`BARRIO_CONFIG` names, or `config.yaml`), `--json` for programs, and `--help`."""

#: Options that every command has begin their line so.
SHARED = ("  --config FILE", "  --json", "  --help", "                 names).")

#: How Mermaid draws each node: what opens and what closes its shape.
SHAPES: Mapping[type[Node], tuple[str, str]] = {
    Ask: ("[/", "/]"),
    Choose: ("{{", "}}"),
    Do: ("[[", "]]"),
    Fork: ("{", "}"),
    End: ("([", "])"),
}


def commands() -> str:
    """Every command as its own ``--help`` tells it, without the options that all have."""
    pages = [f"```text\n{text}\n```" for text in _helps(barrio, click.Context(barrio, info_name="barrio"))]
    return "\n\n".join([COMMANDS.format(made=MADE), *pages]) + "\n"


def _helps(command: click.Command, context: click.Context) -> Iterator[str]:
    context.terminal_width = 100
    lines = [line for line in command.get_help(context).splitlines() if not line.startswith(SHARED)]
    yield "\n".join(lines).replace("Options:\n\n", "").removesuffix("Options:").rstrip()
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if inner := command.get_command(context, name):
                yield from _helps(inner, click.Context(inner, info_name=name, parent=context))


def case_life() -> str:
    """Which status may follow which, grouped where the answer is the same."""
    groups: dict[frozenset[CaseStatus], list[CaseStatus]] = {}
    for status, exits in TRANSITIONS.items():
        groups.setdefault(exits, []).append(status)
    rows = [f"| {_names(statuses)} | {_statuses(exits)} |" for exits, statuses in groups.items()]
    table = "\n".join(["| a case that is | may become |", "|---|---|", *rows])
    return f"""# The life of a case

{MADE}
The table is `TRANSITIONS` in [`dialogs/cases.py`](../dialogs/cases.py); a status can be changed in no other way.

{table}

Open311 calls open: {_statuses(OPEN)}. All others are closed to it.

The resident is asked to confirm: {_statuses(CONFIRMABLE)}. A case closes as {_names(Outcome)}; these are counted apart,
because silence is not satisfaction.
"""


def _statuses(some: Collection[CaseStatus]) -> str:
    return _names(status for status in CaseStatus if status in some)


def _names(words: Iterable[CaseStatus | Outcome]) -> str:
    return ", ".join(f"`{word}`" for word in words)


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
    hours = int(dialog.timeout.total_seconds() // 3600)
    wait = f"A question stands for {hours // DAY} days" if hours > DAY else f"A question stands for {hours} hours"
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
    ways = targets(node)
    misses = len(ways) - 1 if isinstance(node, Waiting) else len(ways)
    for target in dict.fromkeys(ways):
        arrow = "-->" if target in ways[:misses] else "-.->"
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


TOP = """# Directory

Where things are, and what each is for: the first sentence of every file. {made}
Who may import whom: `gateway → (providers | store) → dialogs`, and inside `gateway` the order in `pyproject.toml`.

| at the top | |
|---|---|
| `config.yaml` | how this service runs: channels, quiet hours, follow-ups. Secrets only as `${{NAME}}` |
| `city/` | what is this city's own, as data: categories, places, holidays, hotlines |
| `templates/sms/` | what people read, `<language>/<dialog>/<step>.j2`, and `words.yaml`: what they may write |
| `templates/simulator/` | the phone in the browser |
| `store/migrations/` | how the tables came to be, forward only |
| `tests/` | mirrors the packages; `tests/transcripts/` are conversations that anyone can read |
| `bench/`, `docs/` | how fast, beside which floor; these pages |
| `Makefile`, `pyproject.toml`, `.ci/run` | the commands; the tools' settings; what the judging machine runs |
| `requirements.in`, `requirements.txt` | what serving needs, and its pins with hashes; `-dev` for tests and checks |
"""

#: The packages in the order in which to read them.
PACKAGES = ("dialogs", "providers", "store", "gateway")


def directory() -> str:
    """Every file of the application by its first sentence, room by room."""
    rooms = [room for package in PACKAGES for room in _rooms(ROOT / package)]
    return "\n".join([TOP.format(made=MADE), *(_room(room) for room in rooms)])


def _rooms(package: Path) -> list[Path]:
    return sorted(path.parent for path in package.rglob("__init__.py"))


def _room(room: Path) -> str:
    files = [path for path in sorted(room.glob("*.py")) if path.name != "__init__.py"]
    rows = [f"| `{path.relative_to(ROOT)}` | {_purpose(path)} |" for path in files]
    about = _purpose(room / "__init__.py")
    return "\n".join([f"| `{room.relative_to(ROOT)}/` | {about} |", "|---|---|", *rows, ""])


def _purpose(path: Path) -> str:
    """The first sentence of a file, on one line."""
    said = ast.get_docstring(ast.parse(path.read_text())) or ""
    return " ".join(said.split("\n\n")[0].split()).replace("|", "\\|").replace("``", "`")


PAGES: Mapping[str, Callable[[], str]] = {
    "directory.md": directory,
    "commands.md": commands,
    "case-life.md": case_life,
    "dialogs.md": dialogs,
}


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
