"""What holds of every step, whoever writes whatever wherever. Each law says in words what is broken, or nothing.

They are stated from outside, from what a person sees and what the store is asked for, and share no code with the engine.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from dialogs.book import BOOK
from dialogs.cases import OPEN, TRANSITIONS, Case, CaseStatus
from dialogs.city import City
from dialogs.effects import (
    AddNote,
    Anonymise,
    AppealCase,
    CloseCase,
    Conceal,
    Effect,
    ForgetMe,
    KeepReply,
    LabelKind,
    Mute,
    OpenCase,
    Option,
    OptOut,
    RateCase,
    Relabel,
    ReopenCase,
    Say,
    SetLanguage,
    SetPlace,
    Support,
    TakeOver,
    Unmute,
    Withdraw,
)
from dialogs.engine import MISSES, OFFERED
from dialogs.facts import Step
from dialogs.messages import ChannelKind, SessionEvent
from dialogs.nodes import Ask, Choose
from gateway.config import WORDS
from gateway.outbound import segments
from gateway.outbound.render import Renderer
from tests.walk.inputs import LABELS, Input
from tests.walk.standing import ME, NOTICE, NOW, State

#: The rules by which nothing is said, on purpose: thanks, a bare "ok" after a receipt, a line that broke.
SILENCES = frozenset({"thanks", "reply_thanks", "assent", "dropped", "expired"})
SCREEN = 156
OPTIONS = 6
#: What a session may hold, in characters: a description, what was heard, a landmark, and little else.
SESSION_MOST = 6_000
_PLAIN = re.compile(r"[ -~ñÑ\n]*")
_UNSAID = re.compile(r"\{\{|\{%|\bNone\b|[a-z]+_[a-z]+")
_DECLARED = re.compile(r"\A\{#-?\s*segments:\s*([1-9])\s*-?#\}")
#: What is half told in these is kept when a person goes on to something else.
_KEPT = frozenset({"report", "callback"})
_ON_A_CASE = (
    AddNote
    | Support
    | Mute
    | Unmute
    | RateCase
    | CloseCase
    | ReopenCase
    | AppealCase
    | Conceal
    | Withdraw
    | Relabel
    | Anonymise
    | TakeOver
)
_MOVES = {
    CloseCase: CaseStatus.CLOSED,
    ReopenCase: CaseStatus.REOPENED,
    AppealCase: CaseStatus.APPEALED,
    Withdraw: CaseStatus.WITHDRAWN,
}


class Took:
    """One step: from where, what was sent, what came of it.

    ``here`` is what is said where the person wrote. ``left``: a report that was begun is filed on the way to something
    else, and its receipt comes besides. ``language`` is that of the answer: the new one where one was just chosen.
    """

    __slots__ = ("asks", "here", "language", "left", "opened", "replied", "says", "screen", "sent", "state", "step")

    def __init__(self, state: State, sent: Input, step: Step) -> None:
        """Sort what is said from what is asked for."""
        self.state, self.sent, self.step = state, sent, step
        self.screen = sent.kind is ChannelKind.USSD
        self.says = [effect for effect in step.effects if isinstance(effect, Say)]
        self.here = [say for say in self.says if not (self.screen and say.by_sms)]
        self.asks = [effect for effect in step.effects if not isinstance(effect, Say)]
        self.opened = [effect for effect in self.asks if isinstance(effect, OpenCase)]
        self.replied = [effect for effect in self.asks if isinstance(effect, KeepReply)]
        self.left = bool(self.opened) and state.session is not None and state.session.dialog in _KEPT
        self.left = self.left or any(one.before and not one.this for one in self.replied)
        chosen = [effect.language for effect in self.asks if isinstance(effect, SetLanguage)]
        self.language = chosen[-1] if chosen else state.language


def of_a_step(took: Took) -> Iterator[str]:
    """All that is broken in what a step asks for."""
    yield from _one_answer(took)
    yield from _what_is_asked_is_waited_for(took)
    yield from _the_session_can_be_kept(took)
    yield from _cases(took)
    yield from _secrets(took)
    yield from _anonymity(took)
    yield from _wishes(took)
    yield from _replies(took)


def _one_answer(took: Took) -> Iterator[str]:
    if not took.step.rule:
        yield "no rule decided"
    hung_up = took.sent.event is SessionEvent.CLOSE
    if took.screen and not hung_up:
        if len(took.here) != 1:
            yield f"{len(took.here)} screens, and a screen shows one"
    elif not took.says and took.step.rule not in SILENCES:
        yield f"no answer, and {took.step.rule} is no silence that was declared"
    elif len(took.says) > 1 + took.left:
        yield f"{len(took.says)} answers to one text"
    if hung_up and any(not say.by_sms for say in took.says):
        yield "a screen for somebody who has hung up"
    by_sms = len(took.says) - len(took.here)
    if by_sms > len(took.opened) + hung_up:
        yield f"{by_sms} SMS beside a screen, and {len(took.opened)} cases opened"


def _what_is_asked_is_waited_for(took: Took) -> Iterator[str]:
    before, now = took.state.session, took.step.session
    if not took.says:
        if now is not None and (before is None or (now.dialog, now.step) != (before.dialog, before.step)):
            yield "something is waited for that nobody was asked"
        return
    last = took.says[-1]
    if last.ends_session:
        if now is not None and now != before:
            yield "the last word was said, and something new is waited for"
    elif now is None:
        yield f"{last.template} is asked, and nobody waits for the answer"
    elif last.template != ("resume/ask" if now.answers.get(OFFERED) else f"{now.dialog}/{now.step}"):
        yield f"{last.template} is asked, and {now.dialog}/{now.step} is waited for"


def _the_session_can_be_kept(took: Took) -> Iterator[str]:
    session = took.step.session
    if session is None:
        return
    if not isinstance(BOOK.dialogs[session.dialog].steps.get(session.step), Ask | Choose):
        yield f"{session.dialog}/{session.step} asks nothing, and is waited for"
    if not 0 <= session.misses < MISSES:
        yield f"{session.misses} misses, and the third leads to a person"
    if session.expires_at <= NOW:
        yield "a question that is over as soon as it is asked"
    if sum(len(str(value)) for value in session.answers.values()) > SESSION_MOST:
        yield "a session that grows without end"


def _cases(took: Took) -> Iterator[str]:
    """Only one's own cases change, as the table of cases allows; new ones have the codes that were given for them."""
    if not took.asks:
        return
    known = {case.code: case for case in took.state.cases}
    new = {effect.code for effect in took.opened}
    if len(new) != len(took.opened) or not known.keys().isdisjoint(new):
        yield "a new case has the code of another"
    if len(new) > 1 + took.left:
        yield f"{len(new)} cases from one text"
    if any(effect.due_at <= NOW for effect in took.opened):
        yield "a promise for a day that is past"
    for effect in took.asks:
        if isinstance(effect, _ON_A_CASE):
            yield from _on_a_case(took, effect, known.get(effect.code))


