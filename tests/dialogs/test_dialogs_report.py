"""Report: what one text tells is not asked; what it does not tell is asked once, and nothing said is lost."""

from dataclasses import replace

import pytest

from dialogs import promises
from dialogs.cases import CaseKind
from dialogs.effects import AlertStaff, HandOver, OpenCase, SetPlace
from dialogs.report import DESCRIPTION_MOST

WHOLE = "no ay lus en la cancha d alto tacagua ase 3 dias xfa"


def opened(phone):
    [case] = [effect for effect in phone.last.effects if isinstance(effect, OpenCase)]
    return case


def test_one_good_text_files_a_case(phone, city, now):
    one = phone().says(WHOLE)
    assert one.rule == "report"
    assert one.asked_for == [
        OpenCase(
            code="739184529",
            kind=CaseKind.GRIEVANCE,
            category="alumbrado",
            description=WHOLE,
            place="alto-tacagua",
            due_at=promises.for_new(city, "alumbrado", now),
        ),
        SetPlace(place="alto-tacagua"),
    ]
    assert one.heard == ["report/thanks"]
    assert one.session is None


def test_the_receipt_says_what_was_understood_and_until_when(phone, city, now):
    one = phone().says(WHOLE)
    assert one.told == {
        "code": "739184529",
        "category": "alumbrado",
        "place": "alto-tacagua",
        "due": promises.for_new(city, "alumbrado", now),
        "fix": "1",
    }
    assert one.says_back[-1].ends_session


def test_the_date_in_the_receipt_is_the_date_of_the_case(phone):
    one = phone().says(WHOLE)
    assert one.told["due"] == opened(one).due_at


def test_only_the_place_is_asked_where_the_problem_is_clear(phone):
    one = phone().says("se a rebalsado el alcantarillado sale agua servida a la calle")
    assert one.heard == ["report/place"]
    assert one.says("villa copacabana frente a la escuela").heard == ["report/thanks"]
    assert opened(one).place == "villa-copacabana"
    assert opened(one).location_text == "villa copacabana frente a la escuela"


def test_only_the_problem_is_asked_where_the_place_is_clear(phone):
    one = phone().says("vengan rápido por favor en Sopocachi")
    assert one.heard == ["report/category"]
    assert one.says("2").heard == ["report/thanks"]
    assert opened(one).place == "sopocachi"


def test_a_bare_cry_for_help_is_asked_both(phone):
    one = phone().says("vengan a ver lo que esta pasando aqui porfavor")
    assert one.heard == ["report/category"]
    assert one.says("2").heard == ["report/place"]
    assert one.says("Tembladerani").heard == ["report/thanks"]
    assert opened(one).description == "vengan a ver lo que esta pasando aqui porfavor"


def test_the_usual_place_is_not_asked_and_not_set_again(phone):
    one = phone(place="sopocachi").says("hay un bache enorme en la calle")
    assert one.heard == ["report/thanks"]
    assert opened(one).place == "sopocachi"
    assert one.asked_for == [opened(one)]


def test_a_place_that_is_named_outranks_the_usual_one(phone):
    one = phone(place="sopocachi").says(WHOLE)
    assert opened(one).place == "alto-tacagua"


def test_a_usual_place_that_is_no_more_is_asked(phone):
    assert phone(place="gone").says("hay un bache enorme en la calle").heard == ["report/place"]


def test_every_category_is_offered_the_one_for_all_else_last(phone, city):
    one = phone().says("vengan a ver lo que esta pasando aqui porfavor")
    seen = [option.value for option in one.offered if option.key not in "90"]
    while any(option.key == "9" for option in one.offered):
        one.says("9")
        seen += [option.value for option in one.offered if option.key not in "90"]
    assert sorted(seen) == sorted(city.categories)
    assert seen[-1] == "otro"


