"""The inbox: every webhook hands in what it heard here, and is answered when that is on disk and acted on.

Rule 1: what is taken to wait is answered in time, or refused: too many waiting, too many of one sender, too long. A
refusal is 503 to the provider, who comes again; nothing of it is kept.
Rule 2: a message that failed may only have lost a race (staff moved the case that it answers), so it runs again alone.
One that fails each time is poison: kept, shown to staff, and its sender gets a plain apology.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import structlog

from dialogs.contacts import normalise_msisdn
from dialogs.messages import DeliveryReport, InboundMessage, OutboundMessage, Received
from gateway.effects import House
from gateway.inbound import conversation, flood
from gateway.inbound.arrivals import Answers
from store import Batcher, Store, StoreUnavailable, Tx, crash

log = structlog.get_logger(__name__)

#: How much may wait. Beyond it a webhook is answered 503 before anything is kept; the provider tries again.
WAITING_MOST = 2_000
#: How much of one sender may wait, so that one who floods fills nobody else's place. Each waits for the one before it,
#: so more than these could not be answered in time anyway.
WAITING_MOST_OF_ONE = 20
#: Seconds. Providers give up at 10 (Africa's Talking) to 15 (Twilio) and come again; an answer that is later than that
#: is work done for nobody.
PATIENCE = 8.0
#: How often a message runs that fails alone, before it is poison.
RUNS = 3


class Overloaded(Exception):
    """More waits than we can act on in time, of all or of one sender."""


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
        self._of_one: Counter[Hashable] = Counter()
        self._batcher: Batcher[Received, Answers] = Batcher(store, self._work, key=self._sender, patience=PATIENCE)
        self._pace = flood.Pace(house)
        self._aside: Batcher[Received, Answers] = Batcher(store, self._put_aside, patience=PATIENCE)

    async def receive(self, items: Sequence[Received]) -> Sequence[OutboundMessage]:
        """Keep and act on what a provider sent. Returns the screens to answer with (USSD).

        Raises ``Overloaded`` before anything is kept, ``store.StoreUnavailable`` if it could not be, or not in time.
        """
        sent = [(item, self._sender(item)) for item in items]
        senders = [sender for _, sender in sent if sender is not None]
        if self._waiting + len(items) > WAITING_MOST:
            raise Overloaded
        if any(self._of_one[sender] >= WAITING_MOST_OF_ONE for sender in senders):
            raise Overloaded
        self._waiting += len(items)
        for sender in senders:
            self._of_one[sender] += 1
        try:
            answers = [await self._paced(item, sender) for item, sender in sent]
        finally:
            self._waiting -= len(items)
            self._leave(senders)
        crash.point("webhook.before_answer")
        if not all(isinstance(item, DeliveryReport) for item in items):  # a report queues nothing
            self._wake()
        return [answer for given in answers for answer in given]

    async def close(self) -> None:
        """Finish what was handed in."""
        await self._batcher.close()
        await self._aside.close()

    async def _paced(self, item: Received, sender: Hashable | None) -> Answers:
        """Act on it, or only keep it, where its sender sends more than a person does."""
        if not isinstance(item, InboundMessage):
            return await self._receive(item)
        heard = self._pace.count(sender, item)
        try:
            return await (self._receive(item) if heard else self._aside.submit(item))
        except StoreUnavailable:
            self._pace.take_back(sender, item)
            raise

    async def _receive(self, item: Received) -> Answers:
        for _ in range(1, RUNS):
            try:
                return await self._batcher.submit(item)
            except StoreUnavailable:
                raise
            except Exception as error:  # noqa: BLE001  whether it was a race, the next run shows
                log.warning("message_runs_again", channel=item.channel, error=type(error).__name__)
        try:
            return await self._batcher.submit(item)
        except StoreUnavailable:
            raise
        except Exception:  # whatever it was, a message is kept
            log.exception("poison_message", channel=item.channel)
            if not isinstance(item, InboundMessage):
                raise
        return await self._store.transact(
            lambda tx: conversation.keep_poison(tx, self._house, self._house.clock.now(), item)
        )

    def _work(self, tx: Tx, items: Sequence[Received]) -> Sequence[Answers]:
        self._batch(len(items))
        return conversation.receive(tx, self._house, self._house.clock.now(), items)

    def _put_aside(self, tx: Tx, items: Sequence[Received]) -> Sequence[Answers]:
        return flood.keep(tx, self._house, self._house.clock.now(), items)

    def _sender(self, item: Received) -> Hashable | None:
        """At most one message per contact in a batch: the second waits for the next, and sees what the first did."""
        if not isinstance(item, InboundMessage):
            return None
        return normalise_msisdn(item.sender, self._house.config.service.country) or item.sender

    def _leave(self, senders: Sequence[Hashable]) -> None:
        for sender in senders:
            self._of_one[sender] -= 1
            if not self._of_one[sender]:
                del self._of_one[sender]
