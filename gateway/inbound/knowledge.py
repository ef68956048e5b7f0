"""Read what steps may know, for a whole batch at once: a fixed number of statements, whatever the batch's size."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dialogs import neighbours
from dialogs.cases import Case
from dialogs.contacts import Contact
from dialogs.facts import Facts, Need, NeedKind, Step
from dialogs.messages import ChannelKind
from dialogs.outreach import Notice
from dialogs.session import Session
from dialogs.understand import codes
from dialogs.values import quickly_made
from gateway.effects import House
from store import Tx, cases, replies, sessions

#: A step that asks for more facts more often than this is a mistake.
ROUNDS = 3
#: The answer's name under which a session keeps which messages it was made of, so that its case can show them.
HEARD_IN = "messages"


class NeverSatisfied(Exception):
    """A step asked for facts again and again."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who wrote, on what, and the texts that may name codes: for USSD the answers that are new."""

    contact: Contact
    channel_kind: ChannelKind
    texts: Sequence[str] = ()

    @property
    def codes(self) -> Sequence[str]:
        """The valid codes in these texts, in the order they were typed, each once."""
        return tuple(dict.fromkeys(code for text in self.texts for code in codes.find(text)))


def gather(tx: Tx, house: House, now: datetime, asking: Sequence[Asking]) -> list[Facts]:
    """The facts of each, read together. Each gets a code for a new case, and a spare one if a session may be left."""
    people = [one.contact.id for one in asking]
    found = {code for one in asking for code in one.codes}
    waiting = sessions.load(tx, people)
    found.update(str(code) for one in waiting.values() if (code := one.answers.get(neighbours.CODE)))
    own = cases.own(tx, people)
    named = cases.named(tx, sorted(found)) if found else {}
    # A USSD transcript may begin a session and leave it.
    leaving = [one.contact.id for one in asking if one.contact.id in waiting or one.channel_kind is ChannelKind.USSD]
    fresh = new_codes(tx, house, len(asking) + len(leaving))
    spare = dict(zip(leaving, fresh[len(asking) :], strict=True))
    return [
        Facts(
            now=now,
            contact=one.contact,
            channel_kind=one.channel_kind,
            city=house.config.city,
            new_code=code,
            spare_code=spare.get(one.contact.id, ""),
            session=waiting.get(one.contact.id),
            own_cases=own.get(one.contact.id, ()),
            named_cases=named,
            most_cases=house.config.limits.cases_day,
            neighbour_days=house.config.neighbours.days,
            appeals=house.config.appeals,
            replies_for=house.config.broadcasts.replies_for,
        )
        for one, code in zip(asking, fresh, strict=False)
    ]


def new_codes(tx: Tx, house: House, count: int) -> list[str]:
    """``count`` codes that nobody ever had. Some more are drawn, so that once is enough in all but a huge city."""
    found: list[str] = []
    while len(found) < count:
        drawn = house.clock.new_codes(count + count // 8 + 2)
        free = cases.free_codes(tx, drawn)
        found += [code for code in drawn if code in free and code not in found]
    return found[:count]


def satisfied(tx: Tx, facts: Sequence[Facts], take: Callable[[int, Facts], Step | Need]) -> list[Step]:
    """Run every step; those that need more run again with it, grouped by kind, one statement a kind and round."""
    results: list[Step | Need] = [take(index, one) for index, one in enumerate(facts)]
    present = list(facts)
    for _ in range(ROUNDS):
        needs = {index: result for index, result in enumerate(results) if isinstance(result, Need)}
        if not needs:
            return [result for result in results if isinstance(result, Step)]
        for kind in dict.fromkeys(need.kind for need in needs.values()):
            asking = [(index, need) for index, need in needs.items() if need.kind is kind]
            read = _told(tx, kind, [(present[index], need) for index, need in asking])
            for (index, _), known in zip(asking, read, strict=True):
                present[index] = known
        for index in needs:
            results[index] = take(index, present[index])
    raise NeverSatisfied


_Asked = Sequence[tuple[Facts, Need]]
_Found = list[tuple[Case, ...]]


def _told(tx: Tx, kind: NeedKind, asked: _Asked) -> list[Facts]:
    """The facts of each with what it asked for."""
    if kind is NeedKind.NOTICE:
        return [replace(facts, notices=last) for (facts, _), last in zip(asked, _notices(tx, asked), strict=True)]
    read = _READ[kind](tx, asked)
    return [replace(facts, found={**facts.found, kind: found}) for (facts, _), found in zip(asked, read, strict=True)]


def _notices(tx: Tx, asked: _Asked) -> list[tuple[Notice, ...]]:
    """They are read for the longest time that is asked for: it is one for all, but for a config that was changed."""
    since = min(facts.now - facts.replies_for for facts, _ in asked)
    last = replies.noticed(tx, [facts.contact.id for facts, _ in asked], since)
    return [(last[facts.contact.id],) if facts.contact.id in last else () for facts, _ in asked]


def _closed(tx: Tx, asked: _Asked) -> _Found:
    closed = cases.closed(tx, [facts.contact.id for facts, _ in asked])
    return [closed.get(facts.contact.id, ()) for facts, _ in asked]


def _neighbours(tx: Tx, asked: _Asked) -> _Found:
    """They are read for the longest time that is asked for: it is one for all, but for a config that was changed."""
    since = min(facts.now - timedelta(days=facts.neighbour_days) for facts, _ in asked)
    alike = cases.neighbours(tx, {(need.category, need.place) for _, need in asked}, since)
    return [alike.get((need.category, need.place), ()) for _, need in asked]


def _supported(tx: Tx, asked: _Asked) -> _Found:
    known = cases.named(tx, {need.code for _, need in asked})
    behind = cases.behind(tx, {facts.contact.id for facts, _ in asked}, {case.id for case in known.values()})
    wanted = [(facts.contact.id, known.get(need.code)) for facts, need in asked]
    return [(case,) if case is not None and (case.id, who) in behind else () for who, case in wanted]


def _appealable(tx: Tx, asked: _Asked) -> _Found:
    """Only where somebody takes appeals is it asked for; the time in which one may is one for all."""
    since = min(facts.now - facts.appeals.within for facts, _ in asked if facts.appeals)
    found = cases.appealable(tx, [facts.contact.id for facts, _ in asked], since)
    return [found[facts.contact.id] for facts, _ in asked]


#: What reads each kind of need that cases answer, for all who have it at once.
_READ: Mapping[NeedKind, Callable[[Tx, _Asked], _Found]] = {
    NeedKind.CLOSED_CASES: _closed,
    NeedKind.NEIGHBOURS: _neighbours,
    NeedKind.APPEALABLE: _appealable,
    NeedKind.SUPPORTED: _supported,
}


def heard_in(session: Session | None) -> list[int]:
    """The messages that a conversation was made of so far."""
    named = str(session.answers.get(HEARD_IN) or "") if session else ""
    return [int(part) for part in named.split(",") if part]
