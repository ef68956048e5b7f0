"""One JSON object a line on standard error: what happened, never to whom and never in whose words.

Rule 1: callers log facts (a channel's id, a reason, a count). The processors here are the last line of defence, not the
first: they drop fields that hold people's words, mask what looks like a number, and keep exceptions' messages out,
because a message may quote what a person wrote (reliability rules 11 and I17).
Rule 2: a flood of one line must not fill the database's disk, so the same line passes ``_MOST`` times in ``_WINDOW`` s;
a library's passes once, because asyncio without a free file descriptor says so thousands of times a second.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog

from gateway.clock import Clock

#: Fields that would hold a person's words, number or a secret; their values are never written.
_PRIVATE = frozenset(
    {"answer", "answers", "body", "code", "from", "headers", "history", "key", "msisdn", "number", "password", "phone"}
    | {"raw", "recipient", "screen", "secret", "sender", "session_key", "text", "to", "token", "url"}
)
_HIDDEN = "[no se anota]"
#: Dates and IPv4 addresses are made of digits too, and say nothing about a person; they are kept.
_DIGITS = re.compile(
    r"(?P<keep>\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?(?![\d-])"
    r"|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]))"
    r"|\+?\d(?:[ .()/-]{0,2}\d){6,}"
)
_DEEPEST = 4
_MOST = 100
_WINDOW = 10.0
#: Of ours, what a stranger can make happen as fast.
_ONCE = frozenset({"connections full"})
_STEPS = 8
_ROOT = Path(__file__).resolve().parents[1]
#: Our own exceptions name tables, codes, templates and steps, never a value (see ``store.errors``, ``providers.base``).
_OURS = frozenset({"dialogs", "gateway", "providers", "store"})

Line = MutableMapping[str, Any]


def configure(clock: Clock, stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's records, as JSON lines, to ``stream`` (standard error)."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            without_exceptions,
            without_people,
            _Calm(clock),
            _Stamp(clock),
            structlog.processors.JSONRenderer(serializer=json.dumps, default=lambda value: type(value).__name__),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_IntoStructlog()]
    root.setLevel(logging.WARNING)
    logging.getLogger("aiohttp.access").disabled = True
    logging.captureWarnings(capture=True)


def without_exceptions(_logger: Any, _method: str, line: Line) -> Line:
    """Say an exception's type and where it arose in our code; of its message only what an exception of ours says."""
    given = line.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        line["error"] = type(error).__name__
        if type(error).__module__.partition(".")[0] in _OURS:
            line["detail"] = str(error)
        *steps, last = traceback.extract_tb(error.__traceback__) or [None]
        line["where"] = [_place(step) for step in (*filter(_is_ours, steps), last) if step][-_STEPS:]
    line.pop("stack_info", None)
    return line


def without_people(_logger: Any, _method: str, line: Line) -> Line:
    """Hide private fields and mask whatever looks like a telephone number or a code, however deep it lies."""
    return {key: _HIDDEN if key in _PRIVATE else _masked(value, _DEEPEST) for key, value in line.items()}


def _masked(value: Any, depth: int) -> Any:
    match value:
        case str():
            return _DIGITS.sub(_mask, value)
        case bytes() | bytearray():
            return _HIDDEN
        case dict() | list() | tuple() | set() | frozenset() if depth == 0:
            return _HIDDEN
        case dict():
            return {str(key): _HIDDEN if key in _PRIVATE else _masked(item, depth - 1) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_masked(item, depth - 1) for item in value]
        case _:
            return value


def _mask(found: re.Match[str]) -> str:
    return found.group() if found["keep"] else "***" + found.group()[-2:]


def _is_ours(step: traceback.FrameSummary | None) -> bool:
    return step is not None and Path(step.filename).is_relative_to(_ROOT) and "site-packages" not in step.filename


def _place(step: traceback.FrameSummary) -> str:
    path = Path(step.filename)
    return f"{path.relative_to(_ROOT) if _is_ours(step) else path.name}:{step.lineno} {step.name}"


class _Stamp:
    """Put the time first: the eye looks for it there."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, _logger: Any, _method: str, line: Line) -> Line:
        return {"at": self._clock.now().isoformat(timespec="milliseconds"), **line}


class _Calm:
    """Let the same line (event, reason, channel, error) through a bounded number of times in a window, then count."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = clock.monotonic()
        self._seen: dict[tuple[str, ...], int] = {}

    def __call__(self, _logger: Any, _method: str, line: Line) -> Line:
        now = self._clock.monotonic()
        if now - self._since >= _WINDOW:
            self._since, self._seen = now, {}
        key = tuple(str(line.get(part)) for part in ("event", "reason", "channel", "error"))
        self._seen[key] = self._seen.get(key, 0) + 1
        most = 1 if "logger" in line or line.get("event") in _ONCE else _MOST
        if self._seen[key] > most:
            raise structlog.DropEvent
        if self._seen[key] == most:
            line["more"] = f"the same is not repeated for up to {_WINDOW:.0f} s"
        return line


class _IntoStructlog(logging.Handler):
    """Hand a library's record over as the first line of its bare format string.

    Its arguments may be a URL, a body or a number; the further lines of asyncio's quote exceptions.
    """

    def emit(self, record: logging.LogRecord) -> None:
        level = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)
        structlog.get_logger().log(
            level, str(record.msg).partition("\n")[0], logger=record.name, exc_info=record.exc_info
        )
