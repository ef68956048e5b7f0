"""The dates we promise: one place that turns a category into a day, so that every channel promises alike.

A date once said is a row that is never rewritten (``store.case_file``); a change of ``days`` counts for new cases only.
"""

from datetime import datetime

from dialogs import calendar
from dialogs.city import City

#: A case that comes back gets half the working days of a new one, at least one.
HASTE = 2
#: Working days within which a person reads what no machine understood, or calls back.
BY_A_PERSON = 1


def for_new(city: City, category: str, now: datetime) -> datetime:
    """When a new case of this category must be answered."""
    return _in(city, city.categories[category].days, now)


def for_reopened(city: City, category: str, now: datetime) -> datetime:
    """When a case that was not solved after all must be; a category that is no more gets the shortest time."""
    known = city.categories.get(category)
    return _in(city, max(1, known.days // HASTE) if known else 1, now)


def for_appeal(city: City, category: str, now: datetime) -> datetime:
    """When another unit must have looked at it: in the time of a new case, because it begins anew."""
    known = city.categories.get(category)
    return _in(city, known.days if known else 1, now)


def by_a_person(city: City, now: datetime) -> datetime:
    """When somebody will have read it."""
    return _in(city, BY_A_PERSON, now)


def _in(city: City, days: int, now: datetime) -> datetime:
    return calendar.due(now, days, city.holidays, city.timezone)
