"""What was learnt speaks where the city's own words are not sure, and only there."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.city import Learned
from dialogs.understand import intents
from dialogs.understand.categories import guess
from dialogs.understand.learned import Model, signs, with_neighbours

LEARNED = Learned(
    labels=("agua", "luz", "fuego"),
    bias=(0.0, 0.0, 0.0),
    weights={
        "sedientos": ((0, 9.0), (1, -9.0), (2, -9.0)),
        "pisamos": ((1, 4.0),),
        "ardi*": ((2, 20.0),),
        "puede": ((0, 1.0), (1, 1.0), (2, 1.0)),
    },
)


@pytest.fixture
def taught(hamlet):
    return replace(hamlet, learned=LEARNED)


def test_a_word_and_its_beginnings_are_signs():
    found = signs(["ardiendo", "luz"])
    assert set(found) == {"ardiendo", "ardi*", "ardie*", "luz"}
    assert sum(strength**2 for strength in found.values()) == pytest.approx(1)


def test_a_word_of_four_letters_is_no_stem_of_its_own():
    assert set(signs(["mesa"])) == {"mesa"}
    assert set(signs(["mesas"])) == {"mesas", "mesa*"}


def test_the_heaviest_weights_of_the_longest_text_stay_in_their_lanes():
    """Weights are refused over 1000 (``gateway.city``), and a text is read up to 150 words, three signs each."""
    words = [f"w{number}abcdef" for number in range(150)]
    heavy = replace(LEARNED, weights=dict.fromkeys(signs(words), ((0, -1000.0), (1, 1000.0))))
    assert Model(heavy).likeliest(words) == ("luz", pytest.approx(1))


def test_a_word_said_twice_is_a_stronger_sign():
    found = signs(["luz", "luz", "sol"])
    assert found["luz"] > found["sol"]


def test_the_likeliest_comes_first_and_all_add_up():
    found = Model(LEARNED).chances(["sedientos"], {})
    assert found[0][0] == "agua"
    assert sum(chance for _, chance in found) == pytest.approx(1)


def test_no_known_sign_says_nothing():
    assert Model(LEARNED).chances(["xilofono"], {"agua": 3.0}) == []


def test_the_citys_own_words_give_a_hint():
    even = Model(LEARNED).chances(["puede"], {})
    assert tuple(label for label, _ in even) == LEARNED.labels
    assert Model(LEARNED).chances(["puede"], {"luz": 2.0})[0][0] == "luz"
    assert even[0][1] == pytest.approx(1 / 3)


def test_what_the_city_has_no_words_for_may_have_been_learnt(hamlet, taught):
    assert guess("nos quedamos sedientos", hamlet).best is None
    found = guess("nos quedamos sedientos", taught)
    assert (found.best, found.sure, found.heard) == ("agua", True, False)


def test_where_the_citys_words_are_sure_nothing_else_is_asked(hamlet, taught):
    assert guess("agua limpia sedientos", taught) == guess("agua limpia sedientos", hamlet)


def test_a_guess_that_is_no_better_than_chance_is_none(taught):
    weak = replace(
        taught, learned=replace(LEARNED, weights={"puede": ((0, 0.1),)}, labels=tuple("abcdef"), bias=(0.0,) * 6)
    )
    assert guess("puede", weak).best is None


def test_a_category_that_the_city_does_not_have_is_never_guessed(taught):
    assert "fuego" not in guess("ardiendo puede", taught).top


def test_less_than_certain_asks(taught):
    found = guess("puede pisamos", taught)
    assert (found.best, found.sure) == ("luz", False)


def test_a_sign_is_as_strong_as_often_it_is_there():
    found = signs(["luz", "luz", "sol", "ardiendo", "ardilla"])
    assert found["luz"] == pytest.approx(2 * found["sol"])
    assert found["ardi*"] == pytest.approx(2 * found["ardie*"])
    assert found["ardiendo"] == pytest.approx(found["ardie*"])


def test_weights_may_be_of_any_size():
    heavy = replace(LEARNED, weights={"plomo": ((0, 800.0), (1, -800.0))})
    assert Model(heavy).chances(["plomo"], {})[0] == ("agua", pytest.approx(1))


def test_two_points_of_the_citys_own_words_are_worth_one():
    assert Model(LEARNED).chances(["puede"], {"luz": 2.0})[0] == ("luz", pytest.approx(math.e / (math.e + 2)))


def test_what_a_text_wants_is_read_from_sixty_words_and_their_neighbours():
    assert intents.told("ya no") == ["ya", "no", "^_ya", "ya_no", "no_$"]
    assert len(intents.told("mesa " * 60)) == len(intents.told("mesa " * 61)) == 60 + 61
    assert intents.REPORT == "report"


def test_what_is_half_likely_is_wanted_and_less_is_not(hamlet, monkeypatch):
    city = replace(hamlet, intents=LEARNED)
    for chance, wanted in ((0.5, ("report", 0.5)), (0.49, None)):
        monkeypatch.setattr(Model, "likeliest", lambda *_, chance=chance: ("report", chance))
        assert intents.guess(f"hay algo {chance}", city) == wanted


def test_a_pair_of_words_is_one_sign_without_stems():
    assert set(signs(["sedientos", "sedientos_estamos"])) == {"sedientos", "sedi*", "sedie*", "sedientos_estamos"}


def test_what_was_learnt_of_neighbours_is_heard_of_neighbours_only():
    taught = Model(
        replace(LEARNED, weights={"ya_no": ((0, 9.0),), "^_no": ((1, 9.0),), "no_$": ((2, 9.0),)}), neighbours=True
    )
    assert [taught.likeliest(said)[0] for said in (["ya", "no", "va"], ["no", "va"], ["va", "no"])] == list(
        LEARNED.labels
    )
    assert taught.likeliest(["va", "ya"]) is None


@pytest.mark.parametrize(
    "said", [["ya", "no"], ["ya", "no", "ya", "no"], ["pisamos", "ya"], ["pisamos", "pisando", "ya"]]
)
def test_what_neighbours_are_worth_is_by_the_root_of_all_signs(said):
    weights = {"ya_no": ((0, 3.0), (1, 1.0)), "pisamos": ((1, 4.0),), "pisa*": ((2, 2.0),)}
    strengths = signs(with_neighbours(said))
    points = [0.0, 0.0, 0.0]
    for sign, strength in strengths.items():
        for at, weight in weights.get(sign, ()):
            points[at] += strength * weight
    odds = [math.exp(one) for one in points]
    found = dict(Model(replace(LEARNED, weights=weights), neighbours=True).chances(said, {}))
    assert found == {label: pytest.approx(one / sum(odds)) for label, one in zip(LEARNED.labels, odds, strict=True)}


@pytest.mark.parametrize("said", [["sedientos"], ["pisamos", "ardiendo"], ["pisamos", "pisamos", "puede"]])
def test_the_likeliest_is_the_first_of_all_chances(said):
    model = Model(LEARNED)
    label, chance = model.chances(said, {})[0]
    assert model.likeliest(said) == (label, pytest.approx(chance))
    assert model.chance(label, said) == pytest.approx(chance)


def test_of_what_was_not_learnt_there_is_no_chance():
    model = Model(LEARNED)
    assert model.likeliest(["xilofono"]) is None
    assert model.chance("agua", ["xilofono"]) == 0
    assert model.chance("aire", ["sedientos"]) == 0


def test_each_sign_weighs_by_the_root_of_all():
    said = ["pisamos", "pisamos", "sol"]
    strengths = signs(said)
    points = [0.0, 4 * strengths["pisamos"], 0.0]
    odds = [math.exp(one) for one in points]
    assert Model(LEARNED).chance("luz", said) == pytest.approx(odds[1] / sum(odds))


def test_a_word_counts_with_its_stems_and_from_where_the_labels_stand():
    learned = replace(LEARNED, bias=(0.0, 1.0, 0.0), weights={"ardiendo": ((2, 2.0),), "ardi*": ((2, 1.0), (0, 0.5))})
    strength = 1 / math.sqrt(3)
    odds = [math.exp(0.5 * strength), math.exp(1), math.exp(3 * strength)]
    assert dict(Model(learned).chances(["ardiendo"], {})) == {
        label: pytest.approx(one / sum(odds)) for label, one in zip(LEARNED.labels, odds, strict=True)
    }


@given(st.lists(st.tuples(*[st.floats(-40, 40)] * 3), min_size=1, max_size=9))
def test_what_many_words_are_worth_is_added_up_for_each_label_by_itself(rows: list[tuple[float, ...]]) -> None:
    said = [f"{letter}x" for letter in "abcdefghi"[: len(rows)]]
    weights = {word: tuple(enumerate(row)) for word, row in zip(said, rows, strict=True)}
    points = [sum(column) / math.sqrt(len(rows)) for column in zip(*rows, strict=True)]
    odds = [math.exp(one - max(points)) for one in points]
    found = dict(Model(replace(LEARNED, weights=weights)).chances(said, {}))
    for label, one in zip(LEARNED.labels, odds, strict=True):
        assert found[label] == pytest.approx(one / sum(odds), abs=2e-3)


def test_what_a_text_wants_is_found_once_however_often_it_is_asked(hamlet, monkeypatch):
    city, asked = replace(hamlet, intents=LEARNED), []
    monkeypatch.setattr(Model, "likeliest", lambda _model, said: asked.append(said))
    assert [intents.guess("hay algo", city) for _ in range(3)] == [None] * 3
    assert len(asked) == 1


def test_what_was_learnt_of_a_sign_may_be_nothing():
    assert Model(replace(LEARNED, bias=(0.0, 1.0, 0.0), weights={"agua": ()})).likeliest(["agua"]) is None


def test_neighbours_count_in_a_text_even_where_nothing_is_known_of_them():
    learned = replace(LEARNED, weights={"si": ((0, 2.0),)})
    alone, among = Model(learned).likeliest(["si"]), Model(learned, neighbours=True).likeliest(["si"])
    assert alone == ("agua", pytest.approx(math.exp(2) / (math.exp(2) + 2)))
    assert among == ("agua", pytest.approx(math.exp(2 / math.sqrt(3)) / (math.exp(2 / math.sqrt(3)) + 2)))
