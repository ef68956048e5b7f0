"""Added: what belongs to a case that somebody has just told, or is just asked about, without its code being given.

Rule 1: it is kept with the case and opens none, so that nobody has two codes for one thing. What is surely about
something else, in danger or in confidence is a report of its own.
Rule 2: the same words once more, within a day, tell nothing new: they were sent again because no answer was seen.
"""

from datetime import timedelta

from dialogs import telling
from dialogs.cases import OPEN, Case
from dialogs.correct import FRESH, denied
from dialogs.facts import Facts
from dialogs.nodes import Start
from dialogs.understand import answers, categories, places, safety
from dialogs.understand.folding import sounded
from dialogs.understand.phrases import Phrasebook

#: So long after a report somebody still goes on with it.
SOON = timedelta(hours=1)

#: How somebody goes on: one more thing, one forgotten.
_GOES_ON = """
    tambien/ademas ..
    y/ah/aa/perdon/disculpe tambien/ademas/encima ..
    pero ..
    gracias pero ..
    .. me olvide/olvidaba decir/decirle/decirles/avisar/avisarle/contar/poner/escribir ..
    .. me falto/faltaba decir/decirle/decirles/avisar/avisarle/contar/poner/escribir ..
    ah/aa/perdon/disculpe/uy me olvide/olvidaba/falto/faltaba ..
    se me olvido ..
    also ..
    and also ..
    i forgot to say/tell/mention ..
"""
#: How somebody says where it is, or that it is not as they said or as we understood.
_PUTS_RIGHT = """
    perdon/disculpe/disculpa/disculpen no es/era/esta ..
    es/era/queda en/por/cerca/frente/atras/detras/alado/al/entre ..
    y/ah/aa es/era/queda en/por/cerca/frente/atras/detras/alado/al/entre ..
    it is in/at/near/behind/opposite ..
"""
#: How somebody says which house or corner it is, and nothing more.
_SAYS_WHICH = """
    me falto decirle/decirles/decir que es/era/queda la/el/en ..
    me olvide decirle/decirles/decir que es/era/queda la/el/en ..
"""
_WAYS = {"goes on": _GOES_ON, "puts right": _PUTS_RIGHT, "says which": _SAYS_WHICH}
_BOOK = Phrasebook({name: lines.strip().splitlines() for name, lines in _WAYS.items()})
#: "Me faltó decirles que es la casa verde"; what is longer may tell more.
_SHORT = 8


def to_own(facts: Facts, text: str) -> Start | None:
    """Keep ``text`` with the case that this person has just reported; None where it does not go on with it.

    Where it names another place than the receipt did, the case is put right.
    """
    case = telling.just_told(facts.own_cases, facts.now - SOON)
    if case is None or case.confidential or not (named := _BOOK.named(sounded(text))) or _is_its_own(facts, text, case):
        return None
    corrected = denied(facts, text) if "puts right" in named else None
    return corrected if corrected and corrected.answers.get("place") else _kept_with(case, text)


def twice(facts: Facts, text: str) -> Start | None:
    """How the case stands that these very words have opened; None where they are new. In danger each is acted on."""
    since = facts.now - FRESH
    fresh = [case for case in telling.listed(facts.own_cases) if case.status in OPEN and case.opened_at > since]
    case = next((case for case in fresh if sounded(case.description) == sounded(text)), None)
    if case is None or safety.emergency(text):
        return None
    return Start(dialog="status", rule="told_twice", step="own", answers={"code": case.code})


def to_what_we_ask(facts: Facts, text: str) -> Start | None:
    """Keep ``text`` with the case of which we ask whether it is solved, if it tells of the like and of no place.

    Filed as a report it would be the same case once more, and the one we ask about would be closed as if unanswered.
    """
    session = facts.session
    asked = telling.named(facts.own_cases, session.case) if session else None
    if asked is None or asked.confidential or _is_its_own(facts, text, asked):
        return None
    elsewhere = places.find(text, facts.city) is not None or answers.of_another(text)
    alike = categories.guess(text, facts.city).best == asked.category
    return _kept_with(asked, text) if alike and not elsewhere else None


def _kept_with(case: Case, text: str) -> Start:
    return Start(dialog="note", rule="added", answers={"code": case.code, "text": text.strip()})


def _is_its_own(facts: Facts, text: str, case: Case) -> bool:
    """Whether ``text`` tells of danger, of a secret, of another problem, or of the same one in another place."""
    if safety.emergency(text) or _is_secret(facts, text):
        return True
    guess = categories.guess(text, facts.city)
    if not (guess.sure and guess.heard):
        return False
    place = places.find(text, facts.city)
    return guess.best != case.category or (place is not None and place.id != case.place)


def _is_secret(facts: Facts, text: str) -> bool:
    """By its words; or as was learnt of reports, which says nothing of a few words that only say where."""
    said = sounded(text)
    where = len(said) <= _SHORT and "says which" in _BOOK.named(said)
    return safety.sensitive(text) or (not where and safety.confidential(text, facts.city))
