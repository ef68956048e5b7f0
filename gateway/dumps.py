"""Backups of a PostgreSQL store, which its own tools make: whether a file is one, and how old it is.

Rule: we say what we saw, no more. A dump that ``pg_restore`` reads to its end is whole; only putting it back into an
empty database shows that it is good (docs/run-a-service.md).
"""

import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

#: How ``pg_dump --format=custom`` and a directory dump's table of contents begin, and how a plain dump ends.
_ARCHIVE = b"PGDMP"
_PLAIN_END = b"-- PostgreSQL database dump complete"
_TAIL = 4096
#: In a directory dump and in a base backup: the file that is written last, so that without it there is no backup.
_TOC, _MANIFEST = "toc.dat", "backup_manifest"


class NoDump(Exception):
    """There is no whole dump; ``str()`` is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dump:
    """A backup as it was found. ``how`` says in words how far it was read."""

    made_at: datetime
    how: str


def look(path: Path) -> Dump:
    """Say what a file or folder is and when it was made, having read it as far as can be done without a database."""
    if path.is_dir():
        found = next((path / name for name in (_MANIFEST, _TOC) if (path / name).is_file()), None)
        if found is None:
            raise NoDump(f"{path} holds neither {_TOC} (pg_dump) nor {_MANIFEST} (pg_basebackup)")
        whole = found.name == _TOC
        return Dump(made_at=_made_at(found), how=_read_through(path) if whole else "a base backup; its files not read")
    with path.open("rb") as file:
        head = file.read(len(_ARCHIVE))
        file.seek(max(0, path.stat().st_size - _TAIL))
        tail = file.read()
    if head == _ARCHIVE:
        return Dump(made_at=_made_at(path), how=_read_through(path))
    if _PLAIN_END in tail:
        return Dump(made_at=_made_at(path), how="plain SQL with its last line")
    raise NoDump(f"{path} is no whole dump of PostgreSQL: make it with pg_dump --format=custom --file={path} DATABASE")


def _made_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _read_through(path: Path) -> str:
    """Let PostgreSQL's own tool read a dump to its end; ``NoDump`` if it cannot."""
    tool = shutil.which("pg_restore")
    if tool is None:
        return "only its beginning was read: pg_restore is not on this machine"
    done = subprocess.run(  # noqa: S603  one tool, one path that the operator gave
        [tool, "--file=/dev/null", str(path)], capture_output=True, check=False
    )
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise NoDump(f"{path} cannot be read to its end: {lines[0] if lines else f'pg_restore said {done.returncode}'}")
    return "pg_restore read it to its end"
