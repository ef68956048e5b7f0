"""The column types of the house: times that sort, and texts that every engine can hold.

Rule: what makes a text storable happens here, on its way into a column, and so whoever stores it. PostgreSQL has no
NUL in a text, neither engine has a lone surrogate, and SQLite does not enforce lengths.

These run for every value of every message, so the common case is written out in them.
"""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NO_ZONE = "a time without a zone cannot be stored"

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_TAIL = 16

#: Room for a provider's id of a message.
EXTERNAL_ID_LENGTH = 255


def microseconds(at: datetime) -> int:
    """Microseconds since 1970, UTC. ``ValueError`` without a zone: a bug that would show only in another season."""
    if at.tzinfo is None:
        raise ValueError(_NO_ZONE)
    return (at - _EPOCH) // _MICROSECOND


def _kept(at: datetime | None) -> int | None:
    if at is None:
        return None
    if at.tzinfo is None:
        raise ValueError(_NO_ZONE)
    return (at - _EPOCH) // _MICROSECOND


def _read(kept: int | None) -> datetime | None:
    return None if kept is None else _EPOCH + timedelta(0, 0, kept)


class Time(sa.types.TypeDecorator[datetime]):
    """An aware UTC time, kept as microseconds since 1970 in a BIGINT: sortable, exact, equal on both engines."""

    impl = sa.BigInteger
    cache_ok = True

    # Whole processors, not process_bind_param: SQLAlchemy would put a call of its own around each value.
    def bind_processor(self, _dialect: sa.Dialect) -> Any:
        """Refuse naive times."""
        return _kept

    def result_processor(self, _dialect: sa.Dialect, _coltype: object) -> Any:
        """Give back an aware UTC time."""
        return _read


def words(value: str) -> str:
    """Put U+FFFD in the place of what no engine can store (NUL, lone surrogates); every other character stays."""
    if value.isascii() and "\x00" not in value:
        return value
    return _UNSTORABLE.sub("\ufffd", value)


def given(value: str, length: int) -> str:
    """Fit a name or id that somebody else gave us into ``length`` characters, the same way each time it is seen.

    What is longer becomes its beginning, ``~`` and sixteen hexadecimal digits of the SHA-256 of the whole, so that
    two long ids stay two.
    """
    value = words(value)
    if len(value) <= length:
        return value
    return f"{value[: length - _TAIL - 1]}~{hashlib.sha256(value.encode()).hexdigest()[:_TAIL]}"


def _worded(value: str | None) -> str | None:
    return value if value is None or (value.isascii() and "\x00" not in value) else words(value)


class Words(sa.types.TypeDecorator[str]):
    """Text as people wrote it, made storable by ``words``."""

    impl = sa.Text
    cache_ok = True

    def bind_processor(self, _dialect: sa.Dialect) -> Any:
        """Clean it."""
        return _worded


class Given(sa.types.TypeDecorator[str]):
    """A name or id from outside, made to fit by ``given``, when stored and when sought."""

    impl = sa.String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def bind_processor(self, _dialect: sa.Dialect) -> Any:
        """Make it fit."""
        length = self.length

        def fit(value: str | None) -> str | None:
            if value is None or (value.isascii() and len(value) <= length and "\x00" not in value):
                return value
            return given(value, length)

        return fit
