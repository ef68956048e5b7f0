"""What is wrong in the live store, and what waits for people, in words for whoever runs the service. Reads only.

What must hold is said in ``invariants``; here is how bad it is where it does not, and what to do about it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from gateway import invariants
from gateway.findings import Finding, Level, about
from gateway.invariants import Violation
from gateway.invariants import broadcasts as of_broadcasts
from gateway.invariants import outbound as of_outbound
from store import Tx, alerts, chores, messages, watch
from store import invariants as asked

_REPORT = "report it with this line: it is a fault of the program"
_COMPARE = "compare with the last backup: somebody changed the database by hand, or the disk failed"

#: What to do where an invariant does not hold, unless ``_GENTLER`` knows better. What is not named here is our fault.
_MENDS: Mapping[str, str] = {"I13": _COMPARE, "I14": _COMPARE}
#: What is no fault of the program, or mends itself: by what the invariant says.
_GENTLER: Mapping[str, str] = {
    of_outbound.LAPSED: "start barrio serve: it sorts them out",
    of_broadcasts.ALONE: "barrio broadcast status NUMBER says who made and who approved it: ask them",
}


def examine(tx: Tx, now: datetime) -> list[Finding]:
    """Ask everything; the order is that of how bad it would be."""
    return [*_violations(invariants.standing(tx, now)), *_doubtful(tx), *_late(tx, now), *_people(tx)]


def _violations(found: Sequence[Violation]) -> Iterator[Finding]:
    """One finding for all that break an invariant in the same way."""
    for invariant, what in dict.fromkeys((one.invariant, one.what) for one in found):
        where = [one.where for one in found if one.what == what]
        gentler = next((mend for words, mend in _GENTLER.items() if what.endswith(words)), None)
        level = Level.ERROR if gentler is None else Level.WARNING
        yield from about(where, level=level, what=what, mend=gentler or _MENDS.get(invariant, _REPORT))


def _doubtful(tx: Tx) -> Iterator[Finding]:
    for broadcast, count in asked.doubtful_broadcasts(tx):
        yield Finding(
            level=Level.WARNING,
            where=f"broadcast {broadcast}",
            what=f"{count} messages may or may not have been sent, and are not sent again",
            mend="decide: a second notice may reach some people twice",
        )


def _late(tx: Tx, now: datetime) -> Iterator[Finding]:
    """Chores that should have been done again: the backup above all."""
    mend = "read the log for why it failed, then: barrio backup FILE"
    if tx.dialect.name == "postgresql":
        mend = "see why pg_dump or what you have does not run; after it: barrio backup --made FILE"
    for name, done_at in chores.late(tx, now):
        last = "was never done" if done_at is None else f"was done last on {done_at:%Y-%m-%d}"
        yield Finding(level=Level.WARNING, where=name, what=f"is late: it {last}", mend=mend)
    if watch.archiver_fails(tx):
        what = "PostgreSQL could not archive its log the last time it tried (pg_stat_archiver)"
        mend = "see archive_command in its log; if you archive no more: SELECT pg_stat_reset_shared('archiver')"
        yield Finding(level=Level.WARNING, where="backup", what=what, mend=mend)


def _people(tx: Tx) -> Iterator[Finding]:
    """What waits for a person. Subjects that are codes are shown as codes are."""
    for message_id, _ in messages.failed(tx):
        yield Finding(
            level=Level.WARNING,
            where=f"inbound {message_id}",
            what="this message could not be acted on; its sender got an apology",
            mend="read it and answer by hand",
        )
    waiting = Counter(alert.reason for alert in alerts.open_alerts(tx))
    for reason, count in sorted(waiting.items()):
        yield Finding(
            level=Level.WARNING, where=f"alert {reason}", what=f"{count} not looked at", mend="look, then mark as seen"
        )
