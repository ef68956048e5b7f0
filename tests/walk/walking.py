"""Walks every dialog to its end: from every state that can be reached, everything that may come, in one language.

Breadth first, from a person who never wrote before and from one with many cases. What is found is told with the
shortest way that leads to it, as somebody would type it.
"""

import traceback
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dialogs import engine
from dialogs.cases import CaseStatus
from dialogs.city import City
from dialogs.effects import Option
from dialogs.facts import Facts, Need, NeedKind, Step
from dialogs.messages import ChannelKind, SessionEvent
from dialogs.nodes import Book
from tests.walk.inputs import HAPPENINGS, NONSENSE, Input, of_a_person
from tests.walk.laws import Took, Words, of_a_step, understood
from tests.walk.standing import CODES, ME, NEIGHBOURS, NOTICE, NOW, State, after, as_before, case_of, key, small

#: An end must be this near from everywhere.
STEPS_MOST = 8
#: Rules that say: this text answered what was asked, or missed it. Others begin something else.
_ANSWERS = frozenset({"nothing_left", "answer", "page", "resumed", "restarted", "miss", "three_misses"})
_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """Where a walk begins. ``kept`` keeps the world small enough to be walked."""

    state: State
    kept: Callable[[State], State]


def beginnings(language: str) -> tuple[Beginning, ...]:
    """Who never wrote, and has one case at most; whose cases, resolved ones first, take three pages; whose are full.

    These have opened as many in a day as one may. The last never wrote and got a notice.
    """
    new = State(language=language, cases=NEIGHBOURS)
    mine = [case_of(ME, code) for code in CODES[14:23]]
    mine[0] = replace(mine[0], status=CaseStatus.RESOLVED, asked=True)
    mine[1] = replace(mine[1], status=CaseStatus.RESOLVED)
    mine[2] = replace(mine[2], confidential=True)
    mine[8] = replace(mine[8], status=CaseStatus.CLOSED)
    many = State(language=language, cases=(*mine, *NEIGHBOURS), place="sopocachi", opted_out=True)
    today = [case_of(ME, code, opened_at=NOW) for code in CODES[14:19]]
    full = State(language=language, cases=(*today, *NEIGHBOURS))
    return (
        Beginning(state=new, kept=lambda state: small(state, 1)),
        Beginning(state=many, kept=lambda state: as_before(state, many.cases)),
        Beginning(state=full, kept=lambda state: as_before(state, full.cases)),
        Beginning(state=replace(new, noticed=True), kept=lambda state: as_before(state, new.cases)),
    )


@dataclass(slots=True)
class Walk:
    """What was walked and what was found. ``farthest`` is the most steps to an end, by how one walks there."""

    states: list[State] = field(default_factory=list)
    #: How many there were, where they were left behind.
    walked: int = 0
    inputs: int = 0
    steps: int = 0
    happenings: int = 0
    #: Where, which law, and the shortest way there.
    broken: dict[str, str] = field(default_factory=dict)
    rules: Counter[str] = field(default_factory=Counter)
    said: set[tuple[str, ChannelKind]] = field(default_factory=set)
    farthest: dict[str, int] = field(default_factory=dict)

    def size(self) -> str:
        """How much it was, in one line."""
        far = ", ".join(f"{steps} {how}" for how, steps in self.farthest.items())
        return (
            f"{len(self.states) + self.walked} states x {self.inputs} inputs, of which {self.steps} apply, and {self.happenings} "
            f"acts of others; steps to an end, at most: {far}; {len(self.broken)} broken"
        )

    def add(self, other: "Walk") -> None:
        """Count what was walked elsewhere too."""
        self.states += other.states
        self.walked += other.walked
        self.inputs = max(self.inputs, other.inputs)
        self.steps += other.steps
        self.happenings += other.happenings
        self.broken = {**other.broken, **self.broken}
        self.rules += other.rules
        self.said |= other.said
        for how, steps in other.farthest.items():
            self.farthest[how] = max(steps, self.farthest.get(how, 0))


def walk(book: Book, city: City, language: str, levels: int | None = None) -> Walk:
    """Walk everything there is for who speaks this language, or only what lies ``levels`` inputs from the beginning."""
    found = Walk()
    for beginning in beginnings(language):
        found.add(walk_from(book, city, beginning, levels))
    return found


def walk_from(book: Book, city: City, beginning: Beginning, levels: int | None = None) -> Walk:
    """Walk what can be reached from one beginning."""
    found, words = Walk(), Words(city)
    _Walker(book, city, words, found, beginning).go(levels)
    found.said = words.said
    return found


