"""One transaction for all that wait: record, read facts, step, perform, save. A plain function, so nothing is awaited."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dialogs import engine
from dialogs.book import BOOK
from dialogs.contacts import Contact, normalise_msisdn
from dialogs.effects import Effect, OpenCase, Say
from dialogs.facts import Facts, Need, Step
from dialogs.messages import (
    ChannelKind,
    Consent,
    ConsentChange,
    DeliveryReport,
    InboundMessage,
    MessageKind,
    OutboundMessage,
    Received,
    SessionEvent,
    Unreadable,
)
from dialogs.session import Session
from gateway.channels import Channel
from gateway.effects import APOLOGY, RESIDENT, Asked, House, Performed, perform
from gateway.inbound import knowledge, ussd
from gateway.inbound.knowledge import Asking
from gateway.outbound import receipts
from store import Tx, alerts, contacts, messages, outbox, sessions
from store.contacts import Seen
from store.messages import Settled
from store.sessions import UssdState

Answers = Sequence[OutboundMessage]

#: The answer's name under which a session keeps which messages it was made of, so that its case can show them.
HEARD_IN = "messages"
_HEARD_IN_MOST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    """A message that was not seen before and whose sender can be answered."""

    index: int
    id: int
    message: InboundMessage
    contact: Contact
    channel: Channel
    fresh: ussd.Fresh | None = None


def receive(tx: Tx, house: House, now: datetime, items: Sequence[Received]) -> list[Answers]:
    """Take what providers sent. Returns, for each item, the screens that answer it at once (empty but for USSD)."""
    receipts.apply(tx, [item for item in items if isinstance(item, DeliveryReport)], now)
    unreadable = [(item, now) for item in items if isinstance(item, Unreadable)]
    if unreadable:
        messages.quarantine(tx, unreadable)
    changes = [item for item in items if isinstance(item, ConsentChange)]
    if changes:
        _consents(tx, house, now, changes)
    answers: list[Answers] = [()] * len(items)
    arrivals = _record(tx, house, now, items, answers)
    if arrivals:
        _converse(tx, house, now, arrivals, answers)
    return answers


def _consents(tx: Tx, house: House, now: datetime, changes: Sequence[ConsentChange]) -> None:
    """A provider's own opt-out. HELP changes nothing: the provider has answered it."""
    wanted = [
        (msisdn, change)
        for change in changes
        if (msisdn := normalise_msisdn(change.sender, house.config.service.country)) and change.kind is not Consent.HELP
    ]
    known = contacts.ensure(tx, [_seen(house, msisdn, None, now) for msisdn, _ in wanted])
    for msisdn, change in wanted:
        contacts.consent(tx, known[msisdn].id, change.kind, change.channel, now)
        if change.kind is Consent.OUT:
            outbox.cancel_for_contact(tx, known[msisdn].id, now)


def _seen(house: House, msisdn: str, sms_channel: str | None, at: datetime) -> Seen:
    return Seen(msisdn=msisdn, language=house.config.service.languages[0], sms_channel=sms_channel, at=at)


def _record(
    tx: Tx, house: House, now: datetime, items: Sequence[Received], answers: list[Answers]
) -> list[_Arrival]:
    """Write down every message; return those that are new and can be answered."""
    heard = [(index, item) for index, item in enumerate(items) if isinstance(item, InboundMessage)]
    if not heard:
        return []
    ours = {channel.address for channel in house.channels.values()}
    numbers = {
        index: None if item.sender in ours else normalise_msisdn(item.sender, house.config.service.country)
        for index, item in heard
    }
    known = contacts.ensure(
        tx,
        [
            _seen(house, msisdn, item.channel if _is_sms(house, item) else None, now)
            for index, item in heard
            if (msisdn := numbers[index])
        ],
    )
    people = {index: known[msisdn] if (msisdn := numbers[index]) else None for index, _ in heard}
    ids = messages.record(tx, [(item, person.id if (person := people[index]) else None) for index, item in heard])
    contacts.lock(tx, sorted({person.id for person in people.values() if person}))
    arrivals = [
        _Arrival(index=index, id=new, message=item, contact=person, channel=house.channels[item.channel])
        for (index, item), new in zip(heard, ids, strict=True)
        if new is not None and (person := people[index]) is not None
    ]
    silent = [
        Settled(id=new, state="silent", rule="no_number", case_id=None)
        for (index, _), new in zip(heard, ids, strict=True)
        if new is not None and people[index] is None
    ]
    if silent:
        messages.settle(tx, silent)
    seen_before = [
        (index, item, person)
        for (index, item), new in zip(heard, ids, strict=True)
        if new is None and (person := people[index]) is not None
    ]
    return _screens(tx, arrivals, seen_before, answers)


