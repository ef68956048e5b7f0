"""Who does what to whom: families of what must not be told aloud, each as somebody in a hurry writes it."""

import pytest

from dialogs.understand.safety import harm, sensitive

HARM = {
    "touched, shown, asked for": """
        el profesor toca a las alumnas / el tio toca a mi hija / su papa la toca / el jefe nos toca / m metio la mano /
        m agarro la pierna / le toco las nalgas / partes intimas / muestra su cosa / nos mostro sus partes /
        les manda fotos cochinas / publico un video intimo / fotos mias sin ropa / les dice cosas sucias a las estudiantes /
        q m acueste con el / el capataz kiere salir con el tecnico / m quiso forzar / quiere besarla / mi padrastro entra a mi cuarto /
        se metio a mi cama / se masturba en la plaza / ay un degenerado / se sobaba contra una joven / acosan en el minibus /
        quieren manosear a las chicas
    """,
    "followed": """
        el sereno me sigue y me habla / un tipo m sigue cuando salgo / me dice cosas feas / nos gritan cosas cochinas / le decia cosas sucias /
        un tipo nos persigue / ese señor las espia / sigue a mi niña desd la parada / me estan siguiendo / m esta espiando
    """,
    "beaten": """
        tiene el ojo morado / su concubino la masacra / m manosio el chofer / el profe les toca a los chicos /
        me patea en el suelo / el guardia agredio a mi mama / me an pegado / tiene moretones / un puñete en la cara / su ojo con moretes /
        le da con cinturon / los corre con chicote / le dio con palo / nos saca a patadas / m boto a golpes / le jala del pelo /
        le a roto el brazo / le rompio la nariz / me corre con cuchillo / m castiga con agua fria / grita su mujer / gritos y golpes /
        se escucha llorar a una niñita / mi cuñado pega / mi suegro me insulta / mi hermano con machete / mi marido llega borracho
    """,
    "afraid, shut in, threatened": """
        m dijo paga o me va ir mal / mi ex manda mensajes q me va a matar / me quieren pegar / m dijo que me calle o me va ir mal / o nos va a ir mal dijeron /
        que nos callemos si queremos vivir / apedrearon mi casa / apedrean mis vidrios /
        tengo miedo de mi marido / le tengo terror a mi papa / miedo al padrastro / m da miedo mi tio / tengo miedo q mi esposo se entere /
        mi esposo no me deja salir / mi patrona no nos deja hablar / m tienen amenazada / nos tienen encerrados / la tiene encerrada /
        dijo q nos va a quemar / dice q m va matar / dijo q m iba a cortar la cara / m va a hacer desaparecer / va a quemar mi casa /
        lo quieren linchar / la secuestraron / ya no quiero vivir / no quiero vivir mas / no kiero vivir
    """,
    "children and the old": """
        mi vecino encierra a su hijita / dejan a las wawas solitas / deja a la niña con llave / dejan solo a mi abuelito /
        el chiquito esta sin comer / m dejan sin comer / no le da d comer a su sobrino / una niñita trabajando en la tienda /
        obligan a los niños a vender / hace trabajar a sus hijos / no la manda al colegio / señoritas con clientes /
        prostituyen a las jovencitas / una alumna embarazada / mi hija d 13 años saliendo con un viejo / los chicos d 12 cargando cemento /
        trabajan chicos de 11 / abandonaron una wawita / una wawa abandonada / regala caramelos a los niños / roban niños /
        se lleva a las niñas en su auto / kieren llevarse a mi hija / desaparecio mi hija / abusan de un estudiante /
        le pegan a su nieto / explotan a las wawas
    """,
    "at the ends of the lists": """
        mi yerno me toco / regala caramelos a una alumna / regala caramelos a una adolescente / dejan sola a la viejita /
        el profesor toca a la alumna / el profesor toca a la niña / mi hija de 8 trabajando / trabaja una chica de 8 /
        agredieron a la señora / dejan solo al bebe / el bebe esta sin comer / no le dan de comer al bebe /
        hace trabajar a la niña / se lleva a la niña / quieren llevarse a la niña / ay una jovencita en el lenocinio
    """,
    "in English": """
        he hits his kids / my husband hits me / threatens his wife / he touched me / scared of my husband / afraid of his uncle /
        he comes into my room / he wants to kill her
    """,
}

