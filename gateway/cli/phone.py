"""A telephone inside this process, and a clock that can be moved: for ``chat`` and for the sample data of ``demo``.

Rule: what is typed takes the way of a provider's webhook, codec and all; there is no second way in.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from dialogs.cases import Case
from dialogs.messages import ChannelKind, OutboundMessage
from gateway.app import Application
from gateway.channels import Channel
from gateway.clock import Clock
from gateway.config import Config
from gateway.rehearsal.stage import DEMO_LINES
from gateway.work.casework import NotPossible
from providers.base import Request, Response
from store import Tx, cases, contacts

_SIMULATOR = "simulator"
#: On pretended lines nobody pays and nobody is flooded: who tries the service out is answered however fast they type.
_PATIENT = {"texts_minute": 10_000, "contact_10_minutes": 1_000, "contact_day": 10_000}
#: How far the clock goes at once when it is moved, so that what falls due fires in order.
_STRIDE = timedelta(hours=1)


class MovedClock:
    """Another clock, put forward or back. Its dice are the other's."""

    def __init__(self, clock: Clock, by: timedelta = timedelta()) -> None:
        self._clock = clock
        self._by = by
        self._moved = timedelta()
        self.new_id, self.new_codes = clock.new_id, clock.new_codes
        self.jitter, self.new_secret = clock.jitter, clock.new_secret

    def now(self) -> datetime:
        """Tell the moved time."""
        return self._clock.now() + self._by

    def monotonic(self) -> float:
        """Tell seconds that never go back, and go on with each move."""
        return self._clock.monotonic() + self._moved.total_seconds()

    def move(self, by: timedelta) -> None:
        """Put it forward."""
        self._by += by
        self._moved += by


@dataclass(slots=True)
class Network:
    """The telephone network: takes every message and keeps what arrived, until somebody looks."""

    arrived: list[tuple[str, str]]
    count: int = 0

    async def __call__(self, request: Request) -> Response:
        """Deliver one message."""
        message = json.loads(request.body)
        self.arrived.append((str(message["to"]), str(message["text"])))
        self.count += 1
        return Response(
            status=200, headers={"content-type": "application/json"}, body=b'{"id": "chat-%d"}' % self.count
        )

    def take(self) -> list[tuple[str, str]]:
        """What arrived since this was last asked: ``(number, text)``."""
        arrived, self.arrived = self.arrived, []
        return arrived


def simulated(config: Config) -> Config:
    """The same service with nothing but simulated lines, so that nothing can reach a real telephone."""
    lines = {one.id: one for one in config.channels.values() if one.provider == _SIMULATOR}
    if not any(one.kind is ChannelKind.SMS for one in lines.values()):
        lines = {one.id: one for one in DEMO_LINES}
    service = config.service.model_copy(update={"default_channel": None})
    limits = config.limits.model_copy(update=_PATIENT)
    return replace(config, channels=lines, service=service, limits=limits)


@dataclass(slots=True)
class Phone:
    """One telephone that talks to an application which is open."""

    app: Application
    number: str
    dialled: str = ""
    history: str = ""

    async def text(self, words: str) -> None:
        """Send an SMS and let everything happen that it causes."""
        fields = {"from": self.number, "text": words, "id": self.app.clock.new_id()}
        await self._post(self._line(ChannelKind.SMS), "sms", fields)

    async def dial(self) -> Sequence[OutboundMessage]:
        """Dial the service code; give the first screen."""
        self.dialled, self.history = self.app.clock.new_id(), ""
        return await self._hop()

    async def press(self, keys: str) -> Sequence[OutboundMessage]:
        """Answer a screen; give the next."""
        self.history = f"{self.history}*{keys}" if self.history else keys
        return await self._hop()

    async def wait(self, long: timedelta, clock: MovedClock) -> None:
        """Let time pass, an hour at a time."""
        while long > timedelta():
            stride = min(long, _STRIDE)
            clock.move(stride)
            await self.app.settle()
            long -= stride

    async def _hop(self) -> Sequence[OutboundMessage]:
        line = self._line(ChannelKind.USSD)
        fields = {
            "sessionId": self.dialled,
            "serviceCode": line.address,
            "phoneNumber": self.number,
            "text": self.history,
        }
        return await self._post(line, "ussd", fields)

    def _line(self, kind: ChannelKind) -> Channel:
        return next(line for line in self.app.channels.values() if line.kind is kind)

    async def _post(self, line: Channel, event: str, fields: Mapping[str, str]) -> Sequence[OutboundMessage]:
        request = Request(
            method="POST",
            url=f"http://localhost/in/{line.id}/{event}",
            headers={"content-type": "application/x-www-form-urlencoded"},
            body=urlencode(fields).encode(),
            event=event,
        )
        now = self.app.clock.now()
        line.receiver.verify(request, now)
        answers = await self.app.inbox.receive(line.receiver.parse(request, now))
        await self.app.settle()
        return answers


def latest_case(tx: Tx, number: str) -> Case:
    """The newest case of a telephone; raise ``NotPossible`` if it has none."""
    contact = contacts.by_msisdn(tx, number)
    ids = [contact.id] if contact else []
    found = [case for of in (cases.own, cases.closed) for theirs in of(tx, ids).values() for case in theirs]
    if not found:
        raise NotPossible("this telephone has no case")
    return max(found, key=lambda case: case.id)
