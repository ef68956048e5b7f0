"""Providers in a mood: the same stub as elsewhere, which can be told to answer anything, late, or not at all."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from gateway.invariants import HandedOver
from tests.process.conftest import Stub
from tests.process.knocks import ACCOUNT

Mood = Callable[[web.Request, "Seen"], Awaitable[web.StreamResponse | None]]


def now() -> datetime:
    """The clock of the world outside."""
    return datetime.now(UTC)  # noqa: TID251  providers and people have clocks of their own


@dataclass(slots=True)
class Seen:
    """One message that reached a provider. A mood says what the provider makes of it."""

    at: datetime
    provider: str
    form: dict[str, Any]
    taken: bool = True
    answered: bool = False
    external_id: str | None = None

    def evidence(self) -> HandedOver:
        """The same for the checker."""
        match self.provider:
            case "twilio":
                to, text, ours = self.form["To"], self.form["Body"], self.form["StatusCallback"].partition("our_id=")[2]
            case "smsgate":
                to, text, ours = (
                    self.form["phoneNumbers"][0],
                    self.form["textMessage"]["text"],
                    self.form["id"].partition("-")[0],
                )
            case _:
                to, text, ours = self.form["to"], self.form["message"], ""
        channel = "phone" if self.provider == "smsgate" else self.provider
        return HandedOver(
            at=self.at,
            channel=channel,
            our_id=int(ours) if ours.isdigit() else None,
            recipient=to,
            text=text,
            answered=self.answered,
            external_id=self.external_id,
            taken=self.taken,
        )


@dataclass(slots=True)
class Moody(Stub):
    """Providers in a mood: ``mood`` answers instead of them, or returns None to let them answer as usual."""

    mood: Mood | None = None
    seen: list[Seen] = field(default_factory=list)

    def answering(self, provider: str) -> Any:
        async def answer(request: web.Request) -> web.StreamResponse:
            seen = Seen(at=now(), provider=provider, form={})
            seen.form = await self._take(request, provider)
            self.seen.append(seen)
            number = len(self.seen)
            said = await self.mood(request, seen) if self.mood else None
            if said is None:
                said = self.well(seen, number)
                seen.answered = True
            return said

        return answer

    def well(self, seen: Seen, number: int) -> web.Response:
        """What the provider says to a message that it will carry."""
        if seen.provider == "smsgate":
            seen.external_id = seen.form["id"]
            return web.json_response({"id": seen.external_id, "state": "Pending"}, status=202)
        if seen.provider == "twilio":
            seen.external_id = f"SM{number:032x}"
            said = {"sid": seen.external_id, "status": "queued", "body": seen.form["Body"]}
            return web.json_response(said, status=201)
        seen.external_id = f"ATXid_{number:032x}"
        one = {"statusCode": 101, "number": seen.form["to"], "status": "Success", "messageId": seen.external_id}
        return web.json_response({"SMSMessageData": {"Message": "Sent to 1/1", "Recipients": [one]}}, status=201)


@asynccontextmanager
async def moody() -> AsyncIterator[Moody]:
    made = Moody()
    app = web.Application()
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    app.router.add_post(path, made.answering("twilio"))
    app.router.add_post("/version1/messaging", made.answering("africastalking"))
    app.router.add_post("/messages", made.answering("smsgate"))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.api = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()