def _on_a_case(took: Took, effect: Effect, case: Case | None) -> Iterator[str]:
    if isinstance(effect, Support):
        yield from _support(case)
    elif isinstance(effect, Mute | Unmute):
        yield from _silence(case)
    elif isinstance(effect, TakeOver):
        yield from _taken(case)
    elif (case is None or case.contact_id != ME) and not _told_by_who_joins(effect, took):
        yield f"{type(effect).__name__} for a case that is not the person's own"
    elif case is not None and type(effect) in _MOVES and _MOVES[type(effect)] not in TRANSITIONS[case.status]:
        yield f"{type(effect).__name__} for a case that is {case.status}"


def _taken(case: Case | None) -> Iterator[str]:
    """Only what was told for this number, as it stands in the words of the case."""
    if case is None or case.contact_id == ME or not case.description.endswith("para el 70000001") or case.confidential:
        yield "a case is taken over that was not told for the person"


def _told_by_who_joins(effect: object, took: Took) -> bool:
    """Whether these are the words of who joins a neighbour's case, or takes it over: they stay beside it."""
    joined = {one.code for one in took.asks if isinstance(one, Support | TakeOver)}
    return isinstance(effect, AddNote) and effect.code in joined


def _support(case: Case | None) -> Iterator[str]:
    """Only a neighbour's open case takes support, and none that must not be spoken of."""
    if case is None or case.contact_id == ME or case.confidential or case.status not in OPEN:
        yield "Support for a case that takes none"


def _silence(case: Case | None) -> Iterator[str]:
    """One's own case is silenced, or one that one supports; not one of which nobody else may know."""
    if case is None or (case.confidential and case.contact_id != ME):
        yield "silence for a case that is not the person's, nor one that they support"


def _secrets(took: Took) -> Iterator[str]:
    hidden = {case.code for case in took.state.cases if case.confidential}
    hidden |= {effect.code for effect in took.opened if effect.confidential}
    theirs = {case.code for case in took.state.cases if case.contact_id != ME}
    theirs -= {effect.code for effect in took.asks if isinstance(effect, TakeOver)}
    for say in took.says:
        code = say.params.get("code")
        if code in hidden and (say.params.get("category") or say.params.get("place")):
            yield f"{say.template} names what a confidential case is about"
        if code in theirs and say.params.keys() - {"code", "status", "updated"}:
            yield f"{say.template} tells more of a neighbour's case than how far it is"
        if code in theirs and code in hidden and "status" in say.params:
            yield f"{say.template} tells that a neighbour has a confidential case"
        listed = {option.value for option in say.options if option.label is LabelKind.CASE}
        if listed & (hidden | theirs):
            yield f"{say.template} lists a case that must not be seen"


def _anonymity(took: Took) -> Iterator[str]:
    """What is anonymous is confidential, teaches nothing of its teller, and stays so until it is filed."""
    hidden = [effect for effect in took.opened if effect.anonymous]
    if any(not effect.confidential for effect in hidden):
        yield "an anonymous case that is not confidential"
    if hidden and any(isinstance(effect, SetPlace) for effect in took.asks):
        yield "an anonymous report, and where its teller writes from is learnt"
    session = took.state.session
    telling = session is not None and session.dialog == "report" and session.answers.get("anonymous")
    if telling and len(hidden) < len(took.opened):
        yield "what was to be anonymous is not"
    known = {case.code for case in took.state.cases if case.anonymous and case.contact_id == ME}
    asked = {say.params.get("code") for say in took.says if say.template.startswith("callback/")}
    if known & asked:
        yield "a call about an anonymous case"


