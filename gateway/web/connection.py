"""Connections, and what is answered where no request could be made of what came in.

Rule: aiohttp's own answer quotes the request line, and with it a path's secret; ours says the status and no more.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web

from gateway.web.guard import HEADERS
from gateway.web.webhooks import as_web, plain

#: No access log: it would hold numbers and secrets of paths. Bodies are not unpacked, so no bomb goes off. A silent
#: connection is cut after these seconds, one that drips its headers included (reliability rule 10).
_TERMS: Mapping[str, Any] = {"access_log": None, "auto_decompress": False, "keepalive_timeout": 15.0}

log = structlog.get_logger()


class Runner(web.AppRunner):
    """Runs an application on connections of ours."""

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(made.request_handler, request_factory=made.request_factory)


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=asyncio.get_running_loop(), **_TERMS)


class _Connection(web.RequestHandler):
    __slots__ = ()

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
