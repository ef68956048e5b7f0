"""The sender of the house: takes what is due, hands it to carriers, keeps what came of it.

Rule 1: nothing is handed over before a commit says so, and at most ``concurrency`` messages at a time.
Rule 2: nobody polls on the hot path: whoever queued something calls ``wake`` after the commit. What falls due by time
is looked for once a second, by the scheduler, which calls ``wake`` too.
Rule 3: results are kept in groups, as they come. One that the store could not take is kept here and tried again before
anything new is sent; if this process dies first, its lease ends and the message is in doubt, which is the truth.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from dialogs.messages import ChannelKind, OutboundMessage
from gateway.channels import Channel
from gateway.clock import Clock
from gateway.config import Config
from gateway.metrics import Metrics
from gateway.outbound import handover, lease, quiet, results
from gateway.outbound.carrier import Carrier
from gateway.outbound.handover import Line, Taken
from gateway.outbound.results import Limits, Result, judge
from gateway.outbound.retry import Pace
from providers.base import SendFailed
from store import Batcher, Store, StoreUnavailable, Tx, crash
from store.handover import Due

log = structlog.get_logger(__name__)


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
        self._lines = {
            channel.id: Line(channel=channel, pace=Pace(channel.rate))
            for channel in channels.values()
            if channel.kind is ChannelKind.SMS and channel.sender is not None and channel.id in carriers
        }
        self._results: Batcher[Result, None] = Batcher(store, results.record, failed=_failed)
        self._unkept: list[Result] = []
        self._flying: set[asyncio.Task[None]] = set()
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
            if self._flying:
                await asyncio.wait(self._flying)
        finally:
            for task in self._flying:
                task.cancel()
            await self._results.close()

    def stop(self) -> None:
        """Begin nothing new; ``run`` returns once what was begun has ended, after one HTTP send (30 s) at most."""
        self._stopping = True
        self.wake()

    async def drain_once(self, now: datetime) -> int:
        """Hand over all that is due at ``now``, as far as the pace of each line allows; say how many were.

        Returns when the results are on disk. Raises ``StoreUnavailable``.
        """
        count = 0
        while (taken := await self._take(now, self._config.outbox.concurrency)).sends or taken.ruled:
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
        """Begin what can be begun now; say after how many seconds to look again, None for when woken."""
        room = self._config.outbox.concurrency - len(self._flying)
        if room <= 0:
            return None
        try:
            taken = await self._take(self._clock.now(), room)
        except StoreUnavailable as error:
            log.warning("outbox_waits", reason=error.reason)
            return None
        except Exception:  # the sender of the house must not end because of one row
            log.exception("outbox_failed")
            return None
        for row in taken.sends:
            task = asyncio.create_task(self._send(row, self._clock.now))
            self._flying.add(task)
            task.add_done_callback(self._landed)
        if taken.ruled:
            return 0.0
        monotonic = self._clock.monotonic()
        return min((wait for line in self._lines.values() if (wait := line.pace.wait(monotonic))), default=None)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self.wake()

    async def _sleep(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._awake.wait()
        except TimeoutError:
            pass

    async def _take(self, now: datetime, room: int) -> Taken:
        await self._keep_rest()
        hours, zone = self._config.quiet_hours, self._config.service.timezone
        opens_at = quiet.opens_at(now, hours.start, hours.end, zone)
        monotonic = self._clock.monotonic()

        def work(tx: Tx) -> Taken:
            lines = self._lines.values()
            return handover.take(tx, lines, now, monotonic=monotonic, owner=self._owner, room=room, opens_at=opens_at)

        taken = await self._store.transact(work)
        for row in taken.sends:
            self._lines[row.channel].pace.book(row.segments, monotonic)
        return taken

    async def _send(self, row: Due, now: Callable[[], datetime]) -> None:
        line = self._lines[row.channel]
        answer = await self._hand_over(row, line)
        if isinstance(answer, SendFailed) and (answer.retry or answer.in_doubt):
            line.pace.went_wrong(self._clock.monotonic(), answer.retry_after)
        else:
            line.pace.went_well()
        safe = line.channel.sender is not None and line.channel.sender.idempotent
        limits = Limits(max_attempts=self._config.outbox.max_attempts, safe=safe)
        result = judge(row, answer, now(), limits=limits, jitter=self._clock.jitter())
        state, attempt = result.settled.state, result.settled.attempt
        if isinstance(answer, SendFailed):
            log.warning(
                "not_sent", message=row.id, channel=row.channel, reason=answer.reason, state=state, attempt=attempt
            )
        if self._metrics:
            self._metrics.outbound(row.channel, state)
        await self._keep(result)

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

    async def _keep(self, result: Result) -> None:
        try:
            crash.point("outbox.before_result")
            await self._results.submit(result)
            crash.point("outbox.after_result")
        except StoreUnavailable as error:
            log.warning("result_waits", message=result.settled.id, reason=error.reason)
            self._unkept.append(result)
        except Exception:  # its lease will end, and then it is in doubt
            log.exception("result_lost", message=result.settled.id)

    async def _keep_rest(self) -> None:
        """Keep what the store could not take before, or raise ``StoreUnavailable`` again."""
        if rest := self._unkept:
            self._unkept = []
            try:
                await self._store.transact(lambda tx: results.record(tx, rest))
            except StoreUnavailable:
                self._unkept += rest
                raise


def _failed(error: Exception, count: int) -> None:
    if not isinstance(error, StoreUnavailable):
        log.error("results_failed", error=type(error).__name__, count=count)
