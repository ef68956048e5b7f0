"""Working days: what a promise to a resident is counted in."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from dateutil.easter import easter

from dialogs.city import HolidayRules

_DAY = timedelta(days=1)
_SATURDAY = 5
_MONDAY = 0
#: When the municipality's counters close; a promise holds until then.
CLOSING = time(18, 30)
#: So many promises are remembered; a day has as many as categories differ in their days.
_PROMISES = 64


def local_day(at: datetime, tz: tzinfo) -> date:
    """The day it is in the city at ``at`` (aware)."""
    return at.astimezone(tz).date()


def is_holiday(day: date, rules: HolidayRules) -> bool:
    """Whether ``day`` is a holiday, or the Monday that a fixed one was moved to."""
    if (day.month, day.day) in rules.fixed or (day - easter(day.year)).days in rules.easter:
        return True
    eve = day - _DAY
    return rules.sunday_moves and day.weekday() == _MONDAY and (eve.month, eve.day) in rules.fixed


def is_working(day: date, rules: HolidayRules) -> bool:
    """Whether the municipality works on ``day``: Monday to Friday, no holiday."""
    return day.weekday() < _SATURDAY and not is_holiday(day, rules)


def due(now: datetime, days: int, rules: HolidayRules, tz: tzinfo) -> datetime:
    """The end of the ``days``-th working day after today in the city, as UTC. At least one day is given."""
    return _closing(local_day(now, tz), max(days, 1), rules, tz)


@lru_cache(maxsize=_PROMISES)
def _closing(today: date, days: int, rules: HolidayRules, tz: tzinfo) -> datetime:
    """The end of the ``days``-th working day after ``today``. A day knows few promises: each is walked to once."""
    day, left = today, days
    while left:
        day += _DAY
        left -= is_working(day, rules)
    return datetime.combine(day, CLOSING, tzinfo=tz).astimezone(UTC)
