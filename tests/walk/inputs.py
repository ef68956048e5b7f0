"""Every class of thing that may come: what a person writes, keys, dials; what the office does, what the clock brings.

A text is written once for each language offered. ``{mine}`` and its kin are codes; an input that names a case which
nobody has there does not apply.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from dialogs import engine, neighbours
from dialogs.book import BOOK
from dialogs.cases import CONFIRMABLE, OPEN, CaseStatus
from dialogs.city import City
from dialogs.confirm import CONFIRM
from dialogs.facts import Step
from dialogs.messages import ChannelKind, SessionEvent
from dialogs.session import Session
from tests.walk.standing import LENT, NOBODYS, NOW, SECRET, THEIRS, State, changed

#: What people write who tell something, by class; the rest of the classes are the words of the language itself.
TEXTS = {
    "es": {
        "what and where": "no hay luz en la calle 5 de Sopocachi",
        "what": "hay un bache enorme frente a mi casa",
        "what, perhaps": "esta muy sucio y oscuro aqui",
        "what, unclear": "vengan por favor rapido",
        "another matter": "no hay agua",
        "a question about a notice": "hasta que hora sera el corte?",
        "thanks for a notice": "gracias por avisar",
        "where": "Sopocachi",
        "where something is built": "zona Central",
        "where, in words": "al lado de la tienda de doña Rosa",
        "what and where, for another": "no hay luz en la calle 5 de Sopocachi, para el 70000002",
        "an idea": "propongo que pongan un parque en Sopocachi",
        "danger": "se derrumba el talud sobre las casas en Sopocachi",
        "danger, nowhere": "auxilio se derrumba el cerro",
        "a bribe": "el inspector me pidio coima",
        "harm": "mi marido me pega",
        "yes, but": "si pero falta pintar",
        "yes and thanks": "si, muchas gracias",
        "a mark in words": "muy bien, le pongo un 5",
        "a wish for a person": "quiero hablar con una persona",
        "stop, politely": "por favor baja gracias",
        "a place that is a stop word": "alto",
        "a language": "en ingles por favor",
        "a number in words": "la dos",
        "my code and more": "{mine} se cayo otra vez y esta peor",
        "my code and yes": "{mine} si ya arreglaron",
        "my code and no": "{mine} no, mentira",
        "my code, taken back": "retirar {mine}",
        "a neighbour's code, supported": "apoyo {theirs}",
        "my code, silenced": "baja {mine}",
        "my code, heard again": "alta {mine}",
        "a neighbour's code, silenced": "baja {theirs}",
        "a neighbour's code, heard again": "alta {theirs}",
        "a confidential code of a neighbour, silenced": "baja {secret}",
        "stop, beside a code of nobody": "quiero darme de baja {nobodys}",
        "a report without a name": "hay un bache en Sopocachi, quiero que quede anonimo",
        "my code, anonymous": "anonimo {mine}",
        "a call about my code": "llamame {mine}",
        "my code and danger": "{mine} ahora se derrumba el muro",
        "a question for my case": "que paso con {mine}?",
        "a neighbour's code and mine": "mi vecina tiene {theirs} y aqui tampoco hay luz en Sopocachi desde ayer",
    },
    "en": {
        "what and where": "the street light is out in Sopocachi",
        "what": "there is a huge pothole in front of my house",
        "what, perhaps": "no light no water and garbage everywhere",
        "what, unclear": "please come quickly",
        "another matter": "there is no water",
        "a question about a notice": "until what time?",
        "thanks for a notice": "thanks for letting us know",
        "where": "Sopocachi",
        "where something is built": "zona Central",
        "where, in words": "next to the shop of Mrs Rosa",
        "what and where, for another": "the street light is out in Sopocachi, for my neighbour 70000002",
        "an idea": "I propose a park in Sopocachi",
        "danger": "a landslide is coming down on the houses in Sopocachi",
        "danger, nowhere": "landslide, we are in danger",
        "a bribe": "the inspector asked me for a bribe",
        "harm": "my husband beats me",
        "yes, but": "yes but only half done",
        "yes and thanks": "yes, thank you",
        "a mark in words": "very good, 5 out of 5",
        "a wish for a person": "I want to talk to a person",
        "stop, politely": "please stop thanks",
        "a place that is a stop word": "alto",
        "a language": "spanish please",
        "a number in words": "two",
        "my code and more": "{mine} it fell down again and it is worse",
        "my code and yes": "{mine} yes it is fixed",
        "my code and no": "{mine} no, not fixed",
        "my code, taken back": "withdraw {mine}",
        "a neighbour's code, supported": "support {theirs}",
        "my code, silenced": "stop {mine}",
        "my code, heard again": "start {mine}",
        "a neighbour's code, silenced": "stop {theirs}",
        "a neighbour's code, heard again": "start {theirs}",
        "a confidential code of a neighbour, silenced": "stop {secret}",
        "stop, beside a code of nobody": "please stop texting me {nobodys}",
        "a report without a name": "there is a pothole in Sopocachi, please keep it anonymous",
        "my code, anonymous": "anonymous {mine}",
        "a call about my code": "call me {mine}",
        "my code and danger": "{mine} now the wall is coming down, landslide",
        "a question for my case": "what about {mine}?",
        "a neighbour's code and mine": "my neighbour has {theirs} and the street light is out here in Sopocachi too",
    },
}
#: What means nothing, or should, in any language.
ODD = {
    "nothing": "",
    "spaces": "   ",
    "a letter": "x",
    "dots": "...",
    "a question mark": "?",
    "emoji": "😡😡😡",
    "nonsense": "xkcd qwrt",
    "unseen letters": "\u200e\x00\ufeff",
    "half an emoji": "\ud83d",
    "a star": "*",
    "a hash": "#",
    "keys in a row": "1*2*1",
    "a number too large": "10",
    "a long number": "99999999999999999999",
    "a minus": "-1",
    "digits of elsewhere": "١",  # noqa: RUF001  on purpose
    "a key and a dot": "1.",
    "braces": "{{{{ service }}}} {{% for %}}",
    "a line break": "1\n2",
    "very long": "a " * 2000,
    "very long, one word": "a" * 4000,
}
CODED = {
    "the same words again": "{told}",
    "my code": "{mine}",
    "my older code": "{older}",
    "my closed code": "{closed}",
    "my code with a slip": "{slip}",
    "a neighbour's code": "{theirs}",
    "a confidential code of a neighbour": "{secret}",
    "a code of nobody": "{nobodys}",
    "a code that was told for me": "{lent}",
    "a code that was told for me, and more": "{lent} y ya es urgente",
    "a code cut short": "{short}",
    "a telephone number": "70000123",
}
DIGITS = tuple("0123456789")
#: What stands behind each key, written instead of it; a message offers eight at most.
LABELS = {f"what stands behind key {at + 1}": f"{{label{at}}}" for at in range(8)}
#: With these a person answers nothing: they ask for something else.
NONSENSE = "nonsense"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One thing that a person may send."""

    name: str
    text: str
    kind: ChannelKind
    event: SessionEvent = SessionEvent.NONE

    @property
    def coded(self) -> bool:
        """Whether which text it is depends on the state."""
        return "{" in self.text

    def for_state(self, state: State, offered: Sequence[str] = ()) -> str | None:
        """The text with the codes of this state, or with what stands behind a key; None if it does not apply."""
        if not self.coded:
            return self.text
        own, closed = state.own, state.closed
        told = state.session.answers.get("description") if state.session else None
        known = {"theirs": THEIRS, "secret": SECRET, "nobodys": NOBODYS, "lent": LENT}
        known |= {f"label{at}": label for at, label in enumerate(offered)}
        if told or own:
            known["told"] = str(told or own[0].description)
        if own:
            mine = own[0].code
            known |= {"mine": mine, "older": own[-1].code, "short": mine[:7]}
            known["slip"] = mine[:3] + mine[4] + mine[3] + mine[5:] if mine[3] != mine[4] else mine[:-1]
        if closed:
            known["closed"] = closed[0].code
        try:
            return self.text.format(**known)
        except KeyError:
            return None


