"""Where the book's rules end: the one word more, the one state beside, where another rule must take over."""

import pytest

from dialogs import promises
from dialogs.cases import CaseStatus
from dialogs.effects import OpenCase

MINE = "482105930"


@pytest.mark.parametrize(
    "text",
    ["no quiero recibir mensajes de incendios", "quiero dejar de recibir avisos, auxilio", "stop texting me, fire"],
)
def test_an_opt_out_that_names_a_danger_is_an_opt_out(phone, text):
    assert phone().says(text).rule == "stop"


# A wish for a person.


@pytest.mark.parametrize(
    ("text", "kept"), [("quiero hablar con una persona ya", False), ("quiero hablar con una persona de verdad", True)]
)
def test_six_words_only_ask_for_a_person_seven_may_tell_them_something(phone, text, kept):
    [draft] = [effect for effect in phone().says(text).asked_for if isinstance(effect, OpenCase)]
    assert (text in draft.description) is kept


def test_asking_for_a_person_keeps_what_was_half_told(at):
    one = at("report/place").says("quiero hablar con una persona")
    assert sorted(effect.draft for effect in one.asked_for if isinstance(effect, OpenCase)) == [False, True]


def test_one_wish_for_a_person_is_enough(at):
    one = at("callback/when").says("quiero hablar con una persona")
    assert [effect.draft for effect in one.asked_for if isinstance(effect, OpenCase)] == [True]


def test_what_is_taken_back_while_we_ask_when_to_call_is_the_call(at):
    one = at("callback/when").says("retirar")
    assert (one.heard, one.asked_for, one.session) == (["cancel/dropped"], [], None)


# Commands beside a question that has an answer of the same words.


@pytest.mark.parametrize("question", ["confirm/ask", "cancel/sure", "safety/ask"])
def test_not_to_understand_is_no_no(at, question):
    one = at(question).says("no entiendo")
    assert (one.rule, one.heard) == ("command", ["help/help"])


def test_to_ask_for_works_in_a_commands_words_is_a_command(phone):
    assert phone().says("que obras hay").rule == "command"


def test_to_take_back_a_case_ends_the_menu_even_where_there_is_none(at, phone, make_session):
    one = phone(session=make_session("menu/main")).says("retirar mi reclamo")
    assert (one.rule, one.session) == ("command", None)


# Yes and no, where they answer nothing, or something else.


def test_a_complaint_that_begins_with_no_is_no_answer_to_the_menu(phone, make_session):
    one = phone(session=make_session("menu/main")).says("no arreglaron la luz de la calle")
    assert one.rule == "report_instead"


def test_a_complaint_that_begins_with_no_keeps_no_case_that_is_taken_back(at):
    assert at("cancel/sure").says("no hay agua en Sopocachi").rule == "report_instead"
    assert at("cancel/sure").says("no, todavia no arreglaron la luz").rule == "answer"


def test_no_is_an_answer_where_no_case_is_asked_about(phone, make_session):
    assert phone(session=make_session("safety/ask")).says("no arreglaron la luz de la calle").rule == "answer"


@pytest.mark.parametrize("text", ["si vinieron ayer", "si no"])
def test_only_yes_and_nothing_but_yes_is_assent(phone, text):
    assert phone().says(text).rule != "assent"


# Thanks, where a confirmation waits.


def test_thanks_are_no_answer_to_whether_it_is_solved(phone, make_case):
    one = phone(make_case(status=CaseStatus.RESOLVED, asked=True)).says("thx")
    assert (one.rule, one.heard) == ("thanks", [])


# A code beside other words.


@pytest.mark.parametrize("text", ["retirar 482105930", "cancelar 482105930"])
def test_to_take_back_a_case_by_its_code_is_the_codes_rule(phone, make_case, text):
    one = phone(make_case()).says(text)
    assert (one.rule, one.waits_at) == ("code", "cancel/sure")


def test_a_long_question_with_an_unknown_code_is_about_the_code_though_it_names_a_problem(phone):
    assert phone().says("como va el poste sin luz de mi calle que les dije 615302743").rule == "code_unknown"


def test_word_that_it_is_mended_is_kept_with_the_case_and_a_question_is_answered(phone, make_case):
    one = phone(make_case()).says("ya esta arreglado")
    assert (one.rule, one.heard) == ("done", ["note/done"])
    asked = phone(make_case()).says("ya esta arreglado?")
    assert (asked.rule, asked.heard) == ("assent", ["status/own"])


@pytest.mark.parametrize(
    ("text", "heard"),
    [("482105930 no ve por donde va ya", "status/own"), ("482105930 no ve por donde va ya nadie", "note/done")],
)
def test_a_word_that_asks_and_tells_asks_among_six_words(phone, make_case, text, heard):
    assert phone(make_case()).says(text).heard == [heard]


def test_who_is_in_danger_is_told_the_code_and_the_date(phone, city, now):
    one = phone().says("se derrumba el talud en Sopocachi")
    assert one.told == {"code": "739184529", "due": promises.for_new(city, "muros_taludes", now)}
