"""SQLite: one writer thread that owns its connection, one hop into it a transaction.

One writer *is* the lock, so a batch never waits for another of the same process; ``BEGIN IMMEDIATE`` keeps other
processes' commands out while it runs (a deferred transaction that reads first fails with BUSY at once, whatever the
timeout). Reads go through a few aiosqlite connections, which see the last commit and never wait for the writer (WAL).
"""

import asyncio
import fcntl
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import monotonic, sleep  # noqa: TID251  as long as SQLite itself would wait, on the same clock
from typing import Any, ClassVar, TextIO, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from store import crash
from store.engines.base import Store, Turns
from store.errors import Clash, Refused, StoreError, StoreUnavailable
from store.hot import TOLD
from store.revision import check
from store.sql import Tx

T = TypeVar("T")

#: How long another process may hold the file before we say that it is locked.
BUSY_SECONDS = 5
#: The same once it has held it that long: whoever waits behind is told in time, and providers give up after 10 to 15 s.
HASTY_SECONDS = 0.25
#: How long to wait before asking again for what SQLite does not wait for itself.
AGAIN_SECONDS = 0.01
READERS = 4

_PRAGMAS = (
    "synchronous = FULL",
    "secure_delete = ON",
    "foreign_keys = ON",
    "journal_size_limit = 67108864",  # after a storm the WAL shrinks to 64 MiB again
    # Keys that follow no order dirty a page each (see docs/decisions/0018): room for the pages of a city, and a
    # checkpoint so seldom that it is not one message in a hundred that waits for it.
    "cache_size = -65536",
    "wal_autocheckpoint = 8000",
)

_UNAVAILABLE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PROTOCOL,
}
_LASTING = {sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC}
_LASTING_FAMILIES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_TAKEN = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID}
_FAMILY = 0xFF


def translate(error: BaseException) -> StoreError | None:
    """Say in our words what SQLite said; None for what did not come from SQLite."""
    if not isinstance(error, sqlite3.Error):
        return None
    code = getattr(error, "sqlite_errorcode", None)
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if code is None:
        return Refused(name)  # Python's own complaint; it may quote a value
    if code & _FAMILY in _UNAVAILABLE:
        return StoreUnavailable(name, lasting=code in _LASTING or code & _FAMILY in _LASTING_FAMILIES)
    if code in _TAKEN:
        # "UNIQUE constraint failed: codes.code": names, no values.
        return Clash(str(error).rpartition(": ")[2].partition(".")[0])
    return Refused(name, str(error))  # SQLite names columns and quotes the statement, never a value


def _begin_log(cursor: sqlite3.Cursor) -> None:
    # A new file changes to the WAL by growing a read lock into a write lock, and there SQLite never waits, whatever its
    # timeout: of two who make a file at once, one would fail. Where SQLite waits itself, it has waited when it fails.
    until = monotonic() + BUSY_SECONDS
    while not _is_logged(cursor, until):
        sleep(AGAIN_SECONDS)


def _is_logged(cursor: sqlite3.Cursor, until: float) -> bool:
    try:
        cursor.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & _FAMILY != sqlite3.SQLITE_BUSY or monotonic() >= until:
            raise
        return False
    return True


def _prepare(engine: sa.Engine, *pragmas: str, begin: Callable[[sqlite3.Cursor], None] | None = None) -> None:
    """Set each new connection up, and speak of trouble in our words."""

    def connected(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        if begin:
            begin(cursor)
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def failed(context: ExceptionContext) -> None:
        if ours := translate(context.original_exception):
            raise ours

    sa.event.listen(engine, "connect", connected)
    sa.event.listen(engine, "handle_error", failed)


def _settings() -> dict[str, Any]:
    # isolation_level: we say BEGIN ourselves, at the start of each ``fn`` (an event for it would cost every statement).
    return {
        "connect_args": {"timeout": BUSY_SECONDS, "isolation_level": None},
        "hide_parameters": True,
        "execution_options": {TOLD: lambda error, _tx: translate(error)},
    }


def _writing_engine(path: Path) -> sa.Engine:
    """An engine whose every commit is on disk when it returns, and whose deleted words are overwritten."""
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), **_settings())
    _prepare(engine, *_PRAGMAS, begin=_begin_log)
    return engine


def _reading_engine(path: Path) -> AsyncEngine:
    url = sa.URL.create("sqlite+aiosqlite", database=str(path))
    engine = create_async_engine(url, pool_size=READERS, max_overflow=0, **_settings())
    _prepare(engine.sync_engine, "query_only = ON")
    return engine


def _writing(fn: Callable[[Tx], T], tx: Tx) -> T:
    tx.exec_driver_sql("BEGIN IMMEDIATE")
    result = fn(tx)
    crash.point("commit.before")
    return result


def _reading(fn: Callable[[Tx], T], tx: Tx) -> T:
    tx.exec_driver_sql("BEGIN")
    return fn(tx)


