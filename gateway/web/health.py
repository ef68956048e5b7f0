"""Whether we live, whether we can keep a promise, and what operators count.

Rule: ``/ready`` is honest. It says yes only if a write was committed just now, because that is what a webhook's 2xx
promises; a store that hangs counts as one that fails.
"""

import asyncio
import contextlib

import structlog
from aiohttp import web

from gateway.metrics import CONTENT_TYPE
from gateway.web.guard import from_here
from gateway.web.parts import PARTS, WebParts
from store import StoreError
from store.health import depth, prove

log = structlog.get_logger()


class Readiness:
    """Proves the store at most once a moment, and never twice at a time, however often it is asked."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts
        self._proof: asyncio.Task[bool] | None = None
        self._proved_at = float("-inf")
        self._ok = True

    async def ready(self) -> bool:
        """Tell within ``limits.commit`` seconds whether a commit succeeds."""
        clock, limits = self._parts.clock, self._parts.limits
        if self._proof is None and clock.monotonic() - self._proved_at >= limits.fresh:
            self._proof = asyncio.create_task(self._prove())
        if self._proof is not None:
            done, _ = await asyncio.wait({proof := self._proof}, timeout=limits.commit)
            self._say(ok=proof.result() if done else False)
        return self._ok

    async def close(self) -> None:
        """Let a proof that is under way end."""
        if self._proof is not None:
            await asyncio.wait({self._proof})

    async def _prove(self) -> bool:
        now = self._parts.clock.now()
        try:
            await self._parts.store.transact(lambda tx: prove(tx, now))
        except StoreError:
            return False
        finally:
            self._proof = None
            self._proved_at = self._parts.clock.monotonic()
        return True

    def _say(self, *, ok: bool) -> None:
        if ok != self._ok:
            log.warning("ready again" if ok else "not ready: the store does not commit")
        self._ok = ok
        self._parts.metrics.ready(ok=ok)


def routes(readiness: Readiness) -> list[web.RouteDef]:
    """Mount ``/live``, ``/ready`` and ``/metrics``."""

    async def ready(_request: web.Request) -> web.Response:
        return web.Response(text="ready\n") if await readiness.ready() else web.Response(status=503, text="not ready\n")

    return [web.get("/live", _live), web.get("/ready", ready), web.get("/metrics", _metrics)]


async def _live(_request: web.Request) -> web.Response:
    return web.Response(text="live\n")


async def _metrics(request: web.Request) -> web.Response:
    if not from_here(request):
        raise web.HTTPNotFound
    parts = request.app[PARTS]
    with contextlib.suppress(StoreError):  # what else is counted is wanted most when the store is in trouble
        parts.metrics.waiting(await parts.store.read(depth))
    return web.Response(body=parts.metrics.page(), headers={"Content-Type": CONTENT_TYPE})
