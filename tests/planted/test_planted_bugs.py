"""The planted bugs can still be planted, and the battery's own judgement is sound. ``make planted`` does the rest."""

import re

import pytest

from tests.planted import __main__ as planted
from tests.planted.bugs import BUGS


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_each_bug_still_has_a_place_to_be_planted(bug):
    for name, old, new in bug.changes:
        assert (planted.ROOT / name).read_text().count(old) == 1, name
        assert old != new


def test_there_are_twelve_and_each_has_a_name_of_its_own():
    assert len({bug.name for bug in BUGS}) == len(BUGS) == 12


def test_a_bug_whose_place_is_gone_is_not_passed_over(tmp_path):
    (tmp_path / "dialogs").mkdir()
    (tmp_path / "dialogs/calendar.py").write_text("nothing of it\n")
    bug = next(bug for bug in BUGS if bug.name == "local time for due dates")
    with pytest.raises(planted.NotPlanted, match=r"dialogs/calendar\.py"):
        planted.plant(bug, tmp_path)


def test_what_a_part_of_the_battery_found_is_named(tmp_path):
    fails = planted.Part(
        name="p", command=("-c", "print('seed 3: I1 it'); exit(1)"), found=re.compile(r"seed \d+: (.+)")
    )
    holds = planted.Part(name="q", command=("-c", "exit(0)"), found=fails.found)
    assert planted.battle(tmp_path, [holds, fails]) == "p: I1 it"
    assert planted.battle(tmp_path, [holds]) is None
