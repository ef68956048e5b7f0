"""Safety: the hotline first, no questions, a record only if wanted, and nothing that names what happened."""

import pytest

from dialogs import promises
from dialogs.cases import CaseKind
from dialogs.effects import AlertStaff, OpenCase
from dialogs.safety import CATEGORY

TOLD = "mi marido me pega tengo miedo"


def test_the_hotline_comes_first_and_nothing_is_asked_of_what_happened(phone):
    one = phone().says(TOLD)
    assert (one.heard, one.asked_for) == (["safety/ask"], [])
    assert [option.value for option in one.offered] == ["yes", "no"]
    assert one.told == {}


def test_nothing_that_was_told_is_kept_in_the_session(phone):
    assert phone().says(TOLD).session.answers == {}


@pytest.mark.parametrize("text", ["si", "1", "sí por favor", "si gracias", "yes"])
def test_who_wants_a_call_gets_a_secret_case_without_a_word_in_it(phone, city, now, text):
    one = phone(place="sopocachi").says(TOLD).says(text)
    assert one.asked_for == [
        OpenCase(
            code="739184529",
            kind=CaseKind.REQUEST,
            category=CATEGORY,
            description="",
            due_at=promises.by_a_person(city, now),
            confidential=True,
            priority=True,
        ),
        AlertStaff(reason="confidential", code="739184529"),
    ]
    assert (one.heard, one.told, one.session) == (["safety/called"], {}, None)


@pytest.mark.parametrize("text", ["no", "2", "no gracias", "no quiero"])
def test_who_wants_no_call_leaves_no_record(phone, text):
    one = phone().says(TOLD).says(text)
    assert (one.asked_for, one.heard, one.told, one.session) == ([], ["safety/bye"], {}, None)


def test_who_answers_neither_is_asked_twice_more_and_let_go(phone):
    one = phone().says(TOLD).says("tengo miedo").says("no se que hacer ahora mismo")
    assert (one.rule, one.says_back[-1].lead) == ("miss", "common/miss")
    one.says("ayudenme con esto ahora por dios")
    assert (one.rule, one.heard, one.asked_for, one.session) == ("three_misses", ["safety/bye"], [], None)


def test_silence_leaves_no_record(phone):
    one = phone().says(TOLD).is_silent_for_too_long()
    assert (one.last.effects, one.session) == ((), None)


def test_the_category_is_one_of_the_citys(city):
    assert CATEGORY in city.categories


def test_by_keys_no_code_comes_by_sms(ussd_phone):
    one = ussd_phone().dials().presses("1").presses(TOLD)
    assert one.heard == ["safety/ask"]
    assert one.presses("1").heard == ["safety/called"]


def test_a_list_of_cases_does_not_show_it(phone, make_case):
    secret = make_case(category=CATEGORY, confidential=True, description="")
    assert phone(secret).says("estado").heard == ["status/none"]
