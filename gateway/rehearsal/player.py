"""Plays a transcript: what a field officer can read is what the gateway is held to.

    > a person's text          < our answer            | the answer goes on
    = what came of it          . where the session stands (- none)
    @ +3 days                  the clock moves (@ +1 day 2 hours 5 minutes), and what is due fires
    ! provider 429             the provider's next answer is this fault (a status, timeout, refused)
    ! receipt delivered        the carrier reports on the last message it took
    ~                          the last message is delivered again
    staff: resolve "…"         a staff act on the last case, or on the one whose code comes first: assign NAME, start,
                               plan DAY, reopen, not_competent BODY, note "…", relabel CATEGORY PLACE, split; merge CODE
                               INTO; open "…" files for the phone in hand, broadcast PLACE "…" writes to a place, or to
                               everybody
    # a remark                 kept as it stands

Header lines (``channel: ussd``, ``from: +59170000002``, ``start: 2026-11-23 10:00``) may come again further down: the
person takes another phone, or dials instead of texting. On a ussd channel ``> *384*40#`` dials, ``> 1`` presses,
``> (hangs up)`` hangs up, ``> (again)`` repeats the last hop. An SMS that is not for the phone in hand is marked.

The player sends the ``>`` lines and writes down everything else itself; the test compares the whole file. It sees the
gateway only from outside: codecs, store, carrier. Nothing of a session is kept between two lines.
"""

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from dialogs.messages import ChannelKind, DeliveryReport, DeliveryStatus, OutboundMessage
from gateway.app import Application
from gateway.channels import Channel
from gateway.outbound import segments
from gateway.outbound.carrier import NetworkFailed
from gateway.rehearsal import sight
from gateway.rehearsal.clock import Movable
from gateway.rehearsal.staff import act
from gateway.work.casework import NotPossible
from providers.base import Request, Response
from store.sight import Seen, look, session

DIAL, HANG_UP, AGAIN = "*384*40#", "(hangs up)", "(again)"
FIRST_PHONE = "+59170000001"
_HEADER = re.compile(r"(channel|from|start): (.+)")
_PART = r"(\d+) (second|minute|hour|day)s?"
_MOVE = re.compile(rf"\+{_PART}(?: {_PART})*")
_OURS = ("<", "|", "=", ".")
#: How far the clock goes at once when it moves: what is due fires in order.
_STRIDE = timedelta(minutes=30)
#: Segments: an answer to somebody's own text fits one, what staff write fits two.
_ANSWER_MOST, _NOTICE_MOST = 1, 2
#: Characters of a USSD screen.
_SCREEN_MOST = 160


class NotATranscript(ValueError):
    """A line that the player does not know. It stands in the message."""


class TooLong(Exception):
    """What was said does not fit where it is said. The words stand in the message."""


@dataclass(slots=True)
class Carrier:
    """The telephone network: takes what we send, or fails as the transcript says."""

    faults: list[str] = field(default_factory=list)
    taken: list[tuple[str, str, str]] = field(default_factory=list)
    shown: int = 0

    async def __call__(self, request: Request) -> Response:
        """Take one message."""
        fault = self.faults.pop(0) if self.faults else None
        if fault == "refused":
            raise NetworkFailed("refused", in_doubt=False)
        if fault is not None and fault != "timeout":
            return Response(status=int(fault), headers={"content-type": "application/json"}, body=b"{}")
        message = json.loads(request.body)
        self.taken.append((f"sim-{len(self.taken)}", message["to"], message["text"]))
        if fault == "timeout":
            raise NetworkFailed("timeout", in_doubt=True)
        body = f'{{"id": "{self.taken[-1][0]}"}}'.encode()
        return Response(status=200, headers={"content-type": "application/json"}, body=body)


