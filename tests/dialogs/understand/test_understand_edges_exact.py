"""What mutants of places, codes and of what is for nobody showed to be untested: short forms and the edges of rules."""

# ruff: noqa: RUF001  digits of other scripts are what is tested

from dataclasses import replace

import pytest

from dialogs.city import Place
from dialogs.understand import codes, elsewhere, places


@pytest.mark.parametrize(
    "said", ["48210593a", "4821059e3", "+82105930", " 48210593", "４８２１０５９３０", "٤٨٢١٠٥٩٣٠", ""]
)
def test_what_is_no_nine_digits_is_no_code(said):
    assert codes.is_valid("482105930")
    assert not codes.is_valid(said)


def test_nine_words_without_a_sign_tell_nothing_and_ten_may_be_a_report(hamlet):
    assert elsewhere.tells_nothing(" ".join(["mesa"] * 9), hamlet)
    assert not elsewhere.tells_nothing(" ".join(["mesa"] * 10), hamlet)


@pytest.mark.parametrize("sign", ["i love you", "te quiero", "hi mom", "you won", "feliz navidad"])
def test_a_long_text_for_somebody_else_tells_nothing(sign, hamlet):
    assert elsewhere.tells_nothing(" ".join([sign, *["mesa"] * 12]), hamlet)


def test_a_clear_word_of_the_city_outweighs_mama_and_a_faint_one_does_not(hamlet):
    assert not elsewhere.tells_nothing("mami farola", hamlet)
    assert elsewhere.tells_nothing("mami luz", hamlet)
    assert not elsewhere.tells_nothing("luz", hamlet)


#: How a name may be shortened, and how it is called.
SHORT = {
    "v bella": "villa bella",
    "vlla bella": "villa bella",
    "mcal paz": "mariscal paz",
    "mscal paz": "mariscal paz",
    "sn pedro": "san pedro",
    "sta rita": "santa rita",
    "sto tomas": "santo tomas",
    "stgo primero": "santiago primero",
    "urb sol": "urbanizacion sol",
    "b lindo": "barrio lindo",
    "bo lindo": "barrio lindo",
}


@pytest.mark.parametrize("short", SHORT)
def test_a_name_may_be_shortened_on_either_side(short, hamlet):
    long = SHORT[short]
    assert places._sounds(short) == places._sounds(long)  # also where likeness would find it
    for called, said in ((long, short), (short, long)):
        one = Place(id="one", name=called.title(), macrodistrito="norte")
        assert places.find(said, replace(hamlet, places={"one": one})) == one


def test_the_hundred_and_fiftieth_word_may_be_a_place_and_the_next_is_not_read(hamlet):
    assert places.find("mesa " * 148 + "agua bella", hamlet) is not None
    assert places.find("mesa " * 149 + "agua bella", hamlet) is None
    named = replace(hamlet, places={"ana": Place(id="ana", name="Ana", macrodistrito="norte")})
    assert places.find("mesa " * 149 + "ana", named) is not None
    assert places.find("mesa " * 150 + "ana", named) is None


def test_a_name_of_nine_letters_may_have_one_wrong_and_one_of_eight_may_not(hamlet):
    def called(name):
        return replace(hamlet, places={"one": Place(id="one", name=name, macrodistrito="norte")})

    assert places.find("lamparota", called("Lamparita")) is not None
    assert places.find("lamparot", called("Lamparit")) is None
    assert places.find("tamparita", called("Lamparita")) is None
    assert places.find("lampraita", called("Lamparita")) is not None


def test_an_answer_of_four_words_may_be_misspelt_and_one_of_five_may_not(hamlet):
    four = replace(hamlet, places={"one": Place(id="one", name="Uva Pera Higo Melones", macrodistrito="norte")})
    five = replace(hamlet, places={"one": Place(id="one", name="Uva Pera Higo Oro Melones", macrodistrito="norte")})
    assert places.find("uva pera higo melanes", four) is not None
    assert places.find("uva pera higo oro melanes", five) is None


def test_a_name_may_be_said_without_its_article(hamlet):
    sauce = Place(id="one", name="El Sauce Grande", macrodistrito="norte")
    named = replace(hamlet, places={"one": sauce})
    assert places.find("no hay luz en sauce grande", named) == sauce
    common = replace(sauce, common=True)
    assert places.find("no hay luz en sauce grande hoy", replace(hamlet, places={"one": common})) is None


def test_only_a_qualifier_may_stand_at_the_other_end(hamlet):
    assert places.find("bella agua", hamlet) is None


def test_a_name_of_five_letters_is_not_found_misspelt(hamlet):
    city = replace(hamlet, places={"one": Place(id="one", name="Obrad", macrodistrito="norte")})
    assert places.find("obrado", city) is None


def test_a_short_form_of_two_words_is_heard_as_two(hamlet):
    one = Place(id="one", name="Por Favor", macrodistrito="norte")
    assert places.find("xfa", replace(hamlet, places={"one": one})) == one


def test_the_place_that_is_said_to_be_one_is_meant_then_the_longest_then_the_first(hamlet):
    def found(text):
        return getattr(places.find(text, hamlet), "id", None)

    assert found("en zona el tejar junto a agua bella") == "el-tejar"
    assert found("en el tejar junto a agua bella") == "agua-bella"
    assert found("en agua bella junto a el tejar") == "agua-bella"


def test_a_name_within_a_longer_one_is_not_looked_for(hamlet):
    long = Place(id="long", name="Barrio Lindo", macrodistrito="norte")
    short = Place(id="short", name="Lindo", macrodistrito="norte")
    assert places.find("vivo en barrio lindo hoy", replace(hamlet, places={"short": short, "long": long})) == long


def test_a_number_is_a_place_only_where_it_is_said_to_be_one(hamlet):
    five = Place(id="five", name="5 Sol", macrodistrito="norte", common=True)
    city = replace(hamlet, places={"five": five})
    assert places.find("zona 5 sol sin luz", city) == five
    assert places.find("desde el 5 sol sin luz", city) is None


def test_a_misspelt_name_is_looked_for_behind_a_word_that_announces_one_only(hamlet):
    city = replace(hamlet, places={"one": Place(id="one", name="Lamparita", macrodistrito="norte")})
    assert places.find("en la zona de lamparota no hay nada hoy", city) is not None
    assert places.find("en la mesa de lamparota no hay nada hoy", city) is None
    assert places.find("zona mesa lamparota no hay nada hoy", city) is None
    assert places.find("zona", city) is None
    articled = replace(hamlet, places={"one": Place(id="one", name="De Lamparita", macrodistrito="norte")})
    assert places.find("en la zona de lamparota no hay nada hoy", articled) is None
