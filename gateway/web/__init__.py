"""Everything that speaks HTTP: webhooks, health, and the pages.

build(parts) -> web.Application      joined here, served by ``serve``; ``build_health`` for a process that only works
serve(app, host, port)               with the limits that aiohttp does not set by itself
"""

from collections.abc import AsyncIterator

from aiohttp import web

from gateway.web import book, guard, health, pages, simulator
from gateway.web.connection import Runner
from gateway.web.parts import PARTS, Inbox, Limits, WebParts
from gateway.web.webhooks import Webhooks

__all__ = ["Inbox", "Limits", "WebParts", "build", "build_health", "serve"]


def build(parts: WebParts) -> web.Application:
    """Join the web's rooms into one application."""
    app = web.Application(middlewares=[guard.catch], client_max_size=parts.limits.body)
    app[PARTS] = parts
    app.on_response_prepare.append(guard.dress)
    pages.furnish(app, parts)
    webhooks, readiness = Webhooks(parts), health.Readiness(parts)
    app.router.add_route("*", "/in/{channel:[^/]*}{rest:.*}", webhooks.answer)
    app.add_routes(health.routes(readiness))
    app.router.add_get("/static/{name}", pages.static)
    app.add_routes(book.make(parts).routes())
    if phone := simulator.make(parts, webhooks):
        app.add_routes(phone.routes())
        app.router.add_get("/", _to_the_phone)

    async def finish(_app: web.Application) -> AsyncIterator[None]:
        yield
        await webhooks.close()
        await readiness.close()

    app.cleanup_ctx.append(finish)
    return app


def build_health(parts: WebParts) -> web.Application:
    """Only whether it lives, is ready, and what it counts."""
    app = web.Application(middlewares=[guard.catch], client_max_size=parts.limits.body)
    app[PARTS] = parts
    app.on_response_prepare.append(guard.dress)
    readiness = health.Readiness(parts)
    app.add_routes(health.routes(readiness))

    async def finish(_app: web.Application) -> AsyncIterator[None]:
        yield
        await readiness.close()

    app.cleanup_ctx.append(finish)
    return app


async def serve(app: web.Application, host: str, port: int) -> web.AppRunner:
    """Listen; the caller calls ``cleanup`` on what this returns. Port 0 takes a free one: see ``runner.addresses``."""
    runner = Runner(app, shutdown_timeout=10.0)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner


async def _to_the_phone(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/simulator")
