from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.city import Place
from dialogs.understand.places import find


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Alto Tacagua", "alto-tacagua"),
        ("alto tacagua", "alto-tacagua"),
        ("tacagua alto", "alto-tacagua"),
        ("no ay agua desd ayer en alto pampahasi calle 6", "pampahasi"),
        ("EN LA ZONA VILLA SALOME", "villa-salome"),
        ("frente a la cancha d munaypata", "munaypata"),
        ("munaipata", "munaypata"),
        ("munaipata alto", "alto-munaypata-cusicancha"),
        ("villa san antonio bajo calle 3", "san-antonio"),
        ("cuando llueve se inunda mi casa. vino tinto callejon 4", "vino-tinto"),
        ("Vino tinto alto", "alto-vino-tinto"),
        ("al lado d la iglesia en alto obrajes", "alto-obrajes"),
        ("calle los olivos cotahuma", "cotahuma"),
        ("z. bajo tejar", "el-tejar"),
        ("tejar", "el-tejar"),
        ("en villa fatima av las americas", "villa-fatima"),
        ("V. Copacabana", "villa-copacabana"),
        ("alto mcal. santa cruz", "alto-mariscal-santa-cruz"),
        ("Sta. Rosa de Tiji", "santa-rosa-de-tiji"),
        ("Següencoma", "seguencoma-bajo"),
        ("alto seguencoma", "alto-seguencoma"),
        ("Pasanqeri", "pasankeri"),
        ("sopokachi", "sopocachi"),
        ("z/ kupini", "kupini"),
        ("cota cota calle 25", "cota-cota"),
        ("villa apaña los jovenes", "villa-apana"),
        # names that are also something else, said to be a place
        ("zona San Antonio", "san-antonio"),
        ("San Antonio", "san-antonio"),
        ("perro muerto hace dias calle 3 san antonio", "san-antonio"),
        ("vivo en san pedro y no hay luz", "san-pedro"),
        ("zona 8 de diciembre", "8-de-diciembre"),
        ("8 de diciembre", "8-de-diciembre"),
        ("deslizamiento en las lomas hay 5 casas", "las-lomas"),
        ("barrio los pinos no hay luz", "los-pinos"),
        # misspelt, where a place is expected
        ("villa fatma", "villa-fatima"),
        ("chaskipanpa", "chasquipampa"),
        ("no hay luz en la zona de chasqipanpa", "chasquipampa"),
        # announced before named
        ("cerca a irpavi, zona tembladerani", "tembladerani"),
        # the longest
        ("alto munaypata cusicancha", "alto-munaypata-cusicancha"),
        ("agua de la vida norte", "agua-de-la-vida-norte"),
    ],
)
def test_a_place_is_found(la_paz, text, place):
    found = find(text, la_paz)
    assert found is not None
    assert found.id == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "😡",
        "alto",
        "bajo",
        "no hay agua",
        "frente al colegio san simon de la ciudad",
        "frente al colegio san simon",
        "la calle irpavi esta rota",
        "avenida san jorge llena de baches",
        "plaza san pedro llena de basura",
        "no hay agua desde el 8 de diciembre",
        "el 8 de diciembre no hubo agua",
        "fiesta de san juan",
        "los pinos de la plaza se caen",
        "en la central de buses",
        "una zona cualquiera",
        "zona zona",
        "xyzxyz xyz",
        "gato",
    ],
)
def test_a_wrong_place_is_worse_than_none(la_paz, text):
    found = find(text, la_paz)
    assert found is None or (found.id == "central" and "central" in text)


def test_the_first_of_equals_is_taken(hamlet):
    assert find("de tejas a tejar", hamlet) is hamlet.places["el-tejar"]


def test_likeness_needs_the_same_first_letter(hamlet):
    assert find("aguabella", hamlet) is hamlet.places["agua-bella"]
    assert find("ogua bella", hamlet) is None


def test_a_common_name_keeps_its_article(hamlet):
    pines = Place(id="los-pinos", name="Los Pinos", macrodistrito="norte", common=True)
    city = replace(hamlet, places={"los-pinos": pines})
    assert find("pinos", city) is None
    assert find("los pinos", city) is pines


def test_a_name_of_one_qualifier_is_not_turned(hamlet):
    alto = Place(id="alto", name="Alto", macrodistrito="norte")
    lindo = Place(id="lindo-bajo", name="Lindo Bajo", macrodistrito="norte")
    city = replace(hamlet, places={"alto": alto, "lindo-bajo": lindo})
    assert find("alto", city) is alto
    assert find("bajo lindo", city) is lindo


def test_a_city_without_places_has_none(void):
    assert find("zona sopocachi", void) is None


@given(st.text())
def test_any_text_names_a_place_of_the_city_or_none(la_paz, text):
    found = find(text, la_paz)
    assert found is None or la_paz.places[found.id] is found


def test_every_place_is_found_by_its_name_and_every_other_name(la_paz):
    for place in la_paz.places.values():
        for name in (place.name, *place.aliases):
            assert find(name, la_paz) is place, name
            assert find(f"no hay luz en zona {name}", la_paz) is place, name


def test_a_misspelt_name_that_is_nearer_to_one_of_another_letter_is_none(la_paz):
    assert find("sagrado corazon de jesus", la_paz) is not None
    assert find("agrado corazon de jesus", la_paz) is None  # as near to "Alto Sagrado ..." as it gets with an a