def test_the_likeliest_categories_stand_first(phone):
    one = phone().says("hay un hueco con agua en Sopocachi")
    likely = one.session.answers["likely"].split(",")
    assert len(likely) > 1
    assert [option.value for option in one.offered][: len(likely)] == likely


def test_a_category_may_be_said_in_words(phone):
    one = phone().says("vengan rápido por favor en Sopocachi").says("es por la basura")
    assert one.heard == ["report/thanks"]
    assert opened(one).category == "basura"


def test_a_category_nobody_could_name_is_something_else(phone):
    one = phone().says("vengan rápido por favor en Sopocachi").says("ehh").says("hmm").says("mmm")
    assert one.rule == "three_misses"
    assert one.heard == ["report/thanks"]
    assert opened(one).category == "otro"


def test_a_category_that_is_no_more_is_something_else(phone, make_session):
    waiting = make_session("report/place", description="x y z", category="gone")
    assert opened(phone(session=waiting).says("Sopocachi")).category == "otro"


def test_a_place_that_is_the_whole_answer_needs_no_landmark(at):
    one = at("report/place").says(" sopocachi ")
    assert (opened(one).place, opened(one).location_text) == ("sopocachi", "")


def test_three_words_are_a_landmark(phone, make_session):
    one = phone(session=make_session("report/place", description="bache", category="vias"))
    one.says("donde doña Juana")
    assert (opened(one).place, opened(one).location_text) == (None, "donde doña Juana")
    assert one.asked_for == [opened(one)]


def test_fewer_words_may_be_half_a_name_and_are_asked_again_once(phone, make_session):
    one = phone(session=make_session("report/place", description="bache", category="vias")).says("por ahi")
    assert one.rule == "miss"
    assert one.says_back[-1].lead == "common/miss"
    assert opened(one.says("donde Juana")).location_text == "donde Juana"


@pytest.mark.parametrize("text", ["0", "no se", "No sé", "saltar", "prefiero no decir"])
def test_who_does_not_know_the_place_passes_over(phone, make_session, text):
    one = phone(session=make_session("report/place", description="bache", category="vias")).says(text)
    assert one.heard == ["report/thanks"]
    assert (opened(one).place, opened(one).location_text) == (None, "")


@pytest.mark.parametrize("misses", [0, 1])
def test_the_same_words_once_more_are_no_landmark(phone, make_session, misses):
    waits = make_session("report/place", description="no ay agua en mi casa", category="agua")
    one = phone(session=replace(waits, misses=misses)).says("No hay agua en mi casa!!")
    assert (one.rule, one.waits_at, one.session.misses) == ("miss", "report/place", misses + 1)


def test_what_tells_nothing_is_no_landmark(phone, make_session):
    one = phone(session=make_session("report/place", description="bache", category="vias"))
    assert one.says("1 2 3").rule == "miss"
    assert one.says("4 5 6").rule == "miss"
    assert one.says("...").rule == "three_misses"
    assert one.heard == ["report/thanks"]
    assert opened(one).place is None


def test_a_text_too_long_is_cut_in_the_case(phone):
    one = phone().says("no hay luz en Sopocachi " + "a" * 5000)
    assert len(opened(one).description) == DESCRIPTION_MOST


def test_the_landmark_is_cut_too(at):
    assert len(opened(at("report/place").says("frente a " + "la casa " * 999)).location_text) <= DESCRIPTION_MOST


def test_a_request_and_an_idea_are_told_apart(phone):
    assert opened(phone().says("solicito un poste de luz en Sopocachi")).kind is CaseKind.REQUEST
    assert opened(phone().says("propongo mas arboles en el parque de Sopocachi")).kind is CaseKind.PROPOSAL


def test_danger_is_filed_at_once_with_priority(phone):
    one = phone().says("se esta derrumbando el talud sobre las casas ayuda")
    assert one.heard == ["report/danger"]
    assert opened(one).priority
    assert one.asked_for[-1] == AlertStaff(reason="emergency", code="739184529")
    assert one.session is None


