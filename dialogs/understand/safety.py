"""Texts that cannot be treated like any other: what must stay confidential, what cannot wait.

Both are flags for recall, never verdicts: a false alarm costs a person a look, a miss may cost more. So they know no
city and no threshold, only words; what was learnt of secrets (``confidential``) is an opinion beside them.
"""

from collections.abc import Callable
from functools import lru_cache, partial

from dialogs.city import City
from dialogs.understand import categories
from dialogs.understand.folding import sounded
from dialogs.understand.index import RECENT, per_city
from dialogs.understand.learned import Model
from dialogs.understand.phrases import Phrasebook

_BEATS = (
    "pega/pegan/pego/pegaron/pegando/golpea/golpean/golpeo/golpearon/golpeado/golpeando/maltrata/maltratan/maltratado/"
    "patea/patean/pateo/patearon/agrede/agredio/agredieron"
)
_THREATENS = "amenaza/amenazan/amenazo/amenazaron/amenazado/amenazada/amenazando"
_KILL_OR_BEAT = "matarme/matarnos/matarla/matarlo/pegarme/pegarnos/pegarla"
_ABUSES = "abusa/abusan/abuso/abusaron/abusado/abusada/abusando"
_TOUCHES = "toca/tocan/toco/tocaba/tocaban/tocando"
_PARTNER = "esposo/marido/pareja/concubino/conviviente/padrastro/novio/enamorado"
_KIN = f"{_PARTNER}/papa/padre/madrastra/tio/abuelo/hermano/hermanastro/primo/cunado/suegro/yerno"
_BOSS = "jefe/patron/patrona/encargado/capataz/supervisor/ingeniero/director/doctor/entrenador/profesor/profe"
_MAN = f"{_KIN}/senor/hombre/tipo/sujeto/viejo/joven/profesor/profe/chofer/vecino/sereno/medico/pastor/cura/portero"
_YOUNG = "nina/ninas/nino/ninos/ninit*/wawa/wawas/wawit*/menor/menores"
_PUPIL = "alumna/alumnas/alumno/alumnos/estudiante/estudiantes/colegiala*/adolescente*"
_KID = "chiquito/chiquita/changuit*/bebe"
_CHILD = f"{_YOUNG}/{_PUPIL}/hija/hijas/hijo/hijos/hijit*/sobrin*/nieta*/nieto*/{_KID}"
_OLD = "anciano*/anciana*/abuel*/viejito*/viejita*"
_GIRL = "menor/menores/chica/chicas/nina/ninas/jovencita*/senorita*"
_THE = "la/las/el/los/mi/mis/su/sus/un/una/unas/unos"
_AGE = "8/9/10/11/12/13/14/15/16/17/once/doce/trece/catorce/quince"
#: Harm to a person, by whomever: the hotline comes first, and what happened is not asked for.
_HARM = f"""
    .. viola/violan/violar/violaron/violado/violada/violador/violadores/violo/violacion/violaciones ..
    .. violent*/violencia ..
    .. {_ABUSES} de mi/mis/ella/ellas/una/nosotras ..
    .. abus* .. {_CHILD}/senorita*/mujer* ..
    .. acosa/acosan/acoso/acosos/acosando/acosador*/acosaron/acosada*/manose*/manosi*/tocamiento*/propas*/sexual* ..
    .. masturb*/pornograf*/pedofil*/pervertid*/morbos*/degenerado ..
    .. sobaba/frotaba .. contra ..
    .. {_MAN} .. me/la/lo/le/nos ha/a tocado/tocando ..
    .. {_MAN} .. me toco/tocaba/tocando ..
    .. {_MAN} .. {_TOUCHES} a {_THE} {_CHILD}/chicos/chicas/mujeres/senoritas ..
    .. {_KIN}/{_BOSS} .. me/nos/la/las/lo toca/tocan/tocaba/tocaban ..
    .. me/le/la/nos/les mete/meten/metio/metia/metieron la/su mano/manos ..
    .. agarra/agarro/agarraron/toca/toco .. seno/senos/nalga/nalgas/pierna/piernas/falda ..
    .. partes intimas/privadas ..
    .. muestra/muestran/mostro/mostraba/ensena/enseno su/sus partes/pene/miembro/genitales/cosa ..
    .. foto*/video* .. cochin*/desnud*/intim*/obscen* ..
    .. foto*/video* .. sin ropa ..
    .. cosas/palabras sucias/cochinas/obscenas/feas a/ala/alas .. {_CHILD}/chicas/mujeres/senoritas ..
    .. acueste/acuesten/acostarme/acostarse con ..
    .. {_BOSS} .. salga/salgo/salir con el ..
    .. me/la/nos quiso/quiere/queria/quisieron forzar/violar/besar/ahorcar ..
    .. violarme/violarla/forzarme/forzarla/besarme/besarla ..
    .. {_KIN} .. entra/entro/entraba/mete/metio/metia a/en mi/su/la cuarto/cama/pieza/dormitorio ..
    .. entra/entro/mete/metio/metia/sube/subio a/en mi cama ..
    .. un/este/ese/el/mi hombre/tipo/sujeto/senor/viejo/joven .. me/nos/la/las/les persigue/espia ..
    .. sigue/siguen/siguio/persigue/persiguen a {_THE} {_CHILD}/chicas/mujeres/senoritas ..
    .. me esta/estan siguiendo/persiguiendo/espiando ..
    .. {_KIN}/hombre/tipo/sujeto/sereno/portero/profe/chofer .. me sigue/siguen/seguia cuando/y ..
    .. me/nos/le/les dice/dicen/decia/grita/gritan cosas feas/cochinas/sucias/obscenas ..
    .. feminicid*/femicid*/secuestr*/raptar*/rapto/raptaron/linch* ..
    .. me/la/le/les/nos {_BEATS} ..
    .. {_BEATS} a mi/su/sus/la/los/las/una/un/mis/{_YOUNG} ..
    .. maltrato/golpiza/paliza a/de/contra/infantil/familiar ..
    .. moreton*/moretes/punete*/sopapo*/cachetad*/bofetad* ..
    .. ojo/ojos/cara morado/morada/morados ..
    .. {_KIN} .. masacra/masacran/masacro/masacraba ..
    .. con chicote/cinturon/correa/latigo ..
    .. me/le/les/nos da/daba/dio/dieron con palo/regla/fierro ..
    .. me/nos/le .. a patadas/golpes ..
    .. jala/jalan/jalo/jalaba .. pelo/pelos/cabello/oreja/orejas ..
    .. me/le/les ha/han roto .. brazo/cara/boca/nariz/cabeza/diente/dientes ..
    .. me/le/les rompio/rompieron .. brazo/cara/boca/nariz/cabeza/diente/dientes ..
    .. me/nos/le saco/sacaron/corrio/corre .. cuchillo/machete/navaja ..
    .. me/le/lo/la/les castiga/castigan/castigaba ..
    .. grit* .. golpes/mujer/auxilio ..
    .. escucha/escuchan/oye/oyen .. llorar/gritar .. {_CHILD}/mujer/senora ..
    .. {_KIN} .. {_BEATS}/pegado/{_THREATENS}/mata/matar/insulta/humilla/cuchillo/machete ..
    .. {_KIN} .. llega/viene borracho/tomado/mareado/ebrio ..
    .. {_KIN}/patron/patrona .. no .. deja/dejan salir/hablar/estudiar/trabajar ..
    .. miedo/terror a/de/por/con mi/su {_KIN} ..
    .. miedo/terror que mi {_PARTNER} ..
    .. miedo/terror al/del/mi {_KIN} ..
    .. {_THREATENS} de/con matar*/muerte ..
    .. me/nos/la/le/les {_THREATENS} ..
    .. me/nos/la/lo tiene/tienen amenazad*/encerrad* ..
    .. han/ha/an amenazado/golpeado/pegado/violado/acosado/manoseado ..
    .. quiere/quieren/va/van {_KILL_OR_BEAT} ..
    .. quiere/quieren/va/van a {_KILL_OR_BEAT} ..
    .. dice/dicen/dijo/dijeron/juro .. me/nos/la/lo/te va/van/iba/voy .. matar/pegar/golpear/quemar/cara ..
    .. me/nos/te va/van .. desaparecer ..
    .. que me va/van/iba a matar/pegar/golpear/quemar ..
    .. me quiere/quieren/queria matar/pegar/golpear ..
    .. o me/nos/te va/van a ir mal ..
    .. o me/nos/te va/van ir mal ..
    .. que me/nos calle/callemos .. o/si ..
    .. apedre* mi/mis/nuestra/nuestras casa/puerta/ventana*/vidrio* ..
    .. quemar mi/la/su/nuestra casa ..
    .. trata y trafico ..
    .. trata de personas ..
    .. suicid* ..
    .. quitarme la vida ..
    .. me quiero matar/morir ..
    .. no quiero vivir
    .. no quiero vivir mas ..
    .. explota* .. {_YOUNG} ..
    .. encierr*/encerr* .. {_CHILD}/mujer* ..
    .. deja/dejan/dejo/dejaron .. {_CHILD} .. sola/solas/solos/solit*/llave ..
    .. deja/dejan/dejo/dejaron solo/sola/solas/solos/solit* a/al .. {_CHILD}/{_OLD} ..
    .. {_CHILD}/{_OLD} .. sin comer ..
    .. me deja/dejan sin comer ..
    .. no le/les da/dan de comer a/al .. {_CHILD}/{_OLD} ..
    .. {_YOUNG} trabajando/trabaja/trabajan ..
    .. hacen/obliga/obligan/manda/mandan .. {_CHILD} .. trabajar/vender/limosna ..
    .. hace/hacen/a trabajar a {_THE} {_CHILD} ..
    .. no la/lo/las/los/le/les manda/mandan .. colegio/escuela ..
    .. {_GIRL} .. clientes/prostit*/lenocinio ..
    .. prostit*/lenocinio .. {_GIRL} ..
    .. {_YOUNG}/{_PUPIL} .. embarazad* ..
    .. {_CHILD}/chic* de {_AGE} .. saliendo/embarazad*/novio/pareja/conviv*/trabaj*/cargando ..
    .. trabaj* .. {_CHILD}/chic* de {_AGE} ..
    .. abandono/abandonaron/abandonado/abandonada .. bebe/wawa/wawas/wawit* ..
    .. bebe/wawa/wawas/wawit* abandonad* ..
    .. ofrece/ofrecen/regala/regalan/invita/invitan .. dulces/caramelo* .. {_CHILD} ..
    .. roban/robar/robo/robaron ninos/ninas/wawas/menores ..
    .. se lleva/llevan/llevo/llevaron a {_THE} {_CHILD} ..
    .. llevarse/quitarme/quitarle a {_THE} {_CHILD} ..
    .. desaparecio/perdio/desaparecido/desaparecida mi/un/una/su {_CHILD} ..
    .. rape/raped/raping/rapist/harass* ..
    .. molest* .. child*/girl*/boy/boys/daughter*/son ..
    .. abuse/abused/abuses/abusing .. child*/me/her/girl*/daughter*/son/wife ..
    .. beats/beat/hurts/threatens/threatened/threatening me/her/us/my/him/them/his/their ..
    .. he/she/they/who/husband/father/dad/man/boyfriend/neighbour/boss hits/hit me/her/us/my/him/his/their ..
    .. touched/touches/touching/groped/gropes me/her/my/us/girls ..
    .. scared/afraid of my/his/her husband/boyfriend/partner/father/dad/stepfather/brother/uncle/boss ..
    .. comes/came/gets in/into/to my/her room/bed ..
    .. kill/killing me/her/us/my ..
    .. domestic/gender violence ..
"""

