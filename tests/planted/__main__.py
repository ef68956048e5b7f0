"""``make planted``: is the battery one? Each bug is planted into a copy of the tree, and something must catch it.

Prints which bug was caught by what. Without a bug the same battery must find nothing, or its catches would say nothing.
``python -m tests.planted "drop DLR"`` plants the named ones only; ``--short`` the half that the simulation catches.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.planted.bugs import BUGS, Bug

ROOT = Path(__file__).resolve().parents[2]
#: What a run needs of the tree. The rest (documents, virtual environment, data) is left where it is.
NEEDED = ("city", "dialogs", "gateway", "providers", "store", "templates", "tests", "bench")
FILES = ("config.yaml", "conftest.py", "pyproject.toml")
#: So much of what was found is shown.
MOST = 110
#: Longer than any part of the battery takes, in seconds.
LONGEST = 900

_FAILED = re.compile(r"^FAILED (\S+)", re.MULTILINE)
_BROKEN = re.compile(r"^seed \d+: (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the battery: a command, and what in its output names what it found."""

    name: str
    command: tuple[str, ...]
    found: re.Pattern[str]


#: In order: the first part that finds something is the one that caught the bug.
BATTERY = (
    Part(name="simulation", command=("-m", "tests.simulation", "--seeds", "6", "--until-broken"), found=_BROKEN),
    Part(
        name="tests",
        command=(
            *("-m", "pytest", "-q", "-x", "-n", "2", "-p", "no:cacheprovider", "-p", "no:randomly"),
            *("-k", "not postgresql", "tests/dialogs/understand", "tests/gateway", "tests/web"),
        ),
        found=_FAILED,
    ),
)


class NotPlanted(Exception):
    """The text that a bug changes no longer stands where it stood."""


def main(arguments: Sequence[str]) -> int:
    """Plant each bug and run the battery; 1 if one gets through, or if the battery finds something without one."""
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--short", action="store_true", help="the simulation alone, and only what it catches")
    asked = parser.parse_args(arguments)
    battery = BATTERY[:1] if asked.short else BATTERY
    chosen = [
        bug for bug in BUGS if (not asked.names or bug.name in asked.names) and (not asked.short or bug.simulated)
    ]
    with copy() as tree:
        if (caught := battle(tree, battery)) is not None:
            print(f"without any bug: {caught}")
            return 1
    through = [bug for bug in chosen if not _plant_and_battle(bug, battery)]
    print(f"{len(chosen) - len(through)} of {len(chosen)} planted bugs were caught")
    return 1 if through else 0


def _plant_and_battle(bug: Bug, battery: Sequence[Part]) -> bool:
    began = time.monotonic()  # noqa: TID251  how long it truly took
    with copy() as tree:
        try:
            plant(bug, tree)
        except NotPlanted as error:
            print(f"{bug.name:36}CANNOT BE PLANTED: {error}", flush=True)
            return False
        caught = battle(tree, battery)
    took = time.monotonic() - began  # noqa: TID251  the same
    print(f"{bug.name:36}{caught or 'GOT THROUGH'}  ({took:.0f} s)", flush=True)
    return caught is not None


@contextmanager
def copy() -> Iterator[Path]:
    """Copy what a run needs to a place of its own."""
    tree = Path(tempfile.mkdtemp(prefix="barrio-planted-"))
    try:
        for name in NEEDED:
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in FILES:
            shutil.copy(ROOT / name, tree / name)
        yield tree
    finally:
        shutil.rmtree(tree)


def plant(bug: Bug, tree: Path) -> None:
    """Change the copy; raise ``NotPlanted`` unless each old text stands in its file exactly once."""
    for name, old, new in bug.changes:
        path = tree / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if text.count(old) != 1:
            raise NotPlanted(f"{name} holds its text {text.count(old)} times")
        path.write_text(text.replace(old, new), encoding="utf-8")


def battle(tree: Path, battery: Sequence[Part]) -> str | None:
    """Run the battery in a copy; say which part found what, None if nothing did."""
    for part in battery:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("BARRIO_", "CI"))}
        done = subprocess.run(
            [sys.executable, *part.command],
            check=False, cwd=tree, capture_output=True, text=True, timeout=LONGEST,
            env={**environment, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"},
        )  # fmt: skip
        if done.returncode:
            found = part.found.search(done.stdout)
            what = found[1] if found else (done.stdout + done.stderr).strip()[-MOST:]
            return f"{part.name}: {what[:MOST]}"
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