def of_a_person(city: City, language: str) -> tuple[Input, ...]:
    """All that a person may send in ``language``, by SMS and on a USSD screen. ``KeyError``: write its ``TEXTS``."""
    texts = dict(_texts(city, language))
    by_sms = (Input(name=name, text=text, kind=ChannelKind.SMS) for name, text in texts.items())
    keyed = (
        Input(name=name, text=text, kind=ChannelKind.USSD, event=SessionEvent.RESUME) for name, text in texts.items()
    )
    dialled = (
        Input(name=str(event), text="", kind=ChannelKind.USSD, event=event)
        for event in (SessionEvent.NEW, SessionEvent.CLOSE)
    )
    return (*by_sms, *keyed, *dialled)


def _texts(city: City, language: str) -> Iterator[tuple[str, str]]:
    yield from ((digit, digit) for digit in DIGITS)
    for command, phrases in city.words[language].commands.items():
        plain = [phrase for phrase in phrases if not set(phrase) & set("./*")]
        yield f"{command}: {plain[0]}", plain[0]
    yield from TEXTS[language].items()
    yield from ODD.items()
    yield from CODED.items()
    yield from LABELS.items()


Happens = Callable[[State, City], tuple[State, Step | None] | None]


def _case(state: State, *wanted: CaseStatus) -> str | None:
    return next((case.code for case in state.own if case.status in wanted), None)


