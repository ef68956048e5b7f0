"""One step of a conversation: facts and a text in; a new session and a list of effects out.

Rule 1: everything that moves a conversation from step to step is in this file; what the steps are is data.
Rule 2: this file knows no dialog by name except the one that misses lead to, which each node declares.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dialogs.effects import Effect, LabelKind, Option, Param, Say
from dialogs.facts import Facts, Need, Step
from dialogs.messages import ChannelKind, SessionEvent
from dialogs.nodes import Answer, Ask, Book, Choose, Do, End, Fork, Lost, Resume, ShowAgain, Silence, Start, Waiting
from dialogs.session import Answers, Session
from dialogs.understand import labels, numbers
from dialogs.values import quickly_made

MORE, BACK = "9", "0"
MISSES = 3
#: No chain of steps between two questions is longer; a longer one is a loop without a way out.
HOPS = 40

#: The answer's name under which texts that fitted nothing are kept for the person who takes over.
HEARD = "heard"
#: The answer's name under which a list of cases is kept as it was shown: one may come or go before somebody answers
#: "1", and 1 must mean what they read.
SHOWN = "shown"
#: Set while a USSD dial has offered to go on with an unfinished conversation.
OFFERED = "offered"
_HEARD_MOST = 600

RESUME_OPTIONS = (
    Option(key="1", value="continue", label=LabelKind.WORD, ref="resume_continue"),
    Option(key="2", value="restart", label=LabelKind.WORD, ref="resume_restart"),
)


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class _At:
    """Where a walk through a dialog stands."""

    dialog: str
    step: str
    answers: Answers
    effects: tuple[Effect, ...] = ()
    misses: int = 0


def step(book: Book, facts: Facts, text: str, event: SessionEvent = SessionEvent.NONE) -> Step | Need:
    """Decide what a text means and take the conversation as far as it goes without another answer."""
    result = _step(book, facts, text, event)
    return result if isinstance(result, Need) else _with_shown(result)


def _with_shown(result: Step) -> Step:
    session = result.session
    shown = [say.options for say in result.effects if isinstance(say, Say) and _lists_cases(say.options)]
    if session is None or not shown:
        return result
    said = ",".join(f"{option.key}:{option.value}" for option in shown[-1])
    return replace(result, session=replace(session, answers={**session.answers, SHOWN: said}))


def _lists_cases(options: Sequence[Option]) -> bool:
    return any(option.label is LabelKind.CASE for option in options)


def _step(book: Book, facts: Facts, text: str, event: SessionEvent) -> Step | Need:
    session = pending(book, facts)
    if session is not facts.session:
        facts = replace(facts, session=session)
    decision = book.route(facts, text, event)
    match decision:
        case Need():
            return decision
        case Start():
            return _begin(book, facts, decision)
        case Answer() if session is not None:
            return _answer(book, facts, session, text, decision.rule)
        case Resume() if session is not None:
            offered = replace(session, answers={**session.answers, OFFERED: True})
            say = Say(template="resume/ask", options=RESUME_OPTIONS)
            return Step(session=offered, effects=(say,), rule=decision.rule)
        case ShowAgain() if session is not None:
            session = _without_offer(session)
            lead = "common/unfinished" if decision.by_sms else None
            say = replace(_prompt(book, facts, session), lead=lead, by_sms=decision.by_sms)
            return Step(session=session, effects=(say,), rule=decision.rule)
        case Silence():
            return Step(session=session, effects=decision.effects, rule=decision.rule)
    raise Lost(f"{type(decision).__name__} without a session")


def pending(book: Book, facts: Facts) -> Session | None:
    """The session that still waits for an answer, or None: expired, or its step is no more (the dialogs changed)."""
    session = facts.session
    if session is None or session.expires_at <= facts.now:
        return None
    dialog = book.dialogs.get(session.dialog)
    if dialog is None or not isinstance(dialog.steps.get(session.step), Ask | Choose):
        return None
    return session


def expire(book: Book, facts: Facts, session: Session) -> Step | Need:
    """What happens to a question that nobody answered in time: what is known is kept, or it just ends."""
    dialog = book.dialogs.get(session.dialog)
    if dialog is None or dialog.on_expire is None or not dialog.worth(session.answers):
        return Step(session=None, effects=(), rule="expired")
    at = _At(dialog=dialog.name, step=dialog.on_expire, answers=session.answers)
    return _walk(book, facts, at, rule="expired")


def _begin(book: Book, facts: Facts, start: Start) -> Step | Need:
    dialog = book.dialogs[start.dialog]
    at = _At(dialog=dialog.name, step=start.step or dialog.start, answers=start.answers, misses=start.misses)
    result = _led(_walk(book, facts, at, rule=start.rule), start.lead)
    before = facts.session
    if isinstance(result, Need) or before is None or start.drops:
        return result
    if dialog.aside and result.session is None and before.dialog != dialog.name:
        return replace(result, session=before)
    kept = expire(book, replace(facts, session=None, new_code=facts.spare_code), before)
    if isinstance(kept, Need):
        return kept
    return replace(result, effects=(*_unseen(kept, facts.channel_kind), *result.effects))


def _led(result: Step | Need, lead: str | None) -> Step | Need:
    """The question with a word before it. Where nothing is asked, the last word says it in its own way."""
    match result:
        case Step(session=Session(), effects=(*before, Say() as asked)):
            return replace(result, effects=(*before, replace(asked, lead=lead)))
    return result


def _unseen(kept: Step, kind: ChannelKind) -> tuple[Effect, ...]:
    """What came of a report that was left: on USSD the one screen belongs to what was asked for now."""
    return tuple(
        effect
        for effect in kept.effects
        if kind is not ChannelKind.USSD or not isinstance(effect, Say) or effect.by_sms
    )


def _answer(book: Book, facts: Facts, session: Session, text: str, rule: str) -> Step | Need:
    if session.answers.get(OFFERED):
        session = _without_offer(session)
        keys = {numbers.choice(text, len(RESUME_OPTIONS)), labels.chosen(text, RESUME_OPTIONS, facts.city)}
        if keys & {1, "continue"}:
            return Step(session=session, effects=(_prompt(book, facts, session),), rule="resumed")
        if keys & {len(RESUME_OPTIONS), "restart"}:
            return _begin(book, replace(facts, session=None), Start(dialog="menu", rule="restarted"))
    node = book.waiting(session)
    if isinstance(node, Ask):
        return _answer_ask(book, facts, session, node, text, rule)
    return _answer_choose(book, facts, session, node, text, rule)


def _without_offer(session: Session) -> Session:
    """The session with its own question standing again, not the offer to go on."""
    return replace(session, answers={name: value for name, value in session.answers.items() if name != OFFERED})


def _answer_ask(book: Book, facts: Facts, session: Session, node: Ask, text: str, rule: str) -> Step | Need:
    parsed = node.parse(facts, session, text)
    if parsed is None:
        return _miss(book, facts, session, node, text)
    return _go_on(book, facts, session, {**session.answers, **parsed}, node.next, rule)


def _answer_choose(book: Book, facts: Facts, session: Session, node: Choose, text: str, rule: str) -> Step | Need:
    options = tuple(node.options(facts, session.answers))
    shown = page(options, session.page, node.page)
    pressed = numbers.choice(text, 9) if text.strip() != BACK else 0
    keys = {option.key: option.value for option in shown}
    if (said := session.answers.get(SHOWN)) and _lists_cases(shown):
        keys = dict(pair.split(":", 1) for pair in str(said).split(","))
    value = keys.get(str(pressed)) if pressed is not None else None
    if value is None:
        value = labels.chosen(text, (*shown, *options), facts.city)  # also one on another page
    if value in (MORE, BACK):
        turned = replace(session, page=session.page + (1 if value == MORE else -1), misses=0)
        return Step(session=turned, effects=(_prompt(book, facts, turned),), rule="page")
    if value is None and node.understand is not None:
        value = node.understand(facts, session.answers, text)
    if value not in {option.value for option in options}:
        return _miss(book, facts, session, node, text)
    answers = {**session.answers, node.save: value}
    return _go_on(book, facts, session, answers, _way(node, answers), rule)


def _go_on(book: Book, facts: Facts, session: Session, answers: Answers, target: str, rule: str) -> Step | Need:
    dialog, name = _target(book, session.dialog, target)
    return _walk(book, facts, _At(dialog=dialog, step=name, answers=answers), rule=rule)


def _miss(book: Book, facts: Facts, session: Session, node: Waiting, text: str) -> Step | Need:
    heard = f"{session.answers.get(HEARD) or ''} {text}".strip()[:_HEARD_MOST]
    answers = {**session.answers, HEARD: heard}
    misses = session.misses + 1
    if isinstance(node, Choose) and not node.options(facts, session.answers):
        # What was to be chosen from is gone meanwhile (staff closed the cases): asking again would offer nothing. Where
        # the dialog begins by looking, it looks again; where it begins by asking, it ends.
        start = book.dialogs[session.dialog].start
        target = node.give_up if isinstance(book.node(session.dialog, start), Ask | Choose) else start
        return _go_on(book, facts, session, session.answers, target, "nothing_left")
    if misses >= MISSES:
        dialog, name = _target(book, session.dialog, node.give_up)
        return _walk(book, facts, _At(dialog=dialog, step=name, answers=answers), rule="three_misses")
    missed = replace(session, answers=answers, misses=misses)
    say = replace(_prompt(book, facts, missed), lead="common/miss")
    return Step(session=missed, effects=(say,), rule="miss")


def _walk(book: Book, facts: Facts, at: _At, *, rule: str) -> Step | Need:
    for _ in range(HOPS):
        node = book.node(at.dialog, at.step)
        if isinstance(node, End):
            say = Say(template=f"{at.dialog}/{at.step}", params=node.params(facts, at.answers), ends_session=True)
            return Step(session=None, effects=(*at.effects, say), rule=rule)
        if isinstance(node, Do):
            at = _move(book, at, node.next, effects=node.effects(facts, at.answers))
        elif isinstance(node, Fork):
            picked = node.pick(facts, at.answers)
            if isinstance(picked, Need):
                return picked
            at = _move(book, at, node.exits[picked], answers={**at.answers, **node.keep(facts, at.answers)})
        else:
            known = node.known(facts, at.answers)
            if known is None:
                return _wait(book, facts, at, rule)
            answers = {**at.answers, **known}
            at = _move(book, at, _way(node, answers), answers=answers)
    raise Lost(f"{at.dialog}/{at.step} goes round in circles")


def _way(node: Waiting, answers: Answers) -> str:
    """Where an answer leads: one way for all, or a way for each choice."""
    if isinstance(node, Ask) or isinstance(node.next, str):
        return str(node.next)
    return node.next[str(answers[node.save])]


def _wait(book: Book, facts: Facts, at: _At, rule: str) -> Step:
    dialog = book.dialogs[at.dialog]
    case = at.answers.get("code")
    session = Session(
        dialog=at.dialog,
        step=at.step,
        answers=at.answers,
        misses=at.misses,
        expires_at=facts.now + dialog.timeout,
        case=case if isinstance(case, str) else None,
    )
    return Step(session=session, effects=(*at.effects, _prompt(book, facts, session)), rule=rule)


def _prompt(book: Book, facts: Facts, session: Session) -> Say:
    node = book.waiting(session)
    params: Mapping[str, Param] = node.params(facts, session.answers)
    options: tuple[Option, ...] = ()
    if isinstance(node, Choose):
        options = page(tuple(node.options(facts, session.answers)), session.page, node.page)
    return Say(template=f"{session.dialog}/{session.step}", params=params, options=options)


def page(options: Sequence[Option], number: int, most: int) -> tuple[Option, ...]:
    """The ``most`` options of one page, keyed from 1, with ``9`` for more and ``0`` to go back where there is any."""
    first = number * most
    shown = [replace(option, key=str(key)) for key, option in enumerate(options[first : first + most], start=1)]
    if first + most < len(options):
        shown.append(Option(key=MORE, value=MORE, label=LabelKind.WORD, ref="more"))
    if number > 0:
        shown.append(Option(key=BACK, value=BACK, label=LabelKind.WORD, ref="back"))
    return tuple(shown)


def _move(book: Book, at: _At, target: str, *, answers: Answers | None = None, effects: Sequence[Effect] = ()) -> _At:
    dialog, name = _target(book, at.dialog, target)
    return _At(
        dialog=dialog,
        step=name,
        answers=at.answers if answers is None else answers,
        effects=(*at.effects, *effects),
        misses=at.misses,
    )


def _target(book: Book, present: str, target: str) -> tuple[str, str]:
    """A target as dialog and step. What was answered goes along, so that nobody is asked twice."""
    dialog, colon, name = target.rpartition(":")
    if not colon:
        return present, name
    if dialog not in book.dialogs:
        raise Lost(f"there is no dialog {dialog}")
    return dialog, name or book.dialogs[dialog].start
