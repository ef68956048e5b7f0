from dataclasses import replace

from dialogs.understand.index import ByWord, per_city


def test_a_look_up_is_built_once_for_a_city(hamlet, void):
    built = []

    @per_city
    def languages(city):
        built.append(city)
        return city.languages

    assert languages(hamlet) == ("es",)
    assert languages(hamlet) == ("es",)
    assert languages(void) == ("es",)
    assert [city is hamlet for city in built] == [True, False]


def test_an_equal_city_is_another_city(hamlet):
    built = []
    count = per_city(built.append)
    count(hamlet)
    count(replace(hamlet))
    assert len(built) == 2


def test_a_city_is_not_equal_to_what_is_no_city(hamlet):
    from dialogs.understand.index import _TheCity  # noqa: PLC0415

    assert _TheCity(hamlet) == _TheCity(hamlet)
    assert _TheCity(hamlet) != hamlet


def test_only_the_last_few_cities_are_remembered(hamlet):
    built = []
    count = per_city(built.append)
    cities = [replace(hamlet) for _ in range(10)]
    for city in cities:
        count(city)
    count(cities[-1])
    assert len(built) == 10
    count(cities[0])
    assert len(built) == 11


def test_a_word_finds_its_own_and_those_of_its_stems():
    by_word = ByWord(
        [("bache", False, 1), ("bach", True, 2), ("bache", False, 3), ("b", True, 4), ("bachecito", True, 5)]
    )
    assert list(by_word.under("bache")) == [1, 3, 4, 2]
    assert list(by_word.under("baches")) == [4, 2]
    assert list(by_word.under("bachecitos")) == [4, 2, 5]
    assert list(by_word.under("bac")) == [4]
    assert list(by_word.under("hueco")) == []
    assert by_word.words() == ["b", "bach", "bache", "bachecito"]


def test_nothing_stands_under_no_entries():
    assert list(ByWord([]).under("bache")) == []


def test_of_stems_the_short_come_before_the_long():
    by_word = ByWord([("abaa", True, "other"), ("abcd", True, "long"), ("abc", True, "short"), ("zz", True, "z")])
    assert by_word.under("abcde") == ("short", "long")
