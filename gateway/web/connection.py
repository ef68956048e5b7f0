"""Connections, and what is answered where no request could be made of what came in.

Rule 1: aiohttp's own answer quotes the request line, and with it a path's secret; ours says the status and no more.
Rule 2: connections never take the last file descriptors, or the store could not open its files and nobody would be
accepted at all. The newest is let in, and the oldest that asks nothing makes room: a provider asks at once.
"""

import asyncio
import resource
import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web

from gateway.web.guard import HEADERS
from gateway.web.webhooks import as_web, plain

#: No access log: it would hold numbers and secrets of paths. Bodies are not unpacked, so no bomb goes off. A silent
#: connection is cut after these seconds, one that drips its headers included (reliability rule 10); one that goes on
#: sending a body that was refused has so long to read why.
_TERMS: Mapping[str, Any] = {
    "access_log": None,
    "auto_decompress": False,
    "keepalive_timeout": 15.0,
    "lingering_time": 2.0,
}

#: File descriptors for everything else: 200 for the store, what is sent and what we do not foresee, and the 128 that
#: asyncio may accept before the first of them is looked at.
RESERVE = 328
FEWEST = 32

log = structlog.get_logger()


def most_connections() -> int:
    """How many connections may be open at once: what this process may have open (``ulimit -n``) less ``RESERVE``."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if files == resource.RLIM_INFINITY else max(files - RESERVE, FEWEST)


class Runner(web.AppRunner):
    """Runs an application on connections of ours."""

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(made.request_handler, request_factory=made.request_factory)


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=asyncio.get_running_loop(), **_TERMS)

    def has_room(self) -> bool:
        """Say whether one more may come, which may send away the oldest that is asking nothing."""
        most = most_connections()
        if len(self._connections) < most:
            return True
        log.warning("connections full", most=most)
        for one, transport in self._connections.items():
            if isinstance(one, _Connection) and not one.is_asking() and not transport.is_closing():
                transport.abort()
                return True
        return False


class _Connection(web.RequestHandler):
    __slots__ = ()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in if there is room."""
        house = self._manager
        if isinstance(house, _Server) and isinstance(transport, asyncio.Transport) and not house.has_room():
            transport.abort()
        else:
            super().connection_made(transport)

    def is_asking(self) -> bool:
        """Whether a whole head of a request has come that is not answered yet."""
        return bool(self._request_in_progress)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  aiohttp's words, which quote the stranger's
    ) -> web.StreamResponse:
        """Say one line and answer shortly; ``exc`` is told by its name, for its text quotes the request."""
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            log.warning("request unreadable", reason=type(exc).__name__, status=status)
        else:
            log.error("request failed", status=status, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError  # an answer is under way: aiohttp ends the connection
        answer = as_web(plain(HTTPStatus(status)))
        answer.headers.update({**HEADERS, "Cache-Control": "no-store"})
        answer.force_close()
        return answer
