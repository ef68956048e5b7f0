"""The telephone network of a simulated city: what providers take from us, lose, report and call us about.

It stands outside the process that dies: what it was given it has, and what we did not acknowledge it brings again. It
writes down all that passes, which is what the laws are checked against.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qs, urlencode, urlsplit

from gateway.outbound.carrier import NetworkFailed
from providers.africastalking_ussd import hop
from providers.base import Request, Response
from tests.simulation.chance import Dice
from tests.simulation.log import Journal

TWILIO, PHONE, KEYS = "twilio", "phone", "keys"
ACCOUNT, TOKEN, SIGNING_KEY, SECRET = "AC" + "0" * 31 + "1", "token-of-the-simulation", "key-of-the-phone", "s" * 32
PUBLIC_URL = "https://sim.example.org"
OUR_NUMBER = {TWILIO: "+12025550143", PHONE: "+59170009999", KEYS: "*384*40#"}

#: After how many seconds a provider calls again when we did not say 2xx, until it gives up.
AGAIN = (5.0, 60.0, 600.0, 3600.0, 4 * 3600.0, 12 * 3600.0, 24 * 3600.0)
#: Seconds until a provider answers, a telephone rings, a report is on its way. A few steps instead of a curve, so that
#: much happens in the same instant.
LATENCY, ON_THE_WAY, TELLING = (0.3,) * 30 + (2.0, 9.0), (5.0,) * 30 + (0.1, 60.0), (0.5,) * 30 + (4.0,)
#: Seconds by which some answers are slower than the first report.
SLOWLY = 8.0
#: How often a report does not say our id, because somebody on its way has dropped it.
NAMELESS = 0.2
_OURS = re.compile(r"our_id=(\d+)")


class Gateway(Protocol):
    """What the network sees of us."""

    async def knock(self, channel: str, request: Request) -> Response | None:
        """Give what we answered; None where we died over it."""


class Weather:
    """How the network does at present: the chance that a hand-over goes wrong, and how."""

    FAIR: Mapping[str, float] = {"lost": 0.002, "late": 0.003, "busy": 0.01, "broken": 0.005, "garbage": 0.002}
    BAD: Mapping[str, float] = {
        "lost": 0.06,
        "late": 0.06,
        "busy": 0.12,
        "broken": 0.12,
        "refused": 0.1,
        "garbage": 0.05,
        "unreachable": 0.1,
    }
    DOWN: Mapping[str, float] = {"unreachable": 0.5, "broken": 0.5}
    CLEAR: Mapping[str, float] = {}


class Network:
    """All lines at once. ``heard`` is told of each SMS that reaches a telephone: ``heard(number, text)``."""

    def __init__(self, journal: Journal, dice: Dice, heard: Callable[[str, str], None]) -> None:
        self.journal = journal
        self.weather: dict[str, Mapping[str, float]] = {TWILIO: Weather.FAIR, PHONE: Weather.FAIR}
        self.calm = False
        self.gateway: Gateway | None = None
        self._dice = dice
        self._heard = heard
        self._known: set[str] = set()
        self._going: set[asyncio.Task[None]] = set()
        self._count = 0

    # What we send --------------------------------------------------------------------------------------------------

    async def take(self, request: Request) -> Response:
        """A request of ours reached a provider's API, unless it did not."""
        line, our_id, to, text, name = _read(request)
        fate = self._fate(line)
        if fate == "unreachable":
            raise NetworkFailed("unreachable:simulated", in_doubt=False)
        await asyncio.sleep(self._dice.choice(LATENCY))
        if fate in _ANSWERS:
            return _ANSWERS[fate]
        if fate == "lost" and self._dice.happens(0.5):
            raise NetworkFailed("no_answer:simulated", in_doubt=True)  # it never arrived, and nobody knows
        again = line == PHONE and name in self._known
        external_id = name if line == PHONE else f"SM{self._next():032x}"
        self._known.add(name)
        entry = self.journal.took(line, our_id, to, text, external_id)
        if not again:
            self._later(self._dice.choice(ON_THE_WAY), self._arrive, line, our_id, to, text, external_id)
        if fate == "late":
            await asyncio.sleep(30.0)
        if fate in {"late", "lost"}:
            raise NetworkFailed("no_answer:simulated", in_doubt=True)
        if fate == "garbage":
            return Response(status=200, headers={"content-type": "text/html"}, body=b"<html>")
        if self._dice.happens(0.05):
            await asyncio.sleep(SLOWLY)  # the telephone rings, and the report is there, before the answer
        entry.answered = True
        if again:
            return Response(status=409)
        return taken(request, external_id)

    def _fate(self, line: str) -> str:
        if self.calm:
            return "well"
        throw = self._dice.random()
        for fate, chance in self.weather[line].items():
            throw -= chance
            if throw < 0:
                self.journal.fault(f"provider {fate}")
                return fate
        return "well"

    async def _arrive(self, line: str, our_id: int, to: str, text: str, external_id: str) -> None:
        """A telephone rings; the provider tells us, more or less."""
        arrives = self._dice.happens(0.97)
        if arrives:
            self._heard(to, text)
        reports = ["sent", "delivered" if arrives else "failed"]
        how = self._dice.random()
        if how < 0.1 and not self.calm:
            reports = []
        elif how < 0.2:
            reports.reverse()
        elif how < 0.25:
            reports *= 2
        elif how < 0.9:
            reports = reports[1:]
        for status in reports:
            self._later(self._dice.choice(TELLING), self._report, line, our_id, external_id, status)
        if self._dice.happens(0.01):
            self.journal.fault("report of nothing")
            stray = f"SM{self._next():032x}" if line == TWILIO else f"999999{self._next()}-abcdef01"
            self._later(1.0, self._call, line, "status", _report(line, 999_999_999, stray, "delivered"))

    # What we hear --------------------------------------------------------------------------------------------------

    def text(self, line: str, number: str, text: str) -> None:
        """Somebody sends an SMS to one of our numbers."""
        external_id = f"SM{self._next():032x}"
        fields = message(line, external_id, number, text)
        times = 1 if self.calm or self._dice.happens(0.93) else self._dice.randint(2, 3)
        if times > 1:
            self.journal.fault("webhook twice")
        for _ in range(times):
            late = 0.0 if self._dice.happens(0.9) else self._dice.after(30.0)
            self._later(late, self._bring, line, external_id, number, text, fields)

    async def dial(self, session: str, number: str, history: str) -> str | None:
        """One hop of a USSD session; the screen, or None where there is no answer."""
        form = {"sessionId": session, "serviceCode": OUR_NUMBER[KEYS], "phoneNumber": number, "text": history}
        posted = self.journal.wall()
        answer = await self._knock(KEYS, "ussd", form)
        external_id = f"{session}:{hop(number, history)}"
        self.journal.brought(posted, KEYS, external_id, number, history.rpartition("*")[2], answer and answer.status)
        return None if answer is None or answer.status != 200 else answer.body.decode()

    async def quiet(self) -> bool:
        """Wait until nothing is under way; say whether anything was."""
        busy = bool(self._going)
        while self._going:
            await asyncio.wait(self._going)
        return busy

    async def _bring(self, line: str, external_id: str, number: str, text: str, fields: Mapping[str, Any]) -> None:
        for wait in (*AGAIN, None):
            posted = self.journal.wall()
            answer = await self._knock(line, "sms", fields)
            self.journal.brought(posted, line, external_id, number, text, answer and answer.status)
            if answer is not None and answer.status < 300:
                return
            if wait is None:
                self.journal.gave_up(line, external_id)
                return
            await asyncio.sleep(wait * (1 + 0.1 * self._dice.random()))

    async def _report(self, line: str, our_id: int, external_id: str, status: str) -> None:
        named = our_id if line == PHONE or not self._dice.happens(NAMELESS) else None
        heard = await self._call(line, "status", _report(line, named, external_id, status))
        self.journal.reported(line, named, external_id, status, acknowledged=heard)

    async def _call(self, line: str, event: str, fields: Mapping[str, Any]) -> bool:
        """Tell us something until we have heard it, or it is no longer worth it; say whether we have."""
        for wait in (*AGAIN[:4], None):
            answer = await self._knock(line, event, fields)
            if answer is not None and answer.status < 300:
                return True
            if wait is not None:
                await asyncio.sleep(wait)
        return False

    async def _knock(self, line: str, event: str, fields: Mapping[str, Any]) -> Response | None:
        assert self.gateway is not None
        request = signed(line, event, fields, self.journal.true_time())
        return await self.gateway.knock(line, request)

    def _later(self, seconds: float, work: Callable[..., Any], *args: Any) -> None:
        async def wait() -> None:
            await asyncio.sleep(seconds)
            await work(*args)

        task = asyncio.create_task(wait(), name="network")
        self._going.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._going.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.journal.trouble(error)

    def _next(self) -> int:
        self._count += 1
        return self._count


