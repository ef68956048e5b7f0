"""The sender of the house: takes what is due, hands it to carriers, keeps what came of it.

Rule 1: nothing is handed over before a commit says so, and at most ``concurrency`` messages at a time.
Rule 2: nobody polls on the hot path: whoever queued something calls ``wake`` after the commit. What falls due by time
is looked for once a second, by the scheduler, which calls ``wake`` too.
Rule 3: one transaction keeps the results of what has ended and marks what goes next, while the rest is on its way; so
messages and commits never wait for each other. There is no transaction when nothing has ended and no line may be fed.
Rule 4: a result that the store could not take is kept here and tried again before anything new is sent; if this process
dies first, its lease ends and the message is in doubt, which is the truth.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog

from dialogs.messages import ChannelKind, MessageKind, OutboundMessage
from gateway.channels import Channel
from gateway.clock import Clock
from gateway.config import Config
from gateway.metrics import Metrics
from gateway.outbound import brakes, handover, lease, quiet, results
from gateway.outbound.caps import Caps
from gateway.outbound.carrier import Carrier
from gateway.outbound.handover import Line, Room, Taken
from gateway.outbound.results import Limits, Result, judge
from gateway.outbound.retry import Pace
from providers.base import SendFailed
from store import Clash, Store, StoreUnavailable, Tx, crash
from store.handover import Due

log = structlog.get_logger(__name__)

#: Turns of the loop between waking and looking, in which answers that have come already become results: a quarter more
#: of them go into one transaction.
_TURNS = 2


class Outbox:
    """Sends. ``carriers`` names the carrier of each channel that can speak first.

    ``run`` is for a service; ``drain_once`` sends what is due now and returns, for the terminal and for tests.
    """

    def __init__(
        self,
        *,
        store: Store,
        channels: Mapping[str, Channel],
        carriers: Mapping[str, Carrier],
        config: Config,
        clock: Clock,
        metrics: Metrics | None = None,
    ) -> None:
        self._store = store
        self._channels = channels
        self._carriers = carriers
        self._config = config
        self._clock = clock
        self._metrics = metrics
        self._owner = clock.new_id()
        self._caps = Caps.of(config)
        self._lines = {
            channel.id: Line(channel=channel, pace=Pace(channel.rate))
            for channel in channels.values()
            if channel.kind is ChannelKind.SMS and channel.sender is not None and channel.id in carriers
        }
        self._limits = {
            name: Limits(max_attempts=config.outbox.max_attempts, safe=handover.is_safe(line))
            for name, line in self._lines.items()
        }
        self._ended: list[Result] = []
        self._flying: dict[asyncio.Task[None], Due] = {}
        self._awake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Look for something to send. Call it after a commit that may have queued something; costs nothing."""
        self._awake.set()

    async def run(self) -> None:
        """Send until ``stop``, and return once what is under way has ended. Cancelled, it lets go of it: in doubt."""
        try:
            while not self._stopping:
                self._awake.clear()
                await self._sleep(await self._round())
                for _ in range(_TURNS):
                    await asyncio.sleep(0)
            if self._flying:
                await asyncio.wait(self._flying)
        finally:
            for task in self._flying:
                task.cancel()
            await self._keep_last()

    def stop(self) -> None:
        """Begin nothing new; ``run`` returns once what was begun has ended, after one HTTP send (30 s) at most."""
        self._stopping = True
        self.wake()

    async def drain_once(self, now: datetime) -> int:
        """Hand over all that is due at ``now``, as far as the pace of each line allows; say how many were.

        Returns when the results are on disk. Raises ``StoreUnavailable``.
        """
        count = 0
        while (taken := await self._exchange(now, self._room())).sends or taken.ruled:
            await asyncio.gather(*(self._send(row, lambda: now) for row in taken.sends))
            count += len(taken.sends)
        return count

    async def recover(self, now: datetime) -> int:
        """At start: put in doubt what another process was handing over when it ended; say how many (see ``lease``)."""
        count = 0
        while True:
            ended = await self._store.transact(
                lambda tx: lease.recover(tx, self._owner, self._channels, self._config.outbox, now)
            )
            count += ended
            if ended < lease.CHUNK:
                return count

    async def _round(self) -> float | None:
        """Keep what has ended and begin what can be begun now; say when to look again (s), None for when woken."""
        room = self._room()
        if not self._ended and (room.free <= 0 or (wait := self._wait())):
            return None if room.free <= 0 else wait
        try:
            taken = await self._exchange(self._clock.now(), room)
        except StoreUnavailable as error:
            log.warning("outbox_waits", reason=error.reason)
            return None
        except Exception:  # the sender of the house must not end because of one row
            log.exception("outbox_failed")
            return None
        for row in taken.sends:
            task = asyncio.create_task(self._send(row, self._clock.now))
            self._flying[task] = row
            task.add_done_callback(self._landed)
        return 0.0 if taken.ruled else self._opens()

    def _landed(self, task: asyncio.Task[None]) -> None:
        del self._flying[task]
        self.wake()

    def _room(self) -> Room:
        flying, bulk = dict.fromkeys(self._lines, 0), 0
        for row in self._flying.values():
            flying[row.channel] += 1
            bulk += row.kind is MessageKind.BROADCAST
        return handover.room(self._config.outbox.concurrency, flying, bulk)

    def _wait(self) -> float:
        """How many seconds until a line may be fed; 0 if one may be now."""
        monotonic = self._clock.monotonic()
        return min((line.pace.wait(monotonic) for line in self._lines.values()), default=0.0)

    def _opens(self) -> float | None:
        """After how many seconds the next line opens that is closed now; None if none is."""
        monotonic = self._clock.monotonic()
        return min((wait for line in self._lines.values() if (wait := line.pace.wait(monotonic))), default=None)

    async def _sleep(self, seconds: float | None) -> None:
        if seconds is None:
            await self._awake.wait()
            return
        try:
            async with asyncio.timeout(seconds):
                await self._awake.wait()
        except TimeoutError:
            pass

    async def _exchange(self, now: datetime, room: Room) -> Taken:
        """Keep what has ended and take what there is ``room`` for, in one transaction."""
        ended, self._ended = self._ended, []
        try:
            try:
                taken = await self._transact(ended, now, room)
            except Clash:  # another process kept the same id of the provider in the same instant; now we see it
                taken = await self._transact(ended, now, room)
        except StoreUnavailable:
            self._ended = ended + self._ended
            raise
        except Exception:
            if not ended:
                raise
            log.exception("results_failed", count=len(ended))
            await self._keep_each(ended)
            taken = await self._transact((), now, room)
        if ended:
            crash.point("outbox.after_result")
            self._count(ended)
        return taken

    async def _transact(self, ended: Sequence[Result], now: datetime, room: Room) -> Taken:
        hours, zone = self._config.quiet_hours, self._config.service.timezone
        opens_at = quiet.opens_at(now, hours.start, hours.end, zone)
        monotonic = self._clock.monotonic()

        def work(tx: Tx) -> Taken:
            if ended:
                crash.point("outbox.before_result")
                self._record(tx, ended)
            return handover.take(
                tx,
                self._lines.values(),
                now,
                monotonic=monotonic,
                owner=self._owner,
                room=room,
                opens_at=opens_at,
                caps=self._caps,
            )

        taken = await self._store.transact(work)
        for row in taken.sends:
            self._lines[row.channel].pace.book(row.segments, monotonic)
        if self._metrics:
            for cut in taken.cuts:
                self._metrics.braked(cut.row.channel, cut.reason)
        return taken

    def _record(self, tx: Tx, ended: Sequence[Result]) -> None:
        unsent = brakes.under_way(tx, [one.unsent for one in ended if one.unsent is not None])
        results.record(tx, ended)
        brakes.give_back(tx, self._caps, unsent, max(one.settled.at for one in ended))

    async def _send(self, row: Due, now: Callable[[], datetime]) -> None:
        line = self._lines[row.channel]
        answer = await self._hand_over(row, line)
        self._ended.append(self._judged(row, answer, line, now()))

    def _judged(self, row: Due, answer: str | SendFailed, line: Line, now: datetime) -> Result:
        limits = self._limits[row.channel]
        if isinstance(answer, str):
            line.pace.went_well()
            return judge(row, answer, now, limits=limits, jitter=0.0)
        if answer.retry or answer.in_doubt:
            line.pace.went_wrong(self._clock.monotonic(), answer.retry_after)
        else:
            line.pace.went_well()
        result = judge(row, answer, now, limits=limits, jitter=self._clock.jitter())
        state, attempt = result.settled.state, result.settled.attempt
        log.warning("not_sent", message=row.id, channel=row.channel, reason=answer.reason, state=state, attempt=attempt)
        return result

    async def _hand_over(self, row: Due, line: Line) -> str | SendFailed:
        """Give it to the carrier; return the provider's id, or why it was not taken."""
        sender = line.channel.sender
        if sender is None:
            return SendFailed("no_sender")
        message = OutboundMessage(
            id=row.id,
            channel=row.channel,
            recipient=row.recipient,
            text=row.text,
            kind=row.kind,
            in_reply_to=row.in_reply_to,
        )
        try:
            request = sender.encode(message)
        except Exception:  # whatever a codec trips over, nothing has left us
            log.exception("cannot_encode", message=row.id, channel=row.channel)
            return SendFailed("cannot_encode")
        try:
            crash.point("outbox.before_post")
            response = await self._carriers[row.channel](request)
            crash.point("outbox.after_post")
            return sender.decode(response)
        except SendFailed as failure:
            return failure
        except Exception:  # the request has left us: whatever happens now is a doubt
            log.exception("broken_answer", message=row.id, channel=row.channel)
            return SendFailed("broken_answer", in_doubt=True)

    async def _keep_each(self, ended: Sequence[Result]) -> None:
        """Keep results one by one, because together they failed. What fails alone is left to its lease: in doubt."""
        for done, result in enumerate(ended):
            try:
                await self._store.transact(lambda tx, one=result: self._record(tx, [one]))  # type: ignore[misc]
            except StoreUnavailable:
                self._ended = [*ended[done:], *self._ended]
                raise
            except Exception:
                log.exception("result_lost", message=result.settled.id)

    async def _keep_last(self) -> None:
        """Keep what has ended and begin nothing."""
        try:
            await self._exchange(self._clock.now(), Room(free=0, bulk=0))
        except StoreUnavailable as error:
            log.warning("results_wait", reason=error.reason, count=len(self._ended))

    def _count(self, ended: Sequence[Result]) -> None:
        if self._metrics:
            for (channel, state), count in Counter((one.channel, one.settled.state) for one in ended).items():
                self._metrics.outbound(channel, state, count)
