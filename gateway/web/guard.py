"""What holds for every answer: its headers, and that an error ends as a plain sentence with a reference.

Rule: an error page never shows what went wrong inside; the reference leads to the log line that does.
"""

from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from gateway.clock import Clock
from gateway.web.parts import PARTS
from gateway.web.webhooks import Refused, as_web, plain, unavailable
from store import StoreUnavailable

#: Reliability item 39. ``img-src data:`` is for pictures that the server draws into a page.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "barrio",
}
_LETTERS = str.maketrans("0123456789", "ghijklmnop")

log = structlog.get_logger()


async def dress(request: web.Request, response: web.StreamResponse) -> None:
    """Put the headers on. A shared machine's browser stores no page; our own static files it may ask for again."""
    response.headers.update(HEADERS)
    static = request.path.startswith("/static/")
    response.headers.setdefault("Cache-Control", "no-cache" if static else "no-store")


@web.middleware
async def catch(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer for whatever a handler lets escape: 503 for the store's trouble, 500 with a reference for ours."""
    parts = request.app[PARTS]
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Refused as refused:
        answer = as_web(plain(refused.status))
        answer.force_close()
        return answer
    except StoreUnavailable:
        log.warning("page put off", reason="StoreUnavailable", status=503)
        return as_web(unavailable(parts.limits))
    except Exception:  # the last resort: one request fails, the process lives
        reference = new_reference(parts.clock)
        log.exception("request failed", reference=reference, status=500)
        return web.Response(status=500, text=f"Algo falló de nuestro lado. Referencia: {reference}\n")


def new_reference(clock: Clock) -> str:
    """Eight letters that name one failure: to be read out on the telephone, and never mistaken for a number."""
    return clock.new_id()[:8].translate(_LETTERS)


def from_here(request: web.Request) -> bool:
    """Tell whether the caller sits on this machine and was not passed on by a proxy (item 40)."""
    passed_on = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"))
    return request.remote in {"127.0.0.1", "::1"} and not passed_on


def from_elsewhere(request: web.Request) -> bool:
    """Tell whether a browser says that another site's page made this request (item 29)."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}
