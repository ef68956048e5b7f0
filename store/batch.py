"""Group commit: whoever waits when a transaction ends goes into the next one together.

There is no timer. A batch is whatever waits now: one item on an idle evening, hundreds in a storm, and the busier the
disk, the larger the batch. Measured on two cores: five to ten times the rate of a transaction an item.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from store.engines.base import Store
from store.errors import Clash, StoreUnavailable
from store.sql import Tx

Item = TypeVar("Item")
Result = TypeVar("Result")

#: How often a batch is run in all when a fresh code turns out to be taken.
_CLASHES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ticket(Generic[Item, Result]):
    item: Item
    key: Hashable | None
    answer: asyncio.Future[Result]


class Batcher(Generic[Item, Result]):
    """Runs ``work(tx, items)`` in one transaction for all who wait, at most ``most`` at a time.

    ``work`` returns one result an item, in order; it can run more than once for the same items and must do nothing but
    store and think. ``key`` names what may be in a batch only once: a second item of the same key waits for the next
    batch, in order, so that no item sees half-done work of another.

    When a batch fails: ``StoreUnavailable`` goes to all of it, and nothing is tried again. A ``Clash`` runs the batch
    again, at most three times in all. After anything else its items run again one by one, and an item that fails
    alone gets its exception. ``failed`` hears of each failed run: the exception and how many items were in it.
    """

    def __init__(
        self,
        store: Store,
        work: Callable[[Tx, Sequence[Item]], Sequence[Result]],
        *,
        most: int = 256,
        key: Callable[[Item], Hashable | None] = lambda _item: None,
        failed: Callable[[Exception, int], None] = lambda _error, _count: None,
    ) -> None:
        self._store = store
        self._work = work
        self._most = most
        self._key = key
        self._failed = failed
        self._waiting: deque[_Ticket[Item, Result]] = deque()
        self._runner: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many items wait for the next batch; for back-pressure."""
        return len(self._waiting)

    async def submit(self, item: Item) -> Result:
        """Return the item's result once the transaction that holds it is on disk.

        Cancelled before its batch began, the item is dropped; afterwards it stands, and only the answer is lost.
        """
        if self._closed:
            raise StoreUnavailable("the store is closing")
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Ticket(item=item, key=self._key(item), answer=answer))
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())
        return await answer

    async def close(self) -> None:
        """Take no more, and return when all that waits has been stored and answered."""
        self._closed = True
        if self._runner:
            await asyncio.wait([self._runner])

    async def _run(self) -> None:
        batch: Sequence[_Ticket[Item, Result]] = ()
        try:
            while batch := self._take():
                await self._settle(batch)
        finally:
            self._runner = None
            for ticket in (*batch, *self._waiting):  # some only if we were cancelled: nobody shall wait for ever
                ticket.answer.cancel()

    def _take(self) -> Sequence[_Ticket[Item, Result]]:
        batch: list[_Ticket[Item, Result]] = []
        later: list[_Ticket[Item, Result]] = []
        keys: set[Hashable] = set()
        while self._waiting and len(batch) < self._most:
            ticket = self._waiting.popleft()
            if ticket.answer.cancelled():
                continue
            if ticket.key in keys:
                later.append(ticket)
                continue
            if ticket.key is not None:
                keys.add(ticket.key)
            batch.append(ticket)
        self._waiting.extendleft(reversed(later))
        return batch

    async def _settle(self, batch: Sequence[_Ticket[Item, Result]], *, clashes: int = 1) -> None:
        try:
            results = await self._transact([ticket.item for ticket in batch])
        except StoreUnavailable as error:
            self._failed(error, len(batch))
            _raise(batch, error)
        except Exception as error:  # noqa: BLE001  a batch must not fail because of one of its items
            self._failed(error, len(batch))
            if isinstance(error, Clash) and clashes < _CLASHES:
                await self._settle(batch, clashes=clashes + 1)
            elif len(batch) == 1:
                _raise(batch, error)
            else:
                await self._one_by_one(batch)
        else:
            for ticket, result in zip(batch, results, strict=True):
                if not ticket.answer.cancelled():
                    ticket.answer.set_result(result)

    async def _one_by_one(self, batch: Sequence[_Ticket[Item, Result]]) -> None:
        for done, ticket in enumerate(batch, start=1):
            await self._settle([ticket])
            error = None if ticket.answer.cancelled() else ticket.answer.exception()
            if isinstance(error, StoreUnavailable):  # the others must not each wait for a disk that is gone
                _raise(batch[done:], error)
                return

    async def _transact(self, items: Sequence[Item]) -> Sequence[Result]:
        def work(tx: Tx) -> Sequence[Result]:
            results = self._work(tx, items)
            if len(results) != len(items):  # seen before the commit, so that it is not one
                raise AssertionError(f"{len(items)} items gave {len(results)} results")
            return results

        return await self._store.transact(work)


def _raise(batch: Sequence[_Ticket[Item, Result]], error: Exception) -> None:
    for ticket in batch:
        if not ticket.answer.cancelled():
            ticket.answer.set_exception(error)