CONFIDENTIAL = {
    "money asked for": """
        nos piden un extra / cobraron y no dieron recibo / arreglan ai con 20 pesos / que deposite a su cuenta / donde esta la plata d la cancha /
        se metio al bolsillo la cuota / se estan comiendo el presupuesto / los policias nos sacan 20 bs / les avisa xq le pagan / xq les coimean /
        nos piden 50 bs para conectar el agua / el contratista pide porcentaje / piden mordida / m dijo q para su refresco /
        el portero cobra y no da recibo / cobran sin recibo / hay q darle algo / ay q pagarles una propina / no recoge si no le das /
        si no hay plata no sellan / si no damos no descarga / o pagas o demuelen / dice q con 200 sale mi plano /
        le pague al funcionario / deposite al arquitecto / di 100 bs al inspector / recibio un sobre / compraron al dirigente /
        x debajo d la mesa nomas / debajo la mesa atienden / m lo dan a cambio d algo / pide favores / se hacen pagar /
        se fue a su bolsillo / el policia nos cobra para no llevarnos / un sobreprecio / el medico recibio regalos y plata /
        el juez m cobro / m pidio una platita / quiere su regalito por el sello / traiga su voluntad m dijeron /
        con una platita olvida la multa / quiere su refresquito nomas / ese pide su regalito / en plataforma esperan una platita /
        quiere una platita / quiere su almuercito nomas /
        al inspector un regalito y ya pasa / q traiga su voluntad /
        dice q con un regalito basta / falta para su almuercito / solto q faltaba para su pasaje / si no le dejas algo no firma /
        si no dejas plata no avanza / m dijo que con 200 pesitos sale / para su almuerzo nomas
    """,
    "taken from the works": """
        el residente nos saca plata / llevan diesel a la casa del funcionario / la misma plataforma lleva el cemento /
        el mismo sereno anda vendiendo cemento / el diesel el funcionario mismo lo lleva / el cemento los d plataforma mismos lo lleva /
        estan llevando la arena a la casa del subalcalde / estan vendiendo el cemento del proyecto / se estan robando los fierros /
        se esta llevando el cemento en su camioneta / estan vendiendose la gasolina / el mismo sereno saca los fierros /
        los fierros el sereno mismo los saca / en la casa del capataz ay piso nuevo /
        se llevan el cemento d la obra / las tejas se las estan llevando a su casa / el cemento se lo cargan los domingos a su casa /
        el chofer se lleva la arena / los guardias se venden la gasolina / vendieron la calamina d la alcaldia /
        hizo su casa con ladrillos del colegio / usan la volqueta para su negocio / nos hace limpiar su casa / el auto oficial los domingos /
        se quedaron con las donaciones / los viveres se quedaron alli / factura inflada / firme en blanco / planillas fantasmas /
        venden lotes del area verde / la junta gasto los aportes / no rinde cuentas
    """,
    "drunk at work": """
        el d plataforma bien borracho / el tecnico bien mareado / el tecnico hediendo a alcohol /
        el ingeniero viene borracho / los albañiles estan mareados / viene mareado el chofer / la doctora con olor a trago /
        el operador tomando cerveza / los obreros chupan en la obra
    """,
    "insults": """
        el d ventanilla q falta de respeto / nos habla como si fueramos perros / los trata como basura / xq hablo aymara / por ser d pollera se rien /
        xq soy de pollera / el funcionario no cumple / el encargado no cumple / el tecnico no cumple / el supervisor nunca viene y no cumple su trabajo / el supervisor nunca viene pero firma planillas /
        la secretaria cuenta nuestros problemas a todo el barrio / el inspector divulga lo q denuncio /
        el chofer del camion d basura nos insulta / la enfermera discrimina / el medico m grito / el encargado empujo y m empuja /
        m gritaron en el hospital / el portero trata mal / m dijo chola / m falto el respeto / m hizo llorar / x ser de pollera /
        por ser mujer / silban a las chicas / le dice groserias a las alumnas / el gendarme m quito mis cosas
    """,
    "their own first": """
        solo arreglaron la cuadra del presidente d la junta / solo asfaltaron la calle del compadre /
        favorecen a sus familiares / metieron a sus parientes a la obra / atiende primero a sus conocidos / da trabajo puro primos /
        contrataron a la sobrina del director / venden los cupos / sin convocatoria / abusa de su cargo / solo los de su partido /
        por no votar x el / aporte al partido / nos obligan a ir a la marcha / m sacaron d la lista
    """,
    "reprisals": """
        si reclamas te borro / dijo q m saca si hablo / si denuncias los boto d aqui / desde q me queje ya no me dejan entrar /
        por haber reclamado nos cortaron / por aver mandado reclamo me cortaron el agua / m an borrado d la lista / los van a sacar d la lista /
        tengo miedo q se enteren /
        x reclamar m quitaron / por quejarme ya no m dieron trabajo / desde q denuncie no m kieren atender / m quitaron mi puesto /
        m van a botar d la casa / nos botaron del trabajo / lo despidieron / no les pagan a los peones / temo su venganza /
        tengo miedo d hablar / si hablo pierdo todo / si saben q yo avise / si se enteran me matan de hambre
    """,
    "not to be named": """
        no kiero q sepan q yo avise / no digan q yo les dije / nadie sepa q fui yo / que no se entere el dirigente / no digan quien soy /
        sin que sepan quien aviso / prefiero no decir quien soy / no cuenten a nadie / no pongan mi nombre / no den mis datos /
        no kiero dar mis datos / guarden el secreto / guarden mi identidad / protejan mi nombre / esto es entre nosotros nomas / no me delaten / no quiero problemas con nadie
    """,
    "children": """
        una wawa esta sola / los niños piden limosna / un niño en la calle pidiendo / venden drogas a los estudiantes / soy menor /
        tengo 12 años / tengo 11
    """,
    "at the ends of the lists": """
        el obrero me insulto / el portero esta borracho / m dijo india / se llevan el diesel d la obra / reparten a sus parientes /
        nos pide plata / di plata al funcionario / viene borracho el funcionario / la hermana del alcalde / venden droga a menores /
        soy una niña tengo 8 años / alli ellos piden favores / hoy esta borracho el portero / alli favorecen a sus parientes
    """,
    "in English": """
        he wants money / they fired me / stealing cement / he insulted my mother / he shouted at us / the staff are drunk /
        the workers are drinking / do not tell anyone / dont tell them
    """,
}

