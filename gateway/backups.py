"""Backups of a SQLite store: made sound or not at all, kept in a row, looked into, and put back.

Rule 1: a backup is worth what its last reading was. So each is opened, checked and examined before it gets its name,
and again, migrated aside, before it takes the store's place.
Rule 2: putting one back never destroys what stood there.
Rule 3: what waited to be sent when a backup was made may have been sent since. The store that is replaced is asked;
what it cannot tell is in doubt: answers and notices go once more and are marked, a broadcast waits for a person.
Rule 4: whoever was forgotten since a backup was made stays forgotten when it is put back.
"""

import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway import doctor
from gateway.findings import Finding, Level
from gateway.work import forgetting
from store import SchemaState, StoreError, Tx, alerts, audit, backup, erasure, migrate, remains, restored, schema_state
from store.backup import Contents
from store.restored import Settled, Since, Unsent

_STAMP = "%Y%m%dT%H%M%SZ"
_KEPT = re.compile(r"barrio-\d{8}T\d{6}Z\.db")
ALERT_STOPPED = "broadcast_stopped"
_AGAIN = "make another backup; if it fails too, the disk or the file is damaged"


class NotKept(Exception):
    """There is no backup, or it cannot be put back; ``str()`` is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What was found in a backup: faults first. ``contents`` is None where it could not be read at all."""

    findings: Sequence[Finding]
    contents: Contents | None
    schema: SchemaState | None

    @property
    def sound(self) -> bool:
        """Whether it may take a store's place; what merely waits for people does not speak against it."""
        return not any(one.level is Level.ERROR for one in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack:
    """What putting a backup back did: where the former store lies, what is in doubt, who was forgotten again.

    ``over`` counts messages that the former store knew to be over; ``stopped`` are broadcasts half queued (by id).
    """

    aside: Path | None
    in_doubt: int
    over: int
    stopped: Sequence[int]
    forgotten: int
    schema: SchemaState


def make(live: Path, to: Path, now: datetime, *, overwrite: bool = False) -> Examined:
    """Copy the live store to ``to``, read the copy, and give it its name. The store stays in use.

    A copy that is damaged is thrown away: ``NotKept``. One whose content breaks an invariant is kept, because it is
    what there is, and what is wrong is in what comes back.
    """
    if to.exists() and not overwrite:
        raise NotKept(f"{to} is there already")
    if not to.parent.is_dir():
        raise NotKept(f"{to.parent} is not a folder")
    partial = _copy(live, to)
    made = backup.look(partial, lambda tx: _examined(tx, now))
    backup.publish(partial, to)
    return made


def save(live: Path, to: Path) -> None:
    """Copy a store of any version to ``to``; see that the copy is whole. ``NotKept`` if it is not."""
    backup.publish(_copy(live, to), to)


def is_store(file: Path) -> bool:
    """Whether there is a store, of whatever version, that would be worth a copy."""
    return file.is_file() and backup.holds_store(file)


def before_upgrade(live: Path, now: datetime) -> Path:
    """Name the copy that is made of a store before its tables change: beside it, for the person who watches."""
    return live.with_name(f"{live.name}.before-upgrade-{now.astimezone(UTC).strftime(_STAMP)}")


def _copy(live: Path, to: Path) -> Path:
    partial = to.with_name(f".{to.name}.partial")
    backup.copy(live, partial)
    if (wrong := backup.flaw(partial)) is not None:
        partial.unlink()
        raise NotKept(f"what was written is damaged ({wrong}): {_AGAIN}")
    return partial


def name(now: datetime) -> str:
    """Name a backup of a row by its moment, so that names sort as times do."""
    return f"barrio-{now.astimezone(UTC).strftime(_STAMP)}.db"


def kept(folder: Path) -> list[Path]:
    """The backups of a row, oldest first; other files in the folder are nobody's business."""
    return sorted(file for file in folder.glob("barrio-*.db") if _KEPT.fullmatch(file.name)) if folder.is_dir() else []


def rotate(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest ``keep`` of a row, and what killed ones left; return which backups were deleted."""
    old = kept(folder)[:-keep]
    for file in (*old, *folder.glob(".barrio-*.db.partial")):
        file.unlink(missing_ok=True)
    return old


def made_at(file: Path) -> datetime:
    """When a backup of a row was made, by its name."""
    return datetime.strptime(file.stem.removeprefix("barrio-"), _STAMP).replace(tzinfo=UTC)


def last_day(folder: Path, file: Path, *, keep: int, every: timedelta) -> datetime:
    """When the row's turning will have deleted a backup, if every backup succeeds."""
    newer = sum(other > file for other in kept(folder))
    return made_at(file) + every * max(keep - newer, 0) + every * newer


def examine(file: Path) -> Examined:
    """Open a backup aside, in a folder of its own that is gone afterwards; migrate it, and let the doctor read it.

    Time stands where it stood when the backup was made: what was under way then is not late.
    """
    with tempfile.TemporaryDirectory(prefix="barrio-restore-") as folder:
        copy = Path(folder) / "barrio.db"
        return _examine(file, _copied(file, copy))


def put_back(file: Path, live: Path, now: datetime, actor: str) -> PutBack:
    """Put a backup in the place of the store ``live``, which nobody may be using. Look with ``examine`` before.

    The former store keeps its files under another name. Being killed leaves the old store, or none and both whole.
    """
    live.parent.mkdir(parents=True, exist_ok=True)
    fresh = live.with_name(f".{live.name}.restoring")
    _copied(file, fresh)
    gone, url = _forgotten(live), f"sqlite:///{fresh}"
    if gone and schema_state(url) is SchemaState.BEHIND:
        migrate(url)  # forgetting speaks of today's tables
    asked = backup.look(fresh, lambda tx: restored.unsent(tx, now))
    known = _since(live, asked)
    settled, forgotten = backup.once(fresh, lambda tx: _overtake(tx, asked, known, gone, now, actor))
    if forgotten:
        remains.compact(fresh)
    aside = live.with_name(f"{live.name}.before-restore-{now.astimezone(UTC).strftime(_STAMP)}")
    there = live.exists()
    backup.set_aside(live, aside)
    backup.publish(fresh, live)
    state = schema_state(f"sqlite:///{live}")
    return PutBack(
        aside=aside if there else None,
        in_doubt=settled.in_doubt,
        over=settled.over,
        stopped=settled.stopped,
        forgotten=forgotten,
        schema=state,
    )


def _copied(file: Path, to: Path) -> Path:
    for end in ("", "-wal", "-shm", "-journal"):
        Path(f"{to}{end}").unlink(missing_ok=True)
    try:
        to.touch(mode=0o600)
        shutil.copyfile(file, to)
    except OSError as error:
        raise NotKept(f"{file} cannot be copied: {error.strerror}") from None
    return to


def _examine(file: Path, copy: Path) -> Examined:
    findings = list(_live(file))
    if (wrong := backup.flaw(copy)) is not None:
        mend = "take another backup; this file cannot be trusted"
        found = Finding(level=Level.ERROR, where=file.name, what=f"the file is damaged: {wrong}", mend=mend)
        return Examined(findings=[found, *findings], contents=None, schema=None)
    url = f"sqlite:///{copy}"
    state = schema_state(url)
    try:
        if backup.holds_store(copy):
            migrate(url)
            read = backup.look(copy, lambda tx: _examined(tx, None))
            return Examined(findings=[*findings, *read.findings], contents=read.contents, schema=state)
        wrong, mend = "holds no store of this service", "look for a file that barrio backup made"
    except StoreError as error:
        wrong, mend = f"cannot be read: {error}", "use the version that made it, or another backup"
    found = Finding(level=Level.ERROR, where=file.name, what=wrong, mend=mend)
    return Examined(findings=[*findings, found], contents=None, schema=state)


def _live(file: Path) -> list[Finding]:
    """Tell a backup from somebody's ``cp`` of a store in use."""
    if not backup.copied_live(file):
        return []
    mend = "copy with barrio backup, never with cp: what was written last lies in another file, or is half there"
    what = "is a live store's file or a plain copy of one, not a backup: its last messages may be missing"
    return [Finding(level=Level.ERROR, where=file.name, what=what, mend=mend)]


def _examined(tx: Tx, now: datetime | None) -> Examined:
    inside = backup.contents(tx)
    at = now or inside.newest or datetime.fromtimestamp(0, UTC)
    return Examined(findings=doctor.examine(tx, at), contents=inside, schema=SchemaState.CURRENT)


def _forgotten(live: Path) -> Sequence[tuple[int, int]]:
    """Who was forgotten in the store that is to be replaced; nobody if it cannot be read any more."""
    if not live.is_file():
        return ()
    try:
        return backup.look(live, erasure.forgotten)
    except StoreError:
        return ()


def _since(live: Path, asked: Unsent) -> Since:
    """What the store that is to be replaced knows of what the backup would send; nothing if it is not sound."""
    try:
        if live.is_file() and backup.flaw(live) is None:
            return backup.look(live, lambda tx: restored.since(tx, asked))
    except StoreError:
        pass
    return Since()


def _overtake(
    tx: Tx, asked: Unsent, known: Since, gone: Sequence[tuple[int, int]], now: datetime, actor: str
) -> tuple[Settled, int]:
    settled = restored.settle(tx, asked, known, now)
    for broadcast in settled.stopped:
        alerts.raise_alert(tx, ALERT_STOPPED, f"broadcast {broadcast}", now)
    forgotten = sum(forgetting.again(tx, *who, now, actor) for who in gone)
    data = {"in_doubt": settled.in_doubt, "over": settled.over, "stopped": settled.stopped, "forgotten": forgotten}
    audit.append(tx, actor=actor, act="store.restored", subject=None, data=data, at=now)
    return settled, forgotten
