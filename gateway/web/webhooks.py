"""Where providers knock: bytes in, the same bytes checked, the inbox's commit, and only then an answer.

Rule 1: a 2xx leaves only after the commit that holds what came in. Our own trouble is 503, never 4xx.
Rule 2: the public address is the configured one. ``Host`` and ``X-Forwarded-*`` are whatever a stranger likes.
Rule 3: a refusal is one log line with a channel and a reason, and a counter; never a path, a number or a word.
"""

import asyncio
import hmac
import re
from collections.abc import Sequence
from http import HTTPStatus

import structlog
from aiohttp import web

from dialogs.messages import ChannelKind, InboundMessage, OutboundMessage, Received, Unreadable
from gateway.channels import Channel
from gateway.inbound.inbox import Overloaded
from gateway.web.parts import Limits, WebParts
from providers.base import Refusal, Request, Response
from store import StoreUnavailable

EVENTS = {
    ChannelKind.SMS: frozenset({"sms", "status", "optout", "subscription"}),
    ChannelKind.USSD: frozenset({"ussd", "ussd/events"}),
    ChannelKind.WEB: frozenset[str](),
}
#: No provider of ours uses GET; the first that does brings it here, for its channels only.
METHODS = frozenset({"POST"})
#: What an absolute-form request target has before its path; servers must accept it (RFC 9112, section 3.2.2).
_BEFORE_PATH = re.compile(r"\A[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)

log = structlog.get_logger()


class Refused(Exception):
    """A request that goes no further: ``status`` is what the stranger hears, ``reason`` what the log says."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Webhooks:
    """The handler of ``/in/…``, and the one path by which anything reaches the inbox from the web."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts
        self._base = str(parts.config.service.public_url).rstrip("/")
        self._nobody = parts.clock.new_secret()
        self._going_on: set[asyncio.Task[Sequence[OutboundMessage]]] = set()

    async def answer(self, request: web.Request) -> web.Response:
        """Take one webhook."""
        channel: Channel | None = None
        try:
            channel, event = self._door(request.match_info["channel"], request.match_info["rest"].removeprefix("/"))
            asked = await self._read(request, channel, event)
        except Refused as refused:
            answer = as_web(self._refuse(channel.id if channel else "unknown", refused.status, refused.reason))
            answer.force_close()  # what is left of the body is not waited for
            return answer
        return as_web(await self.take(channel, asked))

    async def take(self, channel: Channel, asked: Request) -> Response:
        """Verify, parse, commit, answer. The simulator's page comes in here too."""
        metrics, clock = self._parts.metrics, self._parts.clock
        began = clock.monotonic()
        try:
            channel.receiver.verify(asked, clock.now())
            items = self._parse(channel, asked)
            answers = await self._receive(channel, items)
        except Refusal as refusal:
            return self._refuse(channel.id, HTTPStatus(refusal.status), refusal.reason)
        except (StoreUnavailable, Overloaded) as trouble:
            metrics.inbound(channel.id, "unavailable")
            log.warning("webhook put off", channel=channel.id, reason=type(trouble).__name__, status=503)
            return unavailable(self._parts.limits)
        finally:
            metrics.answered(channel.id, clock.monotonic() - began)
        unread = [item for item in items if isinstance(item, Unreadable)]
        metrics.inbound(channel.id, "unreadable" if unread else "taken")
        for item in unread:
            log.warning("webhook kept unread", channel=channel.id, reason=item.reason, status=item.status)
            if item.status >= HTTPStatus.BAD_REQUEST:
                return plain(HTTPStatus(item.status))
        return channel.receiver.reply(asked, answers)

    async def close(self) -> None:
        """Wait for the work behind USSD screens that had to be apologies."""
        await asyncio.gather(*self._going_on, return_exceptions=True)

    def _door(self, name: str, rest: str) -> tuple[Channel, str]:
        """Find the channel that a path opens; a wrong name and a wrong secret take equal time and look the same."""
        channel = self._parts.channels.get(name)
        secret = self._nobody if channel is None else channel.secret
        given, _, event = rest.partition("/") if secret is not None else ("", "", rest)
        fits = hmac.compare_digest(given.encode(errors="surrogateescape"), (secret or "").encode())
        if channel is None or not fits:
            raise Refused(HTTPStatus.NOT_FOUND, "door")
        return channel, event

    async def _read(self, request: web.Request, channel: Channel, event: str) -> Request:
        """Take the request as bytes, under our public address."""
        if event not in EVENTS[channel.kind]:
            raise Refused(HTTPStatus.NOT_FOUND, "event")
        if request.method not in METHODS:
            raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "method")
        body = await read_body(request, self._parts.limits)
        headers: dict[str, str] = {}
        for name, value in request.headers.items():
            key = name.lower()
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        url = self._base + _BEFORE_PATH.sub("", request.raw_path)
        return Request(method=request.method, url=url, headers=headers, body=body, event=event)

    def _parse(self, channel: Channel, asked: Request) -> Sequence[Received]:
        """Parse what is authentic. Codecs keep what they cannot read; if one fails itself, we keep it."""
        try:
            return channel.receiver.parse(asked, self._parts.clock.now())
        except Refusal:
            raise
        except Exception:  # a bug in a codec must not lose what a resident wrote
            log.exception("codec failed", channel=channel.id)
            return [Unreadable(channel=channel.id, reason="codec_failed", raw=asked.body, status=500)]

    async def _receive(self, channel: Channel, items: Sequence[Received]) -> Sequence[OutboundMessage]:
        """Hand over to the inbox; a USSD screen is waited for only as long as a person and a carrier would."""
        if not items:
            return ()
        if channel.kind is not ChannelKind.USSD:
            return await self._parts.inbox.receive(items)
        work = asyncio.ensure_future(self._parts.inbox.receive(items))
        done, _ = await asyncio.wait({work}, timeout=self._parts.limits.screen)
        if done:
            return work.result()
        self._going_on.add(work)
        work.add_done_callback(self._went_on)
        self._parts.metrics.late(channel.id)
        log.warning("ussd screen late", channel=channel.id)
        sender = next((item.sender for item in items if isinstance(item, InboundMessage)), "")
        return [_apology(channel, sender, self._parts.apology)]

    def _went_on(self, work: "asyncio.Task[Sequence[OutboundMessage]]") -> None:
        self._going_on.discard(work)
        if not work.cancelled() and (error := work.exception()):
            log.warning("late ussd work failed", reason=type(error).__name__)

    def _refuse(self, channel: str, status: HTTPStatus, reason: str) -> Response:
        self._parts.metrics.refused(channel, reason)
        log.warning("webhook refused", channel=channel, reason=reason, status=status.value)
        return plain(status)


