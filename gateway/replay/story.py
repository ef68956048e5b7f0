"""What happened to some people, moment by moment: read from the store, in the order in which it can happen again.

Rule 1: what the dialogs decided is left out; they decide again. What came from outside is kept: texts, staff's acts, a
provider's word about opt-out, the time.
Rule 2: who lost words to erasure is left out whole: the rest would be half a conversation and answer differently.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dialogs.understand import codes
from gateway.effects import RESIDENT
from gateway.work.followups import SYSTEM
from store import Tx, past
from store.case_events import CaseEvent
from store.past import Happened, Past, Said, Told, Wish

#: Under this rule a provider's own opt-out word is kept; no dialog saw it.
_BY_PROVIDER = "consent"
#: What staff can have done that can be done again.
STAFF_ACTS = frozenset(
    {"opened", "assigned", "started", "planned", "resolved", "reopened", "not_competent", "noted", "relabelled"}
    | {"merged", "split"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Somebody wrote. ``opened`` are the codes of the cases that came of it at once, ``told`` our answers."""

    at: datetime
    said: Said
    opened: Sequence[str]
    told: Sequence[Told]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """Staff did something to a case."""

    at: datetime
    event: CaseEvent
    of: Happened


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """A provider told us of an opt-out or opt-in."""

    at: datetime
    wish: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """Time did something: a question was put, or a half-told report filed."""

    at: datetime


Moment = Heard | Acted | Wished | Passed


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All of it.

    ``unasked``: what we told each contact without being asked. ``later``: codes of the cases that time opened for each
    contact, because a half-told report was left. ``left_out``: who is in none of it.
    """

    past: Past
    moments: Sequence[Moment]
    unasked: Mapping[int, Sequence[Told]]
    later: Mapping[int, Sequence[str]]
    left_out: Collection[int]


def people(tx: Tx, since: datetime) -> tuple[set[int], set[int]]:
    """Who talked with us since then; and those with everybody whose cases they asked about or are joined to."""
    spoke = past.speakers(tx, since)
    everybody, new = set(spoke), set(spoke)
    while new:
        named = {code for one in past.said(tx, new) for code in codes.find(one.text)}
        new = {*past.owners(tx, named).values(), *past.joined(tx, new)} - everybody
        everybody |= new
    return spoke, everybody


def read(tx: Tx, contacts: Collection[int]) -> Story:
    """The story of these contacts."""
    return tell(past.read(tx, contacts))


def tell(kept: Past) -> Story:
    """Put in order what happened."""
    erased = {one.contact_id for one in kept.said if one.erased}
    erased |= {one.case.contact_id for one in kept.happened if _erased(one) and one.case.contact_id is not None}
    told = [one for one in kept.told if one.contact_id not in erased and one.broadcast_id is None]
    answers: dict[int, list[Told]] = defaultdict(list)
    unasked: dict[int, list[Told]] = defaultdict(list)
    for one in told:
        if one.in_reply_to is None:
            unasked[one.contact_id].append(one)
        else:
            answers[one.in_reply_to].append(one)
    files = [one for one in kept.happened if one.case.contact_id not in erased]
    said = [one for one in kept.said if one.contact_id not in erased and one.rule != _BY_PROVIDER]
    heard = _heard(said, answers, files)
    opened = {code for one in heard for code in one.opened}
    acted = _acted(files)
    moments: list[Moment] = [*heard, *acted, *_wished(kept.wishes, heard, erased), *_passed(unasked, acted)]
    return Story(
        past=kept,
        moments=sorted(moments, key=lambda one: one.at),
        unasked=unasked,
        later=_later(files, opened),
        left_out=erased,
    )


def _erased(one: Happened) -> bool:
    return any(event.what == "erased" for event in one.events)


def _by_resident(one: Happened) -> bool:
    return bool(one.events) and one.events[0].actor == RESIDENT


def _heard(said: Sequence[Said], answers: Mapping[int, Sequence[Told]], files: Sequence[Happened]) -> list[Heard]:
    """Each text at the time of its transaction, which its answers and its cases share."""
    opened: dict[tuple[int | None, datetime], list[str]] = defaultdict(list)
    for one in files:
        if _by_resident(one):
            opened[one.case.contact_id, one.case.opened_at].append(one.case.code)
    latest: dict[int, datetime] = {}
    found = []
    for text in said:
        told = answers.get(text.id, ())
        at = max(told[0].at if told else text.at, latest.get(text.contact_id, text.at))
        latest[text.contact_id] = at
        found.append(Heard(at=at, said=text, told=told, opened=opened.pop((text.contact_id, at), [])))
    return found


def _acted(files: Sequence[Happened]) -> list[Acted]:
    return [
        Acted(at=event.at, event=event, of=one)
        for one in files
        for event in one.events
        if event.actor not in {RESIDENT, SYSTEM} and event.what in STAFF_ACTS
    ]


def _wished(wishes: Sequence[Wish], heard: Sequence[Heard], erased: Collection[int]) -> list[Wished]:
    """Those that no text of theirs explains."""
    own = {(one.said.contact_id, one.at) for one in heard}
    return [
        Wished(at=one.at, wish=one)
        for one in wishes
        if one.contact_id not in erased and (one.contact_id, one.at) not in own
    ]


def _passed(unasked: Mapping[int, Sequence[Told]], acted: Sequence[Acted]) -> list[Passed]:
    by_staff = {one.at for one in acted}
    return [Passed(at=at) for at in sorted({one.at for told in unasked.values() for one in told} - by_staff)]


def _later(files: Sequence[Happened], opened: Collection[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for one in files:
        if _by_resident(one) and one.case.code not in opened and one.case.contact_id is not None:
            found[one.case.contact_id].append(one.case.code)
    return found
