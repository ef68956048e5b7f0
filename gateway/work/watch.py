"""The watch: what stands in the way of the service is told to a named person, by SMS, in neutral words.

Rule 1: a problem is told once, then once a day while it stands, and once when it is over. What comes back within half
an hour was not over.
Rule 2: it goes through the outbox like any notice: by night it waits for the morning, caps and opt-out hold. What is
over before it was sent is not sent. It goes by a line that has no problem, if there is one.
Rule 3: one process of many looks, whoever claims the minute. Every problem is an alert too, for ``barrio alert``.
"""

import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path

from dialogs.contacts import Contact
from dialogs.effects import Say
from dialogs.messages import MessageKind
from gateway.channels import line_for
from gateway.effects import House
from gateway.outbound import quiet
from gateway.outbound.speaking import Saying, speak
from store import Tx, accounts, alerts, chores, contacts, watch
from store.contacts import Seen
from store.watch import Heard, Problem

#: The chore's name, and how often it is due; a tick comes each minute, a little late or early.
CHORE, EVERY = "watch", timedelta(seconds=50)
AGAIN = timedelta(days=1)
CALM = timedelta(minutes=30)
#: A line is used daily if it heard something on so many of so many days before today.
DAYS, OF_DAYS = 5, 7
_STEP = timedelta(minutes=15)
_MEGABYTE = 1024 * 1024
#: A backup is late after so many times the interval between two.
LATE = 2
#: As much of a line's name as every message has room for.
NAME_MOST = 20


class Kind(StrEnum):
    """What can stand in the way; also the template's name under ``watch/``."""

    SILENT = "silent"
    CREDIT = "credit"
    DISK = "disk"
    WAL = "wal"
    BACKUP = "backup"
    DOCTOR = "doctor"
    LATE = "late"


