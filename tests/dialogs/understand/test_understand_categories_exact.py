"""What mutants of the categories showed to be untested: the words that carry no meaning, and the edges of each rule."""

from dataclasses import replace

import pytest

from dialogs.city import Category, Learned, Place
from dialogs.understand.categories import Guess, content, guess
from dialogs.understand.learned import Model

SMALL = (
    "a al de del el la los las lo un una unos unas y e o u se le les me mi mis su sus te es "
    "the of an is are my our it and to muy ya esta estan este ese hay ai"
)
WHERE = "en frente lado atras detras cerca altura sobre hasta junto esquina por in at near behind beside next opposite front"


def told(hamlet, **words):
    """The hamlet with these words for its categories, by id."""
    made = {
        name: Category(id=name, name={"es": name.title()}, unit="Todos", days=5, words=known)
        for name, known in words.items()
    }
    return replace(hamlet, categories=made)


@pytest.mark.parametrize("word", [*SMALL.split(), *WHERE.split()])
def test_a_word_of_grammar_carries_no_meaning(word):
    assert content(f"agua {word} limpia") == content("agua limpia")


@pytest.mark.parametrize("word", WHERE.split())
def test_what_stands_behind_a_word_of_where_counts_half(word, hamlet):
    assert guess("farola", hamlet).sure
    assert not guess(f"{word} la farola", hamlet).sure


def test_two_ahead_of_the_next_is_sure_and_less_is_not(hamlet):
    assert guess("farola con agua", hamlet) == Guess(best="luz", sure=True, top=("luz", "agua"), heard=True)
    assert not guess("farola", told(hamlet, luz={"farola": 3}, agua={"farola": 1.5})).sure


def test_the_louder_comes_first_though_it_is_named_later(hamlet):
    assert guess("agua con farola", hamlet).top == ("luz", "agua")


def test_three_are_offered_by_the_words_alone(hamlet):
    four = told(hamlet, one={"uva": 1}, two={"pera": 1}, three={"higo": 1}, four={"melon": 1})
    assert guess("uva pera higo melon", four).top == ("one", "two", "three")


def test_what_speaks_against_a_category_or_not_at_all_is_never_offered(hamlet):
    assert guess("farola", told(hamlet, luz={"farola": 3}, agua={"farola": -1}, otro={"farola": 0})).top == ("luz",)


def test_what_was_only_heard_was_not_learnt(hamlet):
    assert guess("farola", hamlet).learnt is False


def test_a_hundred_and_fifty_words_of_a_text_are_read(hamlet):
    noise = ["mesa"] * 150
    assert guess(" ".join([*noise[:149], "farola"]), hamlet).best == "luz"
    assert guess(" ".join([*noise, "farola"]), hamlet).best is None
    assert len(content(" ".join([*noise, "farola"]))) == 150


LONG = {"carro fuga limpia": 3, "carro basta roj*": 3}


@pytest.mark.parametrize(
    "said", ["carro fuga limpia", "carros fuga limpias", "carro basta rojos", "el carro basta rojo"]
)
def test_each_word_of_a_long_phrase_may_be_plural_or_begin_like_its_stem(said, hamlet):
    assert guess(said, told(hamlet, luz=LONG)).best == "luz"


@pytest.mark.parametrize(
    "said",
    [
        "carro fuga",
        "carro basta",
        "carro fuga limpiadora",
        "carro fuga simpias",
        "carro fuga sucia",
        "carro fuga as",
        "carro basta arroj",
    ],
)
def test_a_long_phrase_wants_each_of_its_words(said, hamlet):
    assert guess(said, told(hamlet, luz=LONG)).best is None


def test_a_place_is_no_complaint_by_its_other_name_either(hamlet):
    named = Place(id="feria", name="Feria", macrodistrito="norte", aliases=("farola vieja",))
    city = replace(hamlet, places={"feria": named})
    assert guess("farola vieja", city).best is None
    assert guess("feria farola", city).best == "luz"


def test_a_place_of_one_word_takes_no_word_from_a_complaint(hamlet):
    city = replace(hamlet, places={"farola": Place(id="farola", name="Farola", macrodistrito="norte")})
    assert guess("farola", city).best == "luz"


def test_a_place_of_one_word_is_no_word_to_be_like(hamlet):
    city = replace(
        told(hamlet, luz={"lamparota": 3}), places={"one": Place(id="one", name="Lamparita", macrodistrito="n")}
    )
    assert guess("lamparoita", city).best == "luz"


