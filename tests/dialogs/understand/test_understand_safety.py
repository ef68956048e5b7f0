import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.understand.safety import emergency, harm, sensitive

HARM = [
    "mi marido me pega todas las noches",
    "mi padrastro amenaza a mi mama",
    "un profesor abusa de las niñas en el colegio",
    "me a golpeado un guardia",
    "le pegan a su wawa mis vecinos",
    "hay violencia en la casa de al lado",
    "violaron a una señorita en la quebrada",
    "acoso en el minibus",
    "me quieren matarme ayuda",
    "me amenazaron con matarme",
    "trata de personas en el alojamiento",
    "tienen encerrada a una niña",
    "my husband beats me",
    "a man is harassing girls",
    "un señor m a tocado en el minibus",
    "mi tio me toco anoche",
]
#: Each holds words of a phrase that means something else.
LIKE_SECRETS = [
    "los micros nos quieren matar en la ceja",
    "los minibuses corren mucho, un dia nos van a matar",
    "ese cable un dia nos va a matar",
    "con las lluvias nos va a ir mal si no hacen el muro",
    "si no arreglan las gradas nos va a ir mal",
    "por el polvo de la obra mis hijos tienen los ojos hinchados",
    "mi hijo tiene la cara hinchada por las picaduras de mosquitos del basural",
    "señor la factura del agua me sigue cada mes llegando mas alta",
    "señor alcalde me siguen todos los meses cobrando el agua",
    "los perros del vecino me siguen hasta la parada",
    "los mosquitos nos masacran en la noche",
    "no dejan entrar a los chicos a la cancha esta con llave",
    "se oye gritar a los chicos en la noche no dejan dormir",
    "perros persiguen a los chicos",
    "abusivos los choferes no recogen a los chicos",
    "encerraron con malla la cancha y los chicos no pueden jugar",
    "el alcalde no toma en cuenta los problemas del barrio",
    "señor alcalde tome en cuenta los problemas de agua",
    "señor alcalde los minibuses no cumplen su horario",
    "señor subalcalde el carro basurero no cumple el horario",
    "señor alcalde no llega agua y marca el medidor",
    "la lluvia se esta llevando la arena de la via",
    "el viento se esta llevando las calaminas del techo de la escuela",
    "solo atienden dos medicos en la posta",
    "solo atienden hasta las 4 en el centro medico",
    "solo asfaltaron hasta la policia",
    "solo arreglaron hasta la calle hermanos lanza",
    "los mismos trabajadores llevan la basura al rio",
    "el mismo basurero saca las bolsas y las deja en la calle",
    "frente a la casa del encargado dejaron bolsas de basura",
    "dejaron ladrillos en la vereda frente a la casa del dirigente",
    "el pasaje afecta al bolsillo de la gente",
    "no arreglan la calle con tanta plata que recaudan",
    "desde que me queje no nos recogen la basura",
    "gracias por haber avisado",
    "gracias por haber avisado del corte",
    "gracias por haber mandado el carro basurero",
]
CONFIDENTIAL = [
    "el funcionario d la subalcaldia me pidio 500 bs para aprobar mi plano",
    "el presidente d la junta esta cobrando plata para entrar a la lista d beneficiarios",
    "quiero denunciar q el ingeniero supervisor recibe coima d la empresa. no quiero q sepan mi nombre",
    "piden soborno en ventanilla",
    "cobros irregulares en el mercado",
    "me piden 200 bs para agilizar el tramite",
    "quiero hacer una denuncia anonima",
    "no digan mi nombre porfa",
    "se robaron la plata de la obra",
    "todo es bajo la mesa",
    "the inspector asked for a bribe",
]
ORDINARY = [
    "",
    "😡",
    "no hay agua",
    "me han asaltado en las gradas",
    "robaron 3 casas esta semana",
    "ase 6 meses mi tramite de catastro no sale",
    "son unos inutiles ladrones todos",
    "los minibuses cobran 3 bs",
    "el minibus cobra demas por el pasaje",
    "perros agresivos en la calle",
    "venden trago a menores",
    "los comerciantes abusan de la acera",
    "recarga 10 bs 71234567",
    "tocan violin hasta la madrugada",
    "le pongo un 4",
    "mi nombre es largo",
    "calle violetas",
]


@pytest.mark.parametrize("text", HARM)
def test_harm_to_a_person_is_heard(text):
    assert harm(text)
    assert sensitive(text)


@pytest.mark.parametrize("text", CONFIDENTIAL)
def test_what_must_stay_confidential_is_heard_and_is_no_harm(text):
    assert sensitive(text)
    assert not harm(text)


@pytest.mark.parametrize("text", [*ORDINARY, *LIKE_SECRETS])
def test_an_ordinary_complaint_is_not_hidden(text):
    assert not sensitive(text)


@pytest.mark.parametrize(
    "text",
    [
        "se esta cayendo el muro d contencion atras d mi casa",
        "URGENTE DESLIZAMIENTO EN LAS LOMAS",
        "el cerro se esta viniendo",
        "mazamorra bajando x la quebrada",
        "la pared del barranco se mueve",
        "piedras grandes cayendo del talud",
        "cayo una piedra del cerro",
        "hay rajaduras en el piso de mi patio",
        "mi casa se esta rajando",
        "el cable esta botando chispas",
        "hay un cable caido en la calle",
        "ayuda! entra tierra a mi casa",
        "se inundan las casas",
        "fuego en el basural",
        "huele a gas en todo el edificio",
        "un borracho con cuchillo",
        "hay heridos",
        "poste d luz apunto d caerse",
        "there is a landslide",
        "sparks from the pole",
    ],
)
def test_what_cannot_wait_is_heard(text):
    assert emergency(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no hay agua",
        "perro muerto en la acera hace dias",
        "el semaforo no funciona",
        "hay un bache grande",
        "no recogen la basura",
        "la musica no deja dormir",
        "cuando empieza la obra",
        "los columpios estan rotos",
        "el carro basurero no viene",
    ],
)
def test_what_can_wait_is_no_emergency(text):
    assert not emergency(text)


@given(st.text())
def test_any_text_is_flagged_or_not(text):
    assert isinstance(emergency(text), bool)
    assert not harm(text) or sensitive(text)


def test_only_the_beginning_of_an_endless_text_is_read():
    assert not sensitive("bla " * 200 + "coima")
    assert sensitive("bla " * 100 + "coima")


@pytest.mark.parametrize(
    "text", ["peligro poste caido", "hay peligro en mi calle", "kaido el poste ai peligro", "estamos en peligro"]
)
def test_danger_by_its_own_name_cannot_wait(text):
    assert emergency(text)


@pytest.mark.parametrize("text", ["hay perros peligrosos", "la calle es peligrosa de noche"])
def test_what_is_dangerous_by_nature_can(text):
    assert not emergency(text)
