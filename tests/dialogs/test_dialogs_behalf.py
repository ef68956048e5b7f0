"""Behalf: who borrows a phone names the number that it is for, and that number takes the case over by its code."""

import pytest

from dialogs.cases import CaseStatus
from dialogs.effects import AddNote, AlertStaff, SetPlace, TakeOver

MINE, OTHER = "482105930", "739184529"
FOR_ME = "no recogen la basura, para el 70000001"


@pytest.fixture
def told_for_me(phone, make_case):
    """``told_for_me(status=…)``: a neighbour has told a case for the number that writes now."""
    return lambda **more: phone(make_case(**{"contact_id": 2, "description": FOR_ME} | more))


def test_the_receipt_says_how_the_other_number_takes_it_over(phone):
    one = phone().says("no recogen la basura hace dias en Kupini, para mi comadre 70000002")
    assert (one.heard, one.told["category"], one.told["place"]) == (["report/behalf"], "basura", "kupini")
    assert "fix" not in one.told


def test_the_number_may_come_with_the_place(phone):
    assert phone().says("no recogen la basura").says("Kupini, para el 70000002").heard == ["report/behalf"]


def test_where_they_live_is_not_learnt_from_what_they_tell_for_another(phone):
    assert not [
        one for one in phone().says("no hay agua en Kupini para el 70000002").asked_for if isinstance(one, SetPlace)
    ]
    assert [one for one in phone().says("no hay agua en Kupini").asked_for if isinstance(one, SetPlace)]


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("no hay agua en Kupini para el 70000001", "report/thanks"),  # their own number
        ("no hay agua en Kupini, llamen al 70000002", "report/thanks"),
        ("el funcionario me pidio coima en Kupini, para el 70000002", "report/thanks"),
        ("se cae el muro en Kupini, para el 70000002", "report/danger"),
        ("no hay agua en Kupini, para el 70000002, que sea anonimo", "report/hidden"),
    ],
)
def test_of_ones_own_of_danger_and_of_secrets_it_is_not_said(phone, text, heard):
    assert phone().says(text).heard == [heard]


def test_on_a_screen_it_is_said_there_and_by_sms(ussd_phone, make_session):
    waits = make_session("report/place", description="no hay agua, para el 70000002", category="agua")
    one = ussd_phone(session=waits).presses("Kupini")
    assert one.heard == ["report/behalf (sms)", "report/behalf"]
    assert "fix" not in one.says_back[0].params


def test_by_the_code_it_is_theirs(told_for_me):
    one = told_for_me().says(MINE)
    assert (one.rule, one.heard, one.asked_for, one.session) == ("behalf", ["behalf/done"], [TakeOver(code=MINE)], None)
    assert (one.told["code"], one.told["category"], one.told["status"]) == (MINE, "alumbrado", CaseStatus.RECEIVED)


def test_what_stands_beside_the_code_is_kept_with_it(told_for_me):
    one = told_for_me().says(f" {MINE} y ya huele feo ")
    assert one.asked_for == [TakeOver(code=MINE), AddNote(code=MINE, text=f"{MINE} y ya huele feo")]


def test_the_number_may_stand_where_it_is(told_for_me):
    one = told_for_me(description="no recogen la basura", location_text="para el 70000001")
    assert one.says(MINE).rule == "behalf"


@pytest.mark.parametrize(
    "more",
    [
        {"description": "no recogen la basura, para el 70000003"},
        {"description": "no recogen la basura"},
        {"confidential": True},
        {"anonymous": True, "confidential": True},
        {"anonymous": True},
    ],
)
def test_nobody_else_and_nothing_secret_is_taken_over(told_for_me, more):
    one = told_for_me(**more).says(MINE)
    assert (one.rule, one.asked_for) == ("code", [])


def test_what_is_theirs_is_not_taken_over_again(told_for_me):
    assert told_for_me(contact_id=1).says(MINE).heard == ["status/own"]


def test_what_is_half_told_waits(told_for_me, make_session):
    one = told_for_me()
    one.session = make_session("report/place", description="hay un bache", category="vias")
    assert one.says(MINE).waits_at == "report/place"


def test_danger_beside_the_code_alerts_staff(told_for_me):
    one = told_for_me().says(f"{MINE} ahora se cae el muro")
    assert one.asked_for[0] == TakeOver(code=MINE)
    assert one.asked_for[-1] == AlertStaff(reason="emergency", code=MINE)