def _wishes(took: Took) -> Iterator[str]:
    """What must be heard in every state."""
    if took.sent.event in {SessionEvent.NEW, SessionEvent.CLOSE}:
        return
    if took.sent.name.startswith("stop") and not any(isinstance(effect, OptOut) for effect in took.asks):
        yield "a stop that is not honoured"
    if "silenced" in took.sent.name and any(isinstance(effect, OptOut) for effect in took.asks):
        yield "who silences one case is not heard of any"
    if any(isinstance(effect, ForgetMe) for effect in took.asks) and (
        took.state.session is None or (took.state.session.dialog, took.state.session.step) != ("erase", "sure")
    ):
        yield "somebody is to be forgotten who was not asked whether they mean it"
    asked = took.state.session is not None and took.state.session.dialog == "safety"
    if took.sent.name == "harm" and not asked and took.here[-1].template != "safety/ask":
        yield "harm, and the hotline is not what is said"


def _replies(took: Took) -> Iterator[str]:
    """Only who got a notice answers it; and what was written before the question about it is kept, or told as a report."""
    if any(one.notice != NOTICE.id or not took.state.noticed for one in took.replied):
        yield "a reply to a notice that this person did not get"
    before, now = took.state.session, took.step.session
    if before is None or before.dialog != "reply" or (now is not None and now.dialog == "reply"):
        return
    told = before.answers["description"]
    goes_on = now is not None and now.answers.get("description") == told
    filed = goes_on or any(one.description == told for one in took.opened)
    dropped = took.step.rule == "restarted" or any(say.template == "cancel/dropped" for say in took.says)
    if not (filed or dropped or any(one.before for one in took.replied)):
        yield "what was written before the question is lost"


def understood(took: Took, text: str, offered: Sequence[Option]) -> Iterator[str]:
    """Whoever presses a key that they were offered, or writes what stands behind it, is understood."""
    if took.sent.event in {SessionEvent.NEW, SessionEvent.CLOSE} or took.step.rule not in {"miss", "three_misses"}:
        return
    if any(option.key == text for option in offered) or took.sent.name in LABELS:
        yield f"{text!r} is offered and not understood"


class Words:
    """The words of a step, in the person's language, within the limits of the channel. What was said is remembered."""

    def __init__(self, city: City) -> None:
        """Read the templates of the checkout."""
        self._templates = WORDS
        self._renderer = Renderer(city, self._templates, "Barrio Digital")
        self._known: dict[object, list[str]] = {}
        #: Every template with the kind of line on which it was said.
        self.said: set[tuple[str, ChannelKind]] = set()

    def labels(self, offered: Sequence[Option], language: str) -> Sequence[str]:
        """What stands behind each key."""
        return [self._renderer.label(option, language) for option in offered]

    def of(self, took: Took) -> Iterator[str]:
        """All that is broken in what is said: it cannot be, it is too long, it shows what a phone cannot."""
        for say in took.says:
            kind = ChannelKind.USSD if took.screen and not say.by_sms else ChannelKind.SMS
            name = (say.template, say.lead, took.language, kind, tuple(say.params.items()), say.options)
            if name not in self._known:
                self._known[name] = list(self._judged(say, took.language, kind))
            yield from self._known[name]

    def _judged(self, say: Say, language: str, kind: ChannelKind) -> Iterator[str]:
        self.said.add((say.template, kind))
        text = self._renderer.text(say, language, kind)
        if kind is ChannelKind.USSD:
            if len(text) > SCREEN or not _PLAIN.fullmatch(text):
                yield f"{say.template} does not fit a screen ({len(text)} characters)"
        elif segments.count(text) > _budget(self._templates / language / f"{say.template}.j2"):
            yield f"{say.template} takes {segments.count(text)} segments"
        if not text.strip() or _UNSAID.search(text):
            yield f"{say.template} says what only a machine reads"
        yield from _options(say, text)


def _options(say: Say, text: str) -> Iterator[str]:
    keys = [option.key for option in say.options]
    chosen = [key for key in keys if key not in {"9", "0"}]
    if len(set(keys)) != len(keys) or chosen != [str(at) for at in range(1, len(chosen) + 1)]:
        yield f"{say.template} offers the keys {' '.join(keys)}"
    if len(chosen) > OPTIONS:
        yield f"{say.template} offers {len(chosen)} choices"
    labels = [line.partition(" ")[2] for line in text.split("\n")[1:]] if say.options else []
    if len(set(labels)) != len(keys) or not all(labels):
        yield f"{say.template} offers choices that cannot be told apart"


def _budget(file: Path) -> int:
    declared = _DECLARED.match(file.read_text(encoding="utf-8"))
    return int(declared[1]) if declared else 1