_OFFICIAL = (
    "funcionari*/alcalde/subalcalde/inspector*/ingenier*/arquitect*/licenciad*/dirigente*/presidente/presidenta/"
    "policia*/secretari*/tecnico*/guardia*/concejal*/subalcaldesa/intendente/supervisor*/contratista*/gendarme*/director*/medico/medicos/"
    "enfermer*/fiscal/juez/capataz/administrador*/residente"
)
_WORKER = "obrero*/albanil*/trabajador*/empleado*/capataz/operador*/barrender*/basurero*/cuadrilla*/recolector*"
_SERVES = "chofer/choferes/portero*/cuidador*/sereno/encargad*/doctor*/regente/cajer*/ventanilla/plataforma"
_STAFF = f"{_OFFICIAL}/{_WORKER}/{_SERVES}"
_BEGS = "pide/piden/pidio/pidieron/pidiendo/pedido/exige/exigen/exigio/exigiendo"
_ASKS = f"{_BEGS}/cobra/cobran/cobro/cobraron/cobrando"
_TAKES = "recibe/reciben/recibio/quito/roba/roban/robo/robando"
_MONEY = "plata/platita/dinero/bs/bolivianos/pesos/pesitos"
_SMALL_GIFT = "platit*/regalit*/refresquit*/almuercit*"
_FAVOUR = "aprobar*/firmar*/sellar*/acelerar*/agilizar*/entrar/inscribir*/dar/darme/atender*/tramit*"
#: Who works for the city, and is no title in an address ("señor alcalde, ...").
_EMPLOYED = "funcionari*/inspector*/arquitect*/licenciad*/secretari*/tecnico*/supervisor*/capataz/residente/encargad*"
_NAME = "nombre/identidad/numero/datos/apellido"
_DRUNK = "borracho/borrachos/borracha/ebrio/ebrios/mareado/mareados/tomado/tomados/drogado/drogados"
_COMES = "esta/estan/viene/vienen/vino/llega/llegan/llego/anda/andan/trabaja/trabajan/maneja/manejan/atiende/siempre"
_SLURS = "india/indio/indios/ignorante*/chola/cholo/burra/perra/puta"
_MATERIAL = "cemento/fierro*/material/materiales/ladrillo*/arena/tejas/calamina*/herramienta*/gasolina/diesel"
_CARRY = "lleva/llevan/llevaron/saca/sacan/sacaron/roba/roban/vende/venden/vendieron/vendiendo"
_PREFERS = (
    "favorece/favorecen/prefier*/benefici*/mete/meten/metio/metieron/entrar/contrata/contratan/contrataron/"
    "atiende/atienden/puso/pusieron/acomoda*/coloca/colocan/da/dan/dio/dieron/reparte*"
)
_THEIRS = "familiar*/pariente*/conocido*/amigo*/amiga*/compadre*/ahijad*/primo/primos/sobrin*/cunad*/hermano*/hermana*"
_COMPLAIN = "reclam*/quej*/denunci*/protestar/hablar/avisar"
#: Who asks that nobody learns who they are, the staff neither.
_ANONYMOUS = f"""
    .. anonim* ..
    .. no .. sepa/sepan .. mi/mis {_NAME} ..
    .. sin dar/decir/poner/revelar mi {_NAME} ..
    .. guard*/protej*/reserv* mi/mis/la nombre/identidad/datos ..
    .. anonymous* ..
    .. without giving/telling/saying my name ..
"""
#: Who takes, who abuses an office, and who asks not to be named: nobody but the persons in charge may see it.
_CONFIDENTIAL = f"""
    .. coim*/soborn*/corrup*/extors*/chantaj*/malvers*/diezmo/prevaric*/sobreprecio*/falsific* ..
    .. cobr* .. {_MONEY} .. lista/beneficiari*/tramite/obra/plano/papel*/firma*/sello*/proyecto/cupo* ..
    .. {_OFFICIAL} .. {_ASKS}/{_TAKES} .. {_MONEY}/pago/pagos/cuota*/regalo*/porcentaje/comision ..
    .. {_OFFICIAL} .. me/nos/les/te cobra/cobro/cobran/cobraron ..
    .. {_ASKS} .. {_MONEY} para/por/a .. {_FAVOUR} ..
    .. me/nos/les {_BEGS} .. {_MONEY} ..
    .. {_ASKS} .. propina*/tajada/mordida/comision/porcentaje ..
    .. para su refresco*/refresquito/cafe*/gaseosa/gasolina/almuerzo/almuercito ..
    .. {_BEGS}/quiere/quieren/demos/dejas/traiga/traigan su/un/una {_SMALL_GIFT} ..
    .. {_STAFF} .. su/un/una {_SMALL_GIFT} ..
    .. {_BEGS}/traiga/traigan su voluntad ..
    .. que con un/una {_SMALL_GIFT} ..
    .. falta/faltaba para su refresco*/refresquito/almuerzo/almuercito/pasaje/gaseosa ..
    .. cobr* irregular*/indebid*/ilegal*/injust* ..
    .. {_ASKS} .. sin/da/dan/dio/dieron recibo/recibos ..
    .. hay que dar/darle/darles/pagarle/pagarles .. {_MONEY}/algo/propina*/moneda*/regalo* ..
    .. si no le/les da/das/dan/damos/doy/pagas/pagan/pagamos ..
    .. si no hay/das/pagas/sueltas/dejas algo/plata/dinero ..
    .. si no le/les dejas/sueltas algo/plata/dinero ..
    .. si no das/damos/sueltas ..
    .. o pagas o ..
    .. dice/dijo/dicen/dijeron que con * sale/salia/arregla ..
    .. con .. {_MONEY} sale/salia/salen/arregla/arreglan/avanza/apura/apuran/olvida/firma/sella ..
    .. pague/pagado/pagamos/pagaron/deposite/deposito al/a/un {_OFFICIAL} ..
    .. di/dio/dimos/dieron/dar/dado .. {_MONEY}/sobre .. al {_OFFICIAL} ..
    .. recibe/recibio/reciben/dio/dieron un/su sobre ..
    .. compro/compraron/comprado al/a/los {_OFFICIAL} ..
    .. bajo/debajo/abajo la/de mesa ..
    .. bajo/debajo/abajo de la mesa ..
    .. a cambio de/del ..
    .. {_ASKS} un/el/algo extra ..
    .. arregla/arreglan/soluciona/solucionan .. con * bs/bolivianos/pesos/pesitos ..
    .. deposit* .. su cuenta ..
    .. donde esta/fue/quedo la/el plata/dinero/presupuesto ..
    .. solo/solamente/puro arreglaron/pusieron/asfaltaron/hicieron .. de/del dirigente*/presidente/alcalde/compadre* ..
    .. {_ASKS} favores ..
    .. se hace/hacen/hizo/hicieron pagar ..
    .. su/sus bolsillo/bolsillos ..
    .. metio/mete/meten/metieron/guardo/guardan .. bolsillo/bolsillos ..
    .. comiendo/comen/comieron .. diferencia/plata/dinero/presupuesto ..
    .. {_OFFICIAL} .. me/nos/les saca/sacan/sacaron .. {_MONEY} ..
    .. lleva/llevan/llevando/llevaron .. {_MATERIAL} .. a/para la/su casa/terreno/negocio del/de {_OFFICIAL} ..
    .. {_EMPLOYED} no cumple/cumplen ..
    .. {_EMPLOYED} .. no cumple/cumplen su/sus funcion*/deber*/trabajo/horario ..
    .. {_EMPLOYED} .. no/nunca .. pero/y firma/firman ..
    .. {_STAFF} .. cuenta/cuentan nuestros/mis problemas/secretos/cosas a/al/por ..
    .. {_STAFF} .. divulga*/chismea* ..
    .. roban/robaron/robo/robando/roba la/el/los/las plata/dinero/material*/recursos/cemento/presupuesto ..
    .. desvia/desviaron/desvian/desvio .. plata/dinero/recursos/fondos ..
    .. se {_CARRY} .. {_MATERIAL} .. obra/noche/casa/casas/barraca ..
    .. {_STAFF} .. se {_CARRY} .. {_MATERIAL} ..
    .. {_MATERIAL} .. se lo/los/la/las estan/esta llevando/sacando/robando/cargando ..
    .. {_MATERIAL} .. se lo/los/la/las llevan/cargan/sacan/roban .. casa/camioneta/noche/domingos ..
    .. venden/vendieron/vendiendo .. {_MATERIAL} .. obra/alcaldia/proyecto ..
    .. se esta/estan sacando/robando/cargando/vendiendo .. {_MATERIAL} ..
    .. se esta/estan llevando .. {_MATERIAL} .. camioneta/taxi/movilidad/noche/noches/casa ..
    .. esta/estan robandose/vendiendose .. {_MATERIAL} ..
    .. mismo/misma/mismos {_STAFF} .. {_CARRY}/roba/roban .. {_MATERIAL} ..
    .. {_MATERIAL} .. {_STAFF} mismo/misma/mismos .. {_CARRY}/roba/roban ..
    .. casa del capataz/residente/contratista .. {_MATERIAL}/piso ..
    .. porque le/les paga/pagan/pagaron/coimea* ..
    .. casa/casas .. con .. {_MATERIAL} del/de .. obra/colegio/escuela/alcaldia ..
    .. usa/usan/utiliza* .. volqueta*/maquinaria/tractor/camioneta/movilidad .. particular*/su/sus ..
    .. hace/hacen/obliga/obligan .. trabajar/limpiar .. su casa/terreno ..
    .. auto/vehiculo/vagoneta/movilidad oficial .. familia/domingo/domingos/compras ..
    .. se quedo/quedaron/quedan con .. {_MONEY}/viveres/donacion*/material* ..
    .. viveres/donacion* .. quedo/quedaron/quedan/vende/venden ..
    .. factura*/planilla*/presupuesto/firma*/documento* inflad*/fals*/adulterad* ..
    .. firm* .. en blanco ..
    .. obra/obras/trabajador*/empleado*/item/items/planilla* fantasma* ..
    .. vend* .. terreno*/lote* .. area/areas/municipal* ..
    .. junta/dirigente*/presidente .. gasta/gasto/gastaron/farrea* .. {_MONEY}/fondos/aportes ..
    .. no rinde/rinden/rindio/rindieron cuentas ..
    .. {_STAFF} .. {_COMES} {_DRUNK} ..
    .. {_COMES} {_DRUNK} el/la/los {_STAFF} ..
    .. {_STAFF} bien/todo/medio/muy {_DRUNK} ..
    .. {_STAFF} .. olor/aliento/huele/oliendo/hediendo a/de alcohol/trago/chicha/cerveza ..
    .. {_WORKER} .. toman/tomando/beben/bebiendo/chupan/chupando .. obra/trago/cerveza/trabajo/alcohol ..
    .. {_STAFF} .. insult*/humill*/discrimin*/burl*/caraje*/malcriad*/groser*/prepotent*/racis* ..
    .. {_STAFF} .. me/nos/le/les grit*/empuj* ..
    .. me/nos/le/les grit*/insult*/humill* .. {_STAFF}/subalcaldia/oficina/hospital/obra ..
    .. {_STAFF} .. trata/tratan/trato/trataron mal/como/pesimo ..
    .. {_STAFF} .. falta de respeto ..
    .. me/nos/le/la/les dijo/dice/dicen/llamo/trato/trata/tratan .. {_SLURS} ..
    .. me/nos/le/la/les/lo/los habla/hablan/hablo/trato/trata/tratan .. como .. perro/perros/animal/animales/basura ..
    .. me/nos/le/les falto/faltan/faltaron el/al/a respeto ..
    .. me/la/nos hizo/hace/hicieron llorar ..
    .. por ser de pollera/campo ..
    .. por ser mujer/indigena/pobre/aymara ..
    .. porque/por hablo/hablar/hablamos/soy/somos aymara/quechua/pollera/campo ..
    .. porque/por hablo/hablar/hablamos/soy/somos de pollera/campo ..
    .. molest*/silban/piropean/groserias a las mujeres/chicas/senoritas/alumnas/colegialas ..
    .. {_OFFICIAL} .. me/nos/le/les quito/quita/quitan/quitaron ..
    .. vende/venden/vendio/vendieron .. cupo/cupos/ficha/fichas/item/items ..
    .. sin convocatoria/licitacion ..
    .. abus* de/del autoridad/poder/cargo/su ..
    .. {_PREFERS} .. su/sus/puro/puros/solo {_THEIRS} ..
    .. {_THEIRS}/hijo/hija/esposa del/de {_OFFICIAL} ..
    .. de su partido ..
    .. por no votar/apoyar ..
    .. aporte/aportar al/para partido ..
    .. oblig*/multa/multan .. marcha/marchas/campana/votar ..
    .. saco/sacaron/sacar/sacan/borro/borraron/borrar/borran de la lista ..
    .. si {_COMPLAIN}/hablas/hablo .. me/te/nos/les/lo/la/los/las saco/sacan/borro/borran/boto/botan/quito/quitan ..
    .. por {_COMPLAIN} .. me/nos quit*/bot*/sac*/despid*/echa* ..
    .. por {_COMPLAIN} .. no me/nos dan/dieron/dio/contratan ..
    .. desde que {_COMPLAIN}/hable .. no me/nos quiere/quieren dar/atender/pagar ..
    .. desde que me {_COMPLAIN} .. ya no me/nos dejan/quieren/atienden/dan/hablan/toman ..
    .. por haber {_COMPLAIN}/hablado .. me/nos ..
    .. por haber mandado/hecho reclam*/quej*/denunci* .. me/nos ..
    .. me/nos ha/han/an borrado/sacado/quitado de la lista ..
    .. quita/quitan/quito/quitaron mi/el/nuestro puesto/trabajo/empleo/cupo ..
    .. me/nos va/van .. botar/echar/despedir de/del ..
    .. me/nos boto/botaron/echo/echaron de/del ..
    .. me/nos/lo/la/le despid* ..
    .. no les/nos pagan .. obreros/peones/trabajadores/sueldo*/jornal* ..
    .. confidencial*/represalia*/venganza*/desquit* ..
    .. miedo a/de hablar/denunciar/reclamar/avisar ..
    .. si hablo/denuncio/cuento ..
    .. si sabe/saben que yo/fui/hable/avise/denuncie ..
    .. si se entera/enteran ..
    .. miedo .. entere/enteren/sepa/sepan/represalia* ..
    .. no/nadie/sin .. entere/enteren ..
    .. no/nadie/sin .. sepa/sepan/diga/digan que yo/fui/soy ..
    .. no/nadie/sin .. sepa/sepan/diga/digan quien soy/fue/aviso/denuncio ..
    .. no .. decir/digo quien soy ..
    .. no .. diga/digan/cuente/cuenten a nadie ..
    .. no .. diga/digan/den/publiquen/publique/salga/revelen/aparezca/pongan/mencionen .. mi/mis {_NAME} ..
    .. no quiero/queremos dar/decir/poner mi/mis {_NAME} ..
    .. reservad* mi {_NAME} ..
    .. mi {_NAME}/denuncia en/con/sea/es reserva*/secreto ..
    .. guarde/guarden/mantengan .. secreto/reserva ..
    .. entre nosotros nomas ..
    .. no me delat*/comprometan/mencionen/nombren/identifiquen ..
    .. no quiero/queremos problemas con ..
    .. {_YOUNG} .. limosna*/mendig* ..
    .. {_YOUNG} .. calle/plaza/semaforo/esquina/noche pidiendo ..
    .. {_YOUNG} esta/estan/anda/andan sola/solo/solas/solos/solit*/abandonad*/perdid* ..
    .. vend* .. drog*/marihuana .. {_YOUNG}/{_PUPIL}/colegio ..
    .. soy menor ..
    .. tengo {_AGE}
    .. tengo {_AGE} anos/anitos
    .. bribe*/corrupt*/extort*/blackmail*/kickback* ..
    .. wants/asks/asked/asking/demands/demanded .. money/cash ..
    .. fired/sacked/dismissed me/us/him/her ..
    .. stealing/steals/stole .. cement/material*/bricks/money/funds/fuel ..
    .. insulted/insults/yelled/yells/shouted/shouts me/my/us/at ..
    .. worker*/staff/foreman/engineer/driver/guard/officer .. drunk/drinking ..
    .. not/dont tell anyone/anybody/them ..
    .. my name .. secret/private/hidden ..
    .. not .. my name ..
"""

