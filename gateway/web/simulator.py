"""A keypad phone in the browser, for a first look and for training; mounted only beside a simulator channel.

Rule 1: what is typed here takes the way of a webhook of that channel, codec and all; there is no second way in.
Rule 2: a telephone number stands in a request's body, never in its path: paths end up in logs and histories.
"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

import aiohttp_jinja2
from aiohttp import web

from dialogs.messages import ChannelKind
from gateway.channels import Channel
from gateway.web.deeds import deeds, on_screen
from gateway.web.guard import from_elsewhere
from gateway.web.parts import WebParts
from gateway.web.webhooks import Webhooks, as_web, read_body
from providers.base import Request, Response
from store.messages import Direction
from store.phone import Exchange, exchanges

#: Two fictional telephones: the person's own, and somebody to be the neighbour.
PHONES = (
    {"number": "+59170000001", "label": "Su teléfono"},
    {"number": "+59170000002", "label": "El de la vecina"},
)
_LETTERS = (".,?", "abc", "def", "ghi", "jkl", "mnñ", "pqrs", "tuv", "wxyz", "", "espacio", "Aa·12")
KEYS = tuple(zip("123456789*0#", _LETTERS, strict=True))
EXAMPLE = "no ay lus en mi calle en alto tacagua, el poste esta roto ase 3 dias"
_MOST = 60
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulator:
    """The page and its four doors. ``sms`` and ``ussd`` are the simulator's lines; one of them may be missing."""

    parts: WebParts
    webhooks: Webhooks
    sms: Channel | None
    ussd: Channel | None

    def routes(self) -> list[web.RouteDef]:
        """Mount the page and its doors."""
        return [
            web.get("/simulator", self.page),
            web.post("/simulator/sms", self.text),
            web.post("/simulator/ussd", self.dial),
            web.post("/simulator/thread", self.thread),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """Draw the phone with what it has heard so far. ``?phone=2`` takes the second one, for want of JavaScript."""
        chosen = 2 if request.query.get("phone") == "2" else 1
        number = PHONES[chosen - 1]["number"]
        config = self.parts.config
        context = {
            "phones": PHONES,
            "chosen": chosen,
            "number": number,
            "keys": KEYS,
            "example": EXAMPLE,
            "line": self.sms.address if self.sms else "",
            "dial": self.ussd.address if self.ussd else "",
            "zone": str(config.service.timezone),
            "confirm_after": config.followups.confirm_after,
            **await self._heard(number),
        }
        return aiohttp_jinja2.render_template("simulator/page.html.j2", request, context)

    async def text(self, request: web.Request) -> web.Response:
        """Send an SMS: JSON ``{from, text}``, or the page's own form, which is answered with the page."""
        if self.sms is None:
            raise web.HTTPNotFound
        fields = await self._fields(request)
        by_form = request.content_type == _FORM
        chosen = 2 if fields.get("phone") == "2" else 1
        sender = PHONES[chosen - 1]["number"] if by_form else fields.get("from")
        body = json.dumps({"from": sender, "text": fields.get("text")}).encode()
        answer = await self._knock(self.sms, "sms", _JSON, body)
        if answer.status != HTTPStatus.OK:
            return as_web(answer)
        if by_form:
            raise web.HTTPSeeOther(f"/simulator?phone={chosen}")
        return web.json_response({})

    async def dial(self, request: web.Request) -> web.Response:
        """Dial, answer a screen or hang up: JSON ``{from, session, text, hangs_up?}`` → ``{screen, ends}``.

        ``text`` is everything typed in this session, joined by ``*``, as carriers send it.
        """
        if self.ussd is None:
            raise web.HTTPNotFound
        fields = await self._fields(request)
        form = {
            "sessionId": fields.get("session", ""),
            "serviceCode": self.ussd.address,
            "phoneNumber": fields.get("from", ""),
            "text": fields.get("text", ""),
        }
        event = "ussd/events" if fields.get("hangs_up") is True else "ussd"
        answer = await self._knock(self.ussd, event, _FORM, urlencode(form, errors="replace").encode())
        if answer.status != HTTPStatus.OK:
            return as_web(answer)
        word, _, screen = answer.body.decode().partition(" ")
        return web.json_response({"screen": screen, "ends": word != "CON"})

    async def thread(self, request: web.Request) -> web.Response:
        """What a phone heard and what we did: JSON ``{from}`` → ``{messages}``, or HTML if that is asked for."""
        number = (await self._fields(request)).get("from")
        if not isinstance(number, str):
            raise web.HTTPBadRequest
        if "text/html" in request.headers.get("Accept", ""):
            context = await self._heard(number)
            return aiohttp_jinja2.render_template("simulator/news.html.j2", request, context)
        messages = [
            {
                "direction": each.direction,
                "channel": each.channel,
                "text": each.text,
                "status": each.state,
                "at": each.at.isoformat(),
                "rule": each.rule,
                "template": each.template,
                "case": each.code,
                "segments": each.segments,
            }
            for each in await self._exchanges(number)
        ]
        return web.json_response({"messages": messages})

    async def _fields(self, request: web.Request) -> dict[str, Any]:
        """Read JSON, or the form of our own page; a page of another site gets nowhere."""
        if from_elsewhere(request):
            raise web.HTTPForbidden
        body = await read_body(request, self.parts.limits)
        try:
            if request.content_type == _FORM:
                return dict(parse_qsl(body.decode(), errors="strict", keep_blank_values=True, max_num_fields=8))
            fields = json.loads(body) if request.content_type == _JSON else None
        except (ValueError, RecursionError):
            raise web.HTTPBadRequest from None
        if fields is None:
            raise web.HTTPUnsupportedMediaType
        if not isinstance(fields, dict):
            raise web.HTTPBadRequest
        return fields

    async def _knock(self, channel: Channel, event: str, kind: str, body: bytes) -> Response:
        """Post to a channel of ours as its provider would."""
        url = f"{self.parts.config.service.public_url}/in/{channel.id}/{event}"
        asked = Request(method="POST", url=url, headers={"content-type": kind}, body=body, event=event)
        return await self.webhooks.take(channel, asked)

    async def _exchanges(self, number: str) -> list[Exchange]:
        lines = [line.id for line in (self.sms, self.ussd) if line]
        return await self.parts.store.read(lambda tx: exchanges(tx, lines, number, _MOST))

    async def _heard(self, number: str) -> dict[str, Any]:
        """Everything about one phone that changes: what the templates ``thread`` and ``deeds`` draw."""
        latest = await self._exchanges(number)
        kinds = {line.id: line.kind for line in (self.sms, self.ussd) if line}
        thread = on_screen(latest, self.sms.id) if self.sms else []
        return {
            "thread": thread,
            "came": sum(each.direction is Direction.OUT for each in thread),
            "code": next((each.code for each in reversed(latest) if each.code), None),
            "deeds": deeds(latest, kinds),
            "line": self.sms.address if self.sms else "",
        }


def make(parts: WebParts, webhooks: Webhooks) -> Simulator | None:
    """Make the page if there is a simulator's line to write or dial to."""
    lines = {line.kind: line for line in reversed(list(parts.channels.values())) if line.provider == "simulator"}
    if not lines:
        return None
    return Simulator(parts=parts, webhooks=webhooks, sms=lines.get(ChannelKind.SMS), ussd=lines.get(ChannelKind.USSD))
