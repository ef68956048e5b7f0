from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.calendar import due, is_holiday, is_working, local_day
from dialogs.city import HolidayRules

LA_PAZ = ZoneInfo("America/La_Paz")
NONE = HolidayRules()
RULES = HolidayRules(
    fixed=frozenset({(1, 1), (5, 1), (8, 6), (11, 2), (12, 25)}),
    easter=frozenset({-48, -47, -2, 60}),
    sunday_moves=True,
)


def at(text: str) -> datetime:
    """La Paz wall clock, as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=LA_PAZ).astimezone(UTC)


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        ("2026-11-21T03:59:59+00:00", date(2026, 11, 20)),
        ("2026-11-21T04:00:00+00:00", date(2026, 11, 21)),
        ("2026-11-21T19:00:00+00:00", date(2026, 11, 21)),
    ],
)
def test_the_day_it_is_in_the_city(utc, day):
    assert local_day(datetime.fromisoformat(utc), LA_PAZ) == day


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 11, 20), True),  # a Friday
        (date(2026, 11, 21), False),  # a Saturday
        (date(2026, 11, 22), False),  # a Sunday
        (date(2026, 11, 23), True),  # a Monday
        (date(2026, 1, 1), False),  # New Year
        (date(2026, 2, 16), False),  # Monday of Carnival
        (date(2026, 2, 17), False),  # Tuesday of Carnival
        (date(2026, 2, 18), True),  # Ash Wednesday is worked
        (date(2026, 4, 3), False),  # Good Friday
        (date(2026, 4, 2), True),
        (date(2026, 6, 4), False),  # Corpus Christi
        (date(2025, 11, 3), False),  # 2 November was a Sunday
        (date(2026, 11, 2), False),  # a Monday of its own
        (date(2026, 11, 3), True),
    ],
)
def test_what_is_a_working_day(day, working):
    assert is_working(day, RULES) is working


def test_a_holiday_moves_only_where_the_rules_say_so():
    stays = HolidayRules(fixed=RULES.fixed, easter=RULES.easter, sunday_moves=False)
    assert is_holiday(date(2025, 11, 3), RULES)
    assert not is_holiday(date(2025, 11, 3), stays)


def test_a_holiday_on_a_saturday_is_lost():
    assert not is_holiday(date(2027, 5, 3), RULES)
    assert date(2027, 5, 1).weekday() == 5


def test_new_year_on_a_sunday_moves_within_the_new_year():
    assert is_holiday(date(2023, 1, 2), RULES)


@pytest.mark.parametrize(
    ("now", "days", "until"),
    [
        ("2026-11-16T10:00", 1, "2026-11-17T18:30"),
        ("2026-11-16T10:00", 5, "2026-11-23T18:30"),
        ("2026-11-20T10:00", 1, "2026-11-23T18:30"),  # over a week-end
        ("2026-11-21T10:00", 1, "2026-11-23T18:30"),  # from a Saturday
        ("2026-10-30T10:00", 1, "2026-11-03T18:30"),  # over a week-end and 2 November
        ("2026-02-13T10:00", 2, "2026-02-19T18:30"),  # over Carnival
        ("2026-12-31T23:59", 1, "2027-01-04T18:30"),  # over New Year, late in the evening
        ("2026-11-16T23:30", 1, "2026-11-17T18:30"),  # already tomorrow in UTC
        ("2026-11-16T10:00", 0, "2026-11-17T18:30"),  # a promise is never for today
        ("2026-11-16T10:00", -3, "2026-11-17T18:30"),
    ],
)
def test_when_a_promise_falls_due(now, days, until):
    assert due(at(now), days, RULES, LA_PAZ) == at(until)


def test_a_due_date_is_utc():
    assert due(at("2026-11-16T10:00"), 1, NONE, LA_PAZ).tzinfo is UTC


def test_a_city_that_changes_its_clocks_keeps_its_closing_time():
    madrid = ZoneInfo("Europe/Madrid")
    winter = due(datetime(2026, 10, 23, 8, tzinfo=UTC), 1, NONE, madrid)
    assert winter == datetime(2026, 10, 26, 17, 30, tzinfo=UTC)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)), st.integers(1, 60))  # noqa: DTZ001
def test_exactly_so_many_working_days_lie_between(now, days):
    promised = due(now, days, RULES, LA_PAZ)
    first, last = local_day(now, LA_PAZ), local_day(promised, LA_PAZ)
    between = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert sum(is_working(day, RULES) for day in between) == days
    assert is_working(last, RULES)
    assert promised.astimezone(timezone(timedelta(hours=-4))).strftime("%H:%M") == "18:30"


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)), st.integers(1, 60))  # noqa: DTZ001
def test_more_days_are_never_sooner(now, days):
    assert due(now, days, RULES, LA_PAZ) < due(now, days + 1, RULES, LA_PAZ)
