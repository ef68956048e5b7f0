"""``barrio backup`` and ``barrio restore``: copies of the store, made while it is used, looked into, and put back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from gateway import backups, dumps
from gateway.backups import Examined, NotKept, PutBack
from gateway.cli.desk import Desk, Fault
from gateway.cli.shapes import local, moment
from gateway.cli.shell import Command, acts, agreed, pass_desk
from gateway.findings import Finding, Level
from gateway.work import watch
from store import SchemaState, Tx, audit, chores

_FILE = click.Path(path_type=Path)
_PRESENT = click.Path(path_type=Path, dir_okay=False, exists=True, readable=True)
_ELSEWHERE = (
    "the store is on PostgreSQL, whose own tools know it better: pg_dump --format=custom --file=FILE DATABASE "
    "and then barrio backup --made FILE, or continuous archiving; see Backups in docs/run-a-service.md"
)


@click.command(cls=Command)
@click.argument("file", type=_FILE)
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
@click.option("--made", is_flag=True, help="PostgreSQL: FILE was made by its own tools; look at it and tell the watch.")
@acts
@pass_desk
def backup(desk: Desk, file: Path, actor: str, *, overwrite: bool, made: bool) -> None:
    """Copy the store to FILE while the service runs, and read the copy.

    Exit 1 if there is no sound copy. SQLite; on PostgreSQL it says what to run.
    """
    if made:
        _note(desk, file.absolute(), actor)
        return
    try:
        copied = backups.make(live(desk), file.absolute(), desk.clock.now(), overwrite=overwrite)
    except NotKept as error:
        more = " (--overwrite replaces it)" if file.exists() and not overwrite else ""
        raise Fault(f"{error}{more}") from None

    def people(to: Console) -> None:
        to.print(f"{file} holds {_inside(desk, copied)}.", markup=False)
        _tell(to, copied.findings, only=Level.ERROR)

    desk.say({"file": str(file), **_shape(copied)}, people)
    if not copied.sound:
        raise click.exceptions.Exit(1)


def _note(desk: Desk, path: Path, actor: str) -> None:
    """Look at a backup that PostgreSQL's own tools made, and note its age for the watch."""
    row, now = desk.config().backups, desk.clock.now()
    if desk.config().store.file is not None:
        raise Fault("the store is a SQLite file: barrio backup FILE copies it")
    if row is None:
        raise Fault("backups is not set in config.yaml: say how often, for instance backups: {every: 24h}")
    try:
        found = dumps.look(path)
    except (dumps.NoDump, OSError) as error:
        raise Fault(str(error)) from None
    made_at, late = min(found.made_at, now), min(found.made_at, now) + watch.LATE * row.every

    def note(tx: Tx) -> None:
        chores.expect(tx, str(watch.Kind.BACKUP), now, late=late)
        chores.done(tx, str(watch.Kind.BACKUP), made_at, due=late, late=late)
        audit.append(tx, actor=actor, act="backup.noted", subject=None, data={"made_at": moment(made_at)}, at=now)

    desk.transact(note)
    zone = desk.config().service.timezone

    def people(to: Console) -> None:
        to.print(f"{path} was made {local(made_at, zone)}; {found.how}.", markup=False)
        to.print(f"The watch expects the next before {local(late, zone)}.")

    desk.say({"file": str(path), "made_at": moment(made_at), "late_at": moment(late), "read": found.how}, people)


@click.command(cls=Command)
@click.argument("file", type=_PRESENT)
@click.option(
    "--check", "only_check", is_flag=True, help="Only look: open it aside, bring it to this version, examine."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--anyway", is_flag=True, help="Put it in place although something is wrong with it.")
@acts
@pass_desk
def restore(desk: Desk, file: Path, actor: str, *, only_check: bool, yes: bool, anyway: bool) -> None:
    """Look into the backup FILE, or put it in the store's place.

    Exit 1 with findings. Stop barrio serve before; the former store is kept beside under another name.
    """
    where, file = live(desk), file.absolute()
    seen = _looked(file)
    if only_check or not (seen.sound or anyway):
        _report(desk, file, seen)
        raise click.exceptions.Exit(0 if seen.sound else 1)
    question = f"Put {file.name}, with {_inside(desk, seen)}, in the place of {where}?"
    where.parent.mkdir(parents=True, exist_ok=True)
    with desk.alone():
        if not yes and not agreed(question, err=desk.as_json):
            raise Fault("Nothing was changed.")
        done = backups.put_back(file, where, desk.clock.now(), actor)
    _placed(desk, file, done)


def _placed(desk: Desk, file: Path, done: PutBack) -> None:
    behind = done.schema is SchemaState.BEHIND

    def people(to: Console) -> None:
        to.print(f"The store is now that of {file.name}.", markup=False)
        if done.aside is not None:
            to.print(f"What stood there is {done.aside}: delete it when you are sure.", markup=False)
        if done.in_doubt:
            to.print(f"{done.in_doubt} messages may have been sent since: answers and notices go once more.")
        if done.over:
            to.print(f"{done.over} messages do not go again: the former store says what became of them.")
        for broadcast in done.stopped:
            to.print(f"Broadcast {broadcast} was half queued and may have gone on since: it is stopped.")
        if done.forgotten:
            to.print(f"{done.forgotten} people who were forgotten since are forgotten in it too.")
        if behind:
            to.print("Its tables are an older version's: barrio migrate, or run the version that made it.")
        to.print("Then ask the providers for what came in since: barrio channel fetch")

    aside = None if done.aside is None else str(done.aside)
    sending = {"in_doubt": done.in_doubt, "over": done.over, "stopped": list(done.stopped)}
    desk.say({"aside": aside, **sending, "forgotten": done.forgotten, "migrate": behind}, people)


def live(desk: Desk) -> Path:
    """The store's file; on PostgreSQL, one line about what to do instead."""
    file = desk.config().store.file
    if file is None:
        raise Fault(_ELSEWHERE)
    return file


def _looked(file: Path) -> Examined:
    try:
        return backups.examine(file)
    except NotKept as error:
        raise Fault(str(error)) from None


def _report(desk: Desk, file: Path, seen: Examined) -> None:
    def people(to: Console) -> None:
        to.print(f"{file.name}: {_inside(desk, seen)}.", markup=False)
        if seen.schema is SchemaState.BEHIND:
            to.print("Its tables are an older version's; they were brought to this one aside, and that works.")
        _tell(to, seen.findings)
        to.print("It can be put back." if seen.sound else "It must not be put back as it is.")

    desk.say(_shape(seen), people)


def _inside(desk: Desk, seen: Examined) -> str:
    inside = seen.contents
    if inside is None:
        return "nothing that could be read"
    newest = (
        "no message"
        if inside.newest is None
        else f"the newest of {local(inside.newest, desk.config().service.timezone)}"
    )
    return (
        f"{inside.cases} cases ({inside.open_cases} open), {inside.contacts} people, "
        f"{inside.inbound} messages in and {inside.outbound} out, {newest}"
    )


def _tell(to: Console, findings: Sequence[Finding], only: Level | None = None) -> None:
    for one in findings:
        if only in {None, one.level}:
            to.print(f"{one.level} {one.where}: {one.what}\n    {one.mend}", markup=False)


def _shape(seen: Examined) -> Mapping[str, Any]:
    inside = seen.contents
    counts = None if inside is None else asdict(inside) | {"newest": inside.newest and moment(inside.newest)}
    return {
        "sound": seen.sound,
        "schema": None if seen.schema is None else str(seen.schema),
        "contents": counts,
        "findings": [asdict(one) for one in seen.findings],
    }
