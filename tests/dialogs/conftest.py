"""What tests of the dialogs share: La Paz as it ships, cases made in one word, and a telephone that talks to the book.

The telephone does what the gateway does around a step and nothing more: it finds the cases that a text names, keeps the
session, gives a step the facts it asks for. It performs nothing, so a case changes only where a test changes it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from dialogs import engine, neighbours
from dialogs.book import BOOK
from dialogs.cases import APPEALABLE, OPEN, Case, CaseKind, CaseStatus
from dialogs.city import City
from dialogs.contacts import Contact
from dialogs.effects import Effect, Option, Say
from dialogs.facts import Facts, Need, NeedKind, Step
from dialogs.messages import ChannelKind, SessionEvent
from dialogs.nodes import Ask, Choose
from dialogs.outreach import Notice
from dialogs.session import Session
from dialogs.understand import codes
from gateway.config import HOME, load

#: A Monday, ten in the morning in La Paz; no holiday near.
NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
NEW_CODE = "739184529"
#: Every question that a dialog asks, as ``dialog/step``.
QUESTIONS = [
    f"{dialog.name}/{name}"
    for dialog in BOOK.dialogs.values()
    for name, node in dialog.steps.items()
    if isinstance(node, Ask | Choose)
]
#: As the store reads them: cases that are over are nobody's open cases, and closed ones are read when a step asks.
OVER = frozenset({CaseStatus.CLOSED, CaseStatus.WITHDRAWN, CaseStatus.DUPLICATE, CaseStatus.REJECTED})


@pytest.fixture(scope="session")
def city() -> City:
    """The city of the checkout, as it is offered."""
    return load(HOME / "config.yaml", {}).city


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def make_case() -> Callable[..., Case]:
    """``make_case(status=…)``: a street light in Sopocachi that contact 1 reported."""

    def make(code: str = "482105930", **more: Any) -> Case:
        given: dict[str, Any] = {
            "id": int(code),
            "code": code,
            "kind": CaseKind.GRIEVANCE,
            "category": "alumbrado",
            "description": "poste apagado en la cancha",
            "status": CaseStatus.RECEIVED,
            "unit": "Alumbrado Público",
            "channel": "demo",
            "opened_at": NOW - timedelta(days=9),
            "due_at": NOW + timedelta(days=4),
            "updated_at": NOW - timedelta(days=2),
            "contact_id": 1,
            "place": "sopocachi",
            "location_text": "detrás de la escuela",
        }
        return Case(**given | more)

    return make


@pytest.fixture(scope="session")
def make_facts(city: City) -> Callable[..., Facts]:
    """``make_facts(session=…)``: contact 1 writes an SMS; nothing else is known of them."""
    contact = Contact(id=1, msisdn="+59170000001", language="es", created_at=NOW, last_seen_at=NOW)

    def make(**more: Any) -> Facts:
        given: dict[str, Any] = {
            "now": NOW,
            "contact": contact,
            "channel_kind": ChannelKind.SMS,
            "city": city,
            "new_code": NEW_CODE,
        }
        contact_is = {name: more.pop(name) for name in ("place", "opted_out_at") if name in more}
        return replace(Facts(**given | more), contact=replace(contact, **contact_is))

    return make


@pytest.fixture(scope="session")
def make_session() -> Callable[..., Session]:
    """``make_session("report/place", description=…)``: a question that waits, with what was answered before it."""

    def make(where: str, **answers: Any) -> Session:
        dialog, _, step = where.partition("/")
        code = answers.get("code")
        return Session(dialog=dialog, step=step, expires_at=NOW + timedelta(hours=1), answers=answers, case=code)

    return make


def _answers(need: Need, facts: Facts, case: Case) -> bool:
    """Whether the store would give this case to a step that asks for it."""
    if need.kind is NeedKind.CLOSED_CASES:
        return case.contact_id == facts.contact.id and case.status is CaseStatus.CLOSED
    recent = case.opened_at > facts.now - timedelta(days=facts.neighbour_days)
    there = (case.category, case.place) == (need.category, need.place)
    return there and recent and case.status in OPEN and not case.confidential


@dataclass(slots=True)
class Phone:
    """One telephone: what it says goes through the book; what comes back can be looked at."""

    facts: Facts
    cases: Sequence[Case] = ()
    session: Session | None = None
    supports: Collection[str] = ()
    notices: tuple[Notice, ...] = ()
    last: Step = field(default_factory=lambda: Step(session=None, effects=(), rule=""))

    def says(self, text: str, event: SessionEvent = SessionEvent.NONE) -> "Phone":
        """Send a text, or press keys."""
        return self._took(engine.step(BOOK, self.known(text), text, event), text, event)

    def presses(self, text: str) -> "Phone":
        """Answer on a USSD screen."""
        return self.says(text, SessionEvent.RESUME)

    def dials(self) -> "Phone":
        return self.says("", SessionEvent.NEW)

    def hangs_up(self) -> "Phone":
        return self.says("", SessionEvent.CLOSE)

    def is_silent_for_too_long(self) -> "Phone":
        """The question's time is over."""
        assert self.session is not None
        facts = replace(self.known(""), now=self.session.expires_at)
        result = engine.expire(BOOK, facts, self.session)
        if isinstance(result, Need):
            found = {result.kind: tuple(filter(partial(self._answers, result), self.cases))}
            result = engine.expire(BOOK, replace(facts, found=found), self.session)
        assert isinstance(result, Step)
        self.last, self.session = result, result.session
        return self

    def on(self, kind: ChannelKind) -> "Phone":
        """The same person, now on another kind of channel."""
        self.facts = replace(self.facts, channel_kind=kind)
        return self

    def known(self, text: str) -> Facts:
        """The facts as the gateway reads them for ``text``."""
        mine = [case for case in self.cases if case.contact_id == self.facts.contact.id]
        return replace(
            self.facts,
            session=self.session,
            own_cases=tuple(case for case in mine if case.status not in OVER),
            named_cases={case.code: case for case in self.cases if case.code in self._spoken_of(text)},
        )

    def _spoken_of(self, text: str) -> set[object]:
        return {*codes.find(text), self.session.answers.get(neighbours.CODE) if self.session else None}

    def _took(self, result: Step | Need, text: str, event: SessionEvent) -> "Phone":
        if isinstance(result, Need):
            found = {result.kind: tuple(filter(partial(self._answers, result), self.cases))}
            result = engine.step(BOOK, replace(self.known(text), found=found, notices=self.notices), text, event)
        assert isinstance(result, Step), "a step is satisfied at the second time"
        self.last, self.session = result, result.session
        return self

    def _answers(self, need: Need, case: Case) -> bool:
        if need.kind is NeedKind.APPEALABLE:
            return case.contact_id == self.facts.contact.id and case.status in APPEALABLE
        if need.kind is NeedKind.SUPPORTED:
            return case.code == need.code and case.code in self.supports
        return _answers(need, self.facts, case)

    @property
    def rule(self) -> str:
        return self.last.rule

    @property
    def heard(self) -> list[str]:
        """The templates that were said, in order; those said by SMS are marked."""
        return [one.template + (" (sms)" if one.by_sms else "") for one in self.says_back]

    @property
    def says_back(self) -> list[Say]:
        return [effect for effect in self.last.effects if isinstance(effect, Say)]

    @property
    def asked_for(self) -> list[Effect]:
        """The effects other than words."""
        return [effect for effect in self.last.effects if not isinstance(effect, Say)]

    @property
    def told(self) -> Mapping[str, Any]:
        """The values of the last message."""
        return self.says_back[-1].params

    @property
    def offered(self) -> Sequence[Option]:
        return self.says_back[-1].options

    @property
    def waits_at(self) -> str | None:
        """The question that waits, or None."""
        return None if self.session is None else f"{self.session.dialog}/{self.session.step}"


