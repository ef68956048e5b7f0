"""Texts that cannot be treated like any other: what must stay confidential, what cannot wait.

Both are flags for recall, never verdicts: a false alarm costs a person a look, a miss may cost more. So they know no
city and no threshold, only words.
"""

from functools import lru_cache

from dialogs.city import City
from dialogs.understand import categories
from dialogs.understand.folding import sounded
from dialogs.understand.learned import chances
from dialogs.understand.phrases import Phrasebook

_BEATS = "pega/pegan/pego/pegaron/pegado/golpea/golpean/golpeo/golpearon/golpeado/maltrata/maltratan/maltratado"
_THREATENS = "amenaza/amenazan/amenazo/amenazaron/amenazado/amenazada/amenazando"
_KILL_OR_BEAT = "matarme/matarnos/matarla/matarlo/pegarme/pegarnos/pegarla"
_ABUSES = "abusa/abusan/abuso/abusaron/abusado/abusada/abusando"
_KIN = "esposo/marido/pareja/concubino/papa/padre/padrastro/tio/abuelo/hermano/novio/enamorado"
_MAN = f"{_KIN}/senor/hombre/tipo/sujeto/joven/profesor/profe/chofer/vecino/sereno/medico/pastor/cura"
#: Harm to a person, by whomever: the hotline comes first, and what happened is not asked for.
_HARM = f"""
    .. viola/violan/violar/violaron/violado/violada/violador/violadores/violo/violacion/violaciones ..
    .. violent*/violencia ..
    .. {_ABUSES} de mi/mis/ella/ellas/una/nosotras ..
    .. abus* .. nin*/menor*/hij*/wawa/wawas/senorita*/mujer* ..
    .. acos*/manose*/tocamiento*/propas*/sexual* ..
    .. {_MAN} .. me/la/lo/le/nos ha/a tocado/tocando ..
    .. {_MAN} .. me toco/tocaba/tocando ..
    .. feminicid*/femicid* ..
    .. me/la/le/les/nos {_BEATS} ..
    .. {_BEATS} a mi/su/sus/la/los/las/una/un/mis/nin* ..
    .. maltrato/golpiza/paliza a/de/contra/infantil/familiar ..
    .. {_KIN} .. {_BEATS}/{_THREATENS}/mata/matar ..
    .. {_THREATENS} de/con matar*/muerte ..
    .. me/nos/la/le/les {_THREATENS} ..
    .. han/ha/an amenazado/golpeado/pegado/violado/acosado/manoseado ..
    .. quiere/quieren/va/van {_KILL_OR_BEAT} ..
    .. quiere/quieren/va/van a {_KILL_OR_BEAT} ..
    .. trata y trafico ..
    .. trata de personas ..
    .. suicid* ..
    .. quitarme la vida ..
    .. me quiero matar/morir ..
    .. explota* .. nin*/menor* ..
    .. encerrad* .. nin*/menor*/hij*/wawa*/mujer* ..
    .. rape/raped/raping/rapist/harass* ..
    .. molest* .. child*/girl*/boy/boys/daughter*/son ..
    .. abuse/abused/abuses/abusing .. child*/me/her/girl*/daughter*/son/wife ..
    .. beats/beat/hits/hit/hurts/threatens/threatened/threatening me/her/us/my/him/them ..
    .. domestic/gender violence ..
"""

_OFFICIAL = (
    "funcionari*/alcalde/subalcalde/inspector*/ingenier*/arquitect*/licenciad*/dirigente*/presidente/presidenta/"
    "policia*/secretari*/tecnico*/guardia*/concejal*/supervisor*"
)
_ASKS = "pide/piden/pidio/pidieron/pidiendo/pedido/exige/exigen/exigio/exigiendo/cobra/cobran/cobro/cobraron/cobrando"
_TAKES = "recibe/reciben/recibio/quito/roba/roban/robo/robando"
_MONEY = "plata/dinero/bs/bolivianos/pesos"
_FAVOUR = "aprobar*/firmar*/sellar*/acelerar*/agilizar*/entrar/inscribir*/dar/darme/atender*/tramit*"
_NAME = "nombre/identidad/numero"
#: Who asks that nobody learns who they are, the staff neither.
_ANONYMOUS = f"""
    .. anonim* ..
    .. no .. sepa/sepan .. mi {_NAME} ..
    .. sin dar/decir/poner/revelar mi {_NAME} ..
    .. anonymous* ..
    .. without giving/telling/saying my name ..
"""
#: Who takes, who abuses an office, and who asks not to be named: nobody but the persons in charge may see it.
_CONFIDENTIAL = f"""
    .. coim*/soborn*/corrup*/extors*/chantaj*/malvers*/diezmo/prevaric* ..
    .. cobr* .. {_MONEY} .. lista/beneficiari*/tramite/obra/plano/papel*/firma*/sello*/proyecto/cupo* ..
    .. {_OFFICIAL} .. {_ASKS}/{_TAKES} .. {_MONEY}/pago/pagos/cuota*/regalo*/porcentaje/comision ..
    .. {_ASKS} .. {_MONEY} para/por/a .. {_FAVOUR} ..
    .. cobr* irregular*/indebid*/ilegal*/injust* ..
    .. bajo la mesa ..
    .. roban/robaron/robo/robando/roba la/el/los/las plata/dinero/material*/recursos/cemento/presupuesto ..
    .. desvia/desviaron/desvian/desvio .. plata/dinero/recursos/fondos ..
    .. confidencial*/represalia* ..
    .. no .. diga/digan/den/publiquen/publique/salga/revelen/aparezca .. mi {_NAME} ..
    .. reservad* mi {_NAME} ..
    .. mi {_NAME}/denuncia en/con/sea/es reserva*/secreto ..
    .. bribe*/corrupt*/extort*/blackmail*/kickback* ..
    .. my name .. secret/private/hidden ..
    .. not .. my name ..
"""

