"""What staff may do to a case. Each act is one function, run in one transaction, in the audit log and repeatable.

Rule 1: an act that is done again changes nothing and tells nobody twice.
Rule 2: the audit log holds who did what to which case, and never a resident's words or number.
Rule 3: a message about a confidential case names nothing but its code: phones are shared and screens are seen.
"""
# ruff: noqa: ARG001  every act is called alike: transaction, house, time, who, which case

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialogs import promises, report
from dialogs.cases import Case, CaseStatus, IllegalMove, move
from dialogs.contacts import Contact
from dialogs.effects import Effect, ReopenCase, Say
from dialogs.messages import ChannelKind, MessageKind
from dialogs.understand import codes
from gateway.config import OFFICE
from gateway.effects import Asked, House, perform
from gateway.outbound import segments
from gateway.work import followups
from store import Tx, audit, cases, contacts, deciders, mutes

#: What a resolution may say, in characters: with the words around it, it fills one SMS.
REPLY_MOST = 110
#: So many neighbours are told how a case that they support ended: as many rows as a transaction should hold.
SUPPORTERS_MOST = 500
#: What fits where a member of staff is named.
NAME_MOST = 64
#: What fits into one SMS that names the body which answers for a thing.
BODY_MOST = 40


class NotPossible(Exception):
    """This act cannot be done to this case now. ``str()`` is one line for whoever asked."""


class Told(StrEnum):
    """Whether the resident hears of an act by SMS, and if not, why not."""

    BY_SMS = "by_sms"
    NO_NUMBER = "no_number"
    OPTED_OUT = "opted_out"
    MUTED = "muted"
    CONFIDENTIAL = "confidential"
    NOTHING_TO_TELL = "nothing_to_tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of an act: the case as it stands now, whether the resident is told, whether anything is new."""

    case: Case
    told: Told = Told.NOTHING_TO_TELL
    changed: bool = True


def find(tx: Tx, written: str) -> Case:
    """Return the case of a code however it is written; raise ``NotPossible`` if there is none."""
    found = codes.find(written)
    if not found and any(len(digits) == codes.LENGTH for digits in codes.near(written)):
        raise NotPossible("this is not a tracking code: one digit is wrong, or two have changed places")
    if not found:
        raise NotPossible("this is not a tracking code: nine digits, like 482-105-930")
    case = cases.named(tx, found[:1]).get(found[0])
    if case is None:
        raise NotPossible(f"there is no case {codes.show(found[0])}")
    return case


def read(tx: Tx, now: datetime, actor: str, written: str) -> Case:
    """Return a case to be shown; reading a confidential one is an act, and stands in the audit log."""
    case = find(tx, written)
    if case.confidential:
        audit.append(tx, actor=actor, act="case.read", subject=case.code, data={}, at=now)
    return case


def assign(tx: Tx, house: House, now: datetime, actor: str, code: str, *, to: str) -> Done:
    """Give the case to a person, who answers for it from now on."""
    case, to = held(tx, code), one_line(to, NAME_MOST, "say to whom")
    if case.assignee == to and case.status in {CaseStatus.ASSIGNED, CaseStatus.IN_PROGRESS, CaseStatus.PLANNED}:
        return Done(case=case, changed=False)
    return change(tx, now, actor, case, "assigned", {"to": to}, status=CaseStatus.ASSIGNED, assignee=to)


def start(tx: Tx, house: House, now: datetime, actor: str, code: str) -> Done:
    """Say that work has begun."""
    case = held(tx, code)
    if case.status is CaseStatus.IN_PROGRESS:
        return Done(case=case, changed=False)
    return change(tx, now, actor, case, "started", {}, status=CaseStatus.IN_PROGRESS)


def plan(tx: Tx, house: House, now: datetime, actor: str, code: str, *, due: datetime) -> Done:
    """Say that it will be done, and until when. The new date is a promise: it is kept beside the former ones."""
    case = held(tx, code)
    if due <= now:
        raise NotPossible("the date must lie in the future")
    if case.status is CaseStatus.PLANNED and case.due_at == due:
        return Done(case=case, changed=False)
    done = change(tx, now, actor, case, "planned", {}, status=CaseStatus.PLANNED, due_at=due)
    cases.promise(tx, case.id, due, "planned", now)
    return done


def resolve(tx: Tx, house: House, now: datetime, actor: str, code: str, *, reply: str) -> Done:
    """Say that it is solved, and how. The resident is told now and asked later whether that is true.

    Neighbours who support the case are told that it is solved, without what was answered: it may name somebody.
    """
    case = held(tx, code)
    reply = one_line(reply, REPLY_MOST, "a resolution says in words what was done")
    if case.status is CaseStatus.RESOLVED and case.reply == reply:
        return Done(case=case, changed=False)
    done = change(
        tx,
        now,
        actor,
        case,
        "resolved",
        {"resolution_no": case.resolution_no + 1},
        status=CaseStatus.RESOLVED,
        resolution_no=case.resolution_no + 1,
        resolved_at=now,
        reply=reply,
    )
    followups.plan(tx, done.case, house.config, now)
    if case.confidential:
        return tell(tx, house, now, actor, done.case, Say(template="notice/resolved_quiet", params={"code": case.code}))
    _tell_supporters(tx, house, now, actor, done.case)
    params = {"code": case.code, "reply": reply}
    return tell(tx, house, now, actor, done.case, Say(template="notice/resolved", params=params))


