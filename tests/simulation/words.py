"""What simulated people write: as residents do, hurried, by ear, without accents, one thumb on the keys."""

from tests.simulation.chance import Dice

TROUBLES = (
    "no ay agua desd ayer {place} porfa",
    "BUENAS TARDES NO TENEMOS AGUA HACE {n} DIAS EN LA ZONA {place}",
    "se a rebalsado el alcantarillado {place} esta saliendo agua servida a la calle",
    "FALTA TAPA DE ALCANTARILLA {place} ALGUIEN SE VA CAER",
    "no hay luz en el poste d la esquina {place} ase {n} semanas",
    "foko kemado frente al colegio {place}",
    "el carro basurero no pasa ace {n} dias x {place}",
    "CONTENEDOR LLENO APESTA {place}",
    "bache grande en la calle principal {place}, ya se an accidentado {n} motos",
    "las gradas d {place} estan rotas mi abuelita se cayo ayer",
    "los columpios del parquecito {place} estan rotos un chiquito se corto",
    "se esta cayendo el muro d contencion {place} tengo miedo con la lluvia",
    "el local d fiestas mete bulla hasta las 5am {place}",
    "perro muerto en la acera hace {n} dias {place}",
    "sugerencia: techo para la parada de minibus {place}",
    "el funcionario d la subalcaldia me pidio {n}00 bs para aprobar mi plano",
    "mi marido me pega tengo miedo",
    "la obra d mejoramiento {place} esta parada hace {n} meses",
)
PLACES = (
    "alto pampahasi",
    "en Alto Tacagua",
    "villa salome",
    "munaypata",
    "en cotahuma",
    "Obrajes calle 8",
    "villa copacabana",
    "",
    "cerca de mi casa",
)
#: Barrios that staff write to, as the city's data names them, and one to everybody.
AUDIENCES = ("alto-tacagua", "munaypata", "cotahuma", None)

JUNK = (
    "hola",
    "gracias",
    "asdfgh",
    ".",
    "😡😡😡",
    "quien es",
    "Mami ya llego a las 8 dejame cena",
    "",
    "menu",
    "ayuda",
)
STOPS = ("BAJA", "alto", "ya no me manden mensajes", "stop porfavor")
STARTS = ("ALTA", "quiero volver a recibir mensajes")
YES = ("1", "si ya arreglaron", "Si")
HALF = ("2", "arreglaron a medias nomas")
NO = ("3", "no sigue igual", "mentira nadie a venido")
RATINGS = ("5", "4", "le pongo un 3", "pesimo 1")
LOOK_UPS = ("{code}", "estado {code}", "q paso con mi reclamo {code}", "cod. {code}?")
MORE = ("{code} ahora tambien falta la tapa", "{code} sigue igual y huele feo")
REPLIES = ("se cambio el foco", "cuadrilla 3 reparo la tuberia", "el carro pasara lunes y jueves")
NOTICES = ("Corte de agua el sabado de 8 a 12", "Reunion de vecinos el domingo a las 10 en la cancha")


def report(dice: Dice) -> str:
    """A complaint; some say where, some do not."""
    return dice.choice(TROUBLES).format(place=dice.choice(PLACES), n=dice.randint(2, 9))


def code(dice: Dice, digits: str) -> str:
    """A code as people copy it: dotted, spaced, and now and then one digit wrong."""
    if dice.happens(0.1):
        at = dice.randrange(len(digits))
        digits = digits[:at] + str((int(digits[at]) + 1) % 10) + digits[at + 1 :]
    return dice.choice(("{}-{}-{}", "{}.{}.{}", "{} {} {}", "{}{}{}")).format(digits[:3], digits[3:6], digits[6:])
