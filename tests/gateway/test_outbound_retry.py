"""Waits between attempts, and the pace of a line."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.outbound.retry import LONGEST_REST_SECONDS, PATIENCE, Pace, back_off


def test_waits_grow_from_ten_seconds_to_hours():
    waits = [back_off(attempt, 0.0) for attempt in range(1, 6)]
    assert [wait.total_seconds() for wait in waits] == [10, 60, 360, 2160, 12960]


def test_no_wait_is_longer_than_six_hours_and_a_quarter_of_it():
    assert back_off(1_000_000, 0.0) == timedelta(hours=6)
    assert back_off(1, 0.0, retry_after=1e9) == timedelta(hours=6)
    assert back_off(9, 0.999) < timedelta(hours=7.5)


def test_what_the_provider_wants_is_never_cut_short():
    assert back_off(1, 0.0, retry_after=30) == timedelta(seconds=30)
    assert back_off(4, 0.9, retry_after=30) >= timedelta(seconds=30)
    assert back_off(4, 0.0, retry_after=-5) == timedelta(0)


@given(st.integers(1, 20), st.floats(0, 0.999), st.floats(0, 0.999))
def test_jitter_only_spreads(attempt, low, high):
    low, high = sorted((low, high))
    assert back_off(attempt, 0.0) <= back_off(attempt, low) <= back_off(attempt, high)
    assert back_off(attempt, high) <= back_off(attempt, 0.0) * 1.25


def test_a_line_without_a_rate_takes_what_comes():
    pace = Pace(None)
    pace.book(500, 10.0)
    assert pace.wait(10.0) == 0
    assert pace.fits([1, 1, 9], 10.0) == 3


def test_a_slow_line_takes_one_message_and_is_busy_with_all_its_segments():
    pace = Pace(1)
    assert pace.fits([3, 1], 100.0) == 1
    pace.book(3, 100.0)
    assert pace.wait(101.0) == pytest.approx(2.0)
    assert pace.fits([1], 102.999) == 0
    assert pace.fits([1], 103.0) == 1


def test_a_fast_line_takes_a_tenth_of_a_second_at_once():
    pace = Pace(100)
    assert pace.fits([1] * 50, 5.0) == 10
    for _ in range(10):
        pace.book(1, 5.0)
    assert pace.fits([1] * 50, 5.0) == 0
    assert pace.fits([1] * 50, 5.05) == 5


def test_rest_does_not_add_up_to_a_burst():
    pace = Pace(10)
    pace.book(1, 0.0)
    assert pace.fits([1] * 50, 3600.0) == 1


@given(
    rate=st.sampled_from([0.5, 1, 10, 33, 100]),
    messages=st.lists(st.integers(1, 6), min_size=1, max_size=40),
    step=st.sampled_from([0.01, 0.1, 0.7]),
)
def test_over_any_stretch_the_rate_holds(rate, messages, step):
    """Segments begun between two instants never exceed the rate, but for one burst and one message."""
    pace, now, sent = Pace(rate), 0.0, []
    waiting = list(messages)
    while waiting:
        for segments in waiting[: pace.fits(waiting, now)]:
            pace.book(segments, now)
            sent.append((now, segments))
        waiting = waiting[sum(1 for at, _ in sent if at == now) :]
        now += step
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            between = sum(segments for _, segments in sent[first:last])
            elapsed = sent[last][0] - sent[first][0]
            assert between <= rate * (elapsed + 0.1) + 1e-6


def test_a_line_rests_as_long_as_the_provider_wants():
    pace = Pace(None)
    pace.went_wrong(50.0, 3.0)
    assert pace.wait(51.0) == pytest.approx(2.0)
    assert pace.fits([1], 52.9) == 0
    assert pace.wait(53.0) == 0


def test_a_line_that_refuses_everything_rests_longer_each_time():
    pace, now, rests = Pace(None), 0.0, []
    for _ in range(PATIENCE + 10):
        pace.went_wrong(now, None)
        rests.append(pace.wait(now))
        now += rests[-1]
    assert rests[: PATIENCE - 1] == [0] * (PATIENCE - 1)
    assert rests[PATIENCE - 1] == 1
    assert all(early <= late for early, late in pairwise(rests))
    assert max(rests) == LONGEST_REST_SECONDS


def test_one_success_ends_the_suspicion():
    pace = Pace(None)
    for _ in range(PATIENCE - 1):
        pace.went_wrong(0.0, None)
    pace.went_well()
    pace.went_wrong(0.0, None)
    assert pace.wait(0.0) == 0