class _Walker:
    """Goes everywhere from one beginning. Who chose another language is left there: that is another walk."""

    def __init__(self, book: Book, city: City, words: Words, walk: Walk, beginning: Beginning) -> None:
        self._book, self._city, self._words, self._walk = book, city, words, walk
        self._beginning = beginning
        self._inputs = of_a_person(city, beginning.state.language)
        self._at: dict[object, int] = {}
        self._states: list[State] = []
        self._way: list[tuple[int, str] | None] = []
        self._offered: list[Sequence[Option]] = []
        self._ways: dict[str, defaultdict[int, set[int]]] = {
            name: defaultdict(set) for name in ("by sms", "by ussd", "by answers alone", "by nonsense alone")
        }

    def go(self, levels: int | None) -> None:
        """Walk until there is nowhere new, or so far."""
        self._reach(self._beginning.state, None)
        done = 0
        while done < len(self._states) and levels != 0:
            level = range(done, len(self._states))
            done = len(self._states)
            self._everything(level)
            levels = None if levels is None else levels - 1
        self._measure(done)
        self._walk.states += self._states
        self._walk.inputs = len(self._inputs)

    def _everything(self, level: Sequence[int]) -> None:
        """Text by text and not state by state, because a text that was just understood is understood quickly."""
        facts = {(at, kind): self._states[at].facts(self._city, kind) for at in level for kind in ChannelKind}
        for sent in self._inputs:
            for at in level:
                self._send(at, sent, facts[at, sent.kind])
        for at in level:
            for name in HAPPENINGS:
                self._happen(at, name)

    def _send(self, at: int, sent: Input, facts: Facts) -> None:
        state = self._states[at]
        text = sent.for_state(state, self._words.labels(self._offered[at], state.language))
        if text is None:
            return
        if sent.coded:
            facts = replace(facts, named_cases=state.named(text))
        self._walk.steps += 1
        try:
            step = self._step(state, facts, text, sent.event)
            took = Took(state, sent, step)
            for what in (*of_a_step(took), *self._words.of(took), *understood(took, text, self._offered[at])):
                self._found(at, what, _typed(sent, text))
            offered = took.says[-1].options if took.says else self._offered[at]
            there = self._reach(after(state, step.session, step.effects), (at, _typed(sent, text)), offered)
        except Exception as error:  # noqa: BLE001  whatever it is, it is told with the way that leads there
            self._found(at, _fault(error), _typed(sent, text))
            return
        self._walk.rules[step.rule] += 1
        self._note(at, there, sent, step)

    def _step(self, state: State, facts: Facts, text: str, event: SessionEvent) -> Step:
        taken = engine.step(self._book, facts, text, event)
        if isinstance(taken, Need):
            found = {
                NeedKind.CLOSED_CASES: state.closed,
                NeedKind.NEIGHBOURS: state.neighbours,
                NeedKind.SUPPORTED: state.supported(taken.code),
                NeedKind.APPEALABLE: state.appealable,
            }
            notices = (NOTICE,) if state.noticed else ()
            taken = engine.step(self._book, replace(facts, found=found, notices=notices), text, event)
        if not isinstance(taken, Step):
            raise TypeError("a step that is never satisfied")
        return taken

    def _happen(self, at: int, name: str) -> None:
        state = self._states[at]
        try:
            happened = HAPPENINGS[name](state, self._city)
            if happened is None:
                return
            self._walk.happenings += 1
            then, step = happened
            self._reach(then if step is None else after(then, step.session, step.effects), (at, f"({name})"))
        except Exception as error:  # noqa: BLE001  as above
            self._found(at, _fault(error), f"({name})")

    def _note(self, at: int, there: int, sent: Input, step: Step) -> None:
        """Remember who leads where: ``there`` is reached from ``at``."""
        self._ways[f"by {sent.kind}"][there].add(at)
        if step.rule in _ANSWERS:
            self._ways["by answers alone"][there].add(at)
        if sent.name == NONSENSE and sent.kind is ChannelKind.SMS:
            self._ways["by nonsense alone"][there].add(at)

    def _reach(self, state: State, way: tuple[int, str] | None, offered: Sequence[Option] = ()) -> int:
        """Where this state stands among those that were reached; -1 for that of another language."""
        if state.language != self._beginning.state.language:
            return -1
        state = self._beginning.kept(state)
        name = key(state)
        if name not in self._at:
            self._at[name] = len(self._states)
            self._states.append(state)
            self._way.append(way)
            self._offered.append(offered)
        return self._at[name]

    def _measure(self, done: int) -> None:
        """How far an end is from everywhere that was left again, and whether it is too far."""
        ends = [at for at, state in enumerate(self._states) if state.session is None]
        for name, ways in self._ways.items():
            far = _distances(ends, ways)
            for at in range(done):
                if far.get(at, STEPS_MOST + 1) > STEPS_MOST:
                    self._found(at, f"{name}, no end is {STEPS_MOST} steps away", "…")
            self._walk.farthest[name] = max(self._walk.farthest.get(name, 0), *far.values())

    def _found(self, at: int, what: str, typed: str) -> None:
        session = self._states[at].session
        where = f"{session.dialog}/{session.step}" if session else "nothing asked"
        self._walk.broken.setdefault(f"{where}: {what}", " > ".join([*self._path(at), typed]))

    def _path(self, at: int) -> list[str]:
        way = self._way[at]
        return [] if way is None else [*self._path(way[0]), way[1]]


def _typed(sent: Input, text: str) -> str:
    if sent.event in {SessionEvent.NEW, SessionEvent.CLOSE}:
        return "(dials)" if sent.event is SessionEvent.NEW else "(hangs up)"
    shown = text if len(text) < _SHOWN else f"{text[:_SHOWN]}… ({len(text)})"
    return f"{sent.kind} {shown!r}"


def _fault(error: Exception) -> str:
    [*_, frame] = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {frame.name} ({frame.filename.rpartition('/')[2]})"


def _distances(ends: Sequence[int], ways: Mapping[int, set[int]]) -> dict[int, int]:
    far = dict.fromkeys(ends, 0)
    waiting = deque(ends)
    while waiting:
        there = waiting.popleft()
        for at in ways.get(there, ()):
            if at not in far:
                far[at] = far[there] + 1
                waiting.append(at)
    return far
