"""``barrio check``, ``barrio doctor`` and ``barrio alert``: what is wrong, and who must look."""

from collections.abc import Sequence
from dataclasses import asdict

import click
from rich.console import Console

from gateway import check as checking
from gateway import doctor as examining
from gateway.cli.desk import Desk
from gateway.cli.shapes import local, moment
from gateway.cli.shell import Command, Group, acts, pass_desk
from gateway.findings import Finding, Level, serious
from gateway.work.casework import NotPossible
from store import Tx, alerts, audit

_COLOUR = {Level.ERROR: "red", Level.WARNING: "yellow", Level.NOTE: "dim"}


@click.command(cls=Command)
@pass_desk
def check(desk: Desk) -> None:
    """Find faults in config, city, dialogs and words.

    Exit 1 if there are any, 2 if the config cannot be loaded at all.
    """
    _tell(desk, checking.examine(desk.config(), desk.clock.now()))


@click.command(cls=Command)
@pass_desk
def doctor(desk: Desk) -> None:
    """Find faults in the live store, and what waits for you.

    Exit 1 if there is anything.
    """
    now = desk.clock.now()
    _tell(desk, desk.study(lambda tx: examining.examine(tx, now)))


def _tell(desk: Desk, findings: Sequence[Finding]) -> None:
    def people(to: Console) -> None:
        for one in findings:
            to.print(f"[{_COLOUR[one.level]}]{one.level}[/] [bold]{one.where}[/]: ", end="")
            to.print(f"{one.what}\n    {one.mend}", markup=False)
        if not serious(findings):
            to.print("All is well.")

    desk.say({"findings": [asdict(one) for one in findings]}, people)
    if serious(findings):
        raise click.exceptions.Exit(1)


@click.group(cls=Group)
def alert() -> None:
    """What a person must look at."""


@alert.command("list")
@pass_desk
def list_alerts(desk: Desk) -> None:
    """List what nobody has looked at."""
    waiting, zone = desk.read(alerts.open_alerts), desk.config().service.timezone

    def people(to: Console) -> None:
        for one in waiting:
            to.print(f"{one.id:>5}  {local(one.at, zone)}  {one.reason}  {one.subject or ''}", markup=False)
        if not waiting:
            to.print("Nothing waits.")

    rows = [{"id": one.id, "reason": one.reason, "subject": one.subject, "at": moment(one.at)} for one in waiting]
    desk.say(rows, people)


@alert.command()
@click.argument("number", type=int)
@acts
@pass_desk
def seen(desk: Desk, number: int, actor: str) -> None:
    """Say that you have looked at it."""

    def see(tx: Tx) -> None:
        if not alerts.see(tx, number, actor):
            raise NotPossible(f"there is no alert {number} that waits")
        audit.append(tx, actor=actor, act="alert.seen", subject=str(number), data={}, at=desk.clock.now())

    desk.transact(see)
    desk.say({"id": number, "seen_by": actor}, lambda to: to.print(f"Alert {number} is seen.", markup=False))
