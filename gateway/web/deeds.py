"""What the service did with one phone's messages, in words for the person who watches. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dialogs.messages import ChannelKind
from store.messages import Direction
from store.phone import Exchange

#: Why a text was taken for what it was taken for; the keys are the rules of ``dialogs.book`` and ``dialogs.engine``.
RULES: Mapping[str, str] = {
    "answer": "Entendió una respuesta a su pregunta",
    "anonymous": "Entendió que nadie debe ver quién es",
    "added": "Añade algo al caso que acaba de contar",
    "told_twice": "Dijo otra vez lo mismo; le dijo cómo va ese caso",
    "behalf": "Tomó el caso que otra persona contó por él",
    "corrected": "Corrige lo que entendimos",
    "assent": "Entendió un «ya»; no hace falta responder",
    "code": "Encontró un código y dijo cómo va el caso",
    "code_answer": "Entendió la respuesta sobre el caso de ese código",
    "code_unknown": "Encontró un código que no existe",
    "command": "Entendió una orden",
    "consent": "El proveedor avisó si quiere mensajes",
    "confirmation_waits": "Ofreció primero la confirmación pendiente",
    "dialled": "Contestó la llamada",
    "dropped": "Se cortó la llamada",
    "expired": "La conversación anterior había vencido",
    "greeting": "Entendió un saludo",
    "late_answer": "Entendió una respuesta tardía",
    "miss": "No entendió y volvió a preguntar",
    "no_number": "Guardó el mensaje; quien escribe no es un teléfono",
    "note": "Añadió una nota al caso",
    "page": "Mostró más opciones",
    "poison": "No pudo con el mensaje; lo verá una persona",
    "reply": "Añadió su respuesta al comunicado",
    "reply_asked": "Preguntó si es sobre el comunicado",
    "reply_thanks": "Añadió su agradecimiento al comunicado; no hace falta responder",
    "report": "Entendió un reclamo nuevo",
    "report_instead": "Entendió un reclamo nuevo en vez de la respuesta",
    "restarted": "Empezó de nuevo",
    "resumed": "Siguió donde estaba",
    "safety": "Entendió algo delicado",
    "stop": "Entendió que no quiere avisos",
    "stray": "Recibió un número suelto y mostró el menú",
    "learnt": "Entendió por textos parecidos lo que quería",
    "done": "Entendió que ya está arreglado",
    "undone": "Entendió que no está arreglado",
    "denied": "Entendió que algo del caso no es así",
    "notices_off": "Le pareció que no quiere avisos; le dijo cómo está eso",
    "notices_on": "Le pareció que quiere avisos; le dijo cómo está eso",
    "nothing_left": "Ya no había de qué elegir",
    "thanks": "Entendió un agradecimiento; no hace falta responder",
    "three_misses": "No entendió tres veces y lo pasó a una persona",
    "unfinished": "Ofreció seguir con lo que quedó a medias",
    "unknown": "No entendió y pidió que cuente más",
    "ussd_refused": "Cortó: la llamada no es de este teléfono o es demasiado larga",
    "ussd_repeat": "Repitió la pantalla",
}
_SPOKE: Mapping[str, str] = {
    "reply": "Respondió",
    "notice": "Avisó",
    "followup": "Preguntó si es verdad",
    "broadcast": "Mandó un comunicado",
}
#: A state in words, and the tone in which the page shows it.
STATES: Mapping[tuple[Direction, str], tuple[str, str]] = {
    (Direction.IN, "new"): ("recibido", "wait"),
    (Direction.IN, "done"): ("atendido", "good"),
    (Direction.IN, "failed"): ("falló", "bad"),
    (Direction.IN, "silent"): ("guardado, sin respuesta", "wait"),
    (Direction.OUT, "queued"): ("en cola", "wait"),
    (Direction.OUT, "handing_over"): ("saliendo", "wait"),
    (Direction.OUT, "retry_at"): ("se intentará otra vez", "warn"),
    (Direction.OUT, "in_doubt"): ("en duda", "warn"),
    (Direction.OUT, "accepted"): ("enviado", "wait"),
    (Direction.OUT, "sent"): ("enviado", "wait"),
    (Direction.OUT, "delivered"): ("entregado", "good"),
    (Direction.OUT, "failed"): ("no salió", "bad"),
    (Direction.OUT, "expired"): ("venció sin salir", "bad"),
    (Direction.OUT, "cancelled"): ("anulado", "warn"),
    (Direction.OUT, "answered"): ("en pantalla", "good"),
}
#: States in which a telephone has the message.
ARRIVED = frozenset({"accepted", "sent", "delivered"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One line of the list: what was done, and the facts behind it."""

    at: datetime
    inward: bool
    what: str
    state: str
    tone: str
    code: str | None
    rule: str | None
    template: str | None
    segments: int | None


def deeds(exchanges: Sequence[Exchange], kinds: Mapping[str, ChannelKind]) -> list[Deed]:
    """Tell what was done, the newest first, because that is what one looks for."""
    return [_deed(each, kinds[each.channel]) for each in reversed(exchanges)]


def on_screen(exchanges: Sequence[Exchange], line: str) -> list[Exchange]:
    """The messages that a telephone holds: what it sent by SMS, and what has come by SMS."""
    return [
        each for each in exchanges if each.channel == line and (each.direction is Direction.IN or each.state in ARRIVED)
    ]


def _deed(each: Exchange, kind: ChannelKind) -> Deed:
    inward = each.direction is Direction.IN
    state, tone = STATES.get((each.direction, each.state), (each.state, "wait"))
    return Deed(
        at=each.at,
        inward=inward,
        what=RULES.get(each.rule or "", "Recibió un mensaje") if inward else _spoke(each, kind),
        state=state,
        tone=tone,
        code=each.code,
        rule=each.rule,
        template=each.template,
        segments=None if kind is ChannelKind.USSD else each.segments,
    )


def _spoke(each: Exchange, kind: ChannelKind) -> str:
    said = _SPOKE.get(each.kind or "", "Escribió")
    return f"{said} en la pantalla" if kind is ChannelKind.USSD else f"{said} por SMS"
