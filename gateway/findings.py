"""What ``check`` and ``doctor`` find: how bad, where, what, and how to mend it. The shape is a contract."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

#: How many cases one finding names; the rest are counted.
NAMED = 10


class Level(StrEnum):
    """ERROR: something is wrong. WARNING: it will be, or a person must decide. NOTE: good to know, and no fault."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found. ``where`` is a file and key, a template, a case; ``mend`` is what to do about it."""

    level: Level
    where: str
    what: str
    mend: str


def serious(findings: Iterable[Finding]) -> bool:
    """Whether anybody must act."""
    return any(finding.level is not Level.NOTE for finding in findings)


def about(subjects: Sequence[str], *, level: Level, what: str, mend: str) -> Iterator[Finding]:
    """One finding for all that share a fault; nothing if there are none."""
    if subjects:
        more = f" and {len(subjects) - NAMED} more" if len(subjects) > NAMED else ""
        yield Finding(level=level, where=", ".join(subjects[:NAMED]) + more, what=what, mend=mend)
