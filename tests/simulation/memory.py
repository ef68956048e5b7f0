"""The real SQLite store on a virtual loop: no threads, a simulated disk, and the faults that a disk has.

Nothing of the store is imitated. Only the hop into the writer's thread is gone, and what a commit costs is simulated:
the file lies in memory, and ``synchronous`` is off because nothing here outlives the run.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar
from unittest import mock

import sqlalchemy as sa

from store import StoreUnavailable, Tx
from store.engines import sqlite
from store.engines.sqlite import SqliteStore, _reading, _writing_engine
from tests.simulation.chance import Dice

T = TypeVar("T")

_engines: dict[Path, sa.Engine] = {}


def _engine(path: Path) -> sa.Engine:
    """One engine a file for all lives, so that its statements are compiled once; its connections die all the same."""
    if path not in _engines:
        _engines[path] = _writing_engine(path)
    return _engines[path]


class Dead(BaseException):
    """The process that asks for this has died."""


class SimulatedStore(SqliteStore):
    """One process's store. ``away``: nothing can be kept now. ``doubtful``: how often a commit's answer is lost."""

    def __init__(self, path: Path, dice: Dice) -> None:
        super().__init__(path)
        self._dice = dice
        self._reader: sa.Connection | None = None
        self.away = False
        self.doubtful = 0.0
        self.dead = False
        self.commits = 0
        self._written = 0
        #: Called when something was written.
        self.written: Callable[[], None] = lambda: None

    async def start(self) -> None:
        await super().start()
        self._driver().execute("PRAGMA synchronous = OFF")

    def _open(self) -> None:
        with mock.patch.object(sqlite, "_writing_engine", _engine):
            super()._open()

    async def _hop(self, work: Callable[[], T]) -> T:
        await asyncio.sleep(0.001 + 0.004 * self._dice.random())
        if self.dead:
            raise Dead
        if self._closed:
            raise StoreUnavailable("the store is closed")
        if self.away:
            raise StoreUnavailable("simulated")
        done = work()
        self.commits += 1
        if self._writer is not None and (written := self._driver().total_changes) != self._written:
            self._written = written
            self.written()
        if self.doubtful and self._dice.happens(self.doubtful):
            raise StoreUnavailable("simulated after the commit")
        return done

    async def read(self, fn: Callable[[Tx], T]) -> T:
        """Read on a connection of its own; it sees the last commit."""
        return await self._hop(partial(self._look_up, fn))

    def peek(self, statement: str) -> int | None:
        """Ask one number, past everything, in no time: what the simulation must know and the gateway need not."""
        if self.dead or self._writer is None:
            return None
        found: int | None = self._driver().execute(statement).fetchone()[0]
        return found

    def bury(self) -> None:
        """End as a killed process does: what was open is rolled back, nothing is finished."""
        self.dead = True
        self._shut()
        if self._reader is not None:
            self._reader.close()
        _engine(self.path).dispose()
        self._thread.shutdown(wait=False)

    def _driver(self) -> sqlite3.Connection:
        driver = self._usable().connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return driver

    def _look_up(self, fn: Callable[[Tx], T]) -> T:
        if self._reader is None:
            self._reader = _engine(self.path).connect()
        with self._reader.begin():
            return _reading(fn, self._reader)
