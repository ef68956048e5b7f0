"""What erased words leave behind in files, and what removes it.

SQLite: a change is written to the log (``-wal``) first, and pages of before stay in it until it is cut to nothing;
that waits for readers, so it is tried again and again, each time briefly, because writers wait meanwhile. After that,
``secure_delete`` has overwritten the words. But one row in a thousand leaves a copy of itself in the unused middle of
a page that was split (measured; the pragma does not reach there); ``compact`` writes the file anew without it.

PostgreSQL: VACUUM gives the space of old rows free, and what stands in it may be read from the server's disk until it
is used again; VACUUM FULL writes the tables anew. Its log and its backups keep what was, until they are thrown away.
"""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from store.engines import postgresql
from store.engines.sqlite import BUSY_SECONDS, translate
from store.errors import StoreUnavailable

#: One attempt makes writers wait for at most this long, in milliseconds; and so many attempts, with rests as long.
_TRY_MS, _TRIES = 250, 120
#: A file of this size is written anew in about three seconds, for which writers wait; of a larger one, only on demand.
SMALL = 512 * 1024 * 1024
_BLOCK = 4 * 1024 * 1024
#: Where words and numbers of people stand.
TABLES = ("contacts", "inbound", "outbound", "sessions", "ussd_sessions", "cases", "notes", "quarantine")


def cut_log(path: Path) -> None:
    """Bring the log of a SQLite store into the file and cut it to nothing; ``StoreUnavailable`` if a reader stays."""
    try:
        with closing(sqlite3.connect(path, timeout=_TRY_MS / 1000, isolation_level=None)) as connection:
            for _ in range(_TRIES):
                (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                if not busy:
                    return
                time.sleep(_TRY_MS / 1000)
    except sqlite3.Error as error:
        raise translate(error) or error from None
    raise StoreUnavailable("somebody reads the store without an end, so its log still holds what was erased")


def compact(path: Path) -> None:
    """Write a SQLite store anew, in place; writers wait meanwhile. Needs as much room again as the file has.

    Raise ``StoreUnavailable`` if writers leave no gap for it.
    """
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("VACUUM")
    except sqlite3.Error as error:
        raise translate(error) or error from None
    cut_log(path)


def holding(files: Iterable[Path], traces: Sequence[bytes]) -> list[Path]:
    """Which of these files hold any of these bytes. Not for a file that this process has open through SQLite."""
    return [file for file in files if _holds(file, traces)]


def _holds(file: Path, traces: Sequence[bytes]) -> bool:
    longest = max(map(len, traces), default=0)
    tail = b""
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            block = tail + block
            if any(trace in block for trace in traces):
                return True
            tail = block[-longest:]
    return False


async def vacuum(url: str, *, full: bool) -> None:
    """Let PostgreSQL clear away old rows; ``full``: write the tables anew, for which everybody waits."""
    await postgresql.alone(url, [f"VACUUM {'(FULL) ' if full else ''}{table}" for table in TABLES])
