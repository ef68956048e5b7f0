"""What mutants of single dialogs showed to be untested: how many words, how many pages, what is said of a guard."""

from dataclasses import replace

import pytest

from dialogs import enough, promises, report
from dialogs.cases import CaseStatus
from dialogs.contacts import normalise_msisdn
from dialogs.effects import AddNote, AlertStaff, OpenCase
from dialogs.messages import ChannelKind

MINE = "482105930"
NOBODYS = "615302743"


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        (f"{NOBODYS} 1 2 3 hola", "code_unknown"),
        (f"{NOBODYS} ja je ji jo ju ji jo ju ja je ji jo", "code_unknown"),
        (f"{NOBODYS} ja je ji jo ju ji jo ju ja je ji jo ju", None),
        (f"{NOBODYS} no hay agua en mi zona", "code_unknown"),
        (f"{NOBODYS} no hay agua en mi zona sopocachi", "report"),
        ("este es mi 41530274", "code_unknown"),
        ("este es mi gran 41530274", None),
    ],
)
def test_when_a_code_that_nobody_has_is_what_a_text_is_about(phone, said, rule):
    heard = phone().says(said).rule
    assert heard == rule if rule else heard != "code_unknown"


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        (f"{MINE} no hay agua en mi zona", "code"),
        (f"{MINE} no hay agua en mi zona sopocachi", "report"),
    ],
)
def test_when_a_neighbours_code_is_only_mentioned(phone, make_case, said, rule):
    assert phone(make_case(contact_id=2)).says(said).rule == rule


def test_a_question_with_ones_own_code_is_one_however_long(phone, make_case):
    assert phone(make_case()).says(f"{MINE} cuando vienen no hay agua en mi zona hace dias?").rule == "code"


@pytest.mark.parametrize(
    ("where", "said", "rule"),
    [
        ("menu/main", "falta agua potable aqui", "report_instead"),
        ("menu/main", "falta agua potable", "miss"),
        ("safety/ask", "falta agua potable aqui", "report_instead"),
        ("confirm/ask", "no hay agua potable en sopocachi", "report_instead"),
        ("confirm/ask", "no hay agua", "report_instead"),
        ("confirm/rate", "no hay agua", "report_instead"),
        ("confirm/rate", "4/5 no hay agua hace dias", "answer"),
        ("confirm/ask", "no esta bien arreglado aqui", "answer"),
    ],
)
def test_when_a_whole_complaint_comes_instead_of_an_answer(at, where, said, rule):
    assert at(where).says(said).rule == rule


def test_a_no_that_answers_nothing_is_a_miss(phone, make_session):
    assert phone(session=make_session("menu/main")).says("no").rule == "miss"


def test_a_late_answer_is_short(phone, make_case):
    resolved = make_case(status=CaseStatus.RESOLVED, asked=True)
    assert phone(resolved).says("si si si si si si").rule == "late_answer"
    assert phone(resolved).says("si si si si si si si").rule != "late_answer"


def test_a_key_pressed_too_late_shows_the_menu(phone):
    assert phone().says("la 1 por favor").rule == "stray"
    assert phone().says("9").rule == "stray"


def test_free_text_on_a_screen_where_nothing_is_asked_shows_the_menu(ussd_phone):
    assert ussd_phone().presses("hola que tal").rule == "dialled" or ussd_phone().presses("99").rule == "dialled"


def test_what_tells_nothing_is_kept_without_its_blanks(phone):
    one = phone().says("  ...  ")
    assert one.rule == "unknown"
    assert (one.session.answers["heard"], one.session.misses) == ("...", 1)


@pytest.mark.parametrize(
    ("text", "tells"),
    [("sol", True), ("la", False), ("a1b2c3", True), ("a1b2c3 12", True), ("a1b2 c", False), ("12 ... 34", False)],
)
def test_a_word_has_three_letters(text, tells):
    assert report.tells_something(text) is tells


def test_what_is_told_is_kept_up_to_ten_sms_without_its_blanks(make_facts):
    told = report.understood(make_facts(), f"  {'a' * 1600}b ")["description"]
    assert told == "a" * 1600
    assert report.understood(make_facts(), " hola \n")["description"] == "hola"


def test_nobody_in_danger_is_asked_what_it_is(make_facts):
    known = report._category_known
    assert known(make_facts(), {"emergency": True, "likely": "muros_taludes,vias,agua"}) == {
        "category": "muros_taludes"
    }
    assert known(make_facts(), {"confidential": True}) == {"category": "otro"}
    assert known(make_facts(), {"emergency": True, "category": "vias"}) == {}
    assert known(make_facts(), {"category": "vias"}) == {}
    assert known(make_facts(), {}) is None


