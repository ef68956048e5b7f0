"""A handful of simulated months in every test run; ``make simulate`` plays hundreds."""

import os
import subprocess
import sys

import pytest

from tests.simulation import months

#: One of each kind: nothing special, a clock that jumps, codes that clash.
HANDFUL = (1, 4, 5)
SHORT = 8


@pytest.fixture(scope="module")
def stage():
    with months.stage() as made:
        yield made


@pytest.mark.parametrize("seed", HANDFUL)
def test_nothing_promised_is_broken_in_a_short_month(stage, seed):
    month = months.play(stage, months.plan(seed, days=SHORT))
    assert not month.violations
    assert month.came > 50
    assert month.went > 50
    assert month.crashes > 1


def test_seeds_that_failed_once_hold(stage):
    for seed in months.failed_once():
        assert not months.play(stage, months.plan(seed)).violations, seed


def test_one_seed_is_one_run(stage):
    small = months.plan(7, people=50, days=4)
    first, second = months.play(stage, small), months.play(stage, small)
    assert first == second
    assert first.trace != months.play(stage, months.plan(8, people=50, days=4)).trace


def test_a_run_does_not_depend_on_how_this_python_hashes(stage):
    """Otherwise a seed that failed on one machine could not be had again on another."""
    mine = months.play(stage, months.plan(7, people=30, days=3)).trace
    script = (
        "from tests.simulation import months\n"
        "with months.stage() as stage: print(months.play(stage, months.plan(7, people=30, days=3)).trace)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "1"},
    )
    assert done.stdout.strip() == mine
