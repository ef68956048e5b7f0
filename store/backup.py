"""Copies of a SQLite store: made while it is used, looked into, and made ready to take the store's place.

Rule 1: a copy is made with VACUUM INTO. It reads one picture of the store, as any reader does, so writers never wait
for it; and it writes rows, not pages, so that what was erased is not in the copy. (SQLite's backup API copies pages:
in steps it begins again with every commit of another process, in one step it copies the remains of erased words too.)
Rule 2: a copy has a name of its own until it is whole, on disk and sound; ``publish`` then gives it the one wanted.
Whoever is killed before leaves nothing under that name.
Rule 3: a copy is one file, not in WAL mode. So a file in WAL mode is no copy but somebody's ``cp`` of a live store,
whose last commits were in another file.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from dialogs.cases import OPEN
from store import crash
from store.engines.sqlite import BUSY_SECONDS, look, once, translate
from store.errors import StoreUnavailable
from store.schema import cases, contacts, inbound, outbound
from store.sql import Tx

__all__ = [
    "Contents",
    "contents",
    "copied_live",
    "copy",
    "flaw",
    "holds_store",
    "look",
    "once",
    "publish",
    "set_aside",
]

_BESIDE = ("-wal", "-shm")
#: Where SQLite's header says how the file is written, and what stands there in WAL mode.
_WRITE_VERSION, _WAL = 18, 2
_HEADER = b"SQLite format 3\x00"


def copy(source: Path, to: Path) -> None:
    """Copy the store ``source`` as it is now to ``to``, its owner's alone and on disk; the store may be in use.

    ``to`` is replaced: give it a name that means nothing yet. Raise ``StoreUnavailable``, and leave nothing.
    """
    if not source.is_file():
        raise StoreUnavailable("there is no such file")
    with _held(to) as held:
        try:
            with closing(_connect(source)) as connection:
                connection.execute("VACUUM INTO ?", [str(to)])
            os.fsync(held)
        except sqlite3.Error as error:
            to.unlink(missing_ok=True)
            raise translate(error) or error from None
        except OSError as error:
            to.unlink(missing_ok=True)
            raise StoreUnavailable(f"the copy cannot be written: {error.strerror}", lasting=True) from None
    crash.point("backup.copied")


@contextmanager
def _held(path: Path) -> Iterator[int]:
    """Make the file empty and hold it against another copy of the same name; what a killed one left is overwritten."""
    try:
        held = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreUnavailable(f"the copy cannot be made: {error.strerror}") from None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(held, 0)
        os.fchmod(held, 0o600)
        yield held
    except BlockingIOError:
        raise StoreUnavailable("another copy is being written to this name") from None
    finally:
        os.close(held)


def publish(copy_: Path, name: Path) -> None:
    """Give a copy the name that is wanted, at once and for good."""
    try:
        copy_.rename(name)
        folder = os.open(name.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise StoreUnavailable(f"the copy cannot be put in place: {error.strerror}") from None


def flaw(path: Path) -> str | None:
    """Say what is wrong with a file as a database (``PRAGMA quick_check``); None if nothing is. It must not be live."""
    try:
        with closing(_connect(path)) as connection:
            said: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        return str(error)
    return None if said == "ok" else said.partition("\n")[0]


def copied_live(path: Path) -> bool:
    """Whether a file is a live store or somebody's copy of one (rule 3); False if it is no database at all."""
    with path.open("rb") as file:
        header = file.read(_WRITE_VERSION + 1)
    return header.startswith(_HEADER) and header[_WRITE_VERSION:] == bytes([_WAL])


def set_aside(live: Path, name: Path) -> None:
    """Rename a store that nobody uses, with what stands beside it; its content is not touched, for it may be damaged.

    The database goes first: a log left behind beside no database is harmless, beside another one it is poison.
    """
    for end in ("", *_BESIDE):
        if (file := Path(f"{live}{end}")).exists():
            file.rename(f"{name}{end}")
    crash.point("backup.set_aside")


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=BUSY_SECONDS, isolation_level=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is in a store. ``newest`` is when the last message came in or was written."""

    contacts: int
    inbound: int
    outbound: int
    cases: int
    open_cases: int
    newest: datetime | None


_COUNTS = sa.select(
    *(
        sa.select(sa.func.count()).select_from(table).scalar_subquery().label(table.name)
        for table in (contacts, inbound, outbound, cases)
    ),
    sa.select(sa.func.count()).where(cases.c.status.in_(sorted(OPEN))).scalar_subquery().label("open_cases"),
)
_NEWEST = (
    sa.select(inbound.c.received_at).order_by(inbound.c.id.desc()).limit(1),
    sa.select(outbound.c.created_at).order_by(outbound.c.id.desc()).limit(1),
)


def contents(tx: Tx) -> Contents:
    """Count what is in a store."""
    ends = [at for ask in _NEWEST if (at := tx.execute(ask).scalar_one_or_none()) is not None]
    return Contents(**tx.execute(_COUNTS).mappings().one(), newest=max(ends, default=None))


def holds_store(path: Path) -> bool:
    """Whether a database is a store of this house, of whatever version."""
    return look(path, lambda tx: sa.inspect(tx).has_table("alembic_version"))
