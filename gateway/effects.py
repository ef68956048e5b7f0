"""Perform what steps and staff ask for: one short function an effect, all in the transaction that is open.

Rule 1: nothing here decides anything about a conversation; that was done by a dialog. Nothing here sends; it queues.
Rule 2: what many messages do (open cases, name their place, be answered) is collected and done for the whole batch at
once; what few messages do is done one by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from dialogs.cases import Case, CaseStatus
from dialogs.contacts import Contact
from dialogs.effects import (
    AddNote,
    AlertStaff,
    Anonymise,
    AppealCase,
    CloseCase,
    Conceal,
    Effect,
    ForgetMe,
    HandOver,
    KeepMe,
    KeepReply,
    Mute,
    OpenCase,
    OptIn,
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
from dialogs.messages import ChannelKind, Consent, MessageKind, OutboundMessage
from dialogs.values import quickly_made
from gateway.outbound.house import House
from gateway.outbound.speaking import APOLOGY, Saying, speak
from store import Tx, alerts, cases, contacts, farewells, labels, mutes, outbox, outreach, replies, sessions

__all__ = ["APOLOGY", "RESIDENT", "Asked", "House", "Performed", "perform"]

#: Who acts when a resident's message changes a case.
RESIDENT = "resident"


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Effects that one message or one staff act asks for, and in whose name.

    ``channel`` is where the message came in (for staff acts: their source, e.g. ``office``). ``contact`` is None only
    where nobody is to be spoken to. ``case_id`` links what is said to a case that is already there. ``before`` are the
    messages of which the conversation was made until now.
    """

    contact: Contact | None
    channel: str
    channel_kind: ChannelKind
    actor: str
    kind: MessageKind
    effects: Sequence[Effect]
    in_reply_to: int | None = None
    language: str | None = None
    case_id: int | None = None
    before: Sequence[int] = ()


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Performed:
    """What came of one ``Asked``: the screens that are its immediate answer (USSD), and the case it is about.

    ``opened`` are the cases that it opened, by their codes.
    """

    answers: Sequence[OutboundMessage]
    case_id: int | None
    opened: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Ask:
    """One ``Asked`` on its way: the contact as changed so far, and what is to be said."""

    asked: Asked
    contact: Contact | None
    case_id: int | None
    says: list[tuple[Say, str]] = field(default_factory=list)
    opened: dict[str, int] = field(default_factory=dict)


def perform(tx: Tx, house: House, now: datetime, asked: Sequence[Asked]) -> list[Performed]:
    """Do all of it. Raises ``store.Clash`` if a new code was taken meanwhile: run the batch again with fresh codes."""
    doing = [_Ask(asked=one, contact=one.contact, case_id=one.case_id) for one in asked]
    _open_cases(tx, house, now, doing)
    _set_places(tx, now, doing)
    _raise_alerts(tx, now, doing)
    for one in doing:
        for effect in one.asked.effects:
            _do(tx, now, one, effect)
    return _say(tx, house, now, doing)


def _open_cases(tx: Tx, house: House, now: datetime, doing: Sequence[_Ask]) -> None:
    asks = [(one, effect) for one in doing for effect in one.asked.effects if isinstance(effect, OpenCase)]
    if not asks:
        return
    ids = cases.open_cases(tx, [_new_case(house, now, one, effect) for one, effect in asks], now)
    for (one, effect), case_id in zip(asks, ids, strict=True):
        one.opened[effect.code] = case_id
        if one.asked.case_id is None:  # else what is opened was left half told, on the way to that other case
            one.case_id = case_id


def _set_places(tx: Tx, now: datetime, doing: Sequence[_Ask]) -> None:
    asks = [(one.contact, effect) for one in doing for effect in one.asked.effects if isinstance(effect, SetPlace)]
    contacts.set_places(tx, {contact.id: effect.place for contact, effect in asks if contact is not None}, now)


def _raise_alerts(tx: Tx, now: datetime, doing: Sequence[_Ask]) -> None:
    asks = (effect for one in doing for effect in one.asked.effects if isinstance(effect, AlertStaff | HandOver))
    alerts.raise_each(tx, [(effect.reason, effect.code) for effect in asks], now)


def _new_case(house: House, now: datetime, one: _Ask, effect: OpenCase) -> cases.NewCase:
    return cases.NewCase(
        code=effect.code,
        contact_id=one.contact.id if one.contact else None,
        kind=effect.kind,
        category=effect.category,
        place=effect.place,
        location_text=effect.location_text,
        description=effect.description,
        unit=house.config.city.categories[effect.category].unit,
        confidential=effect.confidential,
        anonymous=effect.anonymous,
        priority=effect.priority,
        draft=effect.draft,
        channel=one.asked.channel,
        opened_at=now,
        due_at=effect.due_at,
        actor=one.asked.actor,
    )