def _is_sms(house: House, message: InboundMessage) -> bool:
    return house.channels[message.channel].kind is ChannelKind.SMS


def _screens(
    tx: Tx,
    arrivals: Sequence[_Arrival],
    seen_before: Sequence[tuple[int, InboundMessage, Contact]],
    answers: list[Answers],
) -> list[_Arrival]:
    """Answer repeated USSD hops from the stored screen; tell the others which part of their transcript is new."""
    keys = [
        (message.channel, message.session_key)
        for message in (*(one.message for one in arrivals), *(message for _, message, _ in seen_before))
        if message.session_key is not None and message.session_event is not SessionEvent.CLOSE
    ]
    if not keys:
        return list(arrivals)
    states = sessions.load_ussd(tx, keys)
    for index, message, _ in seen_before:
        state = states.get((message.channel, message.session_key or ""))
        if state is not None:
            answers[index] = (_screen(message, state.screen, ended=state.ended),)
    return [fresh for one in arrivals if (fresh := _unfold(tx, one, states, answers)) is not None]


def _unfold(
    tx: Tx, one: _Arrival, states: dict[tuple[str, str], UssdState], answers: list[Answers]
) -> _Arrival | None:
    message = one.message
    if message.session_key is None or message.session_event is SessionEvent.CLOSE:
        return one
    state = states.get((message.channel, message.session_key))
    match ussd.latest_answer(state, one.contact.id, message.history or ""):
        case ussd.Fresh() as fresh:
            return replace(one, fresh=fresh)
        case ussd.Repeat(screen=screen, ended=ended):
            answers[one.index] = (_screen(message, screen, ended=ended),)
            rule = "ussd_repeat"
        case ussd.Refuse():
            answers[one.index] = (_screen(message, "", ended=True),)
            rule = "ussd_refused"
    messages.settle(tx, [Settled(id=one.id, state="silent", rule=rule, case_id=None)])
    return None


def _screen(message: InboundMessage, text: str, *, ended: bool) -> OutboundMessage:
    return OutboundMessage(
        id=0, channel=message.channel, recipient=message.sender, text=text, ends_session=ended
    )


def _converse(
    tx: Tx, house: House, now: datetime, arrivals: Sequence[_Arrival], answers: list[Answers]
) -> None:
    asking = [
        Asking(contact=one.contact, channel_kind=one.channel.kind, text=one.message.text) for one in arrivals
    ]
    facts = knowledge.gather(tx, house, now, asking)
    steps = knowledge.satisfied(tx, facts, lambda index, known: _step(arrivals[index], known))
    performed = perform(
        tx,
        house,
        now,
        [_asked(one, known, step) for one, known, step in zip(arrivals, facts, steps, strict=True)],
    )
    _save(tx, now, arrivals, facts, steps, performed)
    for one, done in zip(arrivals, performed, strict=True):
        answers[one.index] = done.answers[-1:]


def _step(one: _Arrival, facts: Facts) -> Step | Need:
    """One step for a text; for a USSD transcript as many as it has new answers."""
    if one.fresh is None:
        return engine.step(BOOK, facts, one.message.text, one.message.session_event)
    turns = [("", SessionEvent.NEW)] if one.fresh.dial else []
    turns += [(answer, SessionEvent.RESUME) for answer in one.fresh.answers]
    effects: tuple[Effect, ...] = ()
    taken = Step(session=facts.session, effects=(), rule="dialled")
    for text, event in turns:
        result = engine.step(BOOK, replace(facts, session=taken.session), text, event)
        if isinstance(result, Need):
            return result
        effects = (*(effect for effect in effects if not isinstance(effect, Say) or effect.by_sms), *result.effects)
        taken = result
    return replace(taken, effects=effects)


