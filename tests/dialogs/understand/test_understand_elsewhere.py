"""What is not for the city, and what only looks so."""

import pytest

from dialogs.understand.elsewhere import is_advertising, is_anger, is_for_others, tells_nothing


@pytest.mark.parametrize(
    "text",
    [
        "mami ya voy llegando",
        "te amo mi vida",
        "quien es",
        "GANASTE un premio llama ya al 800123",
        "recarga de 10 bs",
        "numero equivocado",
        "asdfgh",
        "feliz cumpleaños compadre que la pases lindo con toda la familia hoy",
    ],
)
def test_for_somebody_else(la_paz, text):
    assert tells_nothing(text, la_paz)


def test_whether_it_is_meant_for_others():
    assert is_for_others("mami ya voy llegando")
    assert not is_for_others("no hay luz en la calle")


@pytest.mark.parametrize(
    "text",
    [
        "son todos unos ladrones",
        "inutiles!!!",
        "ustedes no sirven para nada",
        "puros flojos son en esa alcaldia",
        "malditos vagos viven de nuestros impuestos",
        "inutil gobierno",
    ],
)
def test_nothing_but_anger(text):
    assert is_anger(text)


@pytest.mark.parametrize("text", ["los ladrones entraron a mi casa", "no sirve la luz"])
def test_anger_about_something(text):
    assert not is_anger(text)


@pytest.mark.parametrize(
    "text",
    [
        "mami el poste se cayo en la esquina",  # a kind of problem is named
        "vivo en Alto Tacagua",  # a place
        "mi marido me pega",  # sensitive, whatever else
        "auxilio",  # danger
        "esta todo malogrado por aqui",  # a wrong, of whatever kind
        "los ladrones entraron a la casa de mi vecina anoche",
        "feliz dia, no hay luz en la calle",
        "quisiera contarles una cosa rara que vimos anoche con mi abuela caminando",  # long: somebody meant it
    ],
)
def test_for_the_city(la_paz, text):
    assert not tells_nothing(text, la_paz)


@pytest.mark.parametrize(
    "text",
    [
        "GANASTE 500 Bs! llama ya y reclama tu premio",
        "Su paquete esta retenido pague Bs 12 en bit.ly/x9zq",
        "Tigo: Tu paquete de 1GB vence hoy. Marca *10# y renueva",
        "su cuenta fue bloqueada ingrese a mibanco.com",
        "felicidades su numero salio en el sorteo",
        "prestamo al instante responde SI",
        "you won a prize",
    ],
)
def test_advertising(la_paz, text):
    assert is_advertising(text, la_paz)


@pytest.mark.parametrize(
    "text",
    [
        "llame y gane, hoy es el sorteo",
        "premio del sorteo, llame, agua",  # perhaps a problem
        "llame promo alambres adorno alambre aluminio adorno",  # by no word of the city's own
    ],
)
def test_advertising_also_with_a_word_that_may_be_a_problem(la_paz, text):
    assert is_advertising(text, la_paz)


@pytest.mark.parametrize(
    "text",
    [
        "llamen ya no hay agua",
        "en Kupini prometen premio y sorteo llama ya dicen",  # names a place
        "el foco quemado, prometieron premio del sorteo",  # a known problem
        "me pidio coima para el sorteo del premio, llame",
        "felicidades por la obra",
        "premio del sorteo, llame, y no digan mi nombre",  # a secret
        "premio del sorteo, llame, auxilio",  # a danger
        "premio del sorteo, llame, no hay luz en la calle",
    ],
)
def test_no_advertising(la_paz, text):
    assert not is_advertising(text, la_paz)