def _do(tx: Tx, now: datetime, one: _Ask, effect: Effect) -> None:  # noqa: C901, PLR0912  a case an effect, no more
    match effect:
        case OpenCase() | SetPlace() | AlertStaff() | HandOver():
            pass  # done already, all of the batch at once
        case Say():
            if one.contact is not None:  # a case filed without a number has nobody to be told
                one.says.append((effect, _language(one)))
        case AddNote():
            _add_note(tx, now, one, effect)
        case Relabel():
            _relabel(tx, now, one, effect)
        case Support():
            _support(tx, now, one, effect)
        case RateCase():
            _change(tx, now, one, effect.code, "rated", {"rating": effect.rating}, rating=effect.rating)
        case CloseCase():
            _close(tx, now, one, effect)
        case ReopenCase():
            _reopen(tx, now, one, effect)
        case AppealCase():
            _appeal(tx, now, one, effect)
        case Conceal():
            _conceal(tx, now, one, effect)
        case TakeOver():
            _take_over(tx, now, one, effect)
        case Anonymise():
            _anonymise(tx, now, one, effect)
        case Withdraw():
            _withdraw(tx, now, one, effect)
        case SetLanguage():
            _set_language(tx, one, effect)
        case OptOut():
            _opt_out(tx, now, one)
        case OptIn():
            _opt_in(tx, now, one)
        case Mute() | Unmute():
            _mute(tx, now, one, effect)
        case ForgetMe() | KeepMe():
            _say_farewell(tx, now, one, effect)
        case KeepReply():
            _keep_reply(tx, one, effect)
        case _:
            assert_never(effect)


def _language(one: _Ask) -> str:
    if one.asked.language is not None:
        return one.asked.language
    return one.contact.language if one.contact else ""


def _case(tx: Tx, one: _Ask, code: str) -> Case:
    case = cases.named(tx, [code])[code]
    one.case_id = case.id
    return case


def _change(
    tx: Tx, now: datetime, one: _Ask, code: str, what: str, data: Mapping[str, object], **columns: object
) -> Case:
    case = _case(tx, one, code)
    return cases.change(tx, case.id, actor=one.asked.actor, what=what, at=now, data=data, **columns)


def _add_note(tx: Tx, now: datetime, one: _Ask, effect: AddNote) -> None:
    case = _change(tx, now, one, effect.code, "noted", {})
    cases.note(tx, case.id, one.asked.actor, effect.text, now)


def _relabel(tx: Tx, now: datetime, one: _Ask, effect: Relabel) -> None:
    """The date that was told stays: it was told. Who says what is known already changes nothing."""
    case = _case(tx, one, effect.code)
    wanted = {
        "category": effect.category or case.category,
        "unit": effect.unit or case.unit,
        "place": effect.place or case.place,
    }
    data = labels.differing(case, wanted)
    if data is not None:
        _change(tx, now, one, effect.code, "relabelled", data, **wanted)


def _support(tx: Tx, now: datetime, one: _Ask, effect: Support) -> None:
    """Once a person: who says so again changes nothing."""
    if one.contact is not None and cases.support(tx, _case(tx, one, effect.code).id, one.contact.id, now):
        _change(tx, now, one, effect.code, "supported", {})


def _close(tx: Tx, now: datetime, one: _Ask, effect: CloseCase) -> None:
    data = {"outcome": effect.outcome}
    case = _change(tx, now, one, effect.code, "closed", data, status=CaseStatus.CLOSED, outcome=effect.outcome)
    outreach.answer_followups(tx, case.id)
    sessions.end_for_case(tx, effect.code)


def _reopen(tx: Tx, now: datetime, one: _Ask, effect: ReopenCase) -> None:
    _take_up_again(tx, now, one, effect, "reopened", {"reason": effect.reason}, status=CaseStatus.REOPENED)


def _appeal(tx: Tx, now: datetime, one: _Ask, effect: AppealCase) -> None:
    """It is nobody's until somebody of the other unit takes it."""
    unit = {"unit": effect.unit}
    _take_up_again(tx, now, one, effect, "appealed", unit, status=CaseStatus.APPEALED, **unit, assignee=None)