def test_danger_of_an_unclear_kind_is_not_asked_what_it_is(phone, city):
    likely = phone().says("auxilio hay un hueco con agua")
    assert likely.heard == ["report/danger"]
    assert opened(likely).category in city.categories
    assert opened(phone().says("auxilio vengan por favor")).category in city.categories


def test_danger_in_the_usual_place_is_filed_without_a_guess_where(phone):
    assert opened(phone(place="sopocachi").says("auxilio vengan por favor")).place is None


def test_what_could_harm_its_teller_is_kept_confidential_and_asked_nothing(phone):
    one = phone().says("el inspector me pidio coima para firmar mi plano")
    assert one.heard == ["report/thanks"]
    assert opened(one).confidential
    assert one.asked_for[-1] == AlertStaff(reason="confidential", code="739184529")
    assert (one.told["category"], one.told["place"]) == (None, None)


def test_a_confidential_text_of_an_unclear_kind_is_not_asked_what_it_is(phone, city):
    filed = opened(phone().says("quiero contar algo anonimo por favor"))
    assert filed.confidential
    assert filed.category in city.categories


@pytest.mark.parametrize("text", ["Sopocachi, pero no digan mi nombre", "me pidieron coima los de la cuadrilla"])
def test_what_is_confidential_may_be_said_later(phone, text):
    one = phone().says("hay un bache enorme en la calle").says(text)
    assert opened(one).confidential
    assert (one.told["category"], one.told["place"]) == (None, None)


def test_what_is_confidential_may_be_said_where_something_else_was_asked(phone):
    one = phone().says("vengan rápido por favor en Sopocachi").says("no digan mi nombre").says("2")
    assert opened(one).confidential


@pytest.mark.parametrize("text", ["hola", "reportar"])
def test_who_only_knocks_is_asked_what_happened(phone, text):
    one = phone().says(text)
    assert one.heard == ["report/describe"]
    assert one.says("no hay luz en Munaypata").heard == ["report/thanks"]


def test_what_nobody_understood_three_times_goes_to_a_person_whole(phone):
    one = phone().says("😡😡😡")
    assert (one.rule, one.heard) == ("unknown", ["report/describe"])
    assert one.says(".").rule == "miss"
    assert one.says("99").rule == "three_misses"
    assert opened(one).description == "😡😡😡 . 99"
    assert opened(one).draft
    assert one.asked_for[-1] == HandOver(reason="three_misses", code="739184529")


def test_words_after_a_text_that_told_nothing_are_the_report(phone):
    one = phone().says("😡").says("no hay luz en Munaypata")
    assert opened(one).description == "no hay luz en Munaypata"


def test_an_unfinished_report_is_filed_with_what_is_known(phone, city, now):
    one = phone().says("hay un bache enorme en la calle").is_silent_for_too_long()
    assert one.rule == "expired"
    assert one.heard == ["report/thanks"]
    assert (opened(one).category, opened(one).place) == ("vias", None)


def test_an_emoji_and_then_silence_is_no_case(phone):
    assert phone().says("😡").is_silent_for_too_long().last.effects == ()


@pytest.mark.parametrize("text", ["hola", "reportar"])
def test_who_told_nothing_has_no_case(phone, text):
    one = phone().says(text).is_silent_for_too_long()
    assert (one.last.effects, one.session) == ((), None)


def test_what_is_asked_stands_for_a_day(phone, now):
    one = phone().says("hay un bache enorme en la calle")
    assert (one.session.expires_at - now).total_seconds() == 24 * 3600


def test_an_answer_after_the_time_is_over_begins_anew(phone):
    one = phone().says("hay un bache enorme en la calle")
    one.facts = replace(one.facts, now=one.session.expires_at)
    one.says("Sopocachi")
    assert one.rule == "report"
    assert one.session.answers["description"] == "Sopocachi"
