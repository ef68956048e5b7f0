from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.understand.categories import Guess, guess


@pytest.mark.parametrize(
    ("category", "text"),
    [
        ("agua", "se corto el agua en toda la villa desde el lunes"),
        ("agua", "reventó un tubo y sale agua a chorros por la acera"),
        ("agua", "no tenemos ni una gota para cocinar hace tres dias"),
        ("agua", "no ay agua desd ayer porfa"),
        ("agua", "yaku mana kanchu"),
        ("agua", "se rompio la tuberia"),
        ("alcantarillado", "la alcantarilla esta tapada y sale todo a la calle"),
        ("alcantarillado", "huele horrible el desague de la esquina"),
        ("alcantarillado", "se robaron la rejilla de la boca de tormenta"),
        ("alcantarillado", "aguas servidas corriendo por la calle 14"),
        ("alumbrado", "no funciona el alumbrado en toda la cuadra"),
        ("alumbrado", "el poste de la esquina esta apagado"),
        ("alumbrado", "foko kemado"),
        ("basura", "no recogen la basura hace dos semanas"),
        ("basura", "el contenedor esta rebalsando"),
        ("basura", "la gente bota bolsas en la esquina"),
        ("vias", "hay un hueco enorme en la calle"),
        ("vias", "la avenida esta llena de baches"),
        ("vias", "se undio la calle 8"),
        ("vias", "pedimos un rompemuelle frente al colegio"),
        ("gradas_aceras", "las gradas estan rotas y sin baranda"),
        ("gradas_aceras", "la acera esta levantada por las raices"),
        ("parques", "el parque esta abandonado, los juegos rotos"),
        ("parques", "la cancha no tiene tableros"),
        ("parques", "hay un arbol a punto de caer sobre mi casa"),
        ("muros_taludes", "el muro se esta inclinando"),
        ("muros_taludes", "hay grietas en mi casa por el cerro"),
        ("muros_taludes", "se vino el talud con la lluvia"),
        ("seguridad", "me robaron el celular en la parada"),
        ("seguridad", "venden droga en la plaza"),
        ("seguridad", "hay choros en la noche"),
        ("ruido", "el bar pone musica a todo volumen hasta la madrugada"),
        ("ruido", "los perros ladran toda la noche no dejan dormir"),
        ("transporte", "el minibus cobra demas"),
        ("transporte", "autos mal estacionados en toda la calle"),
        ("obras", "la obra esta paralizada hace meses"),
        ("obras", "los obreros no terminaron el empedrado"),
        ("tramites_corrupcion", "me pidieron dinero para agilizar mi tramite"),
        ("tramites_corrupcion", "quieren coima para la licencia"),
        ("animales", "perros callejeros atacan a la gente"),
        ("animales", "un perro mordio a mi hijo"),
        ("otro", "estan construyendo una antena sin permiso"),
        ("agua", "there is no water since monday"),
        ("vias", "a big pothole in the road"),
        ("alumbrado", "the street light is out"),
        ("basura", "nobody collects the garbage"),
    ],
)
def test_a_complaint_is_put_where_it_belongs(la_paz, category, text):
    assert guess(text, la_paz).best == category


@pytest.mark.parametrize(
    "text", ["", "😡", "hola buenas tardes", "quien es", "99999", "mami ya llego a las 8", "la el los"]
)
def test_what_says_nothing_is_not_guessed(la_paz, text):
    assert guess(text, replace(la_paz, learned=None)) == Guess(best=None, sure=False, top=(), heard=False)
    found = guess(text, la_paz)  # what was learnt finds something in nearly every text
    assert (found.sure, found.heard) == (False, False)


def test_the_longest_phrase_wins_over_its_words(hamlet):
    assert guess("agua limpia", hamlet).top == ("agua",)
    assert guess("agua", hamlet).top == ("agua", "luz")