def _take_up_again(
    tx: Tx,
    now: datetime,
    one: _Ask,
    effect: ReopenCase | AppealCase,
    what: str,
    data: Mapping[str, object],
    **columns: object,
) -> None:
    """First in the queue, by a new date; what we asked about the decision is answered by this."""
    changed = {**columns, "due_at": effect.due_at, "priority": True, "outcome": None}
    case = _change(tx, now, one, effect.code, what, data, **changed)
    cases.promise(tx, case.id, effect.due_at, what, now)
    outreach.answer_followups(tx, case.id)
    sessions.end_for_case(tx, effect.code)


def _conceal(tx: Tx, now: datetime, one: _Ask, effect: Conceal) -> None:
    """What is so already leaves no mark."""
    if not _case(tx, one, effect.code).confidential:
        _change(tx, now, one, effect.code, "concealed", {}, confidential=True)


def _anonymise(tx: Tx, now: datetime, one: _Ask, effect: Anonymise) -> None:
    """The same; it is a secret from now on, too."""
    if not _case(tx, one, effect.code).anonymous:
        _change(tx, now, one, effect.code, "anonymised", {}, confidential=True, anonymous=True)


def _take_over(tx: Tx, now: datetime, one: _Ask, effect: TakeOver) -> None:
    """Who told it is asked no more about it; what is still to be asked is asked of whose it is now."""
    if one.contact is not None:
        case = _case(tx, one, effect.code)
        cases.take_over(tx, case.id, one.contact.id, actor=one.asked.actor, at=now)
        sessions.end_for_case(tx, effect.code)


def _withdraw(tx: Tx, now: datetime, one: _Ask, effect: Withdraw) -> None:
    case = _change(tx, now, one, effect.code, "withdrawn", {}, status=CaseStatus.WITHDRAWN, outcome="withdrawn")
    outreach.cancel_followups(tx, case.id)
    sessions.end_for_case(tx, effect.code)


def _set_language(tx: Tx, one: _Ask, effect: SetLanguage) -> None:
    if one.contact is not None:
        contacts.set_language(tx, one.contact.id, effect.language)
        one.contact = replace(one.contact, language=effect.language)


def _opt_out(tx: Tx, now: datetime, one: _Ask) -> None:
    if one.contact is not None:
        contacts.consent(tx, one.contact.id, Consent.OUT, one.asked.channel, now)
        outbox.cancel_for_contact(tx, one.contact.id, now)


def _opt_in(tx: Tx, now: datetime, one: _Ask) -> None:
    if one.contact is not None:
        contacts.consent(tx, one.contact.id, Consent.IN, one.asked.channel, now)


def _mute(tx: Tx, now: datetime, one: _Ask, effect: Mute | Unmute) -> None:
    """What waits to be sent about the case is stopped at hand-over, if they want it so then."""
    if one.contact is None:
        return
    case = _case(tx, one, effect.code)
    if isinstance(effect, Mute):
        mutes.mute(tx, case.id, one.contact.id, now)
    else:
        mutes.unmute(tx, case.id, one.contact.id)


def _say_farewell(tx: Tx, now: datetime, one: _Ask, effect: ForgetMe | KeepMe) -> None:
    if one.contact is None:
        return
    if isinstance(effect, ForgetMe):
        farewells.ask(tx, one.contact.id, now, effect.due_at)
    else:
        farewells.take_back(tx, one.contact.id)


def _keep_reply(tx: Tx, one: _Ask, effect: KeepReply) -> None:
    """The words stay where they are, with the messages; of a question that ran out there is none to be answered."""
    this = [one.asked.in_reply_to] if effect.this and one.asked.in_reply_to is not None else []
    replies.keep(tx, effect.notice, [*(one.asked.before if effect.before else ()), *this])


def _say(tx: Tx, house: House, now: datetime, doing: Sequence[_Ask]) -> list[Performed]:
    spoken = [(one, say) for one in doing for say in one.says]
    screens = speak(tx, house, now, [_saying(house, one, say, language) for one, (say, language) in spoken])
    answers: dict[int, list[OutboundMessage]] = {id(one): [] for one in doing}
    for (one, _), screen in zip(spoken, screens, strict=True):
        if screen is not None:
            answers[id(one)].append(screen)
    return [Performed(answers=answers[id(one)], case_id=one.case_id, opened=one.opened) for one in doing]


def _saying(house: House, one: _Ask, say: Say, language: str) -> Saying:
    if one.contact is None:
        raise ValueError("there is nobody to speak to")
    return Saying(
        say=say,
        contact=one.contact,
        channel=one.asked.channel,
        kind=one.asked.kind,
        language=language or house.config.city.languages[0],
        in_reply_to=one.asked.in_reply_to,
        case_id=one.opened.get(str(say.params.get("code")), one.case_id),
    )
