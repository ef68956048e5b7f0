"""City data that are wrong in one way each: what ``barrio check`` says of each, word for word."""

import shutil
from dataclasses import replace
from datetime import date

import pytest

from dialogs.city import Hotline
from gateway import check
from gateway.check import cities
from gateway.city import load_city
from gateway.config import HOME, ConfigError
from gateway.findings import Level

ERROR, WARNING, NOTE = Level.ERROR, Level.WARNING, Level.NOTE
ALL_YEAR = frozenset((month, day) for month in range(1, 13) for day in range(1, 32))


def category(city, which, **changed):
    return replace(city, categories=city.categories | {which: replace(city.categories[which], **changed)})


def words(city, name, **more):
    written = {word.replace("_", " "): weight for word, weight in more.items()}
    return category(city, name, words={**city.categories[name].words, **written})


def place(city, name, **changed):
    return replace(city, places=city.places | {name: replace(city.places[name], **changed)})


def hotline(city, **changed):
    one = {"id": "old", "name": "Old", "number": "110", "review_by": date(2027, 1, 1), **changed}
    return replace(city, hotlines={**city.hotlines, "old": Hotline(**one)})


#: What is broken: how a city becomes so, and all that is said of it.
BROKEN = {
    "no category for all else, none for danger": (
        lambda city: replace(
            city, categories={name: one for name, one in city.categories.items() if name not in {"otro", "seguridad"}}
        ),
        [
            (ERROR, "categories.yaml", 'has no category "otro"'),
            (ERROR, "categories.yaml", 'has no category "seguridad"'),
        ],
    ),
    "two categories that read alike in a menu": (
        lambda city: category(city, "ruido", name={"es": "AGUA", "en": "Noise"}),
        [(ERROR, "categories.yaml", '"agua" is agua and ruido in es')],
    ),
    "categories that nobody can be understood to mean": (
        lambda city: category(category(city, "ruido", words={}), "obras", words={}),
        [(WARNING, "ruido, obras", "has no words")],
    ),
    "a unit that is nobody": (
        lambda city: category(city, "agua", unit=" - "),
        [(ERROR, "categories.yaml: agua.unit", "names nobody")],
    ),
    "one unit written in two ways": (
        lambda city: category(city, "ruido", unit="agua y saneamiento"),
        [(WARNING, "categories.yaml", "one unit is written Agua y Saneamiento and agua y saneamiento")],
    ),
    "a stem that begins every other word": (
        lambda city: category(city, "ruido", words={"a*": 3}),
        [(ERROR, "categories.yaml: ruido.words", '"a*" is too short to tell anything')],
    ),
    "a word without a letter": (
        lambda city: category(city, "ruido", words={"¡!": 3}),
        [(ERROR, "categories.yaml: ruido.words", '"¡!" is too short to tell anything')],
    ),
    "a word that decides for two": (
        lambda city: words(city, "ruido", no_ay_agua=4),
        [(WARNING, "categories.yaml", '"no ai agua" decides for agua and ruido')],
    ),
    "a name that two places have": (
        lambda city: place(city, "obrajes", aliases=("Sopocachi",)),
        [(WARNING, "places.yaml", '"sopocachi" may be any of: sopocachi, obrajes')],
    ),
    "an alias that nobody can write": (
        lambda city: place(city, "obrajes", aliases=("¿?",)),
        [(ERROR, "places.yaml: places.obrajes", '"¿?" holds no word')],
    ),
    "an alias by which another place is known": (
        lambda city: place(city, "obrajes", aliases=("Sopokachi",)),
        [(WARNING, "places.yaml: places.obrajes", '"Sopokachi" is understood as sopocachi')],
    ),
    "a number that nobody can call": (
        lambda city: hotline(city, number="ask"),
        [(ERROR, "hotlines.yaml: old.number", '"ask" cannot be called')],
    ),
    "a number that nobody has called lately": (
        lambda city: hotline(city, review_by=date(2026, 3, 1)),
        [(NOTE, "old", "the number has not been checked lately")],
    ),
    "a city that never works": (
        lambda city: replace(city, holidays=replace(city.holidays, fixed=ALL_YEAR)),
        [(ERROR, "holidays.yaml", "leaves no working day in the next 60, so nothing can be promised")],
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_city_is_found(shipped, today, case):
    spoil, said = BROKEN[case]
    found = list(cities.examine(spoil(shipped.city), today))
    assert [(one.level, one.where, one.what) for one in found] == said
    assert all(one.mend for one in found)


def test_what_we_ship_has_no_fault_in_its_data(shipped, today):
    assert list(cities.examine(shipped.city, today)) == []


def test_where_nothing_can_be_promised_nothing_else_is_tried(shipped, today):
    spoil, said = BROKEN["a city that never works"]
    found = check.examine(replace(shipped, city=spoil(shipped.city)), today)
    assert [(one.level, one.where, one.what) for one in found] == said


#: What cannot even be loaded: in which file what is written instead of what, and the line that is said.
REFUSED = {
    "a category without a unit": (
        "categories.yaml",
        ("  unit: Agua y Saneamiento\n", ""),
        "agua.unit: is missing",
    ),
    "a category that is not named in a language offered": (
        "categories.yaml",
        ("{es: Agua, en: Water}", "{es: Agua}"),
        "agua.name.en: is missing",
    ),
    "a place without a macrodistrito": (
        "places.yaml",
        ("{name: Alpacoma, macrodistrito: cotahuma}", "{name: Alpacoma}"),
        "places.alpacoma.macrodistrito: is missing",
    ),
    "a place in a macrodistrito that is not there": (
        "places.yaml",
        ("{name: Alpacoma, macrodistrito: cotahuma}", "{name: Alpacoma, macrodistrito: cotauma}"),
        'places.alpacoma.macrodistrito: "cotauma" is not among macrodistritos',
    ),
    "a day that is not in the calendar": (
        "holidays.yaml",
        ('"05-01"', '"05-32"'),
        'fixed.2: must be a month and a day in quotes: "08-06"',
    ),
    "a hotline without a date": (
        "hotlines.yaml",
        ('number: "110", review_by: "2027-06-30"', 'number: "110"'),
        "police.review_by: is missing",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_data_that_cannot_be_are_one_line(shipped, tmp_path, case):
    name, (old, new), said = REFUSED[case]
    folder = tmp_path / "city"
    shutil.copytree(HOME / "city", folder)
    written = (folder / name).read_text(encoding="utf-8")
    assert old in written
    (folder / name).write_text(written.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_city(folder, HOME / "templates" / "sms", shipped.service, tmp_path / "config.yaml")
    assert str(refused.value) == f"{folder / name}: {said}"