def test_every_category_is_offered_once_the_likely_first_and_the_rest_last(make_facts, city):
    upside_down = replace(city, categories=dict(reversed(city.categories.items())))
    offered = [one.value for one in report.every_category(make_facts(city=upside_down), {"likely": "vias,agua"})]
    assert offered[:2] == ["vias", "agua"]
    assert offered[-1] == "otro"
    assert sorted(offered) == sorted(city.categories)


def test_five_categories_stand_on_a_page(at):
    assert [one.key for one in at("report/category").says("xyz").offered] == ["1", "2", "3", "4", "5", "9"]


def test_where_it_is(make_facts, make_session):
    where, asked = report._where, make_session("report/place")
    assert where(make_facts(), asked, " 0 ") == {}
    assert where(make_facts(), asked, " SOPOCACHI ") == {"place": "sopocachi"}
    assert where(make_facts(), asked, " sopocachi calle 3 ") == {
        "place": "sopocachi",
        "location_text": "sopocachi calle 3",
    }
    assert where(make_facts(), asked, "junto al kiosco") == {"location_text": "junto al kiosco"}
    assert where(make_facts(), asked, "el kiosco") is None


@pytest.mark.parametrize(
    ("answers", "description"),
    [({"description": "a", "heard": "b"}, "a"), ({"heard": "b"}, "b"), ({}, "")],
)
def test_a_case_says_what_was_told_or_at_least_heard(make_facts, answers, description):
    opened = report._file(make_facts(), answers)[0]
    assert isinstance(opened, OpenCase)
    assert (opened.description, opened.category) == (description, "otro")


def test_who_has_opened_enough_cases_adds_to_the_newest(make_facts, make_case):
    facts = make_facts(own_cases=(make_case(),))
    assert enough._keep(facts, {"description": "a", "heard": "b"}) == (
        AddNote(code=MINE, text="a / b"),
        AlertStaff(reason="many_cases", code=MINE),
    )


def test_a_case_that_comes_back_has_at_least_a_day(city, now):
    hasty = replace(city, categories={"x": replace(next(iter(city.categories.values())), id="x", days=1)})
    tomorrow = promises.by_a_person(city, now)
    assert promises.for_reopened(hasty, "x", now) == promises.for_reopened(hasty, "gone", now) == tomorrow


def test_a_number_in_national_form_may_be_spaced():
    assert normalise_msisdn("7 0000001", "BO") == "+59170000001"


def test_a_language_is_understood_in_the_words_of_an_answer(at):
    assert at("language/ask").says("el de los ingleses o sea ingles").heard == ["language/done"]


def test_who_wants_a_call_is_found_under_safety(at):
    (opened, _alert) = at("safety/ask").says("1").asked_for
    assert (opened.category, opened.description) == ("seguridad", "")


def test_who_is_half_content_is_told_which_case_it_is(at):
    one = at("confirm/ask").says("a medias")
    assert (one.heard, one.told) == (["confirm/what_now"], {"code": MINE})


def test_three_cases_stand_on_a_page(phone, make_case):
    cases = [make_case(code=code) for code in ("482105930", "615302743", "739184529", "100000008")]
    assert [one.key for one in phone(*cases).says("estado").offered] == ["1", "2", "3", "9"]


def test_who_asks_for_a_person_on_a_screen_gets_the_code_by_sms_too(ussd_phone):
    opened, _handed_over = ussd_phone().presses("quiero hablar con una persona").asked_for
    assert isinstance(opened, OpenCase)
    assert opened.draft


@pytest.mark.parametrize(
    ("option", "key", "rule"), [("resume_continue", "1", "resumed"), ("resume_restart", "2", "restarted")]
)
def test_an_offer_to_go_on_is_answered_by_a_digit_or_by_its_words(at, city, option, key, rule):
    for said in (key, city.words["es"].options[option]):
        assert at("report/place").on(ChannelKind.USSD).dials().presses(said).rule == rule, said
    assert at("report/place").on(ChannelKind.USSD).dials().presses("3").rule == "miss"


@pytest.mark.parametrize("said", ["quiero hablar con una persona", "no hay luz en la calle 5 de sopocachi"])
def test_who_has_opened_enough_cases_today_opens_no_more(phone, make_case, now, said):
    assert phone(make_case(opened_at=now), most_cases=1).says(said).heard == ["enough/said"]
    assert phone(make_case(opened_at=now), most_cases=2).says(said).heard != ["enough/said"]


def test_who_is_in_danger_is_told_the_code_too(phone):
    one = phone().says("auxilio se cae el cerro")
    assert (one.heard, one.told["code"]) == (["report/danger"], "739184529")


def test_a_code_that_nobody_has_is_asked_about_in_four_words_whatever_the_others_are(phone):
    assert phone().says("739184529 a1 b2 c3").rule == "code_unknown"
    assert phone().says("739184529 a1 b2 c3 d4").rule != "code_unknown"
