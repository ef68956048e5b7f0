"""Plays the dialogs with pretended people, by the engine that serves: every answer that is offered is given once.

What a table cannot show comes to light so: an exit that is picked and not declared, an option that leads nowhere, an
effect that nobody performs, a step that fails. How a text is understood is not judged here; transcripts do.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from dialogs import engine, neighbours
from dialogs.cases import APPEALABLE, Case, CaseKind, CaseStatus
from dialogs.city import City
from dialogs.contacts import Contact
from dialogs.facts import Appeals, Facts, NeedKind, Step
from dialogs.messages import ChannelKind, SessionEvent
from dialogs.nodes import Ask, Book, Choose, Lost
from dialogs.outreach import Notice
from dialogs.report import FIX
from dialogs.session import Session
from dialogs.understand import codes
from dialogs.understand.phrases import ANYTHING, is_open
from gateway.check.guards import Broken, guarded
from gateway.city import with_a_project
from gateway.findings import Finding, Level, about

_NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
_CODES = ("482105930", "739184529", "100000006", "200000005")
_NEW, _SPARE = "300000003", "400000004"
_NEIGHBOURS = "500000001"
_NEEDS = 3
_NOTICED = timedelta(days=2)
#: So many states are tried; the shipped book has a tenth of them.
_MOST = 3_000
#: What no file of the city holds: danger and harm are told in words that the program knows.
_ALARMS = ("se esta cayendo un muro y hay heridos", "mi esposo me pega")
_NONSENSE = ("...", "xqzw")
#: What every case was told with, and is told with once more.
_TOLD = "al lado del mercado"
#: What somebody else told for the pretended person, and what one tells for somebody else.
_FOR_ME, _FOR_ANOTHER = "al lado del mercado, para el 70000001", "al lado del mercado, para el 70000002"
_GRATEFUL = "gracias por avisar"
#: What no list of words holds, and the city may have learnt.
_WEARY = "saquenme de sus mensajitos ya pues"
#: What the engine keeps as it was written, and as it was shown.
_LEFT = frozenset({engine.HEARD, engine.SHOWN})
#: Commands that mean a case where its code stands beside them.
_WITH_A_CODE = ("yes", "half", "no", "withdraw", "support", "stop", "start")
#: An answer that was chosen looks so; other text is somebody's own words.
_ID = re.compile(r"[a-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    """Somebody with these cases on this kind of channel.

    ``neighbours`` is what others told when it is asked for, ``later`` how that stands when the person answers;
    ``notices`` is the last that they got.
    """

    name: str
    facts: Facts
    cases: Sequence[Case]
    closed: Sequence[Case] = ()
    neighbours: Sequence[Case] = ()
    later: Sequence[Case] = ()
    notices: tuple[Notice, ...] = ()

    def known(self, text: str, session: Session | None) -> Facts:
        """What is known when this person writes."""
        wanted = {*codes.find(text), session.answers.get(neighbours.CODE) if session else None}
        named = {case.code: case for case in (*self.cases, *self.closed, *self.later) if case.code in wanted}
        own = tuple(case for case in self.cases if case.contact_id == self.facts.contact.id)
        return replace(self.facts, session=session, own_cases=own, named_cases=named)

    def found(self) -> Mapping[NeedKind, tuple[Case, ...]]:
        """What a step may ask for beyond that."""
        me = self.facts.contact.id
        theirs = tuple(case for case in self.cases if case.contact_id != me)
        decided = (case for case in (*self.cases, *self.closed) if case.status in APPEALABLE)
        return {
            NeedKind.CLOSED_CASES: tuple(self.closed),
            NeedKind.NEIGHBOURS: tuple(self.neighbours),
            NeedKind.SUPPORTED: theirs,
            NeedKind.APPEALABLE: tuple(case for case in decided if case.contact_id == me),
        }


def examine(book: Book, city: City) -> Iterator[Finding]:
    """Give what fails, each step's first fault, and which steps no pretended person came by."""
    seen: set[str] = set()
    told: set[str] = set()
    tried: set[object] = set()
    city = with_a_project(city)
    watched = guarded(book, city, seen)
    for person in _people(city):
        for finding in _played(watched, person, city, tried):
            if finding.where not in told:
                told.add(finding.where)
                yield finding
        if len(tried) > _MOST:
            what, mend = f"has more states than {_MOST}, and not all were tried", "keep fewer answers in a session"
            yield Finding(level=Level.WARNING, where="the book", what=what, mend=mend)
            return
    if told:
        return
    steps = [f"{dialog.name}/{step}" for dialog in book.dialogs.values() for step in dialog.steps]
    mend = "no fault: play it with barrio chat, and keep what you saw as a transcript"
    untried = [where for where in steps if where not in seen]
    yield from about(untried, level=Level.NOTE, what="was not come by in trying all dialogs", mend=mend)