_STANDS = "cerro/talud/tierra/muro/pared/barranco/ladera/loma/casa/casas/poste/arbol/techo/puente"
_FALLS = "viene/viniendo/cae/cayo/cayendo/cayendose/caerse/cayeron/caer/caido/caida/caidos/caidas"
_BREAKS = "desplom*/mueve/moviendo/colaps*/hundio/hundiendo/partiendo"
_HOMES = "casa/casas/vivienda/viviendas/cuarto/cuartos"
#: What may fall, burn, drown or cut somebody now.
_NOW = f"""
    .. derrumb*/desliz*/mazamorra*/riada*/alud/sifonamient*/desplom* ..
    .. {_STANDS} .. {_FALLS}/{_BREAKS} ..
    .. cae/cayo/cayendo/cayendose/caerse/cayeron/caer .. {_STANDS}/piedra/piedras/roca/rocas ..
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
#: How probable it must be, and of how many words that carry meaning: of a hundred ordinary reports five are taken for a
#: secret then, at which a person looks; a miss costs more (docs/decisions/0026).
_LIKELY = 0.25
_ENOUGH = 4


@lru_cache(maxsize=RECENT)
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
    return sensitive(text) or _teller(city)(text)


@per_city
def _teller(city: City) -> Callable[[str], bool]:
    """One step asks more than once about one text."""
    model = Model(city.sensitive) if city.sensitive else None
    return lru_cache(maxsize=RECENT)(partial(_is_learnt, model))


def _is_learnt(model: Model | None, text: str) -> bool:
    said = categories.content(text)
    return model is not None and len(set(said)) >= _ENOUGH and model.chance("yes", said) >= _LIKELY


def emergency(text: str) -> bool:
    """Whether ``text`` tells of something that may fall, burn, drown or cut somebody now."""
    return "now" in _alarms(sounded(text))
