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
    since: float


class Batcher(Generic[Item, Result]):
    """Runs ``work(tx, items)`` in one transaction for all who wait, at most ``most`` at a time.

    ``work`` returns one result an item, in order; it can run more than once for the same items and must do nothing but
    store and think. ``key`` names what may be in a batch only once: a second item of the same key waits for the next
    batch, in order, so that no item sees half-done work of another.

    When a batch fails: ``StoreUnavailable`` goes to all of it, and nothing is tried again. A ``Clash`` runs the batch
    again, at most three times in all. After anything else its items run again one by one, and an item that fails
    alone gets its exception. ``failed`` hears of each failed run: the exception and how many items were in it.

    An item that has no answer after ``patience`` seconds gets ``StoreUnavailable``. If its batch had not begun, it is
    dropped; if it had, it may stand, and only the answer is lost. So a store that hangs keeps nobody waiting for ever.
    """

    def __init__(
        self,
        store: Store,
        work: Callable[[Tx, Sequence[Item]], Sequence[Result]],
        *,
        most: int = 256,
        key: Callable[[Item], Hashable | None] = lambda _item: None,
        failed: Callable[[Exception, int], None] = lambda _error, _count: None,
        patience: float | None = None,
    ) -> None:
        self._store = store
        self._work = work
        self._most = most
        self._key = key
        self._failed = failed
        self._patience = patience
        self._waiting: deque[_Ticket[Item, Result]] = deque()
        self._running: Sequence[_Ticket[Item, Result]] = ()
        self._alarm: asyncio.TimerHandle | None = None
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
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result] = loop.create_future()
        self._waiting.append(_Ticket(item=item, key=self._key(item), answer=answer, since=loop.time()))
        if self._alarm is None and self._patience is not None:
            self._alarm = loop.call_later(self._patience, self._lose_patience)
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())
        return await answer

    async def close(self) -> None:
        """Take no more, and return when all that waits has been stored and answered."""
        self._closed = True
        if self._runner:
            await asyncio.wait([self._runner])
        if self._alarm is not None:
            self._alarm.cancel()

    async def _run(self) -> None:
        try:
            while batch := self._take():
                self._running = batch
                await self._settle(batch)
        finally:
            self._runner = None
            for ticket in (*self._running, *self._waiting):  # only if we were cancelled: nobody shall wait for ever
                ticket.answer.cancel()
            self._running = ()

    def _lose_patience(self) -> None:
        """Answer those who have waited too long, and come back when the next will have."""
        loop = asyncio.get_running_loop()
        patience = self._patience or 0.0
        latest = loop.time() - patience
        _raise(
            [ticket for ticket in (*self._running, *self._waiting) if ticket.since <= latest],
            StoreUnavailable("not done in time"),
        )
        self._waiting = deque(ticket for ticket in self._waiting if not ticket.answer.done())
        left = [ticket.since for ticket in (*self._running, *self._waiting) if not ticket.answer.done()]
        self._alarm = loop.call_at(min(left) + patience, self._lose_patience) if left else None

    def _take(self) -> Sequence[_Ticket[Item, Result]]:
        batch: list[_Ticket[Item, Result]] = []
        later: list[_Ticket[Item, Result]] = []
        keys: set[Hashable] = set()
        while self._waiting and len(batch) < self._most:
            ticket = self._waiting.popleft()
            if ticket.answer.done():
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
                if not ticket.answer.done():
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
        if not ticket.answer.done():
            ticket.answer.set_exception(error)
