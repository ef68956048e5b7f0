"""A gateway's web on a free port of the loopback."""

import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import pytest

from gateway import channels
from gateway.metrics import Metrics
from gateway.web import Limits, WebParts, build, serve
from store import Store, open_store
from tests.logged import logged
from tests.web.gate import LINES, Gate, Heard, make_config


@pytest.fixture
def output(clock) -> io.StringIO:
    """What was logged, in memory."""
    lines = io.StringIO()
    with logged(clock, lines):
        yield lines


@pytest.fixture
async def sqlite_store(sqlite_url) -> AsyncIterator[Store]:
    opened = open_store(sqlite_url)
    await opened.start()
    yield opened
    await opened.close()


@pytest.fixture
async def open_gate(tmp_path, clock, output, sqlite_store) -> AsyncIterator[Callable[..., Awaitable[Gate]]]:
    """Start a web with other parts than usual: ``await open_gate(limits=…, lines=…, store=…, config=…)``."""
    opened: list[Gate] = []

    async def start(lines: Mapping[str, Any] = LINES, **parts: Any) -> Gate:
        config = parts.pop("config", None) or make_config(tmp_path, lines)
        inbox, metrics = Heard(), Metrics()
        given = {"store": sqlite_store, "limits": Limits(), **parts}
        app = build(
            WebParts(config=config, channels=channels.build(config), inbox=inbox, clock=clock, metrics=metrics, **given)
        )
        runner = await serve(app, "127.0.0.1", 0)
        port = runner.addresses[0][1]
        session = aiohttp.ClientSession(f"http://127.0.0.1:{port}", auto_decompress=False)
        opened.append(Gate(session=session, port=port, inbox=inbox, metrics=metrics, output=output, runner=runner))
        return opened[-1]

    yield start
    for one in opened:
        await one.close()


@pytest.fixture
async def gate(open_gate) -> Gate:
    return await open_gate()