class Player:
    """One telephone, perhaps several, and the staff, talking to a gateway of their own. ``said``: our words so far."""

    def __init__(self, app: Application, clock: Movable, carrier: Carrier) -> None:
        self._app, self._clock, self._carrier = app, clock, carrier
        self._phone, self._channel = FIRST_PHONE, ChannelKind.SMS
        self._last: tuple[str, str, dict[str, str]] | None = None
        self._dialled = 0
        self._history = ""
        self._sent = 0
        self._lines: list[str] = []
        self.said: list[str] = []
        self._seen: Seen | None = None

    async def play(self, script: str) -> str:
        """Play the person's and the staff's lines of ``script``; return the transcript as it went."""
        for line in script.splitlines():
            await self.line(line)
        return self.played()

    def played(self) -> str:
        """The transcript as it went so far."""
        return "\n".join(self._lines) + "\n"

    async def line(self, line: str) -> None:
        """Play one line.

        Raise ``NotATranscript`` for one that is none, ``TooLong`` for an answer that does not fit, ``NotPossible`` for
        an act of staff that cannot be done: it does not stand in the transcript then.
        """
        if self._seen is None:
            self._seen = await self._app.store.read(look)
        if line.startswith(_OURS):
            return
        self._lines.append(line)
        if line.strip() and not line.startswith("#"):
            try:
                screens = await self._act(line)
            except NotPossible:
                self._lines.pop()
                raise
            await self._app.settle()
            self._seen = await self._tell(line, screens, self._seen)

    async def _act(self, line: str) -> Sequence[OutboundMessage]:
        if header := _HEADER.fullmatch(line):
            self._head(header[1], header[2])
        elif line.startswith("> "):
            return await self._say(line[2:])
        elif line == "~":
            return await self._post(*self._last) if self._last else ()
        elif line.startswith("@ "):
            await self._move(line[2:])
        elif line.startswith("! "):
            await self._carrier_does(line[2:].split())
        elif line.startswith("staff: "):
            words = shlex.split(line.removeprefix("staff: "))
            now, phone = self._clock.now(), self._phone
            await self._app.store.transact(lambda tx: act(tx, self._app.house, now, phone, words))
        else:
            raise NotATranscript(f"a transcript has no such line: {line}")
        return ()

    def _head(self, name: str, value: str) -> None:
        if name == "start":
            local = datetime.strptime(value, "%Y-%m-%d %H:%M").replace(tzinfo=self._app.config.service.timezone)
            self._clock.set(local.astimezone(UTC))
        elif name == "from":
            self._phone = value
        else:
            self._channel = ChannelKind(value)

    async def _say(self, text: str) -> Sequence[OutboundMessage]:
        self._sent += 1
        if self._channel is ChannelKind.SMS:
            return await self._post("sms", "", {"from": self._phone, "text": text, "id": f"in-{self._sent}"})
        if text == AGAIN and self._last:
            return await self._post(*self._last)
        if text == HANG_UP:
            return await self._post("ussd", "/events", {**self._hop(), "status": "Incomplete"})
        if text == DIAL:
            self._dialled += 1
            self._history = ""
        else:
            self._history = f"{self._history}*{text}" if self._history else text
        return await self._post("ussd", "", {**self._hop(), "text": self._history})

    def _hop(self) -> dict[str, str]:
        return {
            "sessionId": f"session-{self._dialled}",
            "serviceCode": DIAL,
            "phoneNumber": self._phone,
            "networkCode": "73601",
        }

    def _line(self, kind: ChannelKind) -> Channel:
        return next(line for line in self._app.channels.values() if line.kind is kind)

    async def _post(self, kind: str, event: str, form: dict[str, str]) -> Sequence[OutboundMessage]:
        if not event:
            self._last = (kind, event, form)
        channel = self._line(ChannelKind(kind))
        request = Request(
            method="POST",
            url=f"http://localhost/in/{channel.id}/{kind}{event}",
            headers={"content-type": "application/x-www-form-urlencoded"},
            body=urlencode(form).encode(),
            event=f"{kind}{event}",
        )
        now = self._clock.now()
        channel.receiver.verify(request, now)
        answers = await self._app.inbox.receive(channel.receiver.parse(request, now))
        return [answer for answer in answers if answer.text or answer.ends_session]

    async def _move(self, how: str) -> None:
        if _MOVE.fullmatch(how) is None:
            raise NotATranscript(f"the clock moves like +3 days, not {how}")
        left = timedelta(**{f"{unit}s": int(number) for number, unit in re.findall(_PART, how)})
        pace = max(_STRIDE, left / 24)
        while left > timedelta():
            stride = min(left, pace)
            self._clock.advance(stride)
            await self._app.settle()
            left -= stride

    async def _carrier_does(self, words: list[str]) -> None:
        what, first, *named = words
        if what == "provider":
            self._carrier.faults += [first, *named]
            return
        report = DeliveryReport(
            channel=self._line(ChannelKind.SMS).id,
            status=DeliveryStatus(first),
            at=self._clock.now(),
            external_id=named[0] if named else f"sim-{len(self._carrier.taken) - 1}",
        )
        await self._app.inbox.receive([report])

    async def _tell(self, line: str, screens: Sequence[OutboundMessage], before: Seen) -> Seen:
        for screen in screens:
            self._answer(screen.text, mark="", fits=len(screen.text) <= _SCREEN_MOST)
            if screen.ends_session:
                self._lines.append("= ussd ends")
        most = _ANSWER_MOST if line.startswith("> ") else _NOTICE_MOST
        for _, to, text in self._carrier.taken[self._carrier.shown :]:
            here = self._channel is ChannelKind.SMS and to == self._phone
            mark = "" if here else f"(sms to {to[-4:]}) " if to != self._phone else "(sms) "
            self._answer(text, mark=mark, fits=segments.count(text) <= most)
        self._carrier.shown = len(self._carrier.taken)
        now, phone, zone = self._clock.now(), self._phone, self._app.config.service.timezone
        after = await self._app.store.read(look)
        self._lines += sight.news(before, after, zone)
        if line.startswith(("> ", "~", "@ ", "staff: ")):
            self._lines.append(sight.stands(await self._app.store.read(lambda tx: session(tx, phone)), now))
        return after

    def _answer(self, text: str, *, mark: str, fits: bool) -> None:
        if not fits:
            raise TooLong(f"{len(text)} characters, {segments.count(text)} segments: {text}")
        self.said.append(text)
        first, *rest = text.split("\n")
        self._lines.append(f"< {mark}{first}")
        self._lines += [f"| {more}" for more in rest]
