"""The inbox: every webhook hands in what it heard here, and is answered when that is on disk and acted on."""

from collections.abc import Callable, Hashable, Sequence

import structlog

from dialogs.contacts import normalise_msisdn
from dialogs.messages import InboundMessage, OutboundMessage, Received
from gateway.effects import House
from gateway.inbound import conversation
from gateway.inbound.arrivals import Answers
from store import Batcher, Store, StoreUnavailable, Tx, crash

log = structlog.get_logger(__name__)

#: How much may wait. Beyond it a webhook is answered 503 before anything is kept; the provider tries again.
WAITING_MOST = 2_000


class Overloaded(Exception):
    """More waits than we can act on in time."""


class Inbox:
    """Takes what waits in one transaction; a message that fails alone is kept and answered with an apology."""

    def __init__(
        self, store: Store, house: House, wake: Callable[[], None], batch: Callable[[int], None] = lambda _size: None
    ) -> None:
        """``wake`` tells the outbox that something may have been queued; ``batch`` hears each batch's size."""
        self._store = store
        self._house = house
        self._wake = wake
        self._batch = batch
        self._waiting = 0
        self._batcher: Batcher[Received, Answers] = Batcher(store, self._work, key=self._contact)

    async def receive(self, items: Sequence[Received]) -> Sequence[OutboundMessage]:
        """Keep and act on what a provider sent. Returns the screens to answer with (USSD).

        Raises ``Overloaded`` before anything is kept, ``store.StoreUnavailable`` if it could not be.
        """
        if self._waiting + len(items) > WAITING_MOST:
            raise Overloaded
        self._waiting += len(items)
        try:
            answers = [await self._receive(item) for item in items]
        finally:
            self._waiting -= len(items)
        crash.point("webhook.before_answer")
        self._wake()
        return [answer for given in answers for answer in given]

    async def close(self) -> None:
        """Finish what was handed in."""
        await self._batcher.close()

    async def _receive(self, item: Received) -> Answers:
        try:
            return await self._batcher.submit(item)
        except StoreUnavailable:
            raise
        except Exception:  # whatever it was, the message is kept
            log.exception("poison_message", channel=item.channel)
            if not isinstance(item, InboundMessage):
                raise
            return await self._store.transact(
                lambda tx: conversation.keep_poison(tx, self._house, self._house.clock.now(), item)
            )

    def _work(self, tx: Tx, items: Sequence[Received]) -> Sequence[Answers]:
        self._batch(len(items))
        return conversation.receive(tx, self._house, self._house.clock.now(), items)

    def _contact(self, item: Received) -> Hashable | None:
        """At most one message per contact in a batch: the second waits for the next, and sees what the first did."""
        if not isinstance(item, InboundMessage):
            return None
        return normalise_msisdn(item.sender, self._house.config.service.country) or item.sender