def _played(book: Book, person: _Person, city: City, tried: set[object]) -> Iterator[Finding]:
    """Go every way that opens for one person and was not ``tried`` by another: what is begun, then what is asked."""
    waiting: list[tuple[Session | None, str, SessionEvent]] = [(None, *first) for first in _first_texts(person, city)]
    for session, text, event in waiting:
        try:
            step = _step(book, person, session, text, event)
            if step.session is not None and (mark := _mark(person, step.session, city)) not in tried:
                tried.add(mark)
                _expired(book, person, step.session)
                waiting.extend((step.session, *answer) for answer in _answers(book, person, step.session, city))
        except Broken as broken:
            yield broken.finding
        except Exception as error:  # noqa: BLE001  the engine's own: a target or a circle that the proofs did not see
            where = f"{session.dialog}/{session.step}" if session else "the router"
            what = f'cannot be gone on with after "{text}" ({type(error).__name__}: {error})'
            yield Finding(level=Level.ERROR, where=where, what=what, mend="play it with barrio chat")
        if len(tried) > _MOST:
            return


def _step(book: Book, person: _Person, session: Session | None, text: str, event: SessionEvent) -> Step:
    facts = person.known(text, session)
    for _ in range(_NEEDS):
        step = engine.step(book, facts, text, event)
        if isinstance(step, Step):
            return step
        facts = replace(facts, found=person.found(), notices=person.notices)
    raise Lost(f"needs more facts after {_NEEDS} rounds")


def _expired(book: Book, person: _Person, session: Session) -> None:
    """Let the time of a question be over. What is left to ask then, the proofs forbid."""
    engine.expire(book, person.known("", None), session)


def _mark(person: _Person, session: Session, city: City) -> object:
    """What tells one state from another: neither own words, nor which case, category or place it is.

    Turning pages and missing is the engine's, so for that one person of a kind of channel stands for all.
    """
    alike = city.categories.keys() | city.places.keys() | set(_CODES)

    def mark(value: object) -> object:
        chosen = not isinstance(value, str) or _ID.fullmatch(value)
        return value if chosen and value not in alike else bool(value)

    kept = sorted((name, repr(mark(value))) for name, value in session.answers.items() if name not in _LEFT)
    plain = not (session.page or session.misses or session.answers.get(engine.OFFERED))
    whose = person.name if plain else person.facts.channel_kind
    return whose, session.dialog, session.step, session.page, session.misses, tuple(kept)


def _first_texts(person: _Person, city: City) -> Iterator[tuple[str, SessionEvent]]:
    """Whatever begins something: a dial, each command, a code with and without words, a complaint, an alarm."""
    if person.facts.channel_kind is ChannelKind.USSD:
        yield "", SessionEvent.NEW
    known = [case.code for case in (*person.cases, *person.closed)]
    beside = ("", *_beside_a_code(city), " la calle sigue igual")
    coded = [f"{code}{words}" for code in (*known, _SPARE) for words in beside]
    typed = [*coded, _CODES[-1], *(f"{words} {_SPARE}" for words in _stops(city))]
    told = list(_complaints(city))
    free = (*_ALARMS, *_NONSENSE, _GRATEFUL, _WEARY, FIX, _TOLD, _FOR_ANOTHER)
    for text in (*_commands(city), *typed, *told, *free):
        yield text, SessionEvent.NONE


def _commands(city: City) -> list[str]:
    """One phrase of each command and language, the opt-out's first: the first that stands whole."""
    by_name = [pair for language in city.languages for pair in city.words[language].commands.items()]
    lists = [phrases for name, phrases in sorted(by_name, key=lambda pair: pair[0] != "stop")]
    return [whole for phrases in lists if (whole := next((one for one in phrases if not is_open(one)), None))]


def _beside_a_code(city: City) -> list[str]:
    commands = city.words[city.languages[0]].commands
    return [f" {phrases[0]}" for name in _WITH_A_CODE if (phrases := commands.get(name))]


def _stops(city: City) -> list[str]:
    """A phrase that opts out whatever stands behind it, also a code."""
    phrases = city.words[city.languages[0]].commands.get("stop", ())
    written = next((one for one in phrases if is_open(one) and one.endswith(f" {ANYTHING}")), ANYTHING).split()
    return [" ".join(word.partition("/")[0] for word in written[:-1])] if len(written) > 1 else []


def _complaints(city: City) -> Iterator[str]:
    """The clearest words of the first category, alone and with a place."""
    words = next((category.words for category in city.categories.values() if category.words), {})
    clear = [word for word in words if "*" not in word]
    if clear:
        text = max(clear, key=lambda word: words[word])
        yield text
        yield from (f"{text} en {place.name}" for place in list(city.places.values())[:1])


