"""What follows from what was learnt that a text wants (see ``understand.intents``): a question, an answer, a note.

Rule 1: what was learnt never ends anything, opts nobody in or out, and never takes the place of danger or of a secret.
Rule 2: where a text names a problem by a word of the city's own, it is a report, unless it is certainly a question or
a wish about one ("ya vieron mi denuncia?"). Its words are never dropped for a guess that it only greets or thanks.
"""

from collections.abc import Mapping

from dialogs import correct, telling
from dialogs.cases import CaseKind
from dialogs.engine import HEARD
from dialogs.facts import Facts
from dialogs.nodes import Decision, Silence, Start
from dialogs.session import Answers
from dialogs.understand import categories, folding, intents, places
from dialogs.understand.phrases import Phrasebook

#: The dialog that each leads to.
DIALOGS: Mapping[str, str] = {
    "status": "status",
    "help": "help",
    "menu": "menu",
    "cancel": "cancel",
    "language": "language",
}
#: Who seems to want no notices, or to have them again, is told how they stand and what word changes it: their rules.
_OF_NOTICES = {"stop": "notices_off", "start": "notices_on"}
#: A text without one of these may mean anything by "that is enough": it is asked about, and kept.
_NAMES_NOTICES = Phrasebook(
    {
        "notices": [
            ".. mensaj*/sms/notific*/encuest*/propagand*/publicidad ..",
            ".. lista/listas/grupo/sistema/servicio/numero/celular/telefono/chip/linea ..",
            ".. inscri*/suscri*/registra*/registren*/anot*/apunt*/activa*/active*/reactiv*/desactiv*/baja/alta ..",
            ".. escrib*/mandar/manden/manda/mande/mandes/enviar/envien/envie/llegu*/llegan/llega/avis* ..",
            ".. message*/notice*/text/texts/texting/list/subscri*/unsubscri* ..",
        ]
    }
)
#: Word of how a case stands: it is repaired, it is not, it is not as we wrote it.
_OF_A_CASE = frozenset({"done", "undone", "denied"})
#: What a word of the city's own stands in the way of only where it is sure: these ask about something that was told.
_ANSWERED = frozenset({"status", "info_project", "unknown"})
#: What outweighs even a problem that is named, where it is certain: of 31 texts that nobody had read none was a report.
_OUTWEIGHING = frozenset({"status", "info_project", "help", "cancel", "language"})
#: What is asked or answered only where it is certain; thanks that are about a case of theirs are word of it.
_ONLY_CERTAIN = frozenset({"thanks", "stop", "start", "menu"})
_MOST = 200
#: The category of works that are planned or under way.
WORKS = "obras"
#: Thanks beside one of these are none, or not all ("gracias por nada", "gracias pero quedo peor").
_DENIED = frozenset(
    [
        "pero",
        "aunque",
        "todavia",
        "aun",
        "falta",
        "faltan",
        "tampoco",
        "peor",
        "sigue",
        "no",
        "ni",
        "nada",
        "nadie",
        "nunca",
        "ningun",
        "ninguna",
        "igual",
        "but",
        "still",
        "not",
        "nobody",
        "never",
    ]
)


def asked_again(text: str) -> Start:
    """Ask what it is about, and keep what was written."""
    return Start(dialog="report", rule="unknown", answers=heard(text), misses=1)


def heard(text: str) -> Answers:
    """What was written, for the draft that a person reads."""
    return {HEARD: text.strip()[:_MOST]}


def about_works(facts: Facts, text: str, rule: str) -> Start:
    """Tell of the works in the place that ``text`` names."""
    place = places.find(text, facts.city)
    return Start(dialog="project", rule=rule, answers={"place": place.id} if place else {})


def names_a_problem(facts: Facts, text: str) -> bool:
    """Whether a text is surely about some kind of problem, by a word of the city's own."""
    guess = categories.guess(text, facts.city)
    return guess.sure and guess.heard


def meant(facts: Facts, text: str, told: Answers, wanted: tuple[str, float] | None) -> Decision | None:
    """What a text wants that is no report; None where it is one after all. ``told``: what it tells as a report."""
    if wanted is None or told.get("emergency") or told.get("confidential"):
        return None
    name, probability = wanted
    if name == "proposal" and (probability >= intents.CERTAIN or not names_a_problem(facts, text)):
        return Start(dialog="report", rule="learnt", answers={**told, "kind": CaseKind.PROPOSAL})
    if name == "agent":
        return Start(dialog="person", rule="learnt", answers=heard(text))
    if name in _OF_A_CASE or (name == "thanks" and _is_about_own(facts, text)):
        return of_a_case(facts, text, name if name in _OF_A_CASE else "done")
    unsure = name in _ONLY_CERTAIN and probability < intents.CERTAIN
    return None if unsure or _is_report(facts, text, name, probability) else _asked(facts, text, name)


def _is_report(facts: Facts, text: str, name: str, probability: float) -> bool:
    """Whether a word of the city's own stands in the way of ``name``."""
    if probability >= intents.CERTAIN and name in _OUTWEIGHING:
        return False
    guess = categories.guess(text, facts.city)
    if name == "info_project" and guess.best == WORKS:
        return False
    return guess.heard and (guess.sure or name not in _ANSWERED)


def _is_about_own(facts: Facts, text: str) -> bool:
    """Whether what a text names is what a case of theirs is about."""
    guess = categories.guess(text, facts.city)
    return guess.heard and any(case.category == guess.best for case in telling.listed(facts.own_cases))


def _asked(facts: Facts, text: str, name: str) -> Decision | None:
    match name:
        case "info_project":
            return about_works(facts, text, "learnt")
        case "unknown":
            return asked_again(text)
        case "greeting":
            return Start(dialog="report", rule="greeting")
        case "thanks":
            return None if denies(text) else Silence(rule="thanks")
        case "stop" | "start":
            named = _NAMES_NOTICES.named(folding.sounded(text))
            return Start(dialog="notices", rule=_OF_NOTICES[name]) if named else None
    return Start(dialog=DIALOGS[name], rule="learnt") if name in DIALOGS else None


def denies(text: str) -> bool:
    """Whether thanks go on with what is still wrong, or were none ("gracias por nada")."""
    return not _DENIED.isdisjoint(folding.fold(text).split())


def of_a_case(facts: Facts, text: str, name: str) -> Decision | None:
    """Word of how a case stands: asked about again, or kept with the one case that it can be about.

    Otherwise how theirs stand is told, unless a problem is named: then it is a report.
    """
    own = telling.listed(facts.own_cases)
    if name == "denied" and (corrected := correct.denied(facts, text)):
        return corrected
    asked = next((case for case in own if case.asked), None)
    if names_a_problem(facts, text) and not _is_about_own(facts, text):
        return None
    if asked is not None:
        return Start(dialog="confirm", rule=name, answers={"code": asked.code})
    if len(own) == 1:
        return Start(dialog="note", rule=name, answers={"code": own[0].code, "text": text.strip()})
    return Start(dialog="status", rule=name) if own or not categories.guess(text, facts.city).heard else None
