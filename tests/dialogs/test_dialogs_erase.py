"""Who asks to be forgotten is asked once, and only a yes to that asks for it; until it is done it can be taken back."""

from datetime import timedelta

import pytest

from dialogs.effects import ForgetMe, KeepMe, OpenCase

CODE = "482105930"


@pytest.mark.parametrize(
    "text",
    ["BORRAR", "borrar mis datos", "por favor borren mis datos", "quiero que borren mis datos", "delete my data"],
)
def test_it_is_asked_whether_that_is_meant(phone, make_case, text):
    one = phone(make_case()).says(text)
    assert (one.rule, one.heard, one.asked_for, one.waits_at) == ("command", ["erase/sure"], [], "erase/sure")
    assert [option.value for option in one.offered] == ["yes", "no"]


@pytest.mark.parametrize("text", ["1", "si", "si, gracias"])
def test_a_yes_is_done_a_day_later(phone, now, text):
    one = phone().says("borrar mis datos").says(text)
    assert (one.heard, one.session) == (["erase/done"], None)
    assert one.asked_for == [ForgetMe(due_at=now + timedelta(days=1))]


@pytest.mark.parametrize("text", ["2", "no", "no borrar", "do not delete"])
def test_a_no_erases_nothing(phone, text):
    one = phone().says("borrar mis datos").says(text)
    assert (one.heard, one.asked_for, one.session) == (["keep/done"], [KeepMe()], None)


@pytest.mark.parametrize("text", ["NO BORRAR", "no borren mis datos", "DO NOT ERASE", "keep my data"])
def test_it_can_be_taken_back_and_what_is_half_told_goes_on(phone, text):
    one = phone().says("hay un bache enorme en la calle").says(text)
    assert (one.heard, one.asked_for, one.waits_at) == (["keep/done"], [KeepMe()], "report/place")


def test_who_answers_nothing_that_is_understood_keeps_everything(phone):
    one = phone().says("borrar mis datos").says("...").says("xqzw").says("...")
    assert (one.heard, one.asked_for, one.session) == (["keep/done"], [KeepMe()], None)


def test_the_question_stands_for_an_hour_and_silence_is_no_yes(phone, now):
    one = phone().says("borrar mis datos")
    assert one.session.expires_at == now + timedelta(hours=1)
    assert (one.is_silent_for_too_long().asked_for, one.session) == ([], None)


def test_a_report_instead_of_an_answer_is_a_report(phone):
    one = phone().says("borrar mis datos").says("hay un bache enorme en la avenida de Sopocachi")
    assert (one.rule, one.heard) == ("report_instead", ["report/thanks"])
    assert isinstance(one.asked_for[0], OpenCase)
    assert not any(isinstance(effect, ForgetMe) for effect in one.asked_for)


def test_danger_comes_first(phone):
    one = phone().says("borrar mis datos, mi marido me pega")
    assert one.heard == ["safety/ask"]
    one = phone().says("borrar").says("mi marido me pega")
    assert one.heard == ["safety/ask"]


def test_in_the_middle_of_a_report_the_bare_word_is_about_the_report(phone):
    one = phone().says("hay un bache enorme en la calle").says("borrar")
    assert (one.heard, one.asked_for, one.session) == (["cancel/dropped"], [], None)
    one = phone().says("hay un bache enorme en la calle").says("borrar mis datos")
    assert one.heard[-1] == "erase/sure"


def test_with_a_code_it_is_about_the_case(phone, make_case):
    assert phone(make_case()).says(f"borrar {CODE}").waits_at == "cancel/sure"


@pytest.mark.parametrize("text", ["borrar mi reclamo", "borrar lo que mande", "borren mi numero de la lista"])
def test_words_that_meant_something_else_mean_it_still(phone, make_case, text):
    assert "erase/sure" not in phone(make_case()).says(text).heard


def test_on_a_screen_no_key_alone_asks_for_it(ussd_phone, now):
    one = ussd_phone().dials().presses("borrar mis datos")
    assert (one.heard, one.asked_for) == (["erase/sure"], [])
    assert one.presses("1").asked_for == [ForgetMe(due_at=now + timedelta(days=1))]


@pytest.mark.parametrize("question", ["menu/main", "status/choose", "confirm/ask"])
def test_borrar_in_answer_to_what_is_no_telling_means_everything(at, question):
    assert at(question).says("borrar").heard == ["erase/sure"]
