import pytest

from dialogs.understand.keywords import command, parts


@pytest.mark.parametrize(
    "text",
    [
        # the words that carriers and regulators name, and their Spanish kin
        *[
            "STOP",
            "STOPALL",
            "UNSUBSCRIBE",
            "END",
            "QUIT",
            "REVOKE",
            "OPTOUT",
            "ARRET",
            "ALTO",
            "BAJA",
            "PARAR",
            "SALIR",
            "FIN",
        ],
        "OPT OUT",
        "NO MAS",
        "no más",
        "NO MÁS MENSAJES",
        "stop all",
        "cancelar suscripcion",
        # however they are dressed
        "alto",
        "Alto.",
        "ALTO!!!",
        "ALTO ALTO ALTO",
        "altooo",
        "halto",
        "vaja",
        "STОP",  # noqa: RUF001  a Cyrillic O
        "ST0P",
        "ＢＡＪＡ",  # noqa: RUF001  full width
        "b a j a".replace(" ", "\u200b"),
        "stop porfavor",
        "BAJA por favor",
        "por favor baja",
        "hola, stop",
        "baja gracias",
        "stop cancelar",
        "ya basta",
        "ok stop",
        "unsuscribe",
        # said as people say it
        "ya no me manden mensajes",
        "no kiero mas mensajes gracias",
        "no quiero recibir mas mensajes suyos",
        "no me manden nada",
        "no me escriban mas",
        "por favor ya no envien avisos",
        "dejen d molestar",
        "ya dejen de mandar mensajes",
        "dar de baja mi numero",
        "dar de baja mi numero 70000001",
        "quiero darme de baja",
        "quiero dejar de recibir mensajes",
        "sacame de tu lista",
        "no quiero volver a recibir sus avisos",
        "baaja",
        "s t o p",
        "detener",
        "parar envios",
        "stop mensajes",
        "alto a los mensajes o les denuncio",
        "ya basta con sus mensajes",
        "basta d mensajitos me llenan la memoria",
        "no me escriban nunca mas",
        "muy amables pero no me escriban mas",
        "no me escriban mas este cel es d mi hija",
        "gracias x todo pero ya no me escriban",
        "podrian dejar de enviarme avisos? muchas gracias",
        "como hago p q no me lleguen mas",
        "No deseo recibir más información de la alcaldía",
        "ya me mude, no necesito sus mensajes",
        "borren mi numero yo no soy d la zona",
        "que cargosos, borren mi celular d una vez",
        "elimine mi celular d su sistema xfa",
        "me quiero salir d esto",
        "salirme d aqui",
        "desactivar avisos",
        "anule mis notificaciones",
        "ya basta d mensajitos gracias",
        "no jodan con sus sms",
        "gracias pero prefiero no recibir avisos",
        "no me sigan mandando propaganda",
        "yo no pedi estos mensajes sáquenme",
        "please stop texting me",
        "do not text me again",
        "remove my number",
        "no more messages",
    ],
)
def test_an_opt_out_is_an_opt_out(la_paz, text):
    assert command(text, la_paz) == "stop"


