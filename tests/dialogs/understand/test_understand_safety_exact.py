"""Each phrase that raises an alarm, by a sentence that no other phrase hears: what is left out is a cry not heard."""

from dataclasses import replace

import pytest

from dialogs.city import Learned
from dialogs.understand import safety
from dialogs.understand.learned import Model
from dialogs.understand.safety import emergency, harm, sensitive

HARM = """
    la violaron anoche / es muy violento cuando toma / abuso sexual en la casa / abusa de mis primas / abusando de ella /
    abusan de las niñas / acosa a una señorita / hubo un feminicidio / el vecino me golpea / le pega cada noche /
    golpea a su mama / golpean a un anciano / maltrato infantil en la casa / una golpiza de su tio / mi esposo amenaza /
    mi pareja quiere matar / mi pareja mata / mi tio golpeado / amenaza de muerte /
    amenazando con matarnos / me amenaza / nos amenazan cada dia / les amenazando estan / han golpeado a alguien /
    me quieren matarme / va pegarla / quiere a matarla / van a pegarnos / trata y trafico / trata de personas /
    pienso en el suicidio / quiero quitarme la vida / me quiero morir / explotan a menores / encerrada a su hija /
    he was harassing / rape in the house / molesting a boy / abused the child / abusing her / he hits me / beats my sister /
    domestic violence / gender violence
"""
CONFIDENTIAL = """
    es una coima / puro soborno / hay corrupcion / una extorsion / chantajean / malversacion / piden diezmo / prevaricato /
    cobraron plata por la lista / cobra 50 bs para el tramite / el funcionario pide plata / la secretaria cobrando dinero /
    el inspector recibe regalos y plata / el dirigente robando dinero / el policia exige pago / el tecnico quito plata /
    pide dinero para hacer aprobar / aqui todos piden dinero para hacer aprobar / en la oficina piden propina / cobrando plata por inscribir / piden bolivianos a cambio de tramitar /
    cobro irregular / cobran indebidamente / pagan bajo la mesa / roban la plata / robaron los materiales / desvian fondos /
    desvia la plata / que sea anonimo / es confidencial / temo represalias / que no sepan mi nombre / no publiquen mi numero /
    que no den mi identidad / sin decir mi nombre / sin revelar mi identidad / reservado mi nombre / reservada mi identidad /
    mi nombre en secreto / mi denuncia en reserva / they took a bribe / corruption here / extortion / blackmail /
    a kickback / my name is secret / keep my name private / do not say my name
"""
NOW = """
    hay un derrumbe / se esta deslizando / viene mazamorra / viene la riada / un alud / hay sifonamiento / se desplomo /
    el cerro se viene / la pared esta cayendo / el puente se mueve / el cerro desplomado / el techo partiendo /
    techo viniendo abajo / se cae el techo / cayeron rocas de arriba / a punto de caer / el balcon a punto de colapsar /
    la casa esta rajada / el muro con grietas / grietas en el patio / rajado mi piso / salen chispas / hubo un cortocircuito /
    corto circuito / hay cables pelados / un cable en el suelo / cable suelto / hay un incendio / un fuego grande /
    exploto algo / olor a gas / huele mucho gas / fuga gas / tiene un cuchillo / se oyen disparos / una balacera /
    hay un ahogado / estan atrapados / sepultado esta / enterrada en el lodo / hay heridos / hay un herido / tres heridas /
    se inunda la casa / inundada la tienda / la vivienda inundada / entra agua a la casa / metio lodo al cuarto / auxilio /
    estan en peligro / es un peligro / corremos peligro / en peligro / un peligro grande hay en peligro / peligro / peligro los cables /
    a landslide / it collapsed / there is fire / sparks / somebody drowned / trapped / a gun / gas leak / danger of falling /
    danger for us / in danger / a live wire
"""
QUIET = """
    no hay agua / la basura esta hace dias / hay un hueco en la calle / quiero poner mi nombre / gracias por el trabajo /
    el foco no prende / pedimos una cancha / cuando abren la oficina / the street light is broken / mi hijo juega alli /
    el alcalde vino a la plaza / cobran por el parqueo
"""


def sentences(text):
    return [" ".join(one.split()) for one in text.split("/")]


@pytest.mark.parametrize("said", sentences(HARM))
def test_harm_is_heard(said):
    assert harm(said)
    assert sensitive(said)


@pytest.mark.parametrize("said", sentences(CONFIDENTIAL))
def test_what_must_stay_confidential_is_heard(said):
    assert sensitive(said)
    assert not harm(said)


@pytest.mark.parametrize("said", sentences(NOW))
def test_what_cannot_wait_is_heard(said):
    assert emergency(said)


@pytest.mark.parametrize("said", sentences(QUIET))
def test_nothing_is_heard_where_nothing_is_said(said):
    assert (harm(said), sensitive(said), emergency(said)) == (False, False, False)


@pytest.mark.parametrize(
    "said",
    [
        "que sea anonimo",
        "i want to stay anonymous",
        "que no sepan mi nombre",
        "sin dar mi nombre",
        "it is broken, without telling my name",
    ],
)
def test_a_wish_to_be_known_to_nobody_is_heard(said):
    assert safety.anonymous(said)
    assert sensitive(said)
    assert not safety.anonymous("es una coima")


@pytest.mark.parametrize(
    "said",
    [
        "con 300 bolivianos sale rapido",
        "con 100 de plata avanza",
        "venden droga a los menores",
        "venden marihuana a una alumna",
    ],
)
def test_each_word_of_what_is_told_in_secret_is_heard(said):
    assert sensitive(said)


def test_only_the_beginning_of_a_very_long_text_is_listened_to():
    assert emergency("ya " * 149 + "auxilio")
    assert not emergency("ya " * 150 + "auxilio")


@pytest.mark.parametrize(
    "said",
    [
        "ese hombre abusa de mi",
        "el vecino golpea a su madre",
        "mi enamorado golpea fuerte",
        "mi esposo pega fuerte",
        "un hombre amenaza con matar a todos",
        "hay abuso sexual en la plaza",
    ],
)
def test_harm_is_heard_also_behind_other_words(said):
    assert harm(said)


def test_houses_that_fell_are_danger():
    assert emergency("hay casas caidas")


def test_what_must_stay_confidential_by_its_words_does_so_in_any_city(hamlet):
    assert safety.confidential("mi esposo me pega", hamlet)
    assert not safety.confidential("mesa silla cama ropero", hamlet)


@pytest.mark.parametrize(
    ("said", "chance", "secret"),
    [
        ("mesa silla cama ropero", 0.25, True),
        ("mesa silla cama ropero", 0.249, False),
        ("mesa silla cama", 0.99, False),
    ],
)
def test_what_was_learnt_hides_a_text_of_four_words_that_is_likely_enough(said, chance, secret, hamlet, monkeypatch):
    monkeypatch.setattr(Model, "chance", lambda _model, label, _said: {"no": 1 - chance, "yes": chance}[label])
    taught = replace(hamlet, sensitive=Learned(labels=(), bias=(), weights={}))  # what it would give stands above
    assert safety.confidential(said, taught) is secret
    monkeypatch.setattr(Model, "chance", lambda *_: 0.0)
    assert not safety.confidential(f"{said} {said}", taught)  # what was found of a text is remembered