def _unbound(state: State, code: str) -> State:
    """What is asked about a case that others change is asked no longer."""
    bound = state.session is not None and state.session.case == code
    return replace(state, session=None) if bound else state


def _resolved(state: State, _city: City) -> tuple[State, None] | None:
    code = _case(state, *OPEN)
    return None if code is None else (changed(state, code, status=CaseStatus.RESOLVED, asked=False), None)


def _reopened(state: State, _city: City) -> tuple[State, None] | None:
    code = _case(state, *CONFIRMABLE)
    if code is None:
        return None
    return changed(_unbound(state, code), code, status=CaseStatus.REOPENED, asked=False), None


def _solved_next_door(state: State, _city: City) -> tuple[State, None] | None:
    if state.session is None or state.session.answers.get(neighbours.CODE) != THEIRS:
        return None
    return changed(state, THEIRS, status=CaseStatus.RESOLVED), None


def _closed_silently(state: State, _city: City) -> tuple[State, None] | None:
    code = _case(state, *CONFIRMABLE)
    if code is None:
        return None
    return changed(_unbound(state, code), code, status=CaseStatus.CLOSED, asked=False), None


def _asked(state: State, _city: City) -> tuple[State, None] | None:
    """The question after a resolution: it waits for no opt-out, and for the end of another conversation."""
    case = next((case for case in state.own if case.status in CONFIRMABLE and not case.asked), None)
    if case is None or state.opted_out or state.session is not None:
        return None
    waits = Session(
        dialog=CONFIRM.name,
        step=CONFIRM.start,
        answers={"code": case.code, "resolution_no": 1},
        case=case.code,
        expires_at=NOW + timedelta(days=11),
    )
    return replace(changed(state, case.code, asked=True), session=waits), None


def _expired(state: State, city: City) -> tuple[State, Step] | None:
    if state.session is None:
        return None
    step = engine.expire(BOOK, state.facts(city, ChannelKind.SMS), state.session)
    if not isinstance(step, Step):
        raise TypeError("what nobody answered asks for nothing")
    return state, step


#: What others do. A step comes of it only where time ends a conversation.
HAPPENINGS: dict[str, Happens] = {
    "the office resolves a case": _resolved,
    "the office reopens a case": _reopened,
    "the question about a case falls due": _asked,
    "a case closes in silence": _closed_silently,
    "the neighbour's case is solved while one is asked about it": _solved_next_door,
    "the question's time is over": _expired,
}
