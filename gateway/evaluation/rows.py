"""Labelled texts: one JSON object a line, with ``text`` and what somebody says that it is.

``intent``, ``category``, ``code`` (null: there is none to be read, ask), ``place`` and ``sensitive`` are labels, and
each may be missing: what is not labelled is not counted. ``notes`` holds ``name=value`` pairs; ``ctx=…`` says which
question was waiting for an answer, ``code=…`` and ``zona=…`` are the other way to write those labels.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: A value may hold spaces; it ends before the next name.
_NOTE = re.compile(r"\b([a-z]+)=(.*?)(?=[;,]|\s+[a-z]+=|$)")


class Unreadable(ValueError):
    """A line that is no labelled text; says which, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One text and its labels; None where somebody did not say. ``code`` is empty where there is none to be read."""

    number: int
    text: str
    ctx: str | None
    intent: str | None
    category: str | None
    code: str | None
    place: str | None
    sensitive: bool | None


def read(path: Path) -> Iterator[Row]:
    """Read a file; raise ``Unreadable`` at the first line that cannot be. Blank lines are passed over."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _row(number, line)


def _row(number: int, line: str) -> Row:
    try:
        given = json.loads(line)
    except ValueError:
        raise Unreadable(f"line {number} is not JSON") from None
    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        raise Unreadable(f'line {number} has no "text"')
    notes = dict(_NOTE.findall(str(given.get("notes") or "")))
    sensitive = given.get("sensitive")
    return Row(
        number=number,
        text=given["text"],
        ctx=notes.get("ctx") or None,
        intent=given.get("intent") or None,
        category=given.get("category") or None,
        code=_code(given, notes),
        place=given.get("place") or notes.get("zona") or None,
        sensitive=sensitive if isinstance(sensitive, bool) else None,
    )


def _code(given: Mapping[str, Any], notes: Mapping[str, str]) -> str | None:
    if "code" in given:
        return str(given["code"] or "")
    return notes.get("code") or None
