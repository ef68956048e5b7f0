"""Quiet hours: their edges, midnight, and the nights when clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.outbound.quiet import opens_at

LA_PAZ = ZoneInfo("America/La_Paz")
EVENING, MORNING = time(20), time(8)


def local(*parts: int, zone: ZoneInfo = LA_PAZ, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=zone, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (local(2026, 3, 2, 19, 59, 59), None),
        (local(2026, 3, 2, 20, 0), local(2026, 3, 3, 8)),
        (local(2026, 3, 2, 23, 59, 59), local(2026, 3, 3, 8)),
        (local(2026, 3, 3, 0, 0), local(2026, 3, 3, 8)),
        (local(2026, 3, 3, 7, 59, 59), local(2026, 3, 3, 8)),
        (local(2026, 3, 3, 8, 0), None),
        (local(2026, 3, 3, 12, 0), None),
        (local(2025, 12, 31, 22, 0), local(2026, 1, 1, 8)),
    ],
)
def test_a_night_is_quiet_from_its_first_instant_up_to_its_last(now, opens):
    assert opens_at(now, EVENING, MORNING, LA_PAZ) == opens


def test_quiet_hours_may_lie_within_one_day():
    siesta = (time(13), time(15))
    assert opens_at(local(2026, 3, 2, 12, 59), *siesta, LA_PAZ) is None
    assert opens_at(local(2026, 3, 2, 13, 0), *siesta, LA_PAZ) == local(2026, 3, 2, 15)
    assert opens_at(local(2026, 3, 2, 15, 0), *siesta, LA_PAZ) is None


def test_the_answer_is_in_utc_whatever_zone_the_question_came_in():
    opens = opens_at(datetime(2026, 3, 2, 22, tzinfo=LA_PAZ), EVENING, MORNING, LA_PAZ)
    assert opens is not None
    assert opens.tzinfo is UTC
    assert opens == datetime(2026, 3, 3, 12, tzinfo=UTC)


def test_an_end_in_the_hour_that_never_comes_is_moved_after_it():
    """New York, 8 March 2026: 02:00 to 03:00 does not exist. Nothing goes out before the wall clock is past 02:30."""
    zone = ZoneInfo("America/New_York")
    opens = opens_at(local(2026, 3, 8, 1, 0, zone=zone), time(22), time(2, 30), zone)
    assert opens is not None
    assert opens.astimezone(zone).time() == time(3, 30)


def test_an_end_in_the_hour_that_comes_twice_is_its_second_coming():
    """New York, 1 November 2026: 01:30 comes twice. After the first, the wall clock falls back into the quiet hours."""
    zone = ZoneInfo("America/New_York")
    assert opens_at(local(2026, 11, 1, 1, 45, zone=zone), time(22), time(1, 30), zone) == local(
        2026, 11, 1, 1, 30, zone=zone, fold=1
    )
    assert opens_at(local(2026, 11, 1, 1, 30, zone=zone, fold=1), time(22), time(1, 30), zone) is None


def test_a_beginning_at_a_midnight_that_never_comes():
    """Asuncion, 1 October 2023: the day began at 01:00."""
    zone = ZoneInfo("America/Asuncion")
    opens = opens_at(local(2023, 9, 30, 23, 30, zone=zone), time(0), time(6), zone)
    assert opens == local(2023, 10, 1, 6, zone=zone)


ZONES = [
    "America/La_Paz",
    "America/New_York",
    "America/Asuncion",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
]
HOURS = st.times(min_value=time(0), max_value=time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0))


@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    now=st.datetimes(datetime(2023, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    start=HOURS,
    end=HOURS,
)
def test_no_wall_clock_ever_finds_a_message_inside_the_hours(zone, now, start, end):
    if start == end:
        return
    opens = opens_at(now, start, end, zone)
    wall = now.astimezone(zone).time().replace(fold=0)
    inside = start <= wall < end if start < end else wall >= start or wall < end
    if inside:
        assert opens is not None
    if opens is not None:
        assert now < opens <= now + timedelta(hours=26)
        assert opens_at(opens, start, end, zone) is None
