"""Writing what stands behind a key is as good as pressing it."""

from dataclasses import replace

import pytest

from dialogs.effects import LabelKind, Option
from dialogs.understand import labels


def words(*names):
    return [Option(key=str(key), value=name, label=LabelKind.WORD, ref=name) for key, name in enumerate(names, start=1)]


MENU = words("menu_report", "menu_status", "menu_person")
KINDS = [
    Option(key=key, value=name, label=LabelKind.CATEGORY, ref=name) for key, name in (("1", "agua"), ("2", "otro"))
]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Ver mi caso", "menu_status"),
        ("ver  mi CASO!", "menu_status"),
        ("2 Ver mi caso", "menu_status"),
        ("2. ver mi caso", "menu_status"),
        ("See my case", "menu_status"),  # asked in Spanish, answered in English
        ("1 Ver mi caso", None),  # a key and the words of another
        ("quiero ver mi caso", None),  # only like it
        ("", None),
        ("😡", None),
    ],
)
def test_the_words_of_an_option_are_the_option(city, text, value):
    assert labels.chosen(text, MENU, city) == value


@pytest.mark.parametrize(("text", "value"), [("Otro", "otro"), ("Water", "agua"), ("agua", "agua"), ("luz", None)])
def test_a_category_is_named_in_any_language_offered(city, text, value):
    assert labels.chosen(text, KINDS, city) == value


def test_words_that_two_options_share_name_neither(city):
    twice = [*words("yes"), Option(key="2", value="sure", label=LabelKind.WORD, ref="yes")]
    assert labels.chosen("si", twice, city) is None


def test_a_word_that_only_one_language_has_is_named_in_that_one(city):
    spanish = city.words["es"]
    taught = replace(spanish, options={**spanish.options, "gone": "Ya no"})
    only = replace(city, words={**city.words, "es": taught})
    assert labels.chosen("ya no", words("gone"), only) == "gone"


def test_a_word_that_a_language_lacks_is_named_by_nothing(city):
    assert labels.chosen("", words("gone"), city) is None


@pytest.mark.parametrize("text", ["482-105-930 Agua", "482105930", "1 482 105 930", "482.105.930 water"])
def test_a_case_is_named_by_its_code(city, text):
    case = Option(key="1", value="482105930", label=LabelKind.CASE, ref="482105930:agua")
    assert labels.chosen(text, [case], city) == "482105930"


def test_a_case_of_a_category_that_is_gone_is_named_by_its_code(city):
    case = Option(key="1", value="482105930", label=LabelKind.CASE, ref="482105930:gone")
    assert labels.chosen("482105930", [case], city) == "482105930"


def test_what_is_no_word_no_category_and_no_case_is_left_to_who_asks(city):
    place = Option(key="1", value="central", label=LabelKind.PLACE, ref="central")
    assert labels.chosen("Central", [place], city) is None


def test_a_label_that_is_not_there_is_no_word(hamlet):
    both = replace(hamlet, languages=("es", "xx"))
    kind = Option(key="1", value="agua", label=LabelKind.CATEGORY, ref="agua")  # it has no name in xx
    case = Option(key="1", value="482105930", label=LabelKind.CASE, ref="482105930:agua")
    for text in ("xx", "1 xx", "482105930 xx", "482105930 xxxx"):
        for option in (*words("gone"), kind, case, replace(case, ref="482105930:gone")):
            assert labels.chosen(text, [option], both) is None


def test_a_case_may_be_listed_without_what_it_is_about(city):
    case = Option(key="1", value="482105930", label=LabelKind.CASE, ref="482105930")
    assert labels.chosen("482105930", [case], city) == "482105930"