def _asked(one: _Arrival, facts: Facts, step: Step) -> Asked:
    return Asked(
        contact=one.contact,
        channel=one.channel.id,
        channel_kind=one.channel.kind,
        actor=RESIDENT,
        kind=MessageKind.REPLY,
        effects=step.effects,
        in_reply_to=one.id,
        case_id=_about(facts, step),
    )


def _about(facts: Facts, step: Step) -> int | None:
    """The case that an answer names, so that the case shows the exchange; never a stranger's."""
    codes = {effect.params.get("code") for effect in step.effects if isinstance(effect, Say)}
    own = (*facts.own_cases, *facts.named_cases.values())
    return next((case.id for case in own if case.code in codes and case.contact_id == facts.contact.id), None)


def _save(  # noqa: PLR0913  the batch, column by column
    tx: Tx,
    now: datetime,
    arrivals: Sequence[_Arrival],
    facts: Sequence[Facts],
    steps: Sequence[Step],
    performed: Sequence[Performed],
) -> None:
    rows = list(zip(arrivals, facts, steps, performed, strict=True))
    changed = [
        (one.contact.id, _remember(one, step.session))
        for one, known, step, _ in rows
        if step.session is not None or known.session is not None
    ]
    if changed:
        sessions.save(tx, changed, now)
    messages.settle(
        tx, [Settled(id=one.id, state="done", rule=step.rule, case_id=done.case_id) for one, _, step, done in rows]
    )
    earlier = [
        (message_id, done.case_id)
        for _, known, step, done in rows
        if done.case_id is not None and any(isinstance(effect, OpenCase) for effect in step.effects)
        for message_id in _heard_in(known.session)
    ]
    if earlier:
        messages.link(tx, earlier)
    screens = [(_key(one), _state(one, done)) for one, _, _, done in rows if one.fresh is not None]
    if screens:
        sessions.save_ussd(tx, screens, now)


def _remember(one: _Arrival, session: Session | None) -> Session | None:
    if session is None:
        return None
    heard = [*_heard_in(session), one.id][-_HEARD_IN_MOST:]
    return replace(session, answers={**session.answers, HEARD_IN: ",".join(map(str, heard))})


def _heard_in(session: Session | None) -> list[int]:
    named = str(session.answers.get(HEARD_IN) or "") if session else ""
    return [int(part) for part in named.split(",") if part]


def _key(one: _Arrival) -> tuple[str, str]:
    return one.message.channel, one.message.session_key or ""


def _state(one: _Arrival, done: Performed) -> UssdState:
    last = done.answers[-1] if done.answers else None
    history = one.message.history or ""
    return UssdState(
        contact_id=one.contact.id,
        history=history,
        hops=history.count(ussd.STAR) + 1,
        screen=last.text if last else "",
        ended=last.ends_session if last else True,
    )


def keep_poison(tx: Tx, house: House, now: datetime, message: InboundMessage) -> Answers:
    """A message that no step survives: kept, marked failed, shown to staff; its sender gets a plain apology."""
    msisdn = normalise_msisdn(message.sender, house.config.service.country)
    sms = message.channel if _is_sms(house, message) else None
    contact = contacts.ensure(tx, [_seen(house, msisdn, sms, now)])[msisdn] if msisdn else None
    [recorded] = messages.record(tx, [(message, contact.id if contact else None)])
    if recorded is None:
        return ()
    messages.settle(tx, [Settled(id=recorded, state="failed", rule="poison", case_id=None)])
    alerts.raise_alert(tx, "poison_message", str(recorded), now)
    channel = house.channels[message.channel]
    if contact is None:
        return ()
    [done] = perform(
        tx,
        house,
        now,
        [
            Asked(
                contact=contact,
                channel=channel.id,
                channel_kind=channel.kind,
                actor=RESIDENT,
                kind=MessageKind.REPLY,
                effects=(replace(APOLOGY, ends_session=True),),
                in_reply_to=recorded,
            )
        ],
    )
    return done.answers
