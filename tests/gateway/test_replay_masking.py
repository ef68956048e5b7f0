"""What may be somebody's number is masked however it is written; dates, codes and short numbers stay."""

import pytest

from gateway.rehearsal.disguise import Disguise
from gateway.replay.masking import masked


@pytest.mark.parametrize(
    "written",
    [
        "70001234",
        "7000 1234",
        "7123-45-67",
        "7012.34.56",
        "carnet 6812-34-5",
        "7012 - 3456",
        "7012, 3456",
        "70*123*456",
    ],
)
def test_a_number_is_masked_and_disguised_however_it_is_written(written):
    digits = [letter for letter in written if letter.isdigit()]
    assert masked(written).count("#") == len(digits) - 2
    assert Disguise()(written) != written


@pytest.mark.parametrize("written", ["12/05/2026", "3-2-26", "2026-03-02", "calle 1450", "482-105-930"])
def test_days_streets_and_codes_stay(written):
    assert masked(written) == written
