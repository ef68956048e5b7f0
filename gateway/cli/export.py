"""``barrio export``: what leaves the house for others to use, with nobody's number in it."""

import click

from gateway.cli.desk import Desk
from gateway.cli.shell import Group, acts, pass_desk
from gateway.evaluation.labels import is_public, line
from store import audit, staff
from store.labels import relabelled


@click.group(cls=Group)
def export() -> None:
    """Give out what others can learn from."""


@export.command()
@acts
@pass_desk
def labels(desk: Desk, actor: str) -> None:
    """Print what staff relabelled, to measure and to learn: barrio export labels > labels.jsonl.

    One JSON object a line, as barrio evaluate and barrio learn read them: "text" is the report as it was written, with
    # for every digit and for the names of staff; "category" what a person made of it, "was" what it was filed under at
    first; "intent" is always report. Confidential cases and erased words are never among them, and nothing says whose
    report it is, when or where it was made. Names stay in people's words: read the file before you pass it on, and
    learn from it with --residents.
    """
    city = desk.config().city
    found = desk.study(lambda tx: [one for one in relabelled(tx) if is_public(one, city)])
    names = [one.name for one in desk.read(staff.everyone)]
    now, data = desk.clock.now(), {"texts": len(found)}
    desk.transact(lambda tx: audit.append(tx, actor=actor, act="labels.exported", subject=None, data=data, at=now))
    for one in found:
        click.echo(line(one, names, city))
    click.echo(f"{len(found)} texts. Names stay in people's words: read them before you pass them on.", err=True)