ORDINARY = """
    nos cobran mucho d agua / el camion d basura no viene / robaron el foco / peleas d borrachos en la plaza /
    los niños juegan solos al lado del barranco / la policia no viene y los borrachos gritan / el perro d mi vecino ladra a los niños /
    la pirca se acosto sobre el auto / la casa pegada al rio / el poste pegado a mi pared / tengo miedo d pasar d noche /
    tengo 15 años viviendo aqui / para el almuerzo no hay agua / el señor nos sigue cobrando / yes it is fixed / fix it my street /
    abusan d la acera y ninguna autoridad viene / la obra esta parada y el ingeniero no aparece / venden trago a menores /
    el rio se llevo la arena / el camion golpeo el poste / los choferes cobran 5 bs / nos piden muchos papeles /
    desde q reclame no vinieron / x reclamar estoy aki, cortaron el agua / nadie diga q no avisamos / no quiero q corten el arbol /
    el profesor d zumba toca a las 4 / le toca a mi hijo cruzar / los niños estan pidiendo un parque / mi hija embarazada se cayo /
    el cemento se lo llevo la lluvia / las calaminas del techo se las lleva el viento / queda arena en la calle y nadie se la lleva /
    dejaron escombros y material, nadie se los lleva / en la esquina se carga arena toda la noche / guarden mi numero para llamarme /
    la gente de mi calle puso su voluntad / vende su refresquito en la acera / con una platita arreglamos la cancha / falta para su casa un poste / con un regalo agradecemos / cuiden la plaza /
    la volqueta se llevo el material en la lluvia / los niños d la calle 5 no tienen parque / entra agua a mi cuarto / quiero pagar la multa / mi hermano trabaja en la obra
"""


def sentences(family):
    return [" ".join(one.split()) for one in family.split("/")]


def every(families):
    return [pytest.param(said, id=f"{name}: {said}") for name in families for said in sentences(families[name])]


@pytest.mark.parametrize("said", every(HARM))
def test_harm_is_heard_in_each_family(said):
    assert harm(said)


@pytest.mark.parametrize("said", every(CONFIDENTIAL))
def test_what_must_stay_confidential_is_heard_in_each_family_and_is_no_harm(said):
    assert sensitive(said)
    assert not harm(said)


@pytest.mark.parametrize("said", sentences(ORDINARY))
def test_what_comes_near_is_not_hidden(said):
    assert not sensitive(said)
