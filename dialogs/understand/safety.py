"""Texts that cannot be treated like any other: what must stay confidential, what cannot wait.

Both are flags for recall, never verdicts: a false alarm costs a person a look, a miss may cost more. So they know no
city and no threshold, only words.
"""

from dialogs.understand.folding import sounded
from dialogs.understand.phrases import Phrasebook

#: Harm to a person, by whomever: the hotline comes first, and what happened is not asked for.
_HARM = (
    ".. viol/violan/violar/violaron/violado/violada/violador/violadores/violo/violacion/violaciones ..",
    ".. violent*/violencia ..",
    ".. abuso/abusos/abusa/abusan/abusaron/abusado/abusada/abusador/abusivo sexual* ..",
    ".. abusa/abusan/abuso/abusaron/abusado/abusada/abusando de mi/mis/ella/una/un/la/las/los/sus/nin* ..",
    ".. abus* .. nin*/menor*/hij*/wawa/wawas/senorita*/mujer* ..",
    ".. acos*/manose*/tocamiento*/propas* ..",
    ".. hostig* sexual* ..",
    ".. feminicid*/femicid* ..",
    ".. me/la/le/les/nos pega/pegan/pego/pegaron/pegado/golpea/golpean/golpeo/golpearon/golpeado/maltrata/maltratan/maltrato ..",
    ".. pega/pegan/golpea/golpean/maltrata/maltratan a mi/su/sus/la/los/las/una/un/mis/nin* ..",
    ".. maltrato/golpiza/paliza a/de/contra/infantil/familiar ..",
    ".. esposo/marido/pareja/concubino/papa/padre/padrastro/tio .. pega/golpea/amenaza/maltrata/mata* ..",
    ".. amenaza/amenazan/amenazo/amenazaron/amenazado/amenazada/amenazando de/con matar* ..",
    ".. me/nos/la/le/les amenaza/amenazan/amenazo/amenazaron/amenazado/amenazada/amenazando ..",
    ".. me/nos/la/le/lo han/ha/an/a amenazado/amenazada/golpeado/pegado/violado/acosado/manoseado ..",
    ".. quiere/quieren/va/van matarme/matarnos/matarla/pegarme/pegarnos ..",
    ".. quiere/quieren/va/van a matarme/matarnos/matarla/pegarme/pegarnos ..",
    ".. trata y trafico ..",
    ".. trata de personas ..",
    ".. suicid* ..",
    ".. quitarme la vida ..",
    ".. me quiero matar/morir ..",
    ".. explota* .. nin*/menor*/sexual* ..",
    ".. encerrad* .. nin*/menor*/hij*/wawa*/mujer* ..",
    ".. rape/raped/raping/rapist ..",
    ".. sexual* ..",
    ".. molest* .. child*/girl*/boy*/daughter*/son* ..",
    ".. abuse/abused/abuses/abusing .. child*/me/her/girl*/daughter*/son*/wife ..",
    ".. harass* ..",
    ".. beats/beat/hits/hit/hurts/threatens/threatened/threatening me/her/us/my/him/them ..",
    ".. domestic/gender violence ..",
)
#: Who takes, who abuses an office, and who asks not to be named: nobody but the persons in charge may see it.
_CONFIDENTIAL = (
    ".. coim*/soborn*/corrup*/extors*/chantaj*/malvers*/diezmo/diezmos/prevaric* ..",
    ".. cobr* .. plata/dinero/bs/bolivianos/pesos .. lista/beneficiari*/tramite/obra/plano/papel*/firma*/sello*/proyecto/cupo* ..",
    ".. funcionari*/alcalde/subalcalde/inspector*/ingenier*/arquitect*/licenciad*/dirigente*/presidente/presidenta/"
    "policia*/secretari*/tecnico*/guardia*/concejal*/supervisor* .. "
    "pide/piden/pidio/pidieron/pidiendo/pedido/exige/exigen/exigio/exigiendo/cobra/cobran/cobro/cobraron/cobrando/cobrado/"
    "recibe/reciben/recibio/quiere/quieren/quito/roba/roban/robo/robando .. "
    "plata/dinero/bs/bolivianos/pesos/pago/pagos/plata*/cuota*/regalo*/porcentaje/comision ..",
    ".. pide/piden/pidio/pidieron/exige/exigen/exigio/cobra/cobran/cobraron .. plata/dinero/bs/bolivianos para/por/a .. "
    "aprobar*/firmar*/sellar*/acelerar*/agilizar*/entrar/inscribir*/dar/darme/atender*/tramit* ..",
    ".. cobr* irregular*/indebid*/ilegal*/injust* ..",
    ".. bajo la mesa ..",
    ".. se roban/robaron/robo/robando/roba la/el/los/las plata/dinero/material*/recursos/cemento/presupuesto ..",
    ".. desvia/desviaron/desvian/desvio .. plata/dinero/recursos/fondos ..",
    ".. anonim* ..",
    ".. no .. sepa/sepan/diga/digan/den/publiquen/publique/salga/revelen/aparezca .. mi nombre/identidad/numero/quien ..",
    ".. sin dar/decir/poner/revelar mi nombre/identidad/numero ..",
    ".. reservad* mi nombre/identidad ..",
    ".. mi nombre/identidad/denuncia en/con/sea/es reserva*/secreto/confidencial ..",
    ".. confidencial* ..",
    ".. represalia* ..",
    ".. bribe*/corrupt*/extort*/blackmail*/kickback* ..",
    ".. anonymous* ..",
    ".. my name .. secret/private/hidden ..",
    ".. not .. my name ..",
)
#: What may fall, burn, drown or cut somebody now.
_NOW = (
    ".. derrumb*/desliz*/mazamorra*/riada*/alud/sifonamient*/desplom* ..",
    ".. cerro/talud/tierra/muro/pared/barranco/ladera/loma/casa/casas/poste/arbol/techo/puente .. "
    "viene/viniendo/cae/cayo/cayendo/caerse/cayeron/caer/desplom*/mueve/moviendo/colaps*/hundio/hundiendo/partiendo ..",
    ".. cae/cayo/cayendo/caerse/cayeron/caer .. cerro/talud/tierra/muro/pared/barranco/ladera/piedra*/roca*/poste/arbol/techo/puente ..",
    ".. apunto/punto de caer/caerse/caerce/colapsar/derrumbarse ..",
    ".. muro/pared/casa/casas/cerro/talud .. raja*/rajad*/griet*/agriet* ..",
    ".. griet*/rajad* .. casa*/pared*/muro*/piso/cerro/patio ..",
    ".. chisp*/corto circuito/cortocircuito ..",
    ".. cable/cables .. suelto/sueltos/pelado/pelados/caido/caidos/electrocut*/piso/suelo ..",
    ".. electrocut* ..",
    ".. incendi*/fuego/explosion/exploto/explotar*/quemandose ..",
    ".. olor/huele/ole/fuga a/de/mucho gas ..",
    ".. fuga gas ..",
    ".. cuchill*/disparo/disparos/disparando/balazo*/balacera/apunal*/arma/armas ..",
    ".. ahog*/atrapad*/sepultad*/enterrad* ..",
    ".. hay/un/una/unos/varios/dos/tres/muchos herido/heridos/herida/heridas ..",
    ".. inund* .. casa*/vivienda*/cuarto*/tienda*/escuela* ..",
    ".. casa*/vivienda*/cuarto* .. inund* ..",
    ".. entra/entrando/entro/metio/mete .. agua/barro/lodo/tierra .. casa*/vivienda*/cuarto* ..",
    ".. auxilio ..",
    ".. landslide*/mudslide*/collaps* ..",
    ".. fire/explosion/gas leak/sparks/sparking ..",
    ".. live wire* ..",
    ".. drown*/trapped ..",
    ".. knife/gun/shooting ..",
)
#: Of a text this long only the beginning is read: far beyond any SMS.
_MOST = 150


_HARMS, _CONFIDENTIALS, _NOWS = Phrasebook(_HARM), Phrasebook(_CONFIDENTIAL), Phrasebook(_NOW)


def harm(text: str) -> bool:
    """Whether ``text`` tells of violence, abuse or a threat to a person: hotline first, no questions."""
    return _HARMS.describes(sounded(text)[:_MOST])


def sensitive(text: str) -> bool:
    """Whether ``text`` must stay confidential: harm to a person, bribes, or a wish not to be named."""
    said = sounded(text)[:_MOST]
    return _HARMS.describes(said) or _CONFIDENTIALS.describes(said)


def emergency(text: str) -> bool:
    """Whether ``text`` tells of something that may fall, burn, drown or cut somebody now."""
    return _NOWS.describes(sounded(text)[:_MOST])
