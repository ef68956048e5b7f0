"""The table of moves: closed in itself, with every status within reach, and nothing but ``move`` to go by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.cases import APPEALABLE, CONFIRMABLE, OPEN, TRANSITIONS, CaseStatus, IllegalMove, Outcome, move

statuses = st.sampled_from(CaseStatus)


def test_what_was_decided_may_be_looked_at_by_others():
    decided = ["resolved", "answered", "closed", "rejected", "not_competent"]
    assert {str(status) for status in APPEALABLE} == set(decided)


def within_reach(start):
    reached, waiting = set(), [start]
    while waiting:
        status = waiting.pop()
        if status not in reached:
            reached.add(status)
            waiting.extend(TRANSITIONS[status])
    return reached


def test_the_table_is_closed():
    assert set(TRANSITIONS) == set(CaseStatus)
    assert frozenset().union(*TRANSITIONS.values()) <= set(CaseStatus)


def test_every_status_is_within_reach_of_a_new_case():
    assert within_reach(CaseStatus.RECEIVED) == set(CaseStatus)


@pytest.mark.parametrize("status", CaseStatus)
def test_no_status_is_a_trap(status):
    assert CaseStatus.REOPENED in within_reach(status)
    assert CaseStatus.CLOSED in within_reach(status)


@pytest.mark.parametrize("status", set(CaseStatus) - {CaseStatus.RECEIVED})
def test_nothing_becomes_new_again(status):
    assert CaseStatus.RECEIVED not in TRANSITIONS[status]


@given(present=statuses, wanted=statuses)
def test_a_move_is_given_back_or_raised(present, wanted):
    if wanted in TRANSITIONS[present]:
        assert move(present, wanted) is wanted
    else:
        with pytest.raises(IllegalMove, match=f"{present} cannot become {wanted}"):
            move(present, wanted)


@pytest.mark.parametrize("status", OPEN)
def test_an_open_case_may_be_worked_on_and_withdrawn_but_not_closed_nor_reopened(status):
    assert {CaseStatus.RESOLVED, CaseStatus.WITHDRAWN} <= TRANSITIONS[status]
    assert TRANSITIONS[status].isdisjoint({CaseStatus.CLOSED, CaseStatus.REOPENED, CaseStatus.APPEALED})


@pytest.mark.parametrize("status", set(CaseStatus) - OPEN)
def test_what_is_decided_may_come_back(status):
    assert CaseStatus.REOPENED in TRANSITIONS[status]


def test_open_and_decided_share_nothing():
    decided = {
        CaseStatus.RESOLVED,
        CaseStatus.ANSWERED,
        CaseStatus.NOT_COMPETENT,
        CaseStatus.DUPLICATE,
        CaseStatus.REJECTED,
        CaseStatus.WITHDRAWN,
        CaseStatus.CLOSED,
    }
    assert set(CaseStatus) - decided == OPEN


@pytest.mark.parametrize("status", CONFIRMABLE)
def test_what_may_be_confirmed_may_be_closed_and_reopened(status):
    assert {CaseStatus.CLOSED, CaseStatus.REOPENED} <= TRANSITIONS[status]
    assert status not in OPEN


def test_what_was_decided_about_the_matter_may_be_appealed():
    appealable = {status for status in CaseStatus if CaseStatus.APPEALED in TRANSITIONS[status]}
    assert appealable == {
        CaseStatus.RESOLVED,
        CaseStatus.ANSWERED,
        CaseStatus.NOT_COMPETENT,
        CaseStatus.REJECTED,
        CaseStatus.CLOSED,
    }


def test_the_ways_to_close_are_told_apart():
    assert set(Outcome) == {"confirmed", "half", "silent", "unasked", "withdrawn"}