def test_a_word_of_nine_letters_may_have_one_wrong_and_one_of_eight_may_not(hamlet):
    nine, eight = told(hamlet, luz={"lamparita": 3}), told(hamlet, luz={"lamparit": 3})
    assert guess("lamparota", nine).best == "luz"
    assert guess("lamparot", eight).best is None
    assert guess("tamparita", nine).best is None  # the first letter must agree


def test_a_word_of_six_letters_may_be_misspelt_and_one_of_five_may_not(hamlet):
    assert guess("farolta", told(hamlet, luz={"farola": 3})).best == "luz"
    assert guess("foctos", told(hamlet, luz={"focos*": 3})).best is None


def test_of_two_words_as_near_the_first_of_the_alphabet_is_meant(hamlet):
    city = told(hamlet, luz={"generadob": 3}, agua={"generadop": 3})
    assert guess("generadom", city).best == "luz"
    assert guess("generadom", replace(city, categories=dict(reversed(city.categories.items())))).best == "luz"


@pytest.fixture
def chance(hamlet, monkeypatch):
    """Guess a text of which this was learnt: pairs of category and probability, the likeliest first."""

    def guessed(text, *found):
        monkeypatch.setattr(Model, "chances", lambda *_: list(found))
        learned = Learned(labels=(), bias=(), weights={})  # what it would give stands above
        return guess(text, replace(hamlet, learned=learned))

    return guessed


def test_what_was_learnt_outweighs_the_words_from_one_half_on(chance):
    assert chance("agua", ("luz", 0.5), ("agua", 0.3)).top == ("luz", "agua")
    assert chance("agua", ("luz", 0.49), ("agua", 0.3)).top == ("agua", "luz")


def test_what_was_learnt_is_believed_without_words_from_a_fifth_on(chance):
    assert chance("xyz", ("luz", 0.2)) == Guess(best="luz", sure=False, top=("luz",), heard=False, learnt=True)
    assert chance("xyz", ("luz", 0.19)) == Guess(best=None, sure=False, top=(), heard=False)


def test_what_was_learnt_is_sure_from_four_fifths_on_and_of_three_words(chance):
    assert chance("xyz abc def", ("luz", 0.8)).sure
    assert not chance("xyz abc def", ("luz", 0.79)).sure
    assert not chance("xyz abc", ("luz", 0.99)).sure


def test_what_was_learnt_of_a_category_that_the_city_does_not_have_is_left_out(chance):
    assert chance("xyz", ("mar", 0.7), ("luz", 0.25)).top == ("luz",)


def test_what_was_learnt_offers_three_at_most(chance, hamlet):
    found = chance("xyz", ("agua", 0.3), ("luz", 0.2), ("mudo", 0.1), ("agua", 0.1))
    assert found.top == ("agua", "luz", "mudo")


def test_a_word_that_weighs_nothing_leaves_the_others_to_likeness(hamlet):
    assert guess("nada farolta", told(hamlet, luz={"farola": 3}, mudo={"nada": 0})).best == "luz"


def test_of_phrases_that_begin_alike_the_longest_is_meant(hamlet):
    city = told(hamlet, agua={"carro fuga": 3}, luz={"carro fuga limpia": 3})
    assert guess("carro fuga limpia", city).top == ("luz",)
    assert guess("carro fuga", city).top == ("agua",)


def test_of_a_word_and_its_stem_the_louder_speaks_and_of_equals_the_word(hamlet):
    assert guess("empedrado", told(hamlet, luz={"empedrado": 1, "empedr*": 3})).sure
    assert guess("empedrado", told(hamlet, luz={"empedrado": 3, "empedr*": 1})).sure
    assert guess("empedrado empedrar", told(hamlet, luz={"empedrado": 2, "empedr*": 2})).sure


def test_a_word_within_a_longer_one_is_not_like_it(hamlet):
    assert guess("lamparitamenteque", told(hamlet, luz={"lamparita": 3})).best is None


def test_a_phrase_within_a_phrase_is_none(hamlet):
    city = told(hamlet, luz={"poste agua": 3}, agua={"agua": 3, "agua limpia": 5})
    assert guess("poste agua limpia", city).top == ("luz",)
    assert guess("poste agua agua", city).top == ("luz", "agua")


def test_where_a_phrase_only_begins_the_next_word_speaks(hamlet):
    assert guess("poste agua", told(hamlet, luz={"poste caido": 3}, agua={"agua": 3})).top == ("agua",)