async def read_body(request: web.Request, limits: Limits) -> bytes:
    """Read a body within its limits of size and time; raise ``Refused`` for a longer, slow, broken or packed one."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content encoding")
    if (request.content_length or 0) > limits.body:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")
    read = bytearray()
    try:
        if request.content.is_eof():  # it came with the head, as a webhook's nearly always does
            read += request.content.read_nowait()
        else:
            async with asyncio.timeout(limits.read):
                async for chunk in request.content.iter_any():
                    read += chunk
                    if len(read) > limits.body:
                        break
    except TimeoutError:
        raise Refused(HTTPStatus.BAD_REQUEST, "slow body") from None
    except (web.RequestPayloadError, OSError):
        raise Refused(HTTPStatus.BAD_REQUEST, "broken body") from None
    if len(read) > limits.body:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")
    return bytes(read)


def plain(status: HTTPStatus) -> Response:
    """Say the status and nothing else: a stranger learns no more from us."""
    headers = {"content-type": "text/plain; charset=utf-8"}
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["allow"] = ", ".join(sorted(METHODS))
    return Response(status=status, headers=headers, body=f"{status.value} {status.phrase}\n".encode())


def unavailable(limits: Limits) -> Response:
    """Our trouble, not theirs: come again."""
    answer = plain(HTTPStatus.SERVICE_UNAVAILABLE)
    return Response(
        status=answer.status, headers={**answer.headers, "retry-after": str(limits.retry_after)}, body=answer.body
    )


def as_web(response: Response) -> web.Response:
    """Turn our value into aiohttp's."""
    return web.Response(status=response.status, headers=response.headers, body=response.body)


def _apology(channel: Channel, recipient: str, text: str) -> OutboundMessage:
    return OutboundMessage(id=0, channel=channel.id, recipient=recipient, text=text, ends_session=True)
