"""The bell between processes on one PostgreSQL: one that queued something rings, those that send hear it at once.

Rule 1: it may be missed. Whoever listens also looks once a second; the bell only makes that second a few milliseconds.
Rule 2: it is rung after the commit, on a connection of its own, and many rings while one is under way are one. NOTIFY
inside the transaction that queued would make all commits of the server wait for one another, disk and all (see
docs/decisions/0016).
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import asyncpg
import sqlalchemy as sa

#: PostgreSQL's name for what is rung.
NAME = "barrio_outbox"
#: How long to wait before a lost connection is made anew; meanwhile the look once a second does the work.
AGAIN_SECONDS = 1.0
CONNECT_SECONDS = 5
ANSWER_SECONDS = 5


class Bell:
    """Rings and hears, on one connection that is made when the first of the two is asked for. ``close`` ends it."""

    def __init__(self, url: sa.URL) -> None:
        """``url`` names SQLAlchemy's driver for asyncpg, which knows how to read it."""
        _, self._where = url.get_dialect()().create_connect_args(url)
        self._heard: Callable[[], None] | None = None
        self._moved = asyncio.Event()
        self._rung = False
        self._running: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """Let other processes know; returns at once, and costs nothing while a ring is under way."""
        self._rung = True
        self._moved.set()
        self._begin()

    def listen(self, heard: Callable[[], None]) -> None:
        """Call ``heard``, in the loop, when another process rings, and after each gap in which it may have rung."""
        self._heard = heard
        self._begin()

    async def close(self) -> None:
        """Let go of the connection."""
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    def _begin(self) -> None:
        if self._running is None:
            self._running = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._connected()
            await asyncio.sleep(AGAIN_SECONDS)

    async def _connected(self) -> None:
        """Serve one connection until it is lost."""
        settings = {"application_name": "barrio bell"}
        connection: Any = await asyncpg.connect(
            **self._where, server_settings=settings, timeout=CONNECT_SECONDS, command_timeout=ANSWER_SECONDS
        )
        try:
            connection.add_termination_listener(lambda _connection: self._moved.set())
            if self._heard is not None:
                await connection.add_listener(NAME, self._hear)
                self._heard()
            while not connection.is_closed():
                self._moved.clear()
                if self._rung:
                    self._rung = False
                    await self._say(connection)
                await self._moved.wait()
        finally:
            connection.terminate()

    async def _say(self, connection: Any) -> None:
        try:
            await connection.execute(f"NOTIFY {NAME}")
        except BaseException:
            self._rung = True  # said again on the next connection
            raise

    def _hear(self, *_who_and_what: object) -> None:
        if self._heard is not None:
            self._heard()
