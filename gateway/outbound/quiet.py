"""The hours in which nobody is written to unasked.

Rule 1: a quiet period lasts from one instant to another, so it has one beginning and one end also in the nights when
clocks change. Where a local hour happens twice or never, the period is the longer one: whoever compares the wall clock
with the configured hours never finds a message inside them.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

_DAY = timedelta(days=1)


def opens_at(now: datetime, start: time, end: time, zone: tzinfo) -> datetime | None:
    """When the quiet period that ``now`` lies in ends (UTC), or None if ``now`` is not quiet.

    ``start`` and ``end`` are local hours in ``zone``; the first is quiet, the second no longer is. An ``end`` that is
    not after ``start`` is meant for the day after.
    """
    return _of_minute(now.replace(second=0, microsecond=0), start, end, zone)


@lru_cache(maxsize=64)
def _of_minute(now: datetime, start: time, end: time, zone: tzinfo) -> datetime | None:
    """The same for a whole minute: hours are configured in minutes, and each look at the outbox asks."""
    today = now.astimezone(zone).date()
    for day in (today - _DAY, today, today + _DAY):  # tomorrow too: midnight itself can be the hour that never comes
        begins = min(_instants(day, start, zone))
        ends = max(_instants(day if end > start else day + _DAY, end, zone))
        if begins <= now < ends:
            return ends
    return None


def _instants(day: date, hour: time, zone: tzinfo) -> Iterator[datetime]:
    """Give both readings of a local time: they differ only in the hour that happens twice or never."""
    for fold in (0, 1):
        yield datetime.combine(day, hour.replace(fold=fold), tzinfo=zone).astimezone(UTC)