_ANSWERS = {
    "busy": Response(status=429, headers={"retry-after": "20"}, body=b'{"code": 20429}'),
    "broken": Response(status=503),
    "refused": Response(status=400, headers={"content-type": "application/json"}, body=b'{"code": 21211}'),
}


def taken(request: Request, external_id: str) -> Response:
    """What a provider answers that has taken a message; the phone calls it as we do."""
    line, _, _, _, name = _read(request)
    named = {"sid": external_id} if line == TWILIO else {"id": name}
    return Response(status=201, headers={"content-type": "application/json"}, body=json.dumps(named).encode())


def _read(request: Request) -> tuple[str, int, str, str, str]:
    """Line, our id, recipient, text, and the name under which the provider knows a message again."""
    if urlsplit(request.url).netloc == "phone.invalid":
        document = json.loads(request.body)
        name = document["id"]
        return PHONE, int(name.partition("-")[0]), document["phoneNumbers"][0], document["textMessage"]["text"], name
    form = {name: values[0] for name, values in parse_qs(request.body.decode(), keep_blank_values=True).items()}
    found = _OURS.search(form["StatusCallback"])
    assert found is not None
    return TWILIO, int(found[1]), form["To"], form["Body"], found[1]


def message(line: str, external_id: str, number: str, text: str) -> Mapping[str, Any]:
    """What a provider posts when somebody wrote."""
    if line == TWILIO:
        return {"MessageSid": external_id, "From": number, "To": OUR_NUMBER[line], "Body": text, "AccountSid": ACCOUNT}
    payload = {"messageId": hashlib.sha256(text.encode()).hexdigest()[:16], "message": text, "sender": number}
    return {"id": external_id, "event": "sms:received", "payload": payload}