def test_small_words_are_left_out_on_both_sides(hamlet):
    assert guess("el agua esta muy limpia", hamlet).top == ("agua",)


def test_a_word_of_small_words_only_is_kept(hamlet):
    assert guess("la", hamlet).best is None


def test_where_it_is_counts_half(hamlet):
    assert guess("luz y agua", hamlet).top == ("luz", "agua")
    assert guess("luz y farola, agua limpia", hamlet).top == ("luz", "agua")
    assert not guess("luz y farola, agua limpia", hamlet).sure
    assert guess("luz y farola frente al agua limpia", hamlet).sure


def test_the_first_named_of_equals_is_first(hamlet):
    assert guess("farola cañeria", hamlet).top == ("luz", "agua")
    assert guess("cañeria farola", hamlet).top == ("agua", "luz")


def test_saying_it_twice_is_saying_it_once(hamlet):
    assert guess("agua agua agua luz", hamlet) == guess("agua luz", hamlet)


def test_the_loudest_of_its_words_speaks_for_a_category(la_paz):
    assert guess("empedrado", la_paz).top == ("vias",)


def test_words_against_and_words_of_no_weight_do_not_make_a_category(hamlet):
    assert guess("agua sucia", hamlet).best is None
    assert guess("nada", hamlet).best is None


def test_the_name_of_a_place_is_no_complaint(hamlet):
    assert guess("agua bella", hamlet).best is None
    assert guess("no hay luz en agua bella", hamlet).top == ("luz",)


def test_plurals_count(hamlet):
    assert guess("aguas", hamlet).best == "agua"
    assert guess("luces", hamlet).best == "luz"


def test_long_words_may_be_misspelt_where_no_word_is_known(hamlet):
    assert guess("fanolsa", hamlet).best is None
    assert guess("farrolas", hamlet).best == "luz"
    assert guess("faroas", hamlet).best == "luz"


def test_a_guess_is_sure_when_nothing_comes_near(hamlet):
    assert guess("cañeria", hamlet) == Guess(best="agua", sure=True, top=("agua",), heard=True)
    assert guess("cañeria y farola", hamlet).sure is False


def test_at_most_three_are_offered(la_paz):
    found = guess("agua basura perro ruido muro parque", la_paz)
    assert len(found.top) == 3
    assert found.best == found.top[0]


def test_a_city_without_categories_guesses_nothing(void):
    assert guess("no hay agua en la zona", void) == Guess(best=None, sure=False, top=(), heard=False)


@given(st.text())
def test_any_text_is_guessed_within_the_city(la_paz, text):
    found = guess(text, la_paz)
    assert set(found.top) <= set(la_paz.categories)
    assert found.best == (found.top[0] if found.top else None)
    assert not (found.sure and found.best is None)


@given(
    st.lists(
        st.sampled_from(
            [
                "agua",
                "luz",
                "bache",
                "no",
                "hay",
                "en",
                "la",
                "calle",
                "frente",
                "cancha",
                "perro",
                "muerto",
                "obra",
                "d",
                "q",
                "x",
                "5",
                "zona",
            ]
        )
    )
)
def test_any_heap_of_known_words_is_guessed(la_paz, heap):
    found = guess(" ".join(heap), la_paz)
    assert len(found.top) <= 3


def test_a_stem_late_in_a_phrase_takes_any_ending(city):
    basura = replace(city.categories["basura"], words={"carro no limpi*": 3.0})
    small = replace(city, categories={"basura": basura}, learned=None)
    assert guess("el carro no limpió nada", small).best == "basura"
    assert guess("el carro no pasa", small).best is None


def test_sweeping_a_street_is_no_mud_and_no_barrio(la_paz):
    assert guess("hay mucho barro por la calle", la_paz).best == "vias"
    assert "basura" not in guess("en mi barrio calle 8", la_paz).top[:1]
    assert guess("nunca barren la calle", la_paz).best == "basura"
