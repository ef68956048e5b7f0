"""``barrio staff …``: who works here."""

import click
from rich.console import Console

from gateway.cli.desk import Desk
from gateway.cli.shell import Group, acts, pass_desk
from gateway.work.casework import NAME_MOST, one_line
from store import Tx, audit
from store import staff as members
from store.staff import Role


@click.group(cls=Group)
def staff() -> None:
    """Who works here, and in which role."""


@staff.command()
@click.argument("name")
@click.option("--role", required=True, type=click.Choice([str(role) for role in Role]), help="What they do.")
@acts
@pass_desk
def add(desk: Desk, name: str, role: str, actor: str) -> None:
    """Add somebody, or give them another role."""
    name, wanted, now = one_line(name, NAME_MOST, "a member of staff has a name"), Role(role), desk.clock.now()

    def put(tx: Tx) -> Role | None:
        before = members.put(tx, name, wanted, now)
        if before is not wanted:
            audit.append(tx, actor=actor, act="staff.role", subject=name, data={"from": before, "to": wanted}, at=now)
        return before

    before = desk.transact(put)
    said = f"{name} is {wanted}." if before is None else f"{name} is {wanted} already."
    said = said if before in {None, wanted} else f"{name} is {wanted} now, and was {before}."
    desk.say({"name": name, "role": wanted, "before": before}, lambda to: to.print(said, markup=False))


@staff.command("list")
@pass_desk
def list_staff(desk: Desk) -> None:
    """List the staff."""
    everyone = desk.read(members.everyone)

    def people(to: Console) -> None:
        for one in everyone:
            to.print(f"{one.role:<14}{one.name}", markup=False)
        if not everyone:
            to.print("Nobody yet: barrio staff add NAME --role ROLE", markup=False)

    desk.say([{"name": one.name, "role": one.role} for one in everyone], people)
