"""How pages are drawn: Jinja with escaping always on, and the house's way to write times, numbers and codes."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web
from babel import Locale
from babel.dates import format_datetime, format_timedelta

from gateway.config import HOME
from gateway.web.parts import WebParts

_FILES = {path.name: path for path in (Path(__file__).resolve().parent / "static").iterdir()}
_GROUPS = 3
_COUNTRY = 4


def furnish(app: web.Application, parts: WebParts) -> None:
    """Give ``app`` its templates, their filters and what every page knows."""
    aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(HOME / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        filters=_filters(parts),
    )
    aiohttp_jinja2.get_env(app).globals["service"] = parts.config.service.name


async def static(request: web.Request) -> web.FileResponse:
    """Give one of our own files. No other name comes near the disk, which fails on a long one."""
    if (path := _FILES.get(request.match_info["name"])) is None:
        raise web.HTTPNotFound
    return web.FileResponse(path)


def _filters(parts: WebParts) -> dict[str, Callable[..., str]]:
    service = parts.config.service
    locale = Locale.parse(f"es_{service.country}")

    def local(pattern: str) -> Callable[[datetime], str]:
        return lambda at: str(format_datetime(at, pattern, tzinfo=service.timezone, locale=locale)).replace(".", "")

    return {
        "hour": local("HH:mm"),
        "moment": local("HH:mm:ss"),
        "day": local("EEE d MMM"),
        "code": code,
        "phone": phone,
        "span": lambda length: str(format_timedelta(length, threshold=1, locale=locale)),
    }


def code(bare: str) -> str:
    """Write a tracking code as it is shown everywhere: 482-105-930."""
    return "-".join(bare[at : at + _GROUPS] for at in range(0, len(bare), _GROUPS))


def phone(number: str) -> str:
    """Write +59170000001 as +591 7000 0001, so that the eye finds its way."""
    head, tail = number[:_COUNTRY], number[_COUNTRY:]
    return " ".join([head, *(tail[at : at + 4] for at in range(0, len(tail), 4))])
