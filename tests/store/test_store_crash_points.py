"""Places where the process may die: each is in the program, an unknown one is refused, and dying is like kill -9."""

import ast
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from store import crash

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    crash.watch(None)


def _places() -> Counter[str]:
    found: Counter[str] = Counter()
    for file in [*ROOT.glob("store/**/*.py"), *ROOT.glob("gateway/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "crash.point":
                [name] = node.args
                assert isinstance(name, ast.Constant), f"{file.name}: a point is named by its word"
                found[name.value] += 1
    return found


def test_every_point_is_in_the_program_and_every_place_has_a_name() -> None:
    assert set(_places()) == set(crash.POINTS)


def test_without_a_watcher_nothing_happens() -> None:
    assert crash.point("commit.before") is None


def test_a_watcher_hears_the_name_of_each_place() -> None:
    heard: list[str] = []
    crash.watch(heard.append)
    crash.point("commit.before")
    crash.point("commit.after")
    crash.watch(None)
    crash.point("commit.after")
    assert heard == ["commit.before", "commit.after"]


def test_it_happens_once_at_the_given_passing() -> None:
    done: list[str] = []
    crash.watch(crash.at("tick.after", 2, lambda: done.append("died")))
    for name in ("tick.after", "tick.before", "tick.after", "tick.after"):
        crash.point(name)
    assert done == ["died"]


def test_nothing_wanted_arms_nothing() -> None:
    crash.arm(None)
    crash.arm("")
    assert crash.point("commit.before") is None


@pytest.mark.parametrize("wanted", ["commit.begun:1", "commit.before", "commit.before:0", "commit.before:-1", ":1"])
def test_what_cannot_be_is_refused(wanted: str) -> None:
    with pytest.raises(crash.UnknownPoint, match=r"BARRIO_CRASH_AT must be one of these.*commit\.before"):
        crash.arm(wanted)


def _barrio(*words: str, at: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, crash.VARIABLE: at}
    command = [sys.executable, "-m", "gateway", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_an_unknown_name_ends_a_command_with_one_line(tmp_path: Path) -> None:
    done = _barrio("serve", at="nowhere:1")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_killed_in_a_migration_the_store_is_as_it_was(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    whole = (ROOT / "config.yaml").read_text(encoding="utf-8").replace("city: city", f'city: "{ROOT / "city"}"')
    config.write_text(whole, encoding="utf-8")
    done = _barrio("migrate", "--config", str(config), at="migrate.changed:1")
    assert (done.returncode, done.stdout) == (crash.KILLED, "")
    assert (
        _barrio("serve", "--config", str(config), at="").stderr
        == "the store is older than this version: barrio migrate\n"
    )
    assert _barrio("migrate", "--config", str(config), at="").stdout == "The store is ready.\n"
