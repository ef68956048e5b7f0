"""Language: what is offered is what a speaker has reviewed; naming one is enough."""

from dataclasses import replace

import pytest

from dialogs.effects import LabelKind, Option, SetLanguage
from dialogs.language import named


def test_the_offered_languages_are_shown_by_their_own_names(phone):
    one = phone().says("idioma")
    assert one.offered == (
        Option(key="1", value="es", label=LabelKind.LANGUAGE, ref="es"),
        Option(key="2", value="en", label=LabelKind.LANGUAGE, ref="en"),
    )


@pytest.mark.parametrize("answer", ["2", "english", "en inglés", "inglés por favor", "dos"])
def test_one_is_chosen_by_key_or_by_name(phone, answer):
    one = phone().says("idioma").says(answer)
    assert one.asked_for == [SetLanguage(language="en")]
    assert (one.heard, one.told, one.session) == (["language/done"], {"language": "en"}, None)


@pytest.mark.parametrize(("text", "language"), [("english", "en"), ("castellano", "es"), ("in english please", "en")])
def test_who_names_it_is_not_asked(phone, text, language):
    one = phone().says(text)
    assert (one.asked_for, one.heard) == ([SetLanguage(language=language)], ["language/done"])


@pytest.mark.parametrize("text", ["aymara", "hablan quechua", "en aymara"])
def test_one_that_nobody_reviewed_is_not_given_but_the_others_are_shown(phone, text):
    one = phone().says(text)
    assert (one.asked_for, one.heard) == ([], ["language/ask"])


def test_naming_one_leaves_the_question_that_was_pending(phone):
    one = phone().says("hay un bache enorme en la calle").says("english")
    assert (one.heard, one.waits_at) == (["language/done"], "report/place")
    assert one.says("Sopocachi").heard == ["report/thanks"]


def test_naming_one_answers_the_question_for_it(phone):
    assert phone().says("idioma").says("castellano").session is None


def test_three_misses_change_nothing(phone):
    one = phone().says("idioma").says("7").says("8").says("ruso")
    assert (one.heard, one.asked_for, one.session) == (["language/unchanged"], [], None)


def test_a_language_that_is_no_longer_offered_is_not_named(make_facts, city):
    assert named(make_facts(), "english") == "en"
    assert named(make_facts(city=replace(city, languages=("es",))), "english") is None
    assert named(make_facts(), "ruso") is None