def _answers(book: Book, person: _Person, session: Session, city: City) -> Iterator[tuple[str, SessionEvent]]:
    """Every key that is shown, words, and nonsense; on USSD a new dial. Who was misunderstood goes on to be."""
    dials = person.facts.channel_kind is ChannelKind.USSD
    event = SessionEvent.RESUME if dials else SessionEvent.NONE
    yield _NONSENSE[0], event
    if session.misses:
        return
    node = book.waiting(session)
    if isinstance(node, Ask):
        yield from ((text, event) for text in (*_complaints(city), _ALARMS[0]))
    if isinstance(node, Choose):
        options = tuple(node.options(person.known("", session), session.answers))
        yield from ((option.key, event) for option in engine.page(options, session.page, node.page))
    for text in (*(place.name for place in list(city.places.values())[:2]), "0", _TOLD):
        yield text, event
    yield from ((text, event) for text in city.words[city.languages[0]].commands.get("cancel", ())[:1])
    if dials and not session.answers.get(engine.OFFERED):
        yield "", SessionEvent.NEW
        yield "", SessionEvent.CLOSE


def _people(city: City) -> Iterator[_Person]:
    """Many cases of today, one resolved and asked about, an anonymous one and one begun, one asked about too late.

    And two closed, one, none.
    """
    opened = _case(city, _CODES[0])
    resolved = replace(opened, status=CaseStatus.RESOLVED, asked=True)
    codes_of_many = (*_CODES[:3], *map(str, range(100000010, 100000013)))
    many = tuple(replace(_case(city, code), opened_at=_NOW - timedelta(hours=1)) for code in codes_of_many)
    stranger = replace(_case(city, _CODES[-1]), contact_id=2)
    lent = replace(_case(city, _CODES[2]), contact_id=2, description=_FOR_ME)
    closed = replace(opened, code=_CODES[1], status=CaseStatus.CLOSED)
    twice = (closed, replace(closed, code=_CODES[2]))
    again = replace(opened, status=CaseStatus.REOPENED, asked=True)
    begun = replace(opened, status=CaseStatus.ASSIGNED, opened_at=_NOW - timedelta(hours=1))
    hidden = replace(begun, code=_CODES[1], status=CaseStatus.RECEIVED, confidential=True, anonymous=True)
    worlds = [
        (many, ()),
        ((resolved, stranger, lent), ()),
        ((hidden, begun), ()),
        ((again,), twice),
        ((), (closed,)),
        ((), ()),
    ]
    for kind in (ChannelKind.SMS, ChannelKind.USSD):
        for number, (cases, over) in enumerate(worlds):
            out = _NOW - timedelta(days=1) if over else None
            contact = Contact(
                id=1,
                msisdn="+59170000001",
                language=city.languages[0],
                created_at=_NOW,
                last_seen_at=_NOW,
                opted_out_at=out,
            )
            facts = Facts(
                now=_NOW,
                contact=contact,
                channel_kind=kind,
                city=city,
                new_code=_NEW,
                spare_code=_SPARE,
                neighbour_days=14,
                replies_for=_NOTICED,
                appeals=Appeals(unit="Revisión", within=timedelta(days=30)) if cases or over else None,
            )
            told = _told_already(city) if number % 2 else ()
            later = [replace(case, status=CaseStatus.RESOLVED) for case in told] if number == len(worlds) - 1 else told
            name = f"{kind} {number}"
            notices = (_notice(city),) if out else ()
            yield _Person(
                name=name, facts=facts, cases=cases, closed=over, neighbours=told, later=later, notices=notices
            )


def _notice(city: City) -> Notice:
    """A notice of what everybody here complains of, so that a complaint may be a reply to it."""
    return Notice(id=1, text=next(_complaints(city), ""), at=_NOW - timedelta(hours=1))


def _told_already(city: City) -> Sequence[Case]:
    """What a neighbour has told: the complaint that everybody has here, from the place that is named with it."""
    text = next(_complaints(city), "")
    place = next(iter(city.places), None)
    return (replace(_case(city, _NEIGHBOURS), contact_id=2, place=place, description=text),)


def _case(city: City, code: str) -> Case:
    return Case(
        id=int(code),
        code=code,
        kind=CaseKind.GRIEVANCE,
        category=next(iter(city.categories)),
        description=_TOLD,
        status=CaseStatus.RECEIVED,
        unit="",
        channel="",
        opened_at=_NOW - timedelta(days=9),
        due_at=_NOW + timedelta(days=4),
        updated_at=_NOW - timedelta(days=2),
        contact_id=1,
    )
