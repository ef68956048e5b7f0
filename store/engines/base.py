"""What both engines offer: two ways in, and nothing else differs for whoever uses the store."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import ClassVar, TypeVar

from store.errors import StoreUnavailable
from store.sql import Tx

T = TypeVar("T")


class Turns:
    """A few connections shared by many, each waiting ``patience`` seconds for one; and an end to it."""

    def __init__(self, most: int, patience: float) -> None:
        self._most = most
        self._patience = patience
        self._free = asyncio.Semaphore(most)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold one; ``StoreUnavailable`` if none comes free in time."""
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError:
            raise StoreUnavailable("all connections are busy") from None
        try:
            yield
        finally:
            self._free.release()

    async def end(self) -> None:
        """Wait until nobody holds one, and let nobody have one again: a connection must not outlive its pool."""
        for _ in range(self._most):
            await self._free.acquire()


class Store(ABC):
    """The memory of the house. ``start`` before use, ``close`` at the end; both once.

    ``transact`` and ``read`` take a plain function of a transaction. It must do nothing but speak to the store and
    think: it can run more than once (a deadlock, a clash), and on SQLite it runs in the writer's thread.
    """

    #: ``sqlite`` or ``postgresql``; for what truly differs, such as SKIP LOCKED.
    dialect: ClassVar[str]

    @abstractmethod
    async def start(self) -> None:
        """Open it.

        Raise ``SchemaMismatch`` if its tables are not this program's, ``StoreUnavailable`` if it cannot be had.
        """

    @abstractmethod
    async def close(self) -> None:
        """Let what runs end, then let go. Whoever comes later gets ``StoreUnavailable``."""

    @abstractmethod
    async def transact(self, fn: Callable[[Tx], T]) -> T:
        """Run ``fn`` in one writing transaction and return after its commit is on disk; an exception rolls back.

        Raise ``StoreUnavailable``, ``Clash`` or ``Refused``, or what ``fn`` raised. Cancelling the wait does not say
        which way the transaction went.
        """

    @abstractmethod
    async def read(self, fn: Callable[[Tx], T]) -> T:
        """Run ``fn`` on one unmoving picture of the store; writing in it is refused."""

    async def study(self, fn: Callable[[Tx], T]) -> T:
        """As ``read``, for what looks at the whole store and may take minutes: no statement of it is cut off.

        For commands in a process of their own. On PostgreSQL it has a connection to itself.
        """
        return await self.read(fn)

    @abstractmethod
    def own(self) -> bool:
        """Take the store for one serving process, until ``close``; False if another has it.

        SQLite: an exclusive lock on ``<file>.lock``, let go by the kernel however the process ends. PostgreSQL: always
        True, because there every process claims the rows it works on.
        """

    @property
    def broken(self) -> str | None:
        """Why only a restart can help (see ``StoreUnavailable.lasting``); None while that is not so."""
        return None

    @abstractmethod
    async def changed(self) -> bool:
        """Say whether another process has written since this was last asked.

        SQLite: ``PRAGMA data_version``, microseconds. PostgreSQL: False, because there nobody waits for it.
        """

    def ring(self) -> None:  # noqa: B027  nothing to do is right for one process
        """Tell the processes that ``listen`` of a commit that gave them something to do; it may get lost.

        SQLite: nothing, because the one process that serves has all there is to do.
        """

    def listen(self, heard: Callable[[], None]) -> None:  # noqa: B027  as ``ring``
        """Call ``heard`` in the running loop when another process rings, until ``close``. SQLite: nobody rings."""