def once(path: Path, fn: Callable[[Tx], T]) -> T:
    """Run ``fn`` in one writing transaction on a connection of its own, which makes the file; for migrations."""
    engine = _writing_engine(path)
    try:
        with engine.begin() as tx:
            return _writing(fn, tx)
    finally:
        engine.dispose()


def look(path: Path, fn: Callable[[Tx], T]) -> T:
    """Run ``fn`` on one picture of the file, on a connection of its own that cannot write; in the caller's thread."""
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), **_settings())
    _prepare(engine, "query_only = ON")
    try:
        with engine.connect() as tx:
            return _reading(fn, tx)
    except StoreError as error:
        raise error from None
    finally:
        engine.dispose()


class SqliteStore(Store):
    """A store in one file."""

    dialect: ClassVar[str] = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-writer")
        self._readers = _reading_engine(path)
        self._turns = Turns(READERS, BUSY_SECONDS)
        self._writer: Tx | None = None
        self._closed = False
        self._broken: str | None = None
        self._hasty = False
        self._version = 0
        self._lock: TextIO | None = None

    async def start(self) -> None:
        """Open the file, which must exist and have this program's tables."""
        await self._hop(self._open)

    async def close(self) -> None:
        """End the writer after what it is doing, and let go of the file. Closing twice is closing once."""
        if not self._closed:
            await self._hop(self._shut)
            self._closed = True
            self._thread.shutdown(wait=False)
            await self._turns.end()
            await self._readers.dispose()
        if self._lock:
            self._lock.close()
            self._lock = None

    async def transact(self, fn: Callable[[Tx], T]) -> T:
        """Run ``fn`` in the writer's thread."""
        return await self._hop(partial(self._write, fn))

    async def read(self, fn: Callable[[Tx], T]) -> T:
        """Run ``fn`` on a reading connection."""
        if self._writer is None:
            raise StoreUnavailable("the store is closed")
        try:
            async with self._turns.one(), self._readers.connect() as connection:
                return await connection.run_sync(partial(_reading, fn))
        except StoreError as error:
            raise error from None

    def own(self) -> bool:
        """Lock ``<file>.lock``."""
        if self._lock is None:
            try:
                lock = Path(f"{self.path}.lock").open("a")  # noqa: SIM115  held until close
            except OSError as error:
                raise StoreUnavailable(f"cannot make its lock: {error.strerror}") from None
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                return False
            self._lock = lock
        return True

    @property
    def broken(self) -> str | None:
        """Why a transaction of ours failed for good."""
        return self._broken

    async def changed(self) -> bool:
        """Compare ``data_version``, which our own commits do not move."""
        return await self._hop(self._look)

    async def _hop(self, work: Callable[[], T]) -> T:
        if self._closed:
            raise StoreUnavailable("the store is closed")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except StoreError as error:
            raise error from None  # what the driver said may quote a row

    def _open(self) -> None:
        if not self.path.is_file():
            raise StoreUnavailable("there is no such file: make it with migrate")
        engine = _writing_engine(self.path)
        try:
            connection = engine.connect()
            with connection.begin():
                _writing(check, connection)
        except BaseException:
            engine.dispose()
            raise
        self._writer = connection
        self._version = self._read_version(connection)

    def _shut(self) -> None:
        if writer := self._writer:
            self._writer = None
            writer.close()
            writer.engine.dispose()

    def _look(self) -> bool:
        version = self._read_version(self._usable())
        seen, self._version = self._version, version
        return version != seen

    @staticmethod
    def _read_version(writer: Tx) -> int:
        # Outside of any transaction, past SQLAlchemy: asked four times a second, it must not take the write lock.
        try:
            cursor = writer.connection.cursor()
            cursor.execute("PRAGMA data_version")
            (version,) = cursor.fetchall()[0]
        except sqlite3.Error as error:
            raise translate(error) or error from None
        return int(version)

    def _usable(self) -> Tx:
        if self._writer is None:
            raise StoreUnavailable("the store is closed")
        if self._broken:
            raise StoreUnavailable(self._broken, lasting=True)
        return self._writer

    def _write(self, fn: Callable[[Tx], T]) -> T:
        writer = self._usable()
        try:
            with writer.begin():
                result = _writing(fn, writer)
        except StoreUnavailable as error:
            if error.lasting:
                self._broken = error.reason
            elif error.reason == "SQLITE_BUSY":
                self._hurry(writer, hasty=True)
            raise
        if self._hasty:
            self._hurry(writer, hasty=False)
        crash.point("commit.after")
        return result

    def _hurry(self, writer: Tx, *, hasty: bool) -> None:
        """Say how long to wait from now on for another process that holds the file."""
        self._hasty = hasty
        writer.connection.cursor().execute(
            f"PRAGMA busy_timeout = {(HASTY_SECONDS if hasty else BUSY_SECONDS) * 1000:.0f}"
        )