def _report(line: str, our_id: int | None, external_id: str, status: str) -> Mapping[str, Any]:
    if line == TWILIO:
        told = {"MessageSid": external_id, "MessageStatus": status, "AccountSid": ACCOUNT}
        return told if our_id is None else {**told, "our_id": str(our_id)}
    payload = {"messageId": external_id, "partsCount": 1}
    return {"id": f"{external_id}:{status}", "event": f"sms:{status}", "payload": payload}


def signed(line: str, event: str, fields: Mapping[str, Any], unix: int) -> Request:
    """Post it as each provider does, signed at that time."""
    url = f"{PUBLIC_URL}/in/{line}/{event}"
    if line == PHONE:
        body, stamp = json.dumps(fields).encode(), str(unix)
        signature = hmac.digest(SIGNING_KEY.encode(), body + stamp.encode(), "sha256").hex()
        headers = {"content-type": "application/json", "x-timestamp": stamp, "x-signature": signature}
        return Request(method="POST", url=url, headers=headers, body=body, event=event)
    form = dict(fields)
    if our_id := form.pop("our_id", None):
        url += f"?our_id={our_id}"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    if line == TWILIO:
        said = url + "".join(name + form[name] for name in sorted(form))
        headers["x-twilio-signature"] = base64.b64encode(hmac.digest(TOKEN.encode(), said.encode(), "sha1")).decode()
    return Request(method="POST", url=url, headers=headers, body=urlencode(form).encode(), event=event)
