"""What must be true when a simulated month has ended: the house's own promises, and a few that need no evidence.

``gateway.invariants.check`` is the judge. Here stand the rules about a run as a whole: nothing broke in silence,
nothing is left hanging, every text that was acted on got its answer, and nothing fell due before its time.
"""

import json
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from dialogs.calendar import CLOSING
from gateway import invariants
from gateway.config import Config
from gateway.invariants import Reported, Violation
from store import Tx
from store.schema import case_events, inbound, outbound, promises
from tests.simulation.log import Journal

#: Texts that are meant to stay without an answer, by the rule that decided so.
SILENT_RULES = frozenset({"thanks", "reply_thanks", "assent", "dropped", "expired"})
#: Two where a half-told report is filed on the way to something else, or a screen is followed by an SMS with the code.
MOST_ANSWERS = 2
#: A wall clock that jumps makes times in the store disagree with their order: what rests on comparing them says
#: nothing in such a month. Other months have no jumps.
NEEDS_ONE_CLOCK = frozenset({"I4", "I8", "I9", "I15", "I16"})
SATURDAY = 5
#: Faults that the simulation throws in make the gateway warn, never fail.
_ERRORS = frozenset({"error", "critical"})

_i, _o, _e = inbound.c, outbound.c, case_events.c
_ANSWERS = (
    sa.select(_i.id, _i.rule, sa.func.count(_o.id))
    .outerjoin(outbound, _o.in_reply_to == _i.id)
    .where(_i.state == "done")
    .group_by(_i.id, _i.rule)
    .having(sa.func.count(_o.id) != 1)
)
_HANGING = sa.select(_o.id, _o.state).where(
    sa.or_(_o.state == "handing_over", sa.and_(_o.state == "queued", _o.due_at.is_(None)))
)
_POISON = sa.select(_i.id).where(_i.state.in_(["failed", "new"]))
_THEIRS = sa.select(_o.external_id).where(_o.external_id.is_not(None))
_ASKED = (
    sa.select(_o.id, _o.created_at, sa.func.max(_e.at))
    .join(case_events, sa.and_(_e.case_id == _o.case_id, _e.what == "resolved", _e.at <= _o.created_at))
    .where(_o.kind == "followup")
    .group_by(_o.id, _o.created_at)
)
_PROMISED = sa.select(promises.c.case_id, promises.c.made_at, promises.c.due_at).where(promises.c.reason == "opened")


def broken(journal: Journal, tx: Tx, config: Config, *, crashes: int, logged: str, jumps: bool) -> Iterator[str]:
    """Say what does not hold at a run's end."""
    found = invariants.check(
        journal.delivered,
        [taking.evidence() for taking in journal.taken],
        _reports(journal, tx),
        tx,
        config=config,
        now=journal.wall(),
        crashes=crashes,
        logs=[logged],
        secrets={*journal.said, *(one.sender for one in journal.delivered)},
    )
    yield from _told(found, jumps=jumps)
    yield from (f"the simulation broke: {error!r}"[:300] for error in journal.errors)
    yield from (f"never acknowledged: {what}" for what in journal.given_up)
    yield from _said(logged)
    yield from _ended(tx)
    if not jumps:
        yield from _in_time(tx, config)


def _reports(journal: Journal, tx: Tx) -> list[Reported]:
    """What we must know: not a report without our id about a message whose answer we never read, or died over."""
    known = set(tx.execute(_THEIRS).scalars())
    return [one for one in journal.reports if one.our_id is not None or one.external_id in known]


def in_between(found: Sequence[Violation], *, jumps: bool) -> list[str]:
    """Say what does not hold in the middle of a run, where what a dead process was sending may still lie about."""
    return list(_told([one for one in found if one.invariant != "I5"], jumps=jumps))


def _told(found: Sequence[Violation], *, jumps: bool) -> Iterator[str]:
    for one in found:
        if not (jumps and one.invariant in NEEDS_ONE_CLOCK):
            yield f"{one.invariant} {one.where}: {one.what}"


def _said(logged: str) -> Iterator[str]:
    for line in logged.splitlines():
        said = json.loads(line)
        if said["level"] in _ERRORS:
            yield f"logged as an error: {said['event']} {said.get('detail', said.get('error', ''))} {said.get('where')}"


def _ended(tx: Tx) -> Iterator[str]:
    """Nothing hangs, nothing is poison, every text that was acted on has an answer."""
    yield from (f"message {row.id} still waits: {row.state}" for row in tx.execute(_HANGING))
    yield from (f"inbound {row.id} failed, or was never acted on" for row in tx.execute(_POISON))
    for message_id, rule, count in tx.execute(_ANSWERS):
        if count > MOST_ANSWERS or (not count and rule not in SILENT_RULES):
            yield f"inbound {message_id} ({rule}) has {count} answers"


def _in_time(tx: Tx, config: Config) -> Iterator[str]:
    """No question before its day, no promise for today or for a weekend."""
    times = config.followups
    for message_id, asked, resolved in tx.execute(_ASKED):
        if asked < resolved + times.confirm_after:
            yield f"message {message_id} asks before its time"
    for case_id, opened, due in tx.execute(_PROMISED):
        local = due.astimezone(config.service.timezone)
        today = opened.astimezone(config.service.timezone).date()
        if local.date() <= today or local.weekday() >= SATURDAY or local.time() != CLOSING:
            yield f"case {case_id} is promised for a day or an hour at which nobody works, or for today"
