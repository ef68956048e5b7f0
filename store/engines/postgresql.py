"""PostgreSQL: for more than one process or machine.

READ COMMITTED, a few connections (more than sixteen are slower), and one go more for whoever loses a deadlock. A
server that has gone must show as ``StoreUnavailable`` within seconds, so every statement and every wait has a limit.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, ClassVar, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from store import crash
from store.engines import address
from store.engines.base import Store, Turns
from store.engines.bell import Bell
from store.errors import Clash, Refused, StoreError, StoreUnavailable
from store.hot import TOLD
from store.revision import check
from store.sql import Tx

T = TypeVar("T")

#: Connections for transactions that write, and for those that only read: a long page of the console takes no place of
#: a message that came in.
CONNECTIONS = 6
READERS = 4
#: Kept prepared, each connection: an INSERT that returns ids has one text for each size of batch.
PREPARED = 1000
#: How often a transaction that lost a deadlock or a serialization race is run in all.
ATTEMPTS = 5
#: Before the next of them, times those run so far. At once, the loser takes the row again before the server has woken
#: the one that waits for it, and both are where they were.
GIVE_WAY_SECONDS = 0.02
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 5
#: Over the server's own limit: when even that does not come, the server is gone.
ANSWER_SECONDS = 8

_SETTINGS = {
    "application_name": "barrio",
    "synchronous_commit": "on",
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    # Nothing is awaited in a transaction, so one that stands idle belongs to a process that hangs and holds its locks.
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "UTC",
    "jit": "off",  # our statements are short; compiling them costs more than running them
}

#: What writes finds its rows by key. A plan made while a table was empty reads all of it, and stays until the server
#: next counts its rows: in a service's first minutes each batch cost two scans of all contacts (5 ms of 13).
_WRITING = {"enable_seqscan": "off"}

#: Whoever studies the whole store has nobody waiting, and thinks between two statements.
_PATIENT = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}

_UNIQUE_VIOLATION = "23505"
_STATEMENT_FAULT = "42"
_AGAIN = {"40001", "40P01"}
#: Classes: no connection, out of resources, cut short by an operator, system error, damaged; read-only (a standby
#: after a failover), lock not had in time, a transaction that was ended for standing idle, nobody knows how it ended.
_UNAVAILABLE_CLASSES = {"08", "53", "57", "58", "XX"}
_UNAVAILABLE = {"25006", "55P03", "25P03", "25P04", "40003"}


class Lost(StoreUnavailable):
    """A deadlock or a serialization race was lost; run it again."""


def translate(context: ExceptionContext) -> StoreError | None:
    """Say in our words what asyncpg said; None for what did not come from the server or the way to it."""
    # SQLAlchemy counts a task of ours that was cancelled as a disconnect; whoever cancelled it must hear just that.
    error = context.original_exception
    return _said(error, context.dialect, gone=context.is_disconnect) if isinstance(error, Exception) else None


def _told(error: Exception, tx: Tx) -> StoreError | None:
    """The same for what came past SQLAlchemy (see ``store.hot``), which does not know yet that a connection is gone."""
    gone = tx.dialect.is_disconnect(error, tx.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if gone:
        tx.invalidate()
    return _said(error, tx.dialect, gone=gone)


def _said(error: BaseException, dialect: sa.Dialect, *, gone: bool) -> StoreError | None:
    said = getattr(error, "driver_exception", error)
    code = getattr(error, "sqlstate", None) or ""
    if gone or (isinstance(error, OSError) and not code):
        return StoreUnavailable("disconnected")
    if not isinstance(error, dialect.loaded_dbapi.Error):
        return None
    if code in _AGAIN:
        return Lost(code)
    if code == _UNIQUE_VIOLATION:
        return Clash(getattr(said, "table_name", None) or "a table")
    if code[:2] in _UNAVAILABLE_CLASSES or code in _UNAVAILABLE:
        return StoreUnavailable(code)
    return Refused(code or type(said).__name__, _where(code, said))


def _where(code: str, said: BaseException) -> str:
    """What the server names; its message only where it speaks of the statement, because others quote the row."""
    if code.startswith(_STATEMENT_FAULT):
        return str(getattr(said, "message", None) or said)
    names = (getattr(said, part, None) for part in ("table_name", "column_name", "constraint_name"))
    return " ".join(name for name in names if name)


def _engine(
    url: str, more: Mapping[str, str] | None = None, patience: float | None = ANSWER_SECONDS, **pool: Any
) -> AsyncEngine:
    settings = {
        "server_settings": {**_SETTINGS, **(more or {})},
        "timeout": CONNECT_SECONDS,
        "command_timeout": patience,
        "prepared_statement_cache_size": PREPARED,
    }
    engine = create_async_engine(
        address(url).url,
        connect_args=settings,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        execution_options={TOLD: _told},
        **pool,
    )

    def failed(context: ExceptionContext) -> None:
        if ours := translate(context):
            raise ours

    def lent(connection: Any, _record: object, _proxy: object) -> None:
        # The server may have ended it while it lay in the pool; asyncpg has noticed, so asking costs nothing.
        if connection.driver_connection.is_closed():
            raise sa.exc.DisconnectionError

    sa.event.listen(engine.sync_engine, "handle_error", failed)
    sa.event.listen(engine.sync_engine, "checkout", lent)
    return engine


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(engine.connect())
        except Exception as error:  # noqa: BLE001  whatever keeps us from the server (DNS, TLS, password) keeps us from the store
            raise StoreUnavailable(f"cannot connect: {type(error).__name__}") from None
        yield connection


def _writing(fn: Callable[[Tx], T], tx: Tx) -> T:
    result = fn(tx)
    crash.point("commit.before")
    return result


async def once(url: str, fn: Callable[[Tx], T]) -> T:
    """Run ``fn`` in one transaction on a connection of its own, without a limit of time; for migrations."""
    engine = _engine(url, patience=None, poolclass=sa.NullPool)
    try:
        async with _connected(engine) as connection, connection.begin():
            await connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            return await connection.run_sync(fn)
    finally:
        await engine.dispose()


async def alone(url: str, statements: Sequence[str]) -> None:
    """Run statements that no transaction may hold (VACUUM), each by itself, without a limit of time."""
    engine = _engine(url, patience=None, poolclass=sa.NullPool)
    try:
        async with _connected(engine) as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            for statement in ("SET statement_timeout = 0", *statements):
                await connection.exec_driver_sql(statement)
    except StoreError as error:
        raise error from None
    finally:
        await engine.dispose()


class PostgresqlStore(Store):
    """A store on a server."""

    dialect: ClassVar[str] = "postgresql"

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine = _engine(url, more=_WRITING, pool_size=CONNECTIONS, max_overflow=0)
        self._turns = Turns(CONNECTIONS, CONNECT_SECONDS)
        self._readers = _engine(url, pool_size=READERS, max_overflow=0)
        self._reading = Turns(READERS, CONNECT_SECONDS)
        self._bell = Bell(address(url).url)
        self._open = False

    async def start(self) -> None:
        """Connect, and see that the tables are this program's."""
        self._open = True
        try:
            await self.read(check)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let what runs end, and let go of the connections. Closing twice is closing once."""
        if self._open:
            self._open = False
            await self._bell.close()
            for turns, engine in ((self._turns, self._engine), (self._reading, self._readers)):
                await turns.end()
                await engine.dispose()

    async def transact(self, fn: Callable[[Tx], T]) -> T:
        """Run ``fn``; again if it lost a deadlock or a serialization race, at most ``ATTEMPTS`` times in all."""
        attempt = 1
        while True:
            try:
                async with self._connected(self._turns, self._engine) as connection, connection.begin():
                    result = await connection.run_sync(partial(_writing, fn))
            except Lost as error:
                if attempt == ATTEMPTS:
                    raise error from None
                await asyncio.sleep(GIVE_WAY_SECONDS * attempt)
                attempt += 1
            except StoreError as error:
                raise error from None  # what the server said may quote a row
            else:
                crash.point("commit.after")
                return result

    async def read(self, fn: Callable[[Tx], T]) -> T:
        """Run ``fn`` read-only on one picture of the store."""
        try:
            async with self._connected(self._reading, self._readers) as connection:
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                return await connection.run_sync(fn)
        except StoreError as error:
            raise error from None

    async def study(self, fn: Callable[[Tx], T]) -> T:
        """Run ``fn`` read-only on one picture of the store, however long it takes."""
        if not self._open:
            raise StoreUnavailable("the store is closed")
        engine = _engine(self._url, more=_PATIENT, patience=None, poolclass=sa.NullPool)
        try:
            async with _connected(engine) as connection:
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                return await connection.run_sync(fn)
        except StoreError as error:
            raise error from None
        finally:
            await engine.dispose()

    def own(self) -> bool:
        """Always: here every process claims the rows it works on."""
        return True

    async def changed(self) -> bool:
        """Never: here nobody waits for it; see ``listen``."""
        return False

    def ring(self) -> None:
        """Ring the bell, if the store is open."""
        if self._open:
            self._bell.ring()

    def listen(self, heard: Callable[[], None]) -> None:
        """Hear the bell."""
        self._bell.listen(heard)

    @asynccontextmanager
    async def _connected(self, turns: Turns, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        if not self._open:
            raise StoreUnavailable("the store is closed")
        async with turns.one(), _connected(engine) as connection:
            yield connection
