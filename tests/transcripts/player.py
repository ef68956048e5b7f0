"""Plays a transcript: what a field officer can read is what the gateway is held to.

    > a person's text          < our answer            | the answer goes on
    = what came of it          . where the session stands (- none)
    @ +3 days                  the clock moves, and what is due fires
    ! provider 429             the provider's next answer is this fault (a status, timeout, refused)
    ! receipt delivered        the carrier reports on the last message it took
    ~                          the last message is delivered again
    staff: resolve "…"         a staff act on the last case
    # a remark                 kept as it stands

Header lines (``channel: ussd``, ``from: +59170000002``, ``start: 2026-11-23 10:00``) may come again further down: the
person takes another phone, or dials instead of texting. On a ussd channel ``> *384*40#`` dials, ``> 1`` presses,
``> (hangs up)`` hangs up, ``> (again)`` repeats the last hop. An SMS that is not for the phone in hand is marked.

The player sends the ``>`` lines and writes down everything else itself; the test compares the whole file. It sees the
gateway only from outside: codecs, store, carrier. Nothing of a session is kept between two lines.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from dialogs.messages import DeliveryReport, DeliveryStatus, OutboundMessage
from gateway import app as house_app
from gateway.outbound import segments
from gateway.outbound.carrier import NetworkFailed
from gateway.work import casework
from providers.base import Request, Response
from tests.transcripts import looking

DIAL, HANG_UP, AGAIN = "*384*40#", "(hangs up)", "(again)"
LINES = {"sms": "demo", "ussd": "demo-ussd"}
_HEADER = re.compile(r"(channel|from|start): (.+)")
_MOVE = re.compile(r"\+(\d+) (second|minute|hour|day)s?")
_OURS = ("<", "|", "=", ".")
#: How far the clock goes at once when it moves: what is due fires in order.
_STRIDE = timedelta(minutes=30)


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
        message = looking.sent(request.body)
        self.taken.append((f"sim-{len(self.taken)}", message["to"], message["text"]))
        if fault == "timeout":
            raise NetworkFailed("timeout", in_doubt=True)
        body = f'{{"id": "{self.taken[-1][0]}"}}'.encode()
        return Response(status=200, headers={"content-type": "application/json"}, body=body)


class Player:
    """One telephone, perhaps several, and the staff, talking to a gateway of their own."""

    def __init__(self, app: house_app.Application, clock: Any, carrier: Carrier) -> None:
        self._app, self._clock, self._carrier = app, clock, carrier
        self._phone, self._channel = "+59170000001", "sms"
        self._last: tuple[str, str, dict[str, str]] | None = None
        self._dialled = 0
        self._history = ""
        self._sent = 0
        self._lines: list[str] = []

    async def play(self, script: str) -> str:
        """Play the person's and the staff's lines of ``script``; return the transcript as it went."""
        seen = await self._look()
        for line in script.splitlines():
            if line.startswith(_OURS):
                continue
            self._lines.append(line)
            if not line.strip() or line.startswith("#"):
                continue
            screens = await self._act(line)
            await self._app.settle()
            seen = await self._tell(line, screens, seen)
        return "\n".join(self._lines) + "\n"

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
            await self._staff(shlex.split(line.removeprefix("staff: ")))
        else:
            raise ValueError(f"a transcript has no such line: {line}")
        return ()

    def _head(self, name: str, value: str) -> None:
        if name == "start":
            local = datetime.strptime(value, "%Y-%m-%d %H:%M").replace(tzinfo=self._app.config.service.timezone)
            self._clock.set(local.astimezone(UTC))
        elif name == "from":
            self._phone = value
        else:
            self._channel = value

    async def _say(self, text: str) -> Sequence[OutboundMessage]:
        self._sent += 1
        if self._channel == "sms":
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

    async def _post(self, kind: str, event: str, form: dict[str, str]) -> Sequence[OutboundMessage]:
        if not event:
            self._last = (kind, event, form)
        channel = self._app.channels[LINES[kind]]
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
        found = _MOVE.fullmatch(how)
        if found is None:
            raise ValueError(f"the clock moves like +3 days, not {how}")
        left = timedelta(**{f"{found[2]}s": int(found[1])})
        pace = max(_STRIDE, left / 24)
        while left > timedelta():
            stride = min(left, pace)
            self._clock.advance(stride)
            await self._app.settle()
            left -= stride

    async def _carrier_does(self, words: list[str]) -> None:
        if words[0] == "provider":
            self._carrier.faults += words[1:]
            return
        report = DeliveryReport(
            channel=LINES["sms"],
            status=DeliveryStatus(words[1]),
            at=self._clock.now(),
            external_id=words[2] if len(words) > 2 else f"sim-{len(self._carrier.taken) - 1}",
        )
        await self._app.inbox.receive([report])

    async def _staff(self, words: list[str]) -> None:
        act, *rest = words
        app, now = self._app, self._clock.now()
        if act == "broadcast":
            place, text = rest
            await app.store.transact(lambda tx: looking.broadcast(tx, app.house, now, place, text))
            return
        code = await app.store.read(looking.last_code)
        acts = {
            "resolve": lambda tx: casework.resolve(tx, app.house, now, "ana", code, reply=rest[0]),
            "reopen": lambda tx: casework.reopen(tx, app.house, now, "ana", code),
            "assign": lambda tx: casework.assign(tx, app.house, now, "ana", code, to=rest[0]),
            "start": lambda tx: casework.start(tx, app.house, now, "ana", code),
            "not_competent": lambda tx: casework.not_competent(tx, app.house, now, "ana", code, body=rest[0]),
        }
        await app.store.transact(acts[act])

    async def _tell(self, line: str, screens: Sequence[OutboundMessage], seen: looking.Sight) -> looking.Sight:
        for screen in screens:
            self._answer(screen.text, mark="", most=160)
            if screen.ends_session:
                self._lines.append("= ussd ends")
        for _, to, text in self._carrier.taken[self._carrier.shown :]:
            here = self._channel == "sms" and to == self._phone
            self._answer(
                text, mark="" if here else f"(sms to {to[-4:]}) " if to != self._phone else "(sms) ", most=None
            )
        self._carrier.shown = len(self._carrier.taken)
        after = await self._look()
        self._lines += looking.news(seen, after)
        if line.startswith(("> ", "~", "@ ", "staff: ")):
            now, phone = self._clock.now(), self._phone
            self._lines.append(await self._app.store.read(lambda tx: looking.session(tx, phone, now)))
        return after

    def _answer(self, text: str, *, mark: str, most: int | None) -> None:
        if most is not None and len(text) > most:
            raise AssertionError(f"a screen of {len(text)} characters: {text}")
        if most is None and segments.count(text) > 1 and "= long" not in self._lines:
            raise AssertionError(f"{segments.count(text)} segments: {text}")
        first, *rest = text.split("\n")
        self._lines.append(f"< {mark}{first}")
        self._lines += [f"| {more}" for more in rest]

    async def _look(self) -> looking.Sight:
        zone = self._app.config.service.timezone
        return await self._app.store.read(lambda tx: looking.look(tx, zone))


def scripts() -> list[Path]:
    """Every transcript, by name."""
    return sorted(Path(__file__).parent.glob("*.txt"))