#: The alert that staff see.
ALERTS: Mapping[Kind, str] = {
    Kind.SILENT: "line_silent",
    Kind.CREDIT: "low_credit",
    Kind.DISK: "disk_low",
    Kind.WAL: "wal_grows",
    Kind.BACKUP: "backup_old",
    Kind.DOCTOR: "doctor_found_errors",
    Kind.LATE: "messages_late",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A problem that is seen now; ``line`` is the channel that has it."""

    kind: Kind
    line: str | None = None

    @property
    def name(self) -> str:
        """What it is called in the store."""
        return f"{self.kind} {self.line}" if self.line else str(self.kind)

    @classmethod
    def named(cls, name: str) -> "Trouble":
        """The trouble that is called so."""
        kind, _, line = name.partition(" ")
        return cls(kind=Kind(kind), line=line or None)


def tick(tx: Tx, house: House, now: datetime) -> int:
    """Look at all that a look at the store and the disk shows; say how many messages that made."""
    chore = chores.claim(tx, CHORE, now, again=now + EVERY)
    if chore is None:
        return 0
    _listen(tx, house, chore)
    seen = [*_silent(tx, house, now), *_lines(tx, house, now), *_house(tx, house, now)]
    chores.done(tx, CHORE, now, due=now + EVERY)
    return _settle(tx, house, now, seen, set(Kind) - {Kind.DOCTOR})


def note(tx: Tx, house: House, now: datetime, kind: Kind, *, stands: bool) -> int:
    """Take up what was found elsewhere, by who looks longer; say how many messages that made."""
    return _settle(tx, house, now, [Trouble(kind=kind)] if stands else [], {kind})


def _listen(tx: Tx, house: House, chore: chores.Chore) -> None:
    """Count what the lines heard since the last look, by local day. The first look begins with now."""
    if chore.done_at is None:
        chores.move(tx, CHORE, watch.last_inbound(tx))
        return
    until, rows = watch.arrived(tx, chore.cursor)
    if rows:
        zone = house.config.service.timezone
        found = [Heard(channel=line, day=_day(at, zone), messages=count, last_at=at) for line, count, at in rows]
        watch.count(tx, found)
    chores.move(tx, CHORE, until)


def _silent(tx: Tx, house: House, now: datetime) -> Iterator[Trouble]:
    """Lines that usually hear something every day and have heard nothing for so many waking hours."""
    zone = house.config.service.timezone
    today = _day(now, zone)
    heard = watch.days(tx, _day(now - timedelta(days=OF_DAYS), zone))
    for line in house.channels:
        own = [one for one in heard if one.channel == line]
        usual = len({one.day for one in own} - {today}) >= DAYS
        if usual and _awake(house, max(one.last_at for one in own), now) >= house.config.watch.silence:
            yield Trouble(kind=Kind.SILENT, line=line)


def _awake(house: House, since: datetime, now: datetime) -> timedelta:
    """How much of a time was outside the quiet hours."""
    hours, zone = house.config.quiet_hours, house.config.service.timezone
    steps = int((now - since) / _STEP)
    moments = (since + _STEP * (step + 1) for step in range(steps))
    return _STEP * sum(quiet.opens_at(at, hours.start, hours.end, zone) is None for at in moments)


def _lines(tx: Tx, house: House, now: datetime) -> Iterator[Trouble]:
    rules = house.config.watch
    for line, reading in accounts.credits(tx).items():
        if line in house.channels and reading.amount < rules.credit_below:
            yield Trouble(kind=Kind.CREDIT, line=line)
    for line in house.channels:
        if watch.overdue(tx, line, now - rules.overdue):
            yield Trouble(kind=Kind.LATE, line=line)


def _house(tx: Tx, house: House, now: datetime) -> Iterator[Trouble]:
    file = house.config.store.file
    if file is not None and _free(file.parent) < house.config.watch.disk_below * _MEGABYTE:
        yield Trouble(kind=Kind.DISK)
    if file is not None and _size(Path(f"{file}-wal")) > house.config.watch.wal_above * _MEGABYTE:
        yield Trouble(kind=Kind.WAL)
    if _backup_missing(tx, house, now) or watch.archiver_fails(tx):
        yield Trouble(kind=Kind.BACKUP)


def _backup_missing(tx: Tx, house: House, now: datetime) -> bool:
    row = house.config.backups
    if row is None:
        if chores.read(tx, str(Kind.BACKUP)) is not None:
            chores.drop(tx, str(Kind.BACKUP))  # nobody makes them any more
        return False
    if house.config.store.file is None:
        chores.expect(tx, str(Kind.BACKUP), now, late=now + LATE * row.every)
    return any(name == Kind.BACKUP for name, _ in chores.late(tx, now))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:  # as after a start, or where another process has just emptied it
        return 0


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _settle(tx: Tx, house: House, now: datetime, seen: Collection[Trouble], kinds: Collection[Kind]) -> int:
    """Compare what is seen with what stands, among these kinds, and tell what is to be told."""
    stands = {name: one for name, one in watch.standing(tx).items() if Trouble.named(name).kind in kinds}
    said = 0
    for trouble in seen:
        known = stands.pop(trouble.name, None)
        if known is None:
            watch.raise_problem(tx, trouble.name, now)
            alerts.raise_alert(tx, ALERTS[trouble.kind], trouble.line, now)
        elif known.clear_at is not None:
            watch.cleared(tx, trouble.name, None)
        if known is None or known.told_at is None or now - known.told_at >= AGAIN:
            said += _tell(tx, house, now, trouble, seen)
    for gone in stands.values():
        said += _gone(tx, house, now, gone, seen)
    return said


def _tell(tx: Tx, house: House, now: datetime, trouble: Trouble, seen: Collection[Trouble]) -> int:
    message = _say(tx, house, now, trouble, seen, f"watch/{trouble.kind}")
    if message is not None:
        watch.told(tx, trouble.name, now, message)
    return int(message is not None)


def _gone(tx: Tx, house: House, now: datetime, problem: Problem, seen: Collection[Trouble]) -> int:
    if problem.clear_at is None:
        watch.cleared(tx, problem.what, now)
        return 0
    if now - problem.clear_at < CALM:
        return 0
    watch.over(tx, problem.what)
    if problem.message_id is None or problem.told_at is None:
        return 0
    if watch.take_back(tx, problem.message_id, now) and problem.told_at - problem.since < AGAIN:
        return 0  # nobody has heard of it
    return int(_say(tx, house, now, Trouble.named(problem.what), seen, "watch/over") is not None)


def _say(tx: Tx, house: House, now: datetime, trouble: Trouble, seen: Collection[Trouble], template: str) -> int | None:
    """Queue it for the person on call; None if nobody is named."""
    if house.config.watch.alert_to is None:
        return None
    person = _on_call(tx, house, now, house.config.watch.alert_to, {one.line for one in seen})
    say = Say(template=template, params={"kind": str(trouble.kind), "line": (trouble.line or "")[:NAME_MOST]})
    saying = Saying(
        say=say,
        contact=person,
        channel=line_for(person, house.channels, house.config).id,
        kind=MessageKind.NOTICE,
        language=house.config.service.languages[0],
    )
    speak(tx, house, now, [saying])
    return watch.newest_to(tx, person.id)


def _on_call(tx: Tx, house: House, now: datetime, msisdn: str, ill: Collection[str | None]) -> Contact:
    """The person who is told, on a line that is well; on the usual one where none is."""
    language = house.config.service.languages[0]
    person = contacts.ensure(tx, [Seen(msisdn=msisdn, language=language, at=now)])[msisdn]
    usual = line_for(person, house.channels, house.config).id
    well = [line.id for line in house.channels.values() if line.sender is not None and line.id not in ill]
    return person if usual in well or not well else replace(person, sms_channel=well[0])


def _day(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).date().isoformat()
