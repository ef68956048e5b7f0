"""Confirm: the municipality says it is solved; the resident has the last word.

Yes closes the case and asks how well, 1 to 5. No brings it back first in the queue with a new date. Half lets the
person choose. Silence closes it as silent, which is counted apart: it is not satisfaction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from dialogs import promises, telling
from dialogs.cases import CONFIRMABLE, Case, Outcome
from dialogs.effects import CloseCase, Effect, Option, Param, RateCase, ReopenCase
from dialogs.facts import Facts
from dialogs.nodes import Choose, Dialog, Do, End, Fork, Start
from dialogs.session import Answers
from dialogs.understand import answers as words
from dialogs.understand import categories, intents, numbers, places, safety
from dialogs.understand.folding import sounded
from dialogs.understand.phrases import Phrasebook
from dialogs.verdicts import named, understood

BEST = 5
#: Who has not looked says nothing of it.
_UNSEEN = Phrasebook({"unseen": [".. no he/e/pude/puedo ido/ir/visto/ver/mirado ..", ".. no vi/fui/estoy/estuve .."]})


def _case(facts: Facts, answers: Answers) -> Case | None:
    return telling.named(facts.own_cases, answers.get("code"))


def _verdicts(_facts: Facts, _answers: Answers) -> Sequence[Option]:
    return named("yes", "half", "no")


def _verdict(facts: Facts, answers: Answers, text: str) -> str | None:
    """What people say for yes, no and half; and a no as others have told it. A yes is never guessed: it closes."""
    return understood(facts, answers, text) or ("no" if _is_not_so(facts, answers, text) else None)


def _is_not_so(facts: Facts, answers: Answers, text: str) -> bool:
    """Whether a short text was learnt to say that it is not solved, and tells nothing that is a case of its own."""
    wanted = intents.guess(text, facts.city)
    told = wanted is not None and wanted[0] == "undone" and wanted[1] >= intents.CERTAIN
    return told and len(text.split()) <= words.LONGEST and not _tells_more(facts, answers, text)


def _tells_more(facts: Facts, answers: Answers, text: str) -> bool:
    """Whether a text tells of a secret, of another problem or place, or that nobody has looked."""
    if safety.confidential(text, facts.city) or words.of_another(text) or _UNSEEN.named(sounded(text)):
        return True
    named, place, case = categories.guess(text, facts.city), places.find(text, facts.city), _case(facts, answers)
    if case is None:
        return named.heard or place is not None
    return (named.heard and named.best != case.category) or (place is not None and place.id != case.place)


def _about(facts: Facts, answers: Answers) -> Mapping[str, Param]:
    case = _case(facts, answers)
    category = None if case is None or case.confidential else case.category
    return {"code": str(answers["code"]), "category": category}


def _stands(facts: Facts, answers: Answers) -> str:
    """Whether there is still something to confirm: staff may have reopened it, time may have closed it."""
    case = _case(facts, answers)
    if case is None or case.status not in CONFIRMABLE:
        return "past"
    return str(answers.get("verdict"))


def _what_now(_facts: Facts, _answers: Answers) -> Sequence[Option]:
    return named("half_reopen", "half_leave")


def _confirmed(_facts: Facts, answers: Answers) -> Sequence[Effect]:
    return (CloseCase(code=str(answers["code"]), outcome=Outcome.CONFIRMED),)


def _halfway(_facts: Facts, answers: Answers) -> Sequence[Effect]:
    return (CloseCase(code=str(answers["code"]), outcome=Outcome.HALF),)


def _new_date(facts: Facts, answers: Answers) -> datetime:
    case = _case(facts, answers)
    return promises.for_reopened(facts.city, case.category if case else "", facts.now)


def _reopen(facts: Facts, answers: Answers) -> Sequence[Effect]:
    return (ReopenCase(code=str(answers["code"]), due_at=_new_date(facts, answers), reason="resident_said_no"),)


def _reopened(facts: Facts, answers: Answers) -> Mapping[str, Param]:
    return {"code": str(answers["code"]), "due": _new_date(facts, answers)}


def _scale(_facts: Facts, _answers: Answers) -> Sequence[Option]:
    return named(*(f"rating_{value}" for value in range(1, BEST + 1)))


def _rating(_facts: Facts, _answers: Answers, text: str) -> str | None:
    value = numbers.rating(text)
    return None if value is None else f"rating_{value}"


def _rate(_facts: Facts, answers: Answers) -> Sequence[Effect]:
    return (RateCase(code=str(answers["code"]), rating=int(str(answers["rating"])[-1])),)


CONFIRM = Dialog(
    name="confirm",
    start="ask",
    timeout=timedelta(days=14),
    steps={
        "ask": Choose(
            options=_verdicts, save="verdict", understand=_verdict, params=_about, next="stands", give_up="handover:"
        ),
        "stands": Fork(
            pick=_stands,
            exits={
                "yes": "close",
                "half": "what_now",
                "no": "reopen",
                "half_reopen": "reopen",
                "half_leave": "close_half",
                "past": "past",
            },
        ),
        "close": Do(effects=_confirmed, next="rate"),
        "rate": Choose(
            options=_scale, save="rating", understand=_rating, params=telling.its_code, next="keep", give_up="unrated"
        ),
        "keep": Do(effects=_rate, next="thanks"),
        "what_now": Choose(options=_what_now, save="verdict", params=telling.its_code, next="stands"),
        "close_half": Do(effects=_halfway, next="half"),
        "reopen": Do(effects=_reopen, next="reopened"),
        "reopened": End(params=_reopened),
        "half": End(params=telling.its_code),
        "thanks": End(),
        "unrated": End(),
        "past": End(params=telling.its_code),
    },
)


def stands(case: Case, verdict: str, rule: str) -> Start:
    """Take a verdict that came unasked, or long after it was asked for."""
    return Start(dialog="confirm", rule=rule, step="stands", answers={"code": case.code, "verdict": verdict})
