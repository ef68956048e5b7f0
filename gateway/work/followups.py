"""Follow-ups: after a resolution the resident is asked whether it is true, once more if silent, and then it closes.

Rule 1: the question and the closing date count from the resolution, the reminder from the question. Who was asked
late, because something was in the way, gets the same time to answer.
Rule 2: nobody is interrupted. A question waits until the conversation about something else has ended or been idle for
half an hour; what was half told there is filed first, as when its time is over.
Rule 3: silence is not satisfaction: it closes a case as ``silent``, and only where the question went out; where it
never did (opted out, silenced, no number, a line that failed) the case closes as ``unasked``.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from dialogs import engine
from dialogs.cases import CONFIRMABLE, Case, CaseStatus, Outcome
from dialogs.confirm import CONFIRM
from dialogs.contacts import Contact
from dialogs.effects import Say
from dialogs.facts import Facts
from dialogs.messages import ChannelKind, MessageKind
from dialogs.nodes import Choose
from dialogs.outreach import FollowUpKind, FollowUpStatus
from dialogs.session import Answers, Session
from gateway.config import Config
from gateway.effects import Asked, House, perform
from store import Clash, StoreUnavailable, Tx, alerts, cases, contacts, crash, mutes, outbox, outreach, sessions
from store.outreach import DueFollowUp, NewFollowUp

log = structlog.get_logger(__name__)

#: How long a conversation about something else must have been idle before we begin ours.
IDLE = timedelta(minutes=30)
#: At most so many in one transaction.
CHUNK = 500
#: Who acts when time does.
SYSTEM = "system"
ALERT_FAILED = "followup_failed"


def plan(tx: Tx, case: Case, config: Config, now: datetime) -> None:
    """Write down, at a resolution, when to ask whether it is true and when to close for silence.

    A case that nobody can be asked about (filed without a number) only closes.
    """
    dates = {FollowUpKind.CLOSE: now + config.followups.close_after}
    if case.contact_id is not None:
        dates[FollowUpKind.CONFIRM] = now + config.followups.confirm_after
    rows = [
        NewFollowUp(case_id=case.id, resolution_no=case.resolution_no, kind=kind, due_at=due_at)
        for kind, due_at in dates.items()
    ]
    outreach.plan_followups(tx, rows)


def cancel(tx: Tx, case_id: int) -> None:
    """Ask nothing more about a resolution: it was taken back, merged or answered otherwise."""
    outreach.cancel_followups(tx, case_id)


def tick(tx: Tx, house: House, now: datetime, limit: int = CHUNK) -> int:
    """Do what has fallen due, at most ``limit``; say how many were done. One that fails alone is shown to staff."""
    due = outreach.due_followups(tx, now, idle_since=now - IDLE, limit=limit)
    if not due:
        return 0
    try:
        with tx.begin_nested():
            return _fire(tx, house, now, due)
    except (StoreUnavailable, Clash):
        raise
    except Exception:
        log.exception("followups_failed", count=len(due))
    return sum(_fire_alone(tx, house, now, row) for row in due)


def _fire_alone(tx: Tx, house: House, now: datetime, row: DueFollowUp) -> int:
    try:
        with tx.begin_nested():
            return _fire(tx, house, now, [row])
    except (StoreUnavailable, Clash):
        raise
    except Exception:
        log.exception("followup_failed", followup=row.id)
        outreach.mark_followups(tx, {row.id: FollowUpStatus.CANCELLED})
        alerts.raise_alert(tx, ALERT_FAILED, row.code, now)
        return 1


@dataclass(slots=True, kw_only=True)
class _Round:
    """What some follow-ups come to, collected and kept set by set."""

    house: House
    now: datetime
    people: Mapping[int, Contact]
    talking: Mapping[int, Session]
    silenced: Collection[tuple[int, int]]
    statuses: dict[int, FollowUpStatus] = field(default_factory=dict)
    planned: list[NewFollowUp] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    begun: dict[int, Session] = field(default_factory=dict)
    idle: set[int] = field(default_factory=set)


def _fire(tx: Tx, house: House, now: datetime, due: Sequence[DueFollowUp]) -> int:
    known = cases.named(tx, {row.code for row in due})
    people = contacts.by_ids(tx, {row.contact_id for row in due if row.contact_id is not None})
    silenced = mutes.silenced(tx, {row.case_id for row in due if row.kind is not FollowUpKind.CLOSE})
    talking = sessions.load(tx, people)
    this = _Round(house=house, now=now, people=people, talking=talking, silenced=silenced)
    for row in due:
        case = known[row.code]
        if case.status not in CONFIRMABLE or case.resolution_no != row.resolution_no:
            this.statuses[row.id] = FollowUpStatus.CANCELLED
        elif row.kind is FollowUpKind.CLOSE:
            _close(tx, row, case, now)
            this.statuses[row.id] = FollowUpStatus.DONE
        else:
            _question(tx, this, row, case)
    outreach.mark_followups(tx, this.statuses)
    outreach.plan_followups(tx, this.planned)
    perform(tx, house, now, this.asked)
    crash.point("followups.asked")
    sessions.save(tx, list(this.begun.items()), now)
    return len(this.statuses) + outreach.end_idle(tx, this.idle, now)


def _close(tx: Tx, row: DueFollowUp, case: Case, now: datetime) -> None:
    asked = outbox.was_asked(tx, case.id, case.resolved_at or case.opened_at)
    outcome = Outcome.SILENT if asked else Outcome.UNASKED
    data, status = {"outcome": outcome}, CaseStatus.CLOSED
    cases.change(tx, row.case_id, actor=SYSTEM, what="closed", at=now, data=data, status=status, outcome=outcome)
    outreach.finish_followups(tx, row.case_id)
    sessions.end_for_case(tx, row.code)


def _question(tx: Tx, this: _Round, row: DueFollowUp, case: Case) -> None:
    """Ask, unless they want no messages (about this); leave it waiting while another conversation is in the way."""
    contact = None if row.contact_id is None else this.people[row.contact_id]
    if contact is None or contact.opted_out_at is not None or (case.id, contact.id) in this.silenced:
        this.statuses[row.id] = FollowUpStatus.CANCELLED
        return
    other = this.talking.get(contact.id)
    if contact.id in this.begun:
        return  # one question at a time
    if other is not None and other.case != case.code:
        this.idle.add(contact.id)
        return
    closes_at = _closing(tx, this, row)
    answers: Answers = {"code": case.code, "resolution_no": case.resolution_no}
    this.begun[contact.id] = Session(
        dialog=CONFIRM.name, step=CONFIRM.start, answers=answers, case=case.code, expires_at=closes_at
    )
    this.asked.append(
        Asked(
            contact=contact,
            channel=contact.sms_channel or "",
            channel_kind=ChannelKind.SMS,
            actor=SYSTEM,
            kind=MessageKind.FOLLOWUP,
            effects=[_say(this, contact, case, answers)],
            case_id=case.id,
        )
    )
    this.statuses[row.id] = FollowUpStatus.ASKED
    remind_at = this.now + this.house.config.followups.remind_after
    if row.kind is FollowUpKind.CONFIRM and remind_at < closes_at:
        again = NewFollowUp(
            case_id=row.case_id, resolution_no=row.resolution_no, kind=FollowUpKind.REMIND, due_at=remind_at
        )
        this.planned.append(again)


def _closing(tx: Tx, this: _Round, row: DueFollowUp) -> datetime:
    """When the case will close for silence; later than planned if little of the time to answer is left."""
    times = this.house.config.followups
    whole = times.close_after - times.confirm_after
    planned = row.closes_at or this.now + whole
    if row.kind is FollowUpKind.REMIND or planned - this.now >= whole / 2:
        return planned
    outreach.postpone_close(tx, row.case_id, row.resolution_no, this.now + whole)
    return this.now + whole


def _say(this: _Round, contact: Contact, case: Case, answers: Answers) -> Say:
    """The question as the dialog itself would put it."""
    node = CONFIRM.steps[CONFIRM.start]
    facts = Facts(
        now=this.now,
        contact=contact,
        channel_kind=ChannelKind.SMS,
        city=this.house.config.city,
        new_code="",
        own_cases=(case,),
    )
    if not isinstance(node, Choose):
        raise TypeError("the question about a resolution is a choice")
    options = engine.page(tuple(node.options(facts, answers)), 0, node.page)
    return Say(template=f"{CONFIRM.name}/{CONFIRM.start}", params=node.params(facts, answers), options=options)
