"""Texts that tell the city nothing: meant for somebody else, advertising, insults, a thumb on the keys.

Rule 1: when in doubt it is a report. Only a text without any sign of one is said to be none, and even then it is
asked about and kept, never dropped.
"""

from functools import lru_cache

from dialogs.city import City
from dialogs.understand import categories, places, safety
from dialogs.understand.folding import by_ear, sounded
from dialogs.understand.index import RECENT
from dialogs.understand.phrases import Phrasebook

#: A longer text was written to be read by somebody: it is filed even where no word of it is known.
_LONGEST = 9

#: To a mother, a love, a friend; from a shop, a lottery, a telephone company.
_OTHERS = """
    .. mami/mamita/papi/papito/amor/amorcito/cariño/bebe/gordo/gordita/flaco/flaca/compadre/hermanito ..
    .. mi vida ..
    .. te amo/quiero/extraño/espero/llamo/aviso/cuento ..
    .. ya llego/llegue/sali/voy/estoy/salgo ..
    .. donde estas/andas ..
    .. quien es/eres/habla ..
    .. numero equivocado ..
    .. feliz cumple*/navidad/año/dia ..
    .. ganaste/ganador*/ganado/premio/sorteo/promo/promocion*/oferta/descuento ..
    .. recarga/recargas/saldo/megas/prestamo*/credito ..
    .. http*/www/com ..
    .. llama/llame/llamar ya al ..
    .. hi mom/mum/dad/honey/darling/love ..
    .. who is/are this/you ..
    .. wrong number ..
    .. you won/win ..
"""
#: A prize or a loan and what to do for it; people of the barrio complain of neither in these words.
_ADVERTS = """
    .. ganaste/ganador*/premiado/premiada/felicidades/felicitaciones .. premio/sorteo/bs/bolivianos/millon* ..
    .. premio/sorteo/promo/promocion*/oferta/prestamo*/recarga .. llama/llame/responde/envia/http*/www/com ..
    .. llama/llame/responde/envia/http*/www .. premio/sorteo/promo/promocion*/oferta/prestamo*/recarga ..
    .. paquete/cuenta/tarjeta/linea .. retenid*/bloquead*/suspendid*/vence* .. pague/ingrese/marca/marque/com/ly ..
    .. you won/win .. prize/call/claim ..
"""
_BOOK = Phrasebook({"others": _OTHERS.strip().splitlines(), "adverts": _ADVERTS.strip().splitlines()})

#: The words of a text of nothing but anger.
_ANGER = frozenset(
    by_ear(
        "son es eres sois todos todas todo puro pura puros bola banda partida de del la las los el un una unos unas "
        "y e o que no ni si muy mas tan son ustedes usted esos esas esa ese estos estas tu su sus hijos hijo "
        "inutil inutiles ladron ladrones ratero rateros corrupto corruptos corruptas vago vagos flojo flojos inepto "
        "ineptos incapaz incapaces sinverguenza sinverguenzas mentiroso mentirosos burro burros asqueroso asquerosos "
        "maldito malditos maldita desgraciado desgraciados idiota idiotas imbecil imbeciles estupido estupidos tonto "
        "tontos mierda carajo puta putas cojudo cojudos huevon huevones pendejo pendejos basuras porqueria choros "
        "choro maleantes delincuentes tramposos hipocritas miserables sirven sirve nada para en "
        "viven nuestros nuestra impuestos plata "
        "alcaldia alcalde municipio funcionarios autoridades gobierno"
    ).split()
)
#: Said of the city or of a wrong in it, whatever the wrong: such a text is somebody's report.
_OF_THE_CITY = """
    .. calle/calles/avenida/av/zona/barrio/villa/esquina/plaza/pasaje/callejon/cuadra/manzano/cancha/mercado ..
    .. escuela/colegio/hospital/posta/parque/puente/rio/quebrada/ladera/vecino/vecinos/vecina/vecinas/junta ..
    .. alcald*/municip*/subalcald*/gobierno/autorid* ..
    .. arregl*/repar*/compon*/solucion*/atiend*/atencion/inspecc*/revis* ..
    .. problema*/reclam*/quej*/denunci*/report*/peligr*/urgen*/emergencia/riesgo/accident* ..
    .. rot*/dañ*/malogr*/averi*/destroz*/abandon*/descuid*/mal/pesim*/feo/fea/viej*/caid*/hundid*/tapad* ..
    .. falta/faltan/carec*/necesit*/pedimos/solicit*/queremos/quisier* ..
    .. no hay/ai/tenemos/tengo/tiene/funciona/funcionan/sirve/sirven/llega/llegan/pasa/pasan/viene/vienen/hacen/dejan ..
    .. hace/ase/ace * dia/dias/semana/semanas/mes/meses/año/años ..
    .. street/road/broken/problem*/report*/complain*/fix*/repair*/danger*/neighbo* ..
"""
_CITY = Phrasebook({"city": _OF_THE_CITY.strip().splitlines()})


def is_anger(text: str) -> bool:
    """Whether ``text`` is nothing but anger; it names nobody and nothing."""
    return _ANGER.issuperset(sounded(text))


def is_for_others(text: str) -> bool:
    """Whether ``text`` has the words of what is meant for somebody else: a mother, a shop's customers."""
    return bool(_BOOK.named(sounded(text)))


def is_advertising(text: str, city: City) -> bool:
    """Whether ``text`` sells or promises something and names no place, no known problem and nothing to be kept safe."""
    if "adverts" not in _BOOK.named(sounded(text)) or safety.sensitive(text) or safety.emergency(text):
        return False
    guess = categories.guess(text, city)
    return places.find(text, city) is None and not (guess.heard and guess.sure)


def tells_nothing(text: str, city: City) -> bool:
    """Whether nothing in ``text`` is for the city: no kind of problem, no place, no word of a wrong or of a street.

    Anger has words of all these and tells of none: ask ``is_anger`` first.
    """
    said = sounded(text)
    if safety.sensitive(text) or safety.emergency(text):
        return False
    guess = categories.guess(text, city)
    if guess.heard and ((guess.sure and not guess.learnt) or not _BOOK.named(said)):
        return False
    if places.find(text, city) is not None or _of_the_city(said):
        return False
    return len(said) <= _LONGEST or bool(_BOOK.named(said))


@lru_cache(maxsize=RECENT)
def _of_the_city(said: tuple[str, ...]) -> bool:
    return bool(_CITY.named(said))
