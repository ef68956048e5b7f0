"""The page that teaches to write a dialog, followed to the letter in a copy of the tree: every block, every command."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/write-a-dialog.md").read_text(encoding="utf-8")
NEEDED = ("city", "dialogs", "gateway", "providers", "store", "templates", "tests/transcripts")
FILES = ("config.yaml", "conftest.py", "pyproject.toml", "tests/conftest.py")
#: A file's name in bold, and the block below it.
_BLOCK = re.compile(r"^\*\*`(?P<path>[^`]+)`\*\*\n\n```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_TRANSCRIPT = "tests/transcripts/90-thanks-for-good-work.txt"


def follow(tree: Path) -> list[str]:
    """Write every file of the page, and change those it changes; return their paths."""
    done = []
    for block in _BLOCK.finditer(PAGE):
        path = tree / block["path"]
        if block["kind"] == "diff":
            text = path.read_text(encoding="utf-8")
            for change in block["body"].split("@@\n"):
                text = changed(text, change.splitlines())
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            text = block["body"]
        path.write_text(text, encoding="utf-8")
        done.append(block["path"])
    return done


def changed(text: str, lines: Sequence[str]) -> str:
    old = "".join(f"{line[1:]}\n" for line in lines if line[0] != "+")
    new = "".join(f"{line[1:]}\n" for line in lines if line[0] != "-")
    assert f"\n{text}".count(f"\n{old}") == 1, f"stands there once: {old}"
    return f"\n{text}".replace(f"\n{old}", f"\n{new}")[1:]


def run(tree: Path, *words: str) -> subprocess.CompletedProcess[str]:
    asked = [sys.executable, "-m", *words]
    return subprocess.run(asked, cwd=tree, check=False, capture_output=True, text=True, timeout=240)


def copy_of_the_tree(place: Path) -> Path:
    for name in NEEDED:
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, place / name)
    return place


def test_who_follows_the_page_ends_with_a_proven_dialog(tmp_path):
    """One test, because each step stands on the one before it."""
    tree = copy_of_the_tree(tmp_path)
    paths = follow(tree)
    assert len(paths) == len(set(paths)) == 11
    (same,) = re.findall(r"^\.venv/bin/barrio (words same .+)$", PAGE, re.MULTILINE)
    said = run(tree, "gateway", *same.split())
    assert said.returncode == 0, said.stderr
    assert json.loads(run(tree, "gateway", "check", "--json").stdout)["findings"] == []
    clean = run(tree, "ruff", "check", "--no-cache", "dialogs/praise.py", "dialogs/book.py")
    assert clean.returncode == 0, clean.stdout
    asked, played = conversation(tree)
    rest = iter(played)
    assert [line for line in asked if line not in rest] == [], played
    (held,) = re.findall(r"^```text\n(\. praise.+?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert [line for line in held.splitlines() if line not in played] == [], played


def conversation(tree: Path) -> tuple[list[str], list[str]]:
    """The lines of the page's transcript, and those it has after it was played."""
    path = tree / _TRANSCRIPT
    asked = [line for line in path.read_text(encoding="utf-8").splitlines() if line]
    play = ("pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "tests/transcripts", "-k", path.stem)
    covered = ("--cov=dialogs.praise", "--cov-branch", "--cov-report=term-missing", "--cov-fail-under=100")
    done = run(tree, *play, "--update-transcripts", *covered)
    assert done.returncode == 0, done.stdout
    return asked, path.read_text(encoding="utf-8").splitlines()
