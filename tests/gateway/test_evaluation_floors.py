"""How well the city's own words do on the labelled texts: floors, so that a new word never costs an old one."""

import os
from datetime import UTC, datetime

import pytest

from gateway.config import HOME, load
from gateway.evaluation.rows import read
from gateway.evaluation.totals import add_up, look
from tests.shared import SHARED, needs_shared

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)


@pytest.fixture(scope="module")
def totals():
    city = load(HOME / "config.yaml", os.environ).city
    return add_up([look(row, city, NOW) for row in read(SHARED / "corpus" / "dev.jsonl")])


@needs_shared
@pytest.mark.parametrize(
    ("name", "floor"),
    [("with_state", 0.98), ("without_state", 0.92), ("top1", 0.95), ("top3", 0.99), ("codes", 1.0), ("places", 1.0)],
)
def test_floor(totals, name, floor):
    assert getattr(totals, name).fraction >= floor


@needs_shared
def test_nobody_is_opted_out_by_mistake_and_nothing_sensitive_is_missed(totals):
    assert (totals.stop_false_positives, totals.sensitive_missed) == (0, 0)