def reopen(tx: Tx, house: House, now: datetime, actor: str, code: str) -> Done:
    """Take a resolution back: the case comes first again, with a new date, and nobody is asked about the old one."""
    case = held(tx, code)
    if case.status is CaseStatus.REOPENED:
        return Done(case=case, changed=False)
    if case.status is CaseStatus.DUPLICATE:
        raise NotPossible(f"{codes.show(case.code)} is merged with another: take it out with split")
    _check(case, CaseStatus.REOPENED)
    due = promises.for_reopened(house.config.city, case.category, now)
    audit.append(tx, actor=actor, act="case.reopened", subject=case.code, data={}, at=now)
    say = Say(template="notice/reopened", params={"code": case.code, "due": due})
    return tell(tx, house, now, actor, case, ReopenCase(code=case.code, due_at=due, reason="staff"), say)


def not_competent(tx: Tx, house: House, now: datetime, actor: str, code: str, *, body: str) -> Done:
    """Say that another body answers for this, and which. It never counts as resolved."""
    case, body = held(tx, code), one_line(body, BODY_MOST, "say which body answers for it")
    if case.status is CaseStatus.NOT_COMPETENT:
        return Done(case=case, changed=False)
    done = change(tx, now, actor, case, "not_competent", {"body": body}, status=CaseStatus.NOT_COMPETENT)
    if case.confidential:
        return Done(case=done.case, told=Told.CONFIDENTIAL)
    params = {"code": case.code, "body": body}
    return tell(tx, house, now, actor, done.case, Say(template="notice/not_competent", params=params))


def note(tx: Tx, house: House, now: datetime, actor: str, code: str, *, text: str) -> Done:
    """Keep a remark for colleagues; the resident never sees it."""
    case, text = held(tx, code), one_line(text, report.DESCRIPTION_MOST, "a note has words")
    cases.note(tx, case.id, actor, text, now)
    return change(tx, now, actor, case, "noted", {})


def held(tx: Tx, written: str) -> Case:
    """The case, with its contact locked as a batch of inbound locks it, so that neither acts on half of the other."""
    case = find(tx, written)
    if case.contact_id is None:
        return case
    contacts.lock(tx, [case.contact_id])
    return find(tx, case.code)


def one_line(written: str, most: int, empty: str) -> str:
    """Return the text with its spaces in order, or raise ``NotPossible`` if it is empty or longer than ``most``.

    What is written with more letters in an SMS counts as those: … is three.
    """
    text = " ".join(written.split())
    if not text:
        raise NotPossible(empty)
    length = max(len(text), len(segments.cheaper(segments.gsm7(text))))
    if length > most:
        raise NotPossible(f"too long: {length} characters, at most {most}")
    return text


def _independent(tx: Tx, case: Case, *people: object) -> None:
    """Whoever decided a case has no part in it once that was appealed."""
    partial = deciders.before_appeal(tx, case.id).intersection(str(name).casefold() for name in people if name)
    if partial:
        raise NotPossible(f"{codes.show(case.code)} was appealed: somebody else than who decided it looks at it now")


def _check(case: Case, wanted: CaseStatus) -> None:
    try:
        move(case.status, wanted)
    except IllegalMove as illegal:
        raise NotPossible(f"{codes.show(case.code)}: {illegal}") from None


def change(
    tx: Tx, now: datetime, actor: str, case: Case, what: str, data: Mapping[str, object], **columns: object
) -> Done:
    """Change the case, and say so in its history and the audit log; ``NotPossible`` for a status that may not be."""
    status = columns.get("status")
    if isinstance(status, CaseStatus):
        _check(case, status)
        _independent(tx, case, actor, columns.get("assignee"))
    changed = cases.change(tx, case.id, actor=actor, what=what, at=now, data=data, **columns)
    audit.append(tx, actor=actor, act=f"case.{what}", subject=case.code, data=data, at=now)
    return Done(case=changed)


def tell(tx: Tx, house: House, now: datetime, actor: str, case: Case, *effects: Effect) -> Done:
    """Perform what an act asks for; say whether the resident hears of it."""
    contact = None if case.contact_id is None else contacts.by_ids(tx, [case.contact_id])[case.contact_id]
    told = _told(tx, case, contact)
    heard = effects if told is not Told.MUTED else [effect for effect in effects if not isinstance(effect, Say)]
    perform(tx, house, now, [_asked(case, actor, contact, heard)])
    return Done(case=find(tx, case.code), told=told)


def _told(tx: Tx, case: Case, contact: Contact | None) -> Told:
    if contact is None:
        return Told.NO_NUMBER
    if contact.opted_out_at:
        return Told.OPTED_OUT
    return Told.MUTED if (case.id, contact.id) in mutes.silenced(tx, [case.id]) else Told.BY_SMS


def _tell_supporters(tx: Tx, house: House, now: datetime, actor: str, case: Case) -> None:
    """Tell each under the code that they know: of a case merged into this one, its own."""
    known = cases.who_supports(tx, case.id, SUPPORTERS_MOST)
    silenced = {contact_id for _, contact_id in mutes.silenced(tx, [case.id])}
    wanted = contacts.by_ids(tx, known.keys() - silenced).values()
    people = [one for one in wanted if one.opted_out_at is None]
    says = {one.id: Say(template="notice/supported", params={"code": known[one.id]}) for one in people}
    perform(tx, house, now, [_asked(case, actor, one, (says[one.id],)) for one in people])


def _asked(case: Case, actor: str, contact: Contact | None, effects: Sequence[Effect]) -> Asked:
    return Asked(
        contact=contact,
        channel=OFFICE,
        channel_kind=ChannelKind.SMS,
        actor=actor,
        kind=MessageKind.NOTICE,
        effects=effects,
        case_id=case.id,
    )
