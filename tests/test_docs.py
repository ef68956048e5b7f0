"""What the documentation says is there is there, and what is there is documented."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from pydantic import BaseModel

from gateway import config
from gateway.cli.root import barrio
from gateway.lines import PROVIDERS, ChannelConfig

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def keys(model: type[BaseModel], before: str = "") -> Iterator[str]:
    """The keys of a model as config.yaml names them, with a dot between group and key."""
    for name, field in model.model_fields.items():
        key = f"{before}{field.alias or name}"
        inner: Any = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from keys(inner, f"{key}.")
        else:
            yield key


def command_names(command: click.Command, before: str) -> Iterator[str]:
    yield before
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=before)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from command_names(inner, f"{before} {name}")


@pytest.mark.parametrize("key", [*keys(config._Written), *(set(ChannelConfig.model_fields) - {"id"}), *PROVIDERS])
def test_a_key_of_the_configuration_is_documented(key: str) -> None:
    assert f"`{key}`" in (ROOT / "docs/run-a-service.md").read_text()


def test_every_command_is_on_the_page_of_commands() -> None:
    page = (ROOT / "docs/commands.md").read_text()
    assert [name for name in command_names(barrio, "barrio") if f"Usage: {name} " not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_command_that_a_page_speaks_of_is_there(page: Path) -> None:
    known = set(command_names(barrio, "barrio"))
    spoken = re.findall(r"`(?:\.venv/bin/)?barrio ([a-z]+)(?: ([a-z]+)\b)?", page.read_text())
    groups = {name.rpartition(" ")[0] for name in known}
    missing = [
        f"barrio {first} {second}".strip()
        for first, second in spoken
        if f"barrio {first}" not in known
        or (second and f"barrio {first}" in groups and f"barrio {first} {second}" not in known)
    ]
    assert missing == []


def test_pages_made_from_the_code_are_fresh() -> None:
    check = subprocess.run(
        [sys.executable, "-m", "docs.generate", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    links = [link.partition("#")[0] for link in _LINK.findall(page.read_text()) if "://" not in link]
    assert [link for link in links if link and not (page.parent / link).exists()] == []


def test_the_directory_names_what_is_there() -> None:
    assert [name for name in directory() if not (ROOT / name).exists()] == []


def test_every_room_of_the_house_is_in_the_directory() -> None:
    named = set(directory())
    packages = (
        path.parent for top in ("dialogs", "gateway", "providers", "store") for path in ROOT.glob(f"{top}/**/*.py")
    )
    rooms = {f"{room.relative_to(ROOT)}/" for room in packages if room.name != "versions"}
    assert rooms - named == set()


def directory() -> list[str]:
    """The paths in the first column of the page's tables."""
    page = (ROOT / "docs/directory.md").read_text()
    cells = (line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_a_decision_has_a_number_of_its_own() -> None:
    numbers = [page.name[:4] for page in sorted((ROOT / "docs/decisions").glob("*.md"))]
    assert len(set(numbers)) == len(numbers)
    assert all(number.isdigit() for number in numbers)


@pytest.mark.parametrize("page", sorted((ROOT / "docs/decisions").glob("*.md")), ids=lambda page: page.stem)
def test_a_decision_is_a_page_and_says_what_it_cost(page: Path) -> None:
    text = page.read_text()
    assert len(text.splitlines()) <= 60
    assert "gave up" in text


def test_the_conversation_in_the_readme_is_one_that_happens() -> None:
    told = {line for file in ROOT.glob("tests/transcripts/*.txt") for line in file.read_text().splitlines()}
    shown = [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith(("> ", "< "))]
    assert shown
    assert [line for line in shown if line not in told] == []
