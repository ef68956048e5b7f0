"""The dates we promise: counted in working days of the city, at the counter's closing time, and said the same everywhere."""

from datetime import UTC, datetime

import pytest

from dialogs import promises

#: Monday 2 March 2026, ten in the morning in La Paz.
MONDAY = datetime(2026, 3, 2, 14, tzinfo=UTC)


def closing(text):
    """Half past six in the evening in La Paz, as UTC."""
    return datetime.fromisoformat(f"{text}T22:30:00+00:00")


def test_a_new_case_gets_its_categorys_working_days(city):
    assert city.categories["alumbrado"].days == 7
    assert promises.for_new(city, "alumbrado", MONDAY) == closing("2026-03-11")


def test_weekends_and_holidays_do_not_count(city):
    thursday_before_easter = datetime(2026, 4, 2, 14, tzinfo=UTC)
    assert city.categories["muros_taludes"].days == 2
    assert promises.for_new(city, "muros_taludes", thursday_before_easter) == closing("2026-04-07")


def test_what_is_written_at_night_counts_from_the_local_day(city):
    late = datetime(2026, 3, 3, 2, tzinfo=UTC)
    assert promises.by_a_person(city, late) == closing("2026-03-03")


def test_a_case_that_comes_back_gets_half_the_days(city):
    assert promises.for_reopened(city, "alumbrado", MONDAY) == closing("2026-03-05")


@pytest.mark.parametrize("category", ["gone", ""])
def test_a_category_that_is_no_more_gets_the_shortest_time(city, category):
    assert promises.for_reopened(city, category, MONDAY) == closing("2026-03-03")


def test_a_person_reads_within_one_working_day(city):
    friday = datetime(2026, 3, 6, 14, tzinfo=UTC)
    assert promises.by_a_person(city, friday) == closing("2026-03-09")


def test_a_case_that_comes_back_never_waits_longer_and_at_least_a_day(city):
    for category in city.categories:
        again = promises.for_reopened(city, category, MONDAY)
        assert closing("2026-03-03") <= again <= promises.for_new(city, category, MONDAY)
