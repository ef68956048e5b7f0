"""The three books in which others write what they saw: W, P and D. One JSON object a line, on disk before they go on."""

import dataclasses
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from dialogs.messages import DeliveryStatus
from gateway.invariants import Delivered, HandedOver, Reported

Line = TypeVar("Line", Delivered, HandedOver, Reported)


def now() -> datetime:
    """The clock of whoever writes: not the gateway's."""
    return datetime.now(UTC)  # noqa: TID251  the world outside has clocks of its own


class Book:
    """A file to which lines are only added; each is on disk when ``write`` returns."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, line: Delivered | HandedOver | Reported) -> None:
        text = json.dumps(dataclasses.asdict(line), default=_plain, ensure_ascii=False)
        os.write(self._file, text.encode() + b"\n")
        os.fdatasync(self._file)

    def close(self) -> None:
        os.close(self._file)


def read(path: Path, kind: type[Line]) -> list[Line]:
    """All whole lines of a book; none where nobody has written yet. A line cut by a crash was never written."""
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")[:-1]
    return [_line(kind, json.loads(line)) for line in lines]


def _line(kind: type[Line], fields: dict[str, Any]) -> Line:
    hints = get_type_hints(kind)
    for name, value in fields.items():
        if value is not None and datetime in (hints[name], *getattr(hints[name], "__args__", ())):
            fields[name] = datetime.fromisoformat(value)
        elif hints[name] is DeliveryStatus:
            fields[name] = DeliveryStatus(value)
    return kind(**fields)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
