"""Appeal: once a case, of what was decided, by its reporter; a reason is asked for and is not required."""

from datetime import timedelta

import pytest

from dialogs import cases, promises
from dialogs.appeal import APPEAL
from dialogs.cases import APPEALABLE, CaseStatus
from dialogs.effects import AddNote, AlertStaff, AppealCase, Conceal, OpenCase
from dialogs.facts import Appeals
from dialogs.report import DESCRIPTION_MOST

MINE = "482105930"
OTHER = "739184529"
UNIT = Appeals(unit="Transparencia", within=timedelta(days=30))


@pytest.fixture
def decided(phone, make_case):
    """``decided(status=…)``: somebody whose street light was decided upon, where appeals are taken."""

    def make(*others, appeals=UNIT, **more):
        return phone(make_case(**{"status": CaseStatus.RESOLVED, **more}), *others, appeals=appeals)

    return make


def test_what_was_decided_may_be_appealed():
    assert {str(status) for status in cases.APPEALABLE} == {
        "resolved",
        "answered",
        "not_competent",
        "rejected",
        "closed",
    }


@pytest.mark.parametrize("status", sorted(APPEALABLE))
@pytest.mark.parametrize(
    ("text", "rule"), [("apelar", "command"), ("quiero apelar", "command"), (f"apelar {MINE}", "code")]
)
def test_another_unit_looks_at_it_and_why_is_asked(decided, city, now, status, text, rule):
    one = decided(status=status).says(text)
    due = promises.for_appeal(city, "alumbrado", now)
    assert due == promises.for_new(city, "alumbrado", now)
    assert one.asked_for == [
        AppealCase(code=MINE, unit="Transparencia", due_at=due),
        AlertStaff(reason="appealed", code=MINE),
    ]
    assert (one.rule, one.heard, one.told) == (rule, ["appeal/why"], {"code": MINE, "due": due})


def test_why_is_kept_with_the_case(decided):
    one = decided().says("apelar").says("  no es justo, el poste sigue caido ")
    assert one.asked_for == [AddNote(code=MINE, text="no es justo, el poste sigue caido")]
    assert (one.heard, one.told, one.session) == (["appeal/done"], {"code": MINE}, None)


def test_a_category_that_is_no_more_gets_the_shortest_time(city, now):
    assert promises.for_appeal(city, "gone", now) == promises.by_a_person(city, now)


def test_a_reason_that_names_a_deed_conceals_the_case(decided):
    one = decided().says("apelar").says("el inspector me pidio coima")
    assert one.asked_for == [Conceal(code=MINE), AddNote(code=MINE, text="el inspector me pidio coima")]


def test_a_long_reason_is_cut(decided):
    [note] = decided().says("apelar").says("injusto " * 400).asked_for
    assert len(note.text) == DESCRIPTION_MOST


def test_the_question_stands_a_day_and_silence_takes_nothing_back(decided, now):
    one = decided().says("apelar")
    assert one.session.expires_at == now + timedelta(days=1)
    one.is_silent_for_too_long()
    assert (one.asked_for, one.heard) == ([], [])


def test_three_times_nothing_is_answered_with_what_was_done(decided):
    one = decided().says("apelar").says("...").says("...").says("...")
    assert (one.heard, one.told, one.asked_for) == (["appeal/unsaid"], {"code": MINE}, [])


def test_the_date_that_was_told_is_told_again(decided, make_case, now):
    one = decided().says("apelar")
    due = now + timedelta(days=3)
    one.cases = (make_case(status=CaseStatus.APPEALED, due_at=due),)
    assert one.says("...").told == {"code": MINE, "due": due}


def test_of_several_one_is_picked(decided, make_case):
    one = decided(make_case(OTHER, status=CaseStatus.CLOSED, category="agua")).says("apelar")
    assert one.waits_at == "appeal/choose"
    assert [(option.value, option.ref) for option in one.offered] == [
        (MINE, f"{MINE}:alumbrado"),
        (OTHER, f"{OTHER}:agua"),
    ]
    assert one.says("2").asked_for[0].code == OTHER
    assert one.says("no es justo").asked_for == [AddNote(code=OTHER, text="no es justo")]


def test_who_picks_none_appeals_none(decided, make_case):
    one = decided(make_case(OTHER, status=CaseStatus.CLOSED)).says("apelar")
    assert one.is_silent_for_too_long().asked_for == []
    one = decided(make_case(OTHER, status=CaseStatus.CLOSED)).says("apelar").says("x").says("x").says("x")
    assert (one.heard, one.asked_for) == (["appeal/none"], [])


def test_a_confidential_case_is_not_listed_and_can_be_appealed_by_its_code(decided):
    assert decided(confidential=True).says("apelar").heard == ["appeal/none"]
    assert decided(confidential=True).says(f"apelar {MINE}").heard == ["appeal/why"]


def test_the_case_of_the_code_is_meant_and_no_other(decided, make_case):
    one = decided(make_case(OTHER, status=CaseStatus.CLOSED), confidential=True).says(f"apelar {MINE}")
    assert one.asked_for[0].code == MINE


def test_three_stand_on_a_page(decided, make_case):
    more = [make_case(code, status=CaseStatus.CLOSED) for code in (OTHER, "615302743", "359204811", "100000009")]
    assert len(decided(*more).says("apelar").offered) == 4


@pytest.mark.parametrize("text", ["apelar", f"apelar {MINE}"])
def test_what_nobody_decided_is_not_appealed(decided, text):
    assert decided(status=CaseStatus.IN_PROGRESS).says(text).heard == ["appeal/none"]


@pytest.mark.parametrize("text", ["apelar", f"apelar {MINE}"])
def test_where_nobody_takes_appeals_there_are_none(decided, text):
    assert decided(appeals=None).says(text).heard == ["appeal/none"]


def test_who_never_told_anything_appeals_nothing(phone):
    assert phone(appeals=UNIT).says("apelar").heard == ["appeal/none"]


def test_another_persons_case_is_theirs(decided):
    assert decided(contact_id=2).says(f"apelar {MINE}").heard == ["status/stranger"]
    assert decided(contact_id=2).says("apelar").heard == ["appeal/none"]


def test_what_was_taken_up_again_meanwhile_is_not_appealed(decided, make_case):
    other = make_case(OTHER, status=CaseStatus.CLOSED, category="agua")
    one = decided(other).says("apelar")
    one.cases = (make_case(status=CaseStatus.REOPENED), other)
    assert (one.says("1").heard, one.asked_for) == (["appeal/none"], [])


def test_a_report_that_says_apelar_is_a_report(phone):
    one = phone(appeals=UNIT).says("no hay luz en Sopocachi, vamos a apelar a la prensa")
    assert isinstance(one.asked_for[0], OpenCase)


def test_without_a_unit_or_a_choice_nothing_is_made_up(make_facts):
    facts = make_facts()
    assert APPEAL.steps["appeal"].effects(facts, {"code": MINE})[0].unit == ""
    assert APPEAL.steps["choose"].options(facts, {}) == ()