_STANDS = "cerro/talud/tierra/muro/pared/barranco/ladera/loma/casa/casas/poste/arbol/techo/puente"
_FALLS = "viene/viniendo/cae/cayo/cayendo/caerse/cayeron/caer/caido/caida/caidos/caidas"
_BREAKS = "desplom*/mueve/moviendo/colaps*/hundio/hundiendo/partiendo"
_HOMES = "casa/casas/vivienda/viviendas/cuarto/cuartos"
#: What may fall, burn, drown or cut somebody now.
_NOW = f"""
    .. derrumb*/desliz*/mazamorra*/riada*/alud/sifonamient*/desplom* ..
    .. {_STANDS} .. {_FALLS}/{_BREAKS} ..
    .. cae/cayo/cayendo/caerse/cayeron/caer .. {_STANDS}/piedra/piedras/roca/rocas ..
    .. apunto/punto de caer/caerse/colapsar/derrumbarse ..
    .. {_STANDS} .. raja*/griet*/agriet* ..
    .. griet*/raja* .. {_STANDS}/piso/patio ..
    .. chisp*/cortocircuito/electrocut* ..
    .. corto circuito ..
    .. cable/cables .. suelto/sueltos/pelado/pelados/caido/caidos/piso/suelo ..
    .. incendi*/fuego/explosion/exploto/explotar*/quemandose ..
    .. olor/huele/ole/fuga a/de/mucho gas ..
    .. fuga gas ..
    .. cuchill*/disparo/disparos/disparando/balazo*/balacera/apunal*/arma/armas ..
    .. ahog*/atrapad*/sepultad*/enterrad* ..
    .. hay/un/una/unos/varios/dos/tres/muchos herido/heridos/herida/heridas ..
    .. inund* .. {_HOMES}/tienda*/escuela* ..
    .. {_HOMES} .. inund* ..
    .. entra/entrando/entro/metio/mete .. agua/barro/lodo/tierra .. {_HOMES} ..
    .. auxilio ..
    .. hay/corre/corren/corremos/es/esta/estan/estamos en/un/mucho/gran/grave peligro ..
    .. hay/corre/corren/corremos/mucho/gran/grave/en peligro ..
    peligro ..
    .. landslide*/mudslide*/collaps* ..
    .. fire/explosion/sparks/sparking/drown*/trapped/knife/gun/shooting ..
    .. gas leak ..
    .. danger of/for ..
    .. in/is danger ..
    .. live wire* ..
"""
#: Of a text this long only the beginning is read: far beyond any SMS.
_MOST = 150


def _read(**listed: str) -> Phrasebook:
    return Phrasebook({name: phrases.strip().splitlines() for name, phrases in listed.items()})


_ALARMS = _read(harm=_HARM, confidential=_CONFIDENTIAL, anonymous=_ANONYMOUS, now=_NOW)
_RECENT = 8
#: How probable it must be, and of how many words that carry meaning: of those told in hidden words more than half are
#: found so, and one ordinary report in sixty is taken for one. A person looks at each.
_LIKELY = 0.5
_ENOUGH = 4


@lru_cache(maxsize=_RECENT)
def _alarms(said: tuple[str, ...]) -> frozenset[str]:
    """Everything is looked for at once, and remembered while one text is asked about each."""
    return frozenset(_ALARMS.named(said[:_MOST]))


def harm(text: str) -> bool:
    """Whether ``text`` tells of violence, abuse or a threat to a person: hotline first, no questions."""
    return "harm" in _alarms(sounded(text))


def sensitive(text: str) -> bool:
    """Whether ``text`` must stay confidential: harm to a person, bribes, or a wish not to be named."""
    return not _alarms(sounded(text)).isdisjoint({"harm", "confidential", "anonymous"})


def anonymous(text: str) -> bool:
    """Whether ``text`` asks that nobody learns who wrote it. All such are ``sensitive`` too."""
    return "anonymous" in _alarms(sounded(text))


def confidential(text: str, city: City) -> bool:
    """Whether a report must stay confidential: it is ``sensitive``, or was learnt to be told as such things are told.

    People tell of harm and of bribes in hidden words, which no list holds. For reports only: of other texts nothing was
    learnt.
    """
    if sensitive(text):
        return True
    said = categories.content(text)
    if city.sensitive is None or len(said) < _ENOUGH:
        return False
    return dict(chances(city.sensitive, said, {})).get("yes", 0.0) >= _LIKELY


def emergency(text: str) -> bool:
    """Whether ``text`` tells of something that may fall, burn, drown or cut somebody now."""
    return "now" in _alarms(sounded(text))