@pytest.mark.parametrize(
    "text",
    [
        "alta",
        "bajo",
        "alto tejar",
        "alto riesgo de derrumbe",
        "baja tension en mi casa",
        "la baja presion de agua",
        "falta",
        "caja",
        "salio",
        "salir de la zona es dificil",
        "fin de semana hubo fiesta",
        "altas horas de la noche",
        "no mas basura por favor",
        "no mas",  # is one: the row below proves that the list is read
        "paren la obra",
        "paren el ruido",
        "basta de ruido",
        "que los borrachos de la esquina no nos sigan molestando",
        "vienen funcionarios groseros, que no nos manden mas",
        "quiten los avisos publicitarios del poste de luz",
        "retiren estos avisos politicos de mi pared",
        "no puede ser que corten el agua y no nos avisen nada",
        "ya cortaron la calle y que ya no nos avisen",
        "dejenme en paz con los ruidos de la construccion",
        "como hago para que no me lleguen mas facturas altas de agua",
        "no quiero seguir con este servicio de agua tan malo",
        "en las paredes del colegio dejen de escribir",
        "pusieron mal el numero de mi casa, quiten este numero",
        "me canse de los avisos de corte, no hay agua",
        "yo no pedi los avisos, pedi que arreglen mi calle",
        "alto a los avisos luminosos en mi calle",
        "el aviso no me interesa, quiero luz",
        "detenganlos por favor",
        "bajenle",
        "barrenme",
        "salirse",
        "listo no manden mas",
        "me quiero salir de aqui",
        "no quiero saber mas de la alcaldia",
        "basta de tanta basura en la esquina",
        "borren ese graffiti de la pared",
        "saquen este poste ya",
        "quiten de una vez el escombro",
        "no me avisen tarde de los cortes",
        "no nos manden mas camiones rotos",
        "no manden mas tierra a la quebrada",
        "que pare el camion en mi calle",
        "dejen de mandar agua sucia",
        "no necesito visitas necesito luz",
        "no quiero recibir mas agua sucia en mi patio",
        "no quiero seguir recibiendo agua turbia de la pila",
        "como hago para que no me llegue la basura del vecino",
        "paren con los petardos",
        "saquenme que entra el agua",
        "quiten el tubo yo no vivo ahi",
        "desactivar la bomba de agua",
        "quiero dar de baja mi medidor de agua",
        "no me mandaron mensaje de respuesta",
        "no me mandan mensajes",
        "no me manden a otra oficina",
        "no manden la basura al rio",
        "dejen de botar basura",
        "digan a los del local que dejen de molestar con su musica",
        "no quiero pagar coima",
        "no quiero que boten basura",
        "no envien el camion a esa hora",
        "nunca mas vino el carro basurero",
        "the end of the street is dark",
        "stop the noise please",
        "remove the garbage",
        "no more garbage",
        "nomas",
        "incorrecto",
        "poste caido alto",
    ],
)
def test_a_complaint_is_never_an_opt_out(la_paz, text):
    assert (command(text, la_paz) == "stop") is (text == "no mas")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("alta", "start"),
        ("ALTA por favor", "start"),
        ("START", "start"),
        ("activar", "start"),
        ("suscribirme", "start"),
        ("suscrivirme", "start"),
        ("inscribanme", "start"),
        ("ALTA DE NUEVO", "start"),
        ("me sali x error, avisenme otra vez", "start"),
        ("me di d baja x error vuelvan a ponerme", "start"),
        ("puse stop x error", "start"),
        ("quiero q me avisen d nuevo", "start"),
        ("inscribirme a los mensajes", "start"),
        ("anoten mi numero p los avisos", "start"),
        ("suscribanme nuevamente xfavor", "start"),
        ("volver al principio", "menu"),
        ("menuu", "menu"),
        ("me quiero inscribir para los mensajes", "start"),
        ("mi suegro no entiende castellano solo keshwa", "language"),
        ("walja juspaxara", "thanks"),
        ("grcs señorita", "thanks"),
        ("MOSTRAR OPCIONES", "menu"),
        ("mandeme otra vez las opciones", "menu"),
        ("cuales eran los numeros p marcar", "menu"),
        ("quiero volver a recibir mensajes", "start"),
        ("ayuda", "help"),
        ("alluda", "help"),
        ("ayudaaa porfis no se usar", "help"),
        ("HELP", "help"),
        ("?", "help"),
        ("¿?", "help"),
        ("como funciona esto no entiendo", "help"),
        ("q tengo q escribir para reclamar", "help"),
        ("hola, ayuda", "help"),
        ("menu", "menu"),
        ("MENÚ PRINCIPAL", "menu"),
        ("inicio", "menu"),
        ("ESTADO", "status"),
        ("estdo", "status"),
        ("ESTADOO", "status"),
        ("y mi reclamo??? ya van 15 dias", "status"),
        ("como va mi denuncia q ise la semana pasada d la alcantarilla", "status"),
        ("kiero saver d mi caso", "status"),
        ("perdi mi codigo como consulto", "status"),
        ("buenas tardes estado", "status"),
        ("reclamo", "report"),
        ("quiero hacer un reclamo", "report"),
        ("denunsia", "report"),
        ("aymara", "language"),
        ("en aymara porfavor", "language"),
        ("idioma", "language"),
        ("mi mama solo habla aymara se puede?", "language"),
        ("English", "language"),
        ("cancelar", "cancel"),
        ("CANCEL", "cancel"),
        ("ya no, dejalo asi", "cancel"),
        ("anular mi reclamo", "cancel"),
        ("cancela porfa me ekivoque", "cancel"),
        ("borra lo q mande", "cancel"),
        ("operador", "agent"),
        ("quiero hablar con una persona", "agent"),
        ("pasenme con alguien no quiero hablar con maquina", "agent"),
        ("llamenme porfavor no se escribir bien", "callback"),
        ("me puede atender la licenciada", "agent"),
        ("hola", "greeting"),
        ("buenas tardes", "greeting"),
        ("ola buen dia sr", "greeting"),
        ("HOLAA!!", "greeting"),
        ("gracias", "thanks"),
        ("ok gracias", "thanks"),
        ("si gracias", "thanks"),
        ("hola gracias", "thanks"),
        ("mchas grcias dios se lo pague", "thanks"),
        ("grax x todo", "thanks"),
        ("no gracias", "no"),
        ("si", "yes"),
        ("ok correcto", "yes"),
        ("janiwa", "no"),
        ("a medias", "half"),
        ("no se", "skip"),
    ],
)
def test_a_command_is_heard(la_paz, text, name):
    assert command(text, la_paz) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        ".",
        "!!!",
        "...?!x",
        "😡😡😡",
        "por favor",
        "asdfgh",
        "te amo mi vida",
        "quien es",
        "2",
        "482105930",
        "estado 482105930",
        "q paso con mi reclamo 482193063",
        "y mi reclamo 482-193-063 ya van 15 dias",
        "si no",
        "menu ayuda",
        "alto no",
        "start stop",
        "ayuda! entra tierra a mi casa",
        "buenas tardes no hay agua",
        "mi reclamo es que no hay luz en la calle",
        "5am",
        "le agradezco arreglar el bache de la calle 5, espero su respuesta",
        "les agradezco arreglar la luz de mi calle, gracias por su atencion",
        "les agradecemos mandar el carro basurero, esperamos su respuesta",
        "ya no quiero participar en los bloqueos que obliga el dirigente",
        "ya no quiero participar de los talleres del barrio",
        "quiero salir de aqui",
        "quiero salir de todo",
        "este numero de la calle ya no es visible no manden mas",
        "menu " * 13,
    ],
)
def test_what_is_no_command(la_paz, text):
    assert command(text, la_paz) is None


