"""The log of the program under test, as it is configured when it serves, and afterwards what it is at first."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import structlog

from gateway import log
from gateway.clock import Clock


@contextmanager
def logged(clock: Clock, stream: TextIO) -> Iterator[None]:
    """Send what is logged to ``stream``; a configuration that stayed would decide what later tests see printed."""
    root = logging.getLogger()
    access = logging.getLogger("aiohttp.access")
    handlers, level, disabled = list(root.handlers), root.level, access.disabled
    log.configure(clock, stream)
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        root.handlers[:] = handlers
        root.setLevel(level)
        access.disabled = disabled
        structlog.reset_defaults()
