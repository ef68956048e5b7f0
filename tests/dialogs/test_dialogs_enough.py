"""Enough: the sixth case of a day is no case; what it tells is kept with the newest, and a person looks."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialogs import enough
from dialogs.effects import AddNote, AlertStaff, HandOver, OpenCase

REPORT = "no hay agua en la calle 5 de Alto Tacagua"
CODES = ("482105930", "739184529", "100000006", "200000005", "100000102", "100000111")


@pytest.fixture
def opened(make_case, make_facts):
    """So many cases of one person's, the newest first, each opened so many hours ago."""

    def of(*hours):
        now = make_facts().now
        return [
            make_case(code=code, opened_at=now - timedelta(hours=ago)) for code, ago in zip(CODES, hours, strict=False)
        ]

    return of


def opens(one):
    return any(isinstance(effect, OpenCase) for effect in one.asked_for)


def test_the_sixth_is_kept_with_the_newest(phone, opened):
    one = phone(*opened(1, 2, 3, 4, 5)).says(REPORT)
    assert one.asked_for == [AddNote(code=CODES[0], text=REPORT), AlertStaff(reason="many_cases", code=CODES[0])]
    assert (one.heard, one.told, one.session) == (["enough/said"], {"code": CODES[0], "count": 5}, None)


def test_nothing_is_added_to_a_confidential_case_and_its_code_is_not_told(phone, opened):
    first, *others = opened(1, 2, 3, 4, 5)
    one = phone(replace(first, confidential=True), *others).says(REPORT)
    assert one.asked_for == [AddNote(code=CODES[1], text=REPORT), AlertStaff(reason="many_cases", code=CODES[1])]
    assert one.told == {"code": CODES[1], "count": 5}


def test_who_has_only_confidential_cases_opens_one_more(phone, opened):
    assert opens(phone(*(replace(case, confidential=True) for case in opened(1, 2, 3, 4, 5))).says(REPORT))


@pytest.mark.parametrize("hours", [(1, 2, 3, 4), (1, 2, 3, 4, 24), (23, 25, 26, 27, 28, 29)])
def test_the_fifth_of_a_day_is_a_case(phone, opened, hours):
    assert opens(phone(*opened(*hours)).says(REPORT))


def test_a_day_is_twenty_four_hours(phone, opened):
    assert not opens(phone(*opened(1, 2, 3, 4, 23.99, 30)).says(REPORT))


def test_how_many_is_what_the_service_says(phone, opened):
    assert not opens(phone(*opened(1), most_cases=1).says(REPORT))


@pytest.mark.parametrize("text", ["se cae un muro en Alto Tacagua y hay heridos", "el inspector me pide coima"])
def test_danger_and_what_is_confidential_is_always_a_case(phone, opened, text):
    assert opens(phone(*opened(1, 2, 3, 4, 5)).says(text))


def test_who_asks_for_a_person_gets_no_draft(phone, opened):
    one = phone(*opened(1, 2, 3, 4, 5)).says("quiero hablar con una persona")
    assert one.asked_for == [AlertStaff(reason="many_cases", code=CODES[0])]
    assert not any(isinstance(effect, HandOver) for effect in one.asked_for)


def test_what_nobody_understands_is_kept_as_it_was_said(phone, opened, make_session):
    asked = make_session("report/describe", heard="xqzw")
    one = phone(*opened(1, 2, 3, 4, 5), session=asked)
    for text in ("...", "!!!", ":)"):
        one = one.says(text)
    notes = [effect for effect in one.asked_for if isinstance(effect, AddNote)]
    assert [note.text for note in notes] == ["xqzw ... !!! :)"]


def test_a_secret_among_what_nobody_understood_is_a_draft_of_its_own(phone, opened, make_session):
    one = phone(*opened(1, 2, 3, 4, 5), session=make_session("report/describe", heard="xqzw me pide coima"))
    for text in ("...", "!!!", ":)"):
        one = one.says(text)
    assert [effect.confidential for effect in one.asked_for if isinstance(effect, OpenCase)] == [True]
    assert not any(isinstance(effect, AddNote) for effect in one.asked_for)


def test_on_a_screen_too(ussd_phone, opened):
    one = ussd_phone(*opened(1, 2, 3, 4, 5)).dials().presses("1").presses(REPORT)
    assert one.heard == ["enough/said"]


@pytest.mark.parametrize("needs", ["emergency", "confidential"])
def test_what_was_known_to_be_urgent_or_secret_is_a_case_though_its_words_were_cut(opened, make_facts, needs):
    facts = make_facts(own_cases=tuple(opened(1, 2, 3, 4, 5)))
    assert enough.room(facts, {"description": "mesa"}) == "full"
    assert enough.room(facts, {"description": "mesa", needs: True}) == "room"
