"""One transaction for all that wait: record, read facts, step, perform, save. Plain functions: nothing is awaited."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from dialogs import engine
from dialogs.book import BOOK
from dialogs.contacts import Contact, normalise_msisdn
from dialogs.effects import Effect, OpenCase, Say
from dialogs.facts import Facts, Need, Step
from dialogs.messages import (
    Consent,
    ConsentChange,
    DeliveryReport,
    InboundMessage,
    MessageKind,
    Received,
    SessionEvent,
    Unreadable,
)
from dialogs.session import Session
from gateway.effects import APOLOGY, RESIDENT, Asked, House, Performed, perform
from gateway.inbound import expiry, guessing, knowledge, ussd
from gateway.inbound.arrivals import Answers, Arrival, record, seen, session_key, sms_line
from gateway.inbound.knowledge import HEARD_IN, Asking, heard_in
from gateway.outbound import receipts
from store import Tx, alerts, contacts, crash, messages, outbox, sessions
from store.messages import InboundState, Settled
from store.sessions import UssdState

_HEARD_IN_MOST = 12


def receive(tx: Tx, house: House, now: datetime, items: Sequence[Received]) -> list[Answers]:
    """Take what providers sent. Returns, for each item, the screens that answer it at once (empty but for USSD)."""
    receipts.apply(tx, [item for item in items if isinstance(item, DeliveryReport)], now)
    messages.quarantine(tx, [(item, now) for item in items if isinstance(item, Unreadable)])
    _consents(tx, house, now, [item for item in items if isinstance(item, ConsentChange)])
    answers: list[Answers] = [()] * len(items)
    if any(isinstance(item, InboundMessage) for item in items):
        arrivals = record(tx, house, now, items, answers)
        crash.point("inbound.recorded")
        if arrivals:
            _converse(tx, house, now, arrivals, answers)
    return answers


def _consents(tx: Tx, house: House, now: datetime, changes: Sequence[ConsentChange]) -> None:
    """A provider's own opt-out, each once. HELP changes nothing: the provider has answered it."""
    numbers = [normalise_msisdn(change.sender, house.config.service.country) for change in changes]
    known = contacts.ensure(tx, [seen(house, number, None, now) for number in numbers if number])
    people = [known.get(number or "") for number in numbers]
    for change, person, new in zip(changes, people, _new(tx, changes, people), strict=True):
        if person is None or not new or change.kind is Consent.HELP:
            continue
        contacts.consent(tx, person.id, change.kind, change.channel, now)
        if change.kind is Consent.OUT:
            outbox.cancel_for_contact(tx, person.id, now)


def _new(tx: Tx, changes: Sequence[ConsentChange], people: Sequence[Contact | None]) -> list[bool]:
    """Keep the texts that carried these changes; whether each change is one that we did not act on before."""
    told = [
        (index, (change.message, person.id if person else None))
        for index, (change, person) in enumerate(zip(changes, people, strict=True))
        if change.message is not None
    ]
    ids = dict(zip([index for index, _ in told], messages.record(tx, [row for _, row in told]), strict=True))
    settled = [Settled(id=new, state=InboundState.SILENT, rule="consent") for new in ids.values() if new is not None]
    messages.settle(tx, settled)
    return [ids.get(index, 0) is not None for index in range(len(changes))]


def _converse(tx: Tx, house: House, now: datetime, arrivals: Sequence[Arrival], answers: list[Answers]) -> None:
    asking = [Asking(contact=one.contact, channel_kind=one.channel.kind, texts=_texts(one)) for one in arrivals]
    facts = knowledge.gather(tx, house, now, asking)
    over = [(one.contact.id, one.session) for one in facts if one.session is not None and one.session.expires_at <= now]
    if over:  # whoever writes before the tick has looked must not write over what they had told
        expiry.end(tx, house, now, {one.contact.id: one.contact for one in arrivals}, over)
        facts = knowledge.gather(tx, house, now, asking)
    facts = guessing.withhold(tx, house, now, facts, [one.codes for one in asking])
    steps = knowledge.satisfied(tx, facts, lambda index, known: _step(arrivals[index], known))
    crash.point("inbound.stepped")
    performed = perform(
        tx,
        house,
        now,
        [_asked(one, known, step) for one, known, step in zip(arrivals, facts, steps, strict=True)],
    )
    crash.point("inbound.performed")
    _save(tx, now, arrivals, facts, steps, performed)
    crash.point("inbound.saved")
    for one, done in zip(arrivals, performed, strict=True):
        answers[one.index] = done.answers[-1:]


def _texts(one: Arrival) -> Sequence[str]:
    """What they say now. A USSD transcript brings along what they said before, which was heard then."""
    return (one.message.text,) if one.fresh is None else one.fresh.answers


def _step(one: Arrival, facts: Facts) -> Step | Need:
    """One step for a text; for a USSD transcript as many as it has new answers, up to the end of a screen or a case.

    Nobody can have typed on behind an ``END``; and there are codes for one case and one that was left half told.
    """
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
        if any(isinstance(effect, OpenCase) or (isinstance(effect, Say) and effect.ends_session) for effect in effects):
            break
    return replace(taken, effects=effects)


def _asked(one: Arrival, facts: Facts, step: Step) -> Asked:
    return Asked(
        contact=one.contact,
        channel=one.channel.id,
        channel_kind=one.channel.kind,
        actor=RESIDENT,
        kind=MessageKind.REPLY,
        effects=step.effects,
        in_reply_to=one.id,
        case_id=_about(facts, step),
        before=heard_in(facts.session),
    )


def _about(facts: Facts, step: Step) -> int | None:
    """The case that an answer names, so that the case shows the exchange; never a stranger's."""
    codes = {effect.params.get("code") for effect in step.effects if isinstance(effect, Say)}
    own = (*facts.own_cases, *facts.named_cases.values())
    return next((case.id for case in own if case.code in codes and case.contact_id == facts.contact.id), None)


def _save(
    tx: Tx,
    now: datetime,
    arrivals: Sequence[Arrival],
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
    sessions.save(tx, changed, now)
    messages.settle(
        tx,
        [
            Settled(id=one.id, state=InboundState.DONE, rule=step.rule, case_id=done.case_id)
            for one, _, step, done in rows
        ],
    )
    earlier = [
        (message_id, case_id)
        for _, known, _, done in rows
        if (case_id := _filed(known, done)) is not None
        for message_id in heard_in(known.session)
    ]
    messages.link(tx, earlier)
    sessions.save_ussd(
        tx,
        [(key, _state(one, done)) for one, _, _, done in rows if (key := session_key(one.message)) is not None],
        now,
    )


def _filed(facts: Facts, done: Performed) -> int | None:
    """The case that what was said before has become: the one that was left half told, or else the one told now.

    Never one that is only spoken of in the same breath: staff would read there what is told of the other.
    """
    return done.opened.get(facts.spare_code, done.opened.get(facts.new_code))


def _remember(one: Arrival, session: Session | None) -> Session | None:
    if session is None:
        return None
    heard = [*heard_in(session), one.id][-_HEARD_IN_MOST:]
    return replace(session, answers={**session.answers, HEARD_IN: ",".join(map(str, heard))})


def _state(one: Arrival, done: Performed) -> UssdState:
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
    contact = contacts.ensure(tx, [seen(house, msisdn, sms_line(house, message), now)])[msisdn] if msisdn else None
    [recorded] = messages.record(tx, [(message, contact.id if contact else None)])
    if recorded is None:
        return ()
    messages.settle(tx, [Settled(id=recorded, state=InboundState.FAILED, rule="poison")])
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
