"""What is built in a barrio is told to whoever asks; where nothing is known, that is said."""

from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from dialogs.city import Project
from dialogs.project import PROJECT


def project(name, place="sopocachi", ends=date(2026, 6, 30), **more):
    return Project(
        id=name, name=name, place=place, contractor="Constructora Sol", starts=date(2025, 1, 1), ends=ends,
        progress=40, reviewed=date(2026, 3, 1), **more,
    )  # fmt: skip


@pytest.fixture
def with_projects(phone):
    def make(*projects, place=None):
        one = phone(place=place)
        one.facts = replace(one.facts, city=replace(one.facts.city, projects={each.id: each for each in projects}))
        return one

    return make


def test_the_place_in_the_question_is_answered(with_projects):
    one = with_projects(project("Graderia Sur")).says("que obras hay en Sopocachi")
    assert one.heard == ["project/told"]
    told = one.told
    assert (told["project"], told["contractor"], told["progress"]) == ("Graderia Sur", "Constructora Sol", 40)
    noon = datetime.combine(date(2026, 6, 30), time(12), tzinfo=ZoneInfo("America/La_Paz"))
    assert (told["ends"], told["ends"].utcoffset(), told["more"]) == (noon, noon.utcoffset(), None)


def test_where_no_place_is_known_it_is_asked(with_projects):
    one = with_projects(project("Otra", place="munaypata"), project("Graderia Sur")).says("info obras")
    assert one.heard == ["project/where"]
    assert one.says("Sopocachi").heard == ["project/told"]
    assert (one.told["project"], one.told["more"]) == ("Graderia Sur", None)


def test_the_usual_place_is_not_asked(with_projects):
    both = project("Otra", place="munaypata"), project("Graderia Sur")
    one = with_projects(*both, place="sopocachi").says("info obras")
    assert (one.heard, one.told["project"], one.told["more"]) == (["project/told"], "Graderia Sur", None)


def test_without_a_place_all_there_is_is_told(make_facts):
    facts = make_facts()
    both = project("Otra", place="munaypata"), project("Graderia Sur")
    facts = replace(facts, city=replace(facts.city, projects={each.id: each for each in both}))
    assert PROJECT.steps["any"].pick(facts, {}) == "some"
    assert PROJECT.steps["told"].params(facts, {})["more"] == 1


def test_what_ends_today_is_not_over(with_projects, now):
    today, later = project("Hoy", ends=now.date()), project("Lejana", ends=date(2027, 1, 1))
    assert with_projects(later, today).says("info obras Sopocachi").told["project"] == "Hoy"


def test_who_asks_in_the_middle_of_a_report_goes_on_with_it(with_projects, make_session):
    one = with_projects(project("Graderia Sur"))
    one.session = make_session("report/place", description="hay un bache", category="vias")
    one = one.says("que obras hay en Sopocachi")
    assert (one.heard, one.waits_at) == (["project/told"], "report/place")


def test_what_goes_on_comes_before_what_is_over_and_the_others_are_counted(with_projects):
    over, soon, later = (
        project("Vieja", ends=date(2025, 6, 30)),
        project("Pronta", ends=date(2026, 4, 1)),
        project("Lejana", ends=date(2027, 1, 1)),
    )
    told = with_projects(over, later, soon).says("info obras Sopocachi").told
    assert (told["project"], told["more"]) == ("Pronta", 2)


def test_where_nothing_is_known_that_is_said(with_projects):
    one = with_projects(project("Lejos", place="munaypata")).says("que obras hay en Sopocachi")
    assert (one.heard, one.told) == (["project/none"], {"place": "sopocachi"})


def test_three_misses_end_it(with_projects):
    one = with_projects(project("Graderia Sur")).says("info obras")
    for text in ("xyz", "xyz", "xyz"):
        one = one.says(text)
    assert one.heard == ["project/none"]
    assert one.session is None
