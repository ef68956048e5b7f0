"""Make the pages that repeat what the code says: the directory, the commands, the dialogs and the life of a case drawn.

``python -m docs.generate`` writes them; with ``--check`` it only says which are stale, and a test sees to that.
"""

import argparse
import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from docs import drawings
from docs.drawings import MADE
from gateway.cli.root import barrio

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent

COMMANDS = """# Commands

{made}
`barrio` is `.venv/bin/barrio`, or `python -m gateway`. Every command also takes `--config FILE` (otherwise what
`BARRIO_CONFIG` names, or `config.yaml`), `--json` for programs, and `--help`."""

#: Options that every command has begin their line so.
SHARED = ("  --config FILE", "  --json", "  --help", "                 names).")


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


TOP = """# Directory

Where things are, and what each is for: the first sentence of every file. {made}
Who may import whom: `gateway → (providers | store) → dialogs`, and inside `gateway` the order in `pyproject.toml`.

| at the top | |
|---|---|
| `config.yaml` | how this service runs: channels, quiet hours, follow-ups. Secrets only as `${{NAME}}` |
| `city/` | what is this city's own, as data: categories, places, holidays, hotlines |
| `templates/sms/` | what people read, `<language>/<dialog>/<step>.j2`, and `words.yaml`: what they may write |
| `templates/simulator/` | the phone in the browser |
| `templates/book/` | the dialogs in the browser, drawn |
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
    "case-life.md": drawings.case_life,
    "dialogs.md": drawings.dialogs,
    **drawings.pictures(),
}


def main() -> int:
    """Write the pages, or with ``--check`` name the stale ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    made = {HERE / name: page() for name, page in PAGES.items()}
    stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    over = [path for path in drawings.drawn(HERE) if path not in made]
    for path in (*stale, *over):
        print(f"{'stale' if asked.check else 'written' if path in made else 'removed'}: docs/{path.relative_to(HERE)}")
        if asked.check:
            continue
        if path in made:
            path.write_text(made[path])
        else:
            path.unlink()
    return 1 if asked.check and (stale or over) else 0


if __name__ == "__main__":
    sys.exit(main())
