"""Senders as carriers show them: one shape for a number, and none for what is no number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.contacts import normalise_msisdn


@pytest.mark.parametrize(
    ("raw", "msisdn"),
    [
        ("+59170000001", "+59170000001"),
        ("70000001", "+59170000001"),
        ("7000-0001", "+59170000001"),
        ("70 00 00 01", "+59170000001"),
        ("59170000001", "+59170000001"),
        ("0059170000001", "+59170000001"),
        ("+12025550143", "+12025550143"),
    ],
)
def test_a_number_is_a_number_however_it_is_shown(raw, msisdn):
    assert normalise_msisdn(raw, "BO") == msisdn


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "4040",
        "21512",
        "Entel",
        "BancoSol",
        "+",
        "+0123456789",
        "+591",
        "whatsapp:+59170000001",
        "9" * 40,
        "1",
        "-7",
    ],
)
def test_what_is_no_number_is_none(raw):
    assert normalise_msisdn(raw, "BO") is None


def test_a_short_code_is_no_number_also_where_numbers_are_short():
    assert normalise_msisdn("4040", "NU") is None  # Niue has numbers of four digits
    assert normalise_msisdn("+6834040", "NU") is None
    assert normalise_msisdn("5812345", "IS") == "+3545812345"


def test_a_number_in_national_form_belongs_to_the_country():
    assert normalise_msisdn("2025550143", "US") == "+12025550143"
    assert normalise_msisdn("2025550143", "BO") is None


@given(st.text(max_size=40))
def test_anything_is_e164_or_none_and_stays_what_it_is(raw):
    found = normalise_msisdn(raw, "BO")
    assert found is None or (found.startswith("+") and normalise_msisdn(found, "BO") == found)
