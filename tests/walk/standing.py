"""Where one person may stand: the question that waits, their cases, a neighbour's; and what a step changes of it.

Two states are the same one if no dialog can tell them apart: what a text says is of no account once it is understood,
which of the open statuses a case has neither. Of each kind of state the first that is met is walked on from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dialogs.anonymous import ANONYMOUS
from dialogs.cases import APPEALABLE, CONFIRMABLE, OPEN, Case, CaseKind, CaseStatus, move
from dialogs.city import City
from dialogs.contacts import Contact
from dialogs.effects import (
    Anonymise,
    AppealCase,
    CloseCase,
    Effect,
    OpenCase,
    OptIn,
    OptOut,
    ReopenCase,
    SetLanguage,
    SetPlace,
    TakeOver,
    Withdraw,
)
from dialogs.engine import HEARD, OFFERED, SHOWN
from dialogs.facts import Appeals, Facts
from dialogs.messages import ChannelKind
from dialogs.neighbours import CODE, COUNT
from dialogs.outreach import Notice
from dialogs.session import Session
from dialogs.understand import codes, safety
from gateway.clock import with_check_digit

#: A Monday, ten in the morning in La Paz; no holiday near. The walk takes no time.
NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
ME, NEIGHBOUR = 1, 2
#: Over for the store: nobody's own case any more. Closed ones are read when a step asks for them.
OVER = frozenset({CaseStatus.CLOSED, CaseStatus.WITHDRAWN, CaseStatus.DUPLICATE, CaseStatus.REJECTED})
#: Codes far from each other: no two slips of the thumb lead from one to the next.
CODES = tuple(with_check_digit(str(10_000_019 + 7_368_787 * n % 89_999_980)) for n in range(24))
THEIRS, SECRET, NOBODYS = CODES[:3]
#: Told for me from a neighbour's phone.
LENT = CODES[13]
#: What everybody was told an hour ago, in a walk of those who got a notice.
NOTICE = Notice(id=7, text="Corte de agua el martes. No water on Tuesday.", at=NOW - timedelta(hours=1))

_MOVES = {
    CloseCase: CaseStatus.CLOSED,
    ReopenCase: CaseStatus.REOPENED,
    AppealCase: CaseStatus.APPEALED,
    Withdraw: CaseStatus.WITHDRAWN,
}
#: Kept for the record, or chosen already: no step asks for them again.
_UNREAD = frozenset({"kind", "resolution_no", "menu"})
#: These read no case: what else than its status tells one from another is told apart where nothing waits.
_OF_NO_CASE = frozenset({"report", "proposal", "project", "language", "safety"})
#: What a question that is asked once more, or whose page was turned, is not asked otherwise for.
_UNREAD_AGAIN = frozenset({ANONYMOUS, "likely", "location_text"})
_TEXTS = frozenset({"description", "location_text", "reason", HEARD})


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One person at one moment. ``cases`` are newest first, the neighbour's last."""

    language: str
    session: Session | None = None
    cases: tuple[Case, ...] = ()
    place: str | None = None
    opted_out: bool = False
    noticed: bool = False

    @property
    def own(self) -> tuple[Case, ...]:
        """What the store gives as one's own: newest first, none that is over."""
        return tuple(case for case in self.cases if case.contact_id == ME and case.status not in OVER)

    @property
    def closed(self) -> tuple[Case, ...]:
        """What the store gives when a step asks for more."""
        return tuple(case for case in self.cases if case.contact_id == ME and case.status is CaseStatus.CLOSED)

    @property
    def neighbours(self) -> tuple[Case, ...]:
        """What the store gives to a step that asks what others told; everybody here lives in one barrio."""
        theirs = (case for case in self.cases if case.contact_id != ME and case.status in OPEN)
        return tuple(case for case in theirs if not case.confidential)

    def supported(self, code: str) -> tuple[Case, ...]:
        """What the store gives to a step that asks whether one stands behind a case: here one supports the neighbours."""
        return tuple(case for case in self.cases if case.code == code and case.contact_id != ME)

    @property
    def appealable(self) -> tuple[Case, ...]:
        """What the store gives to a step that asks what may be appealed: here one may, however often."""
        return tuple(case for case in self.cases if case.contact_id == ME and case.status in APPEALABLE)

    def facts(self, city: City, kind: ChannelKind, text: str = "") -> Facts:
        """The facts as the gateway reads them for ``text``."""
        fresh = [code for code in CODES[3:] if all(case.code != code for case in self.cases)]
        return Facts(
            now=NOW,
            contact=Contact(
                id=ME,
                msisdn="+59170000001",
                language=self.language,
                created_at=NOW,
                last_seen_at=NOW,
                place=self.place,
                opted_out_at=NOW if self.opted_out else None,
            ),
            channel_kind=kind,
            city=city,
            new_code=fresh[0],
            spare_code=fresh[1],
            session=self.session,
            own_cases=self.own,
            named_cases=self.named(text),
            neighbour_days=14,
            replies_for=timedelta(days=2 * self.noticed),
            appeals=Appeals(unit="Transparencia", within=timedelta(days=30)),
        )

    def named(self, text: str) -> dict[str, Case]:
        """The cases that a text names, whoever reported them, and the one that the question is about."""
        found = {*(codes.find(text) if text else ()), self.session.answers.get(CODE) if self.session else None}
        return {case.code: case for case in self.cases if case.code in found}