@pytest.fixture(scope="session")
def phone(make_facts: Callable[..., Facts]) -> Callable[..., Phone]:
    """``phone(case, other_case, session=…)``: a telephone in a world of these cases."""

    def make(*cases: Case, session: Session | None = None, supports: Collection[str] = (), **facts: Any) -> Phone:
        return Phone(facts=make_facts(**facts), cases=cases, session=session, supports=supports)

    return make


@pytest.fixture(scope="session")
def ussd_phone(phone: Callable[..., Phone]) -> Callable[..., Phone]:
    """A telephone that dials."""

    def make(*cases: Case, session: Session | None = None, **facts: Any) -> Phone:
        return phone(*cases, session=session, channel_kind=ChannelKind.USSD, **facts)

    return make


@pytest.fixture(params=QUESTIONS)
def question(request: pytest.FixtureRequest) -> str:
    """Every question in turn."""
    return str(request.param)


@pytest.fixture(params=[None, *QUESTIONS])
def state(request: pytest.FixtureRequest) -> str | None:
    """Every question in turn, and nothing asked."""
    return request.param


@pytest.fixture(scope="session")
def at(
    phone: Callable[..., Phone], make_case: Callable[..., Case], make_session: Callable[..., Session]
) -> Callable[..., Phone]:
    """``at("confirm/ask")``: a telephone that was asked this, with a resolved case and a report begun."""

    def make(where: str | None, **facts: Any) -> Phone:
        resolved = make_case(status=CaseStatus.RESOLVED)
        answered = {"code": resolved.code, "description": "hay un bache", "verdict": "half", "notice": 7}
        answered[engine.SHOWN] = f"1:{resolved.code}"  # what a list of cases would have shown
        return phone(resolved, session=make_session(where, **answered) if where else None, **facts)

    return make
