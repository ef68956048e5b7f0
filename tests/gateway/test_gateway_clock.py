from datetime import UTC, timedelta

import pytest
from stdnum import damm

from gateway.clock import SystemClock, with_check_digit


def test_codes_are_nine_digits_that_check_and_never_look_like_a_toll_free_number():
    codes = SystemClock().new_codes(3000)
    assert len(set(codes)) == 3000
    assert all(len(code) == 9 and code.isdecimal() and damm.is_valid(code) for code in codes)
    assert not any(code.startswith(("0", "800")) for code in codes)


def test_a_code_that_would_begin_with_800_is_drawn_again(monkeypatch: pytest.MonkeyPatch):
    drawn = iter([80_012_345 - 10_000_000, 48_210_593 - 10_000_000, 48_210_593 - 10_000_000, 0])
    monkeypatch.setattr("gateway.clock.secrets.randbelow", lambda _below: next(drawn))
    assert SystemClock().new_codes(2) == [with_check_digit("48210593"), with_check_digit("10000000")]


def test_the_wall_clock_is_utc_and_the_other_one_never_goes_back():
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.monotonic() <= clock.monotonic()


def test_ids_secrets_and_jitter_differ_and_have_their_size():
    clock = SystemClock()
    assert clock.new_id() != clock.new_id()
    assert clock.new_secret() != clock.new_secret()
    assert len(clock.new_secret()) >= 43
    assert all(0 <= clock.jitter() < 1 for _ in range(50))
