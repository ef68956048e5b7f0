"""Merges cases that are the same, and takes one out again: whoever reported the other one supports it from then on.

Rule 1: nothing is moved, only linked (see ``store.merges``), so that what was merged by mistake stands again as it did.
Rule 2: what is confidential is merged with nothing: those who support a case hear how it ended.
Rule 3: who reported a case is told once, with the code to ask by; who supported it hears only how it ended.
"""

from collections.abc import Sequence
from datetime import datetime

from dialogs import promises
from dialogs.cases import OPEN, Case, CaseStatus
from dialogs.effects import Say
from dialogs.understand import codes
from gateway.effects import House
from gateway.work.casework import Done, NotPossible, change, find, tell
from store import Tx, cases, contacts, merges, outreach, sessions


def merge(tx: Tx, house: House, now: datetime, actor: str, code: str, *, into: str) -> Done:
    """Say that a case is the same as another, in which it is worked on from now on."""
    case, other = _held(tx, [code, into])
    link = merges.of(tx, case.id)
    if link is not None and link.into == other.code:
        return Done(case=case, changed=False)
    _require_mergeable(case, other)
    merges.link(tx, case.id, other.id, case.status, now)
    data = {"into": other.code, "was": case.status}
    done = change(tx, now, actor, case, "merged", data, status=CaseStatus.DUPLICATE)
    cases.change(tx, other.id, actor=actor, what="joined", at=now, data={"code": case.code})
    outreach.cancel_followups(tx, case.id)
    sessions.end_for_case(tx, case.code)
    say = Say(template="notice/merged", params={"code": case.code, "into": other.code})
    return tell(tx, house, now, actor, done.case, say)


def split(tx: Tx, house: House, now: datetime, actor: str, code: str) -> Done:
    """Take a merged case out again: it stands as it did, and what was promised is promised still.

    A date that went by meanwhile is replaced by a new one.
    """
    case = find(tx, code)
    link = merges.of(tx, case.id)
    if link is None:
        return _alone(tx, case)
    case, other = _held(tx, [code, link.into])
    if merges.of(tx, case.id) != link:  # somebody else was quicker
        return _alone(tx, case)
    merges.unlink(tx, case.id)
    change(tx, now, actor, case, "split", {"from": other.code}, status=CaseStatus.REOPENED)
    cases.change(tx, other.id, actor=actor, what="parted", at=now, data={"code": case.code})
    due = case.due_at if case.due_at > now else promises.for_reopened(house.config.city, case.category, now)
    again = {**_status(link.stood), **({} if due == case.due_at else {"due_at": due})}
    if again:
        cases.change(tx, case.id, actor=actor, what="restored", at=now, data={}, **again)
    if "due_at" in again:
        cases.promise(tx, case.id, due, "split", now)
    say = Say(template="notice/reopened", params={"code": case.code, "due": due})
    return tell(tx, house, now, actor, case, say)


def _status(stood: CaseStatus) -> dict[str, object]:
    """The status to go back to. Nothing becomes new again (``dialogs.cases``): what was is open again, and no more."""
    return {} if stood in {CaseStatus.RECEIVED, CaseStatus.REOPENED} else {"status": stood}


def _alone(tx: Tx, case: Case) -> Done:
    """A case that stands alone: it was taken out before, or never merged."""
    if any(event.what == "split" for event in cases.events(tx, case.id)):
        return Done(case=case, changed=False)
    raise NotPossible(f"{codes.show(case.code)} is not merged with another")


def _held(tx: Tx, written: Sequence[str]) -> list[Case]:
    """Both cases, held together with their people: first the people, as inbound does, then the cases."""
    found = [find(tx, code) for code in written]
    contacts.lock(tx, {case.contact_id for case in found if case.contact_id is not None})
    merges.hold(tx, {case.id for case in found})
    return [find(tx, case.code) for case in found]


def _require_mergeable(case: Case, other: Case) -> None:
    shown, there = codes.show(case.code), codes.show(other.code)
    if case.id == other.id:
        raise NotPossible("a case cannot be merged with itself")
    if case.confidential or other.confidential:
        raise NotPossible("what is confidential is merged with nothing")
    if case.status is CaseStatus.DUPLICATE:
        raise NotPossible(f"{shown} is merged with another: take it out first, with split")
    if case.status is CaseStatus.APPEALED:
        raise NotPossible(f"{shown}: an appeal is decided, not merged")
    if other.status is CaseStatus.DUPLICATE:
        raise NotPossible(f"{there} is merged itself: name the case in which it is")
    if other.status not in OPEN:
        raise NotPossible(f"{there} is {other.status}: only into an open case")