@pytest.mark.parametrize(
    "text",
    [
        "cuales son los numeros de emergencia",
        "manden otra vez la lista de cortes de agua",
        "regresan",
        "no usen mi numero para los mensajes",
        "ya no tengo este celular para recibir mensajes",
        "quiero que nos manden de nuevo la cisterna",
        "quiero que nos manden otra vez el carro basurero",
        "quiero que me envien de nuevo mi codigo",
        "quiero que vuelvan a mandar la cisterna de agua",
        "cuando arreglen el bache vuelvan a avisarme",
        "quitaron mi medidor, vuelvan a ponerme",
        "cerraron mi calle por la obra, como vuelvo a entrar",
        "me sali sin querer de la via y choque con un poste",
        "anotenme en la lista de beneficiarios del bono",
        "habiliten este numero para reclamos de agua",
        "registrenme nuevamente el reclamo de basura",
        "anotenmelo",
        "me molesta que me lleguen otra vez mensajes",
        "evite que me lleguen otra vez mensajes",
        "no vuelvan a mandar, no quiero que me lleguen de nuevo avisos",
        "no quiero que me lleguen otra vez sus mensajes",
    ],
)
def test_what_only_begins_like_a_wish_for_messages_or_for_the_menu(la_paz, text):
    assert command(text, la_paz) not in {"start", "menu"}


def test_alto_and_alta_are_not_guessed_from_each_other(hamlet):
    assert command("alto", hamlet) == "stop"
    assert command("alta", hamlet) == "start"
    assert command("altu", hamlet) is None
    assert command("altao", hamlet) is None


def test_long_opt_out_words_may_be_misspelt(hamlet):
    assert command("desuscrivir", hamlet) == "stop"
    assert command("desuscrbir", hamlet) == "stop"


def test_a_phrase_of_stop_outranks_one_of_start(hamlet):
    assert command("no quiero ni ver mensajes", hamlet) == "stop"


def test_a_language_that_is_not_offered_does_not_command(hamlet):
    assert command("nunca", hamlet) is None


def test_a_city_may_have_commands_of_its_own(hamlet):
    assert command("raro", hamlet) == command("cosa rara que vi", hamlet) == "rare"


def test_a_city_without_words_hears_nothing(void):
    assert command("stop", void) is None
    assert command("?", void) == "help"


def test_the_parts_of_a_message(la_paz):
    assert parts("hola si gracias", la_paz) == {"greeting", "yes", "thanks"}
    assert parts("hola vecino", la_paz) == frozenset()
    assert parts("", la_paz) == frozenset()
    assert parts("si " * 30, la_paz) == frozenset()