def case_of(contact_id: int, code: str, status: CaseStatus = CaseStatus.RECEIVED, **more: Any) -> Case:
    """A street light in Sopocachi."""
    given: dict[str, Any] = {
        "category": "alumbrado",
        "place": "sopocachi",
        "opened_at": NOW - timedelta(days=9),
        "due_at": NOW + timedelta(days=4),
    }
    return Case(
        id=int(code),
        code=code,
        kind=CaseKind.GRIEVANCE,
        description="poste apagado en la cancha",
        status=status,
        unit="Alumbrado Público",
        channel="demo",
        updated_at=NOW - timedelta(days=2),
        contact_id=contact_id,
        **given | more,
    )


#: There is always a neighbour, who has told what the person may tell too, and something for the person; and one of whose
#: cases is confidential.
_SAME = "no hay luz en la calle 5 / the street light is out"
NEIGHBOURS = (
    replace(case_of(NEIGHBOUR, THEIRS), description=_SAME),
    case_of(NEIGHBOUR, SECRET, confidential=True),
    replace(case_of(NEIGHBOUR, LENT, category="basura"), description="no recogen la basura, para el 70000001"),
)


def after(state: State, session: Session | None, effects: Sequence[Effect]) -> State:
    """Where the person stands when all is done; ``dialogs.cases.IllegalMove`` if a case may not go that way."""
    state = replace(state, session=session)
    for effect in effects:
        state = _done(state, effect)
    return state


def small(state: State, most: int) -> State:
    """Of more than ``most`` own cases the oldest that nothing speaks of is forgotten, those that are over first."""
    mine = [case for case in state.cases if case.contact_id == ME]
    if len(mine) <= most:
        return state
    idle = [case for case in reversed(mine) if case.code not in _spoken_of(state)]
    idle.sort(key=lambda case: case.status not in OVER)
    gone = {case.code for case in idle[: len(mine) - most]}
    return replace(state, cases=tuple(case for case in state.cases if case.code not in gone))


def as_before(state: State, cases: tuple[Case, ...]) -> State:
    """The cases are ``cases`` again, but for one that the conversation speaks of."""
    if state.cases == cases:
        return state
    changed = {case.code: case for case in state.cases if case.code in _spoken_of(state)}
    new = tuple(changed[code] for code in changed.keys() - {case.code for case in cases})
    return replace(state, cases=(*new, *(changed.get(case.code, case) for case in cases)))


def _spoken_of(state: State) -> str:
    named = state.session.answers if state.session else {}
    return f"{named.get('code', '')} {named.get(CODE, '')}"


def changed(state: State, code: str, **columns: Any) -> State:
    """The state with one case changed."""
    cases = tuple(replace(case, **columns) if case.code == code else case for case in state.cases)
    return replace(state, cases=cases)


def _done(state: State, effect: Effect) -> State:
    if isinstance(effect, OpenCase):
        return replace(state, cases=(_opened(effect), *state.cases))
    if isinstance(effect, CloseCase | ReopenCase | AppealCase | Withdraw):
        [case] = [case for case in state.cases if case.code == effect.code]
        return changed(state, effect.code, status=move(case.status, _MOVES[type(effect)]), asked=False)
    if isinstance(effect, TakeOver):
        return changed(state, effect.code, contact_id=ME)
    if isinstance(effect, Anonymise):
        return changed(state, effect.code, anonymous=True, confidential=True)
    return _of_the_person(state, effect)


def _of_the_person(state: State, effect: Effect) -> State:
    if isinstance(effect, SetLanguage):
        return replace(state, language=effect.language)
    if isinstance(effect, SetPlace):
        return replace(state, place=effect.place)
    if isinstance(effect, OptIn | OptOut):
        return replace(state, opted_out=isinstance(effect, OptOut))
    return state


def _opened(effect: OpenCase) -> Case:
    return case_of(
        ME,
        effect.code,
        category=effect.category,
        place=effect.place,
        due_at=effect.due_at,
        confidential=effect.confidential,
        anonymous=effect.anonymous,
        priority=effect.priority,
    )


def key(state: State) -> tuple[object, ...]:
    """What a dialog can tell of a state. Turning pages and missing is the engine's, which reads no case and little that was told."""
    session = state.session
    where = None if session is None else (session.dialog, session.step, session.page, session.misses)
    said = () if session is None else _said(state, session)
    if session is not None and (session.page or session.misses):
        told = tuple(pair for pair in said if pair[0] not in _UNREAD_AGAIN)
        return where, told, len(state.own), bool(state.closed)
    if session is not None and session.dialog in _OF_NO_CASE:
        return where, said, tuple(_kind(case)[0] for case in state.own), bool(state.closed)
    kinds = tuple(_kind(case) for case in state.own)
    return where, said, kinds, bool(state.closed), session is None and state.opted_out


def _kind(case: Case) -> tuple[object, ...]:
    status = "open" if case.status in OPEN else "solved" if case.status in CONFIRMABLE else str(case.status)
    return status, case.asked, case.confidential, case.anonymous


def _said(state: State, session: Session) -> tuple[tuple[str, object], ...]:
    unread = _UNREAD if session.step == "category" else _UNREAD | {"likely"}
    told = ((name, _told(state, name, value)) for name, value in session.answers.items() if name not in unread)
    return tuple(sorted((name, value) for name, value in told if value is not None))


def _told(state: State, name: str, value: object) -> str | None:
    if value is None or value is False:
        return None
    if name in _TEXTS:
        return "secret" if safety.sensitive(str(value)) else "told" if value and name != HEARD else None
    if name == "code":
        return next((str(at) for at, case in enumerate(state.cases) if case.code == value), "gone")
    if name == SHOWN:
        listed = (pair.rpartition(":")[2] for pair in str(value).split(","))
        return ",".join(str(_told(state, "code", code)) if len(code) > 1 else code for code in listed)
    if name == CODE:
        return str(any(case.code == value and case.status in OPEN for case in state.cases))
    return "yes" if name in {"category", "place", "likely", COUNT, OFFERED} else str(value)
