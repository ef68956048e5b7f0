"""The city of La Paz as data: everything fits, nothing is said twice, nothing collides with a word that commands."""

from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import holidays
import pytest

from dialogs import book
from dialogs.calendar import is_holiday
from dialogs.city import City
from dialogs.understand import categories, keywords, places
from dialogs.understand.folding import fold
from dialogs.understand.phrases import ANYTHING, read_word, sound
from gateway.city import LONGEST_NAME, load_city
from gateway.outbound.segments import septets, ussd

ROOT = Path(__file__).resolve().parents[1]

#: The category ids are a contract with the outside.
CATEGORIES = (
    "agua alcantarillado alumbrado basura vias gradas_aceras parques muros_taludes seguridad ruido transporte obras "
    "tramites_corrupcion animales otro"
)
COMMANDS = book.COMMANDS.keys() | set(
    "stop start help menu status report language cancel withdraw agent greeting thanks yes no half skip".split()  # noqa: SIM905
)
#: Holidays that the calendar of the ``holidays`` package has otherwise, and why we are right.
OTHERWISE = {
    (10, 17): "Dignity Day is remembered and worked; the package counts it",
    (11, 3): "2 November moves to Monday since Supreme Decree 5483 of 2025; the package stops in 2015",
    (7, 17): "a department's day moves too since Supreme Decree 5019 of 2023; the package moves only national ones",
}


@pytest.fixture(scope="module")
def city() -> City:
    service = SimpleNamespace(timezone=ZoneInfo("America/La_Paz"), country="BO", languages=("es", "en", "ay", "qu"))
    return load_city(ROOT / "city", ROOT / "templates" / "sms", service, ROOT / "config.yaml")


def test_spanish_and_english_are_offered_and_what_nobody_reviewed_is_not(city):
    assert city.languages == ("es", "en")
    for language in ("ay", "qu"):
        form = city.words[language]
        assert (form.reviewed_by, dict(form.commands), dict(form.options)) == ("", {}, {})


def test_the_categories_are_those_agreed(city):
    assert list(city.categories) == CATEGORIES.split()


def test_every_category_has_a_name_that_fits_a_unit_and_a_promise(city):
    for category in city.categories.values():
        assert set(category.name) == {"es", "en"}
        for name in category.name.values():
            assert len(name) <= LONGEST_NAME
            assert septets(name) == len(ussd(name)) == len(name), name
        assert category.unit
        assert 1 <= category.days <= 30
        assert category.words


def test_no_two_categories_are_called_the_same(city):
    for language in ("es", "en"):
        names = [category.name[language] for category in city.categories.values()]
        assert len(set(names)) == len(names)


def test_every_category_is_found_by_its_own_name(city):
    for category in city.categories.values():
        if category.id != "otro":
            for name in category.name.values():
                assert category.id in categories.guess(name, city).top, name


def test_the_words_of_a_category_say_each_thing_once(city):
    for category in city.categories.values():
        heard = [tuple(map(read_word, written.split())) for written in category.words]
        assert len(set(heard)) == len(heard), category.id


def test_weights_are_within_reason(city):
    assert all(-5 <= weight <= 5 for category in city.categories.values() for weight in category.words.values())


def test_every_written_word_is_one_word_by_sound(city):
    phrases = [phrase for words in city.words.values() for said in words.commands.values() for phrase in said]
    phrases += [phrase for category in city.categories.values() for phrase in category.words]
    for phrase in phrases:
        for piece in phrase.split():
            if piece != ANYTHING:
                assert all(" " not in read_word(word).sound for word in piece.split("/")), phrase


def test_only_danger_of_walls_and_slopes_is_an_emergency_by_itself(city):
    assert [category.id for category in city.categories.values() if category.emergency] == ["muros_taludes"]


def test_every_place_lies_in_a_macrodistrito_and_every_macrodistrito_has_places(city):
    assert {place.macrodistrito for place in city.places.values()} == set(city.macrodistritos)
    assert len(city.macrodistritos) == 9


def test_names_of_places_are_unique_by_sound(city):
    heard: dict[str, str] = {}
    for place in city.places.values():
        for name in (place.name, *place.aliases):
            assert heard.setdefault(sound(name), place.id) == place.id, name


def test_no_other_name_is_needless(city):
    for place in city.places.values():
        names = [sound(name) for name in (place.name, *place.aliases)]
        assert len(set(names)) == len(names), place.id


def test_ids_of_places_are_their_names(city):
    for place in city.places.values():
        assert place.id == fold(place.name).replace(" ", "-")


def test_names_of_places_fit_a_screen(city):
    for place in city.places.values():
        assert len(ussd(place.name)) == len(place.name) <= 32, place.name


def test_no_place_is_an_opt_out_word(city):
    for place in city.places.values():
        for name in (place.name, *place.aliases):
            assert keywords.command(name, city) is None, name


def test_places_named_after_days_are_common(city):
    for place in city.places.values():
        if place.name[0].isdigit() and "La Hoyada" not in place.name:
            assert place.common, place.name


def test_names_that_begin_with_a_number_need_more_than_the_number(city):
    for number in ("8", "14", "23", "24", "27", "3"):
        assert places.find(number, city) is None


def test_commands_are_known_ones_and_none_is_said_for_two(city):
    for language in city.languages:
        words = city.words[language]
        assert set(words.commands) <= COMMANDS
        heard: dict[str, str] = {}
        for name, said in words.commands.items():
            for phrase in said:
                assert heard.setdefault(sound(phrase), name) == name, phrase


def test_every_offered_language_has_every_command_and_the_same_options(city):
    spanish, english = city.words["es"], city.words["en"]
    assert set(spanish.commands) == set(english.commands) == COMMANDS
    assert set(spanish.options) == set(english.options)


def test_options_fit_a_screen_and_are_cheap(city):
    for language in city.languages:
        for name, label in city.words[language].options.items():
            assert len(label) <= 24, name
            assert septets(ussd(label)) == len(label), name


def test_every_status_has_a_word(city):
    from dialogs.cases import CaseStatus  # noqa: PLC0415

    for language in city.languages:
        assert {f"status_{status}" for status in CaseStatus} <= set(city.words[language].options)


def test_hotlines_are_digits_with_a_name_and_a_date(city):
    assert {"police", "violence", "fire", "ambulance", "municipal"} <= set(city.hotlines)
    for line in city.hotlines.values():
        assert line.number.isdigit()
        assert 3 <= len(line.number) <= 9
        assert line.name
        assert date(2027, 1, 1) <= line.review_by <= date(2028, 1, 1)


@pytest.mark.parametrize("year", range(2024, 2031))
def test_holidays_are_those_of_another_calendar_but_for_what_is_explained(city, year):
    known = holidays.country_holidays("BO", subdiv="L", years=year)
    day = date(year, 1, 1)
    while day.year == year:
        if is_holiday(day, city.holidays) != (day in known):
            assert (day.month, day.day) in OTHERWISE, day
        day += timedelta(days=1)


def test_projects_wait_for_the_municipality():
    from gateway.strict import read  # noqa: PLC0415

    assert read(ROOT / "city" / "projects.yaml") == {"projects": {}}
