"""``barrio case …``: what staff see of the cases and do to them."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from functools import partial
from typing import Any

import click
from rich.console import Console

from dialogs.cases import OPEN, Case, CaseStatus
from dialogs.understand import codes
from gateway.cli import shapes
from gateway.cli.desk import Desk, Fault
from gateway.cli.shell import Group, acts, pass_desk
from gateway.work import casework, filing, merging, naming
from gateway.work.casework import Done, Told
from gateway.work.relabelling import Labels
from gateway.work.relabelling import relabel as relabel_case
from store import Tx, cases, messages

#: What a person is shown of a long list; ``--all`` and ``--json`` give the whole.
SHOWN = 40
WHOLE = 1_000_000

_TOLD = {
    Told.BY_SMS: "The resident will be told by SMS.",
    Told.NO_NUMBER: "Nobody is told: this case has no telephone number.",
    Told.OPTED_OUT: "Nobody is told: this person wants no messages. The code still answers.",
    Told.MUTED: "Nobody is told: this person wants to hear no more of this case. The code still answers.",
    Told.CONFIDENTIAL: "Nobody is told by SMS, because the case is confidential: call instead.",
    Told.NOTHING_TO_TELL: "",
}


@click.group(cls=Group)
def case() -> None:
    """Cases: list, show, and what can be done to one."""


@case.command("list")
@click.option("--status", type=click.Choice([str(one) for one in CaseStatus]), help="Only cases that are so.")
@click.option("--place", metavar="NAME", help="Only cases of one zone or barrio.")
@click.option("--unit", metavar="NAME", help="Only cases of one unit.")
@click.option("--late", is_flag=True, help="Only cases whose date has passed.")
@click.option("--all", "whole", is_flag=True, help=f"Show all, not the first {SHOWN}.")
@pass_desk
def list_cases(desk: Desk, /, status: str | None, place: str | None, unit: str | None, **flags: bool) -> None:
    """List cases, the most urgent first; after the open ones those that are resolved or closed."""
    city, now = desk.config().city, desk.clock.now()
    place = None if place is None else naming.place(city, place)

    def read(tx: Tx) -> tuple[list[Case], dict[int, int]]:
        found = cases.listing(
            tx,
            status=CaseStatus(status) if status else None,
            place=place,
            unit=unit,
            overdue_at=now if flags["late"] else None,
            limit=WHOLE,
        )
        return found, cases.supporters_of(tx, [one.id for one in found])

    found, supporters = desk.read(read)
    ordered = sorted(found, key=lambda one: one.status not in OPEN)
    shown = ordered if flags["whole"] else ordered[:SHOWN]
    more = len(found) - len(shown)

    def people(to: Console) -> None:
        to.print(shapes.table(shown, city, now) if found else "No cases.")
        if more:
            to.print(f"… and {more} more: --all")

    desk.say([shapes.case(one, supporters[one.id]) for one in found], people)


@case.command()
@click.argument("code")
@acts
@pass_desk
def show(desk: Desk, code: str, actor: str) -> None:
    """Show one case: what it is about, what happened, what was said."""

    def read(tx: Tx) -> shapes.File:
        one = casework.read(tx, desk.clock.now(), actor, code)
        return shapes.File(
            case=one,
            supporters=cases.supporters(tx, one.id),
            events=cases.events(tx, one.id),
            notes=cases.notes(tx, one.id),
            messages=messages.thread(tx, one.id),
        )

    file = desk.transact(read).shown()
    desk.say(shapes.whole_case(file), lambda to: shapes.page(to, file, desk.config().city))


@case.command()
@click.argument("code")
@click.option("--to", metavar="NAME", required=True, help="Who answers for it from now on.")
@acts
@pass_desk
def assign(desk: Desk, code: str, to: str, actor: str) -> None:
    """Give a case to somebody."""
    _act(desk, actor, code, partial(casework.assign, to=to))


@case.command()
@click.argument("code")
@acts
@pass_desk
def start(desk: Desk, code: str, actor: str) -> None:
    """Say that work has begun."""
    _act(desk, actor, code, casework.start)


@case.command()
@click.argument("code")
@click.option("--until", metavar="DAY", required=True, type=click.DateTime(["%Y-%m-%d"]), help="YYYY-MM-DD.")
@acts
@pass_desk
def plan(desk: Desk, code: str, until: datetime, actor: str) -> None:
    """Say that it will be done, and until which day."""
    evening = datetime.combine(until, time(18, 30), tzinfo=desk.config().service.timezone).astimezone(UTC)
    _act(desk, actor, code, partial(casework.plan, due=evening))


@case.command()
@click.argument("code")
@click.option("--reply", metavar="TEXT", required=True, help="What was done, in words for the resident.")
@acts
@pass_desk
def resolve(desk: Desk, code: str, reply: str, actor: str) -> None:
    """Say that a case is solved. The resident is told, and later asked whether it is true."""
    _act(desk, actor, code, partial(casework.resolve, reply=reply))


@case.command()
@click.argument("code")
@acts
@pass_desk
def reopen(desk: Desk, code: str, actor: str) -> None:
    """Take a resolution back: the case comes first again, with a new date."""
    _act(desk, actor, code, casework.reopen)


@case.command("not-competent")
@click.argument("code")
@click.option("--body", metavar="NAME", required=True, help="Who answers for such things.")
@acts
@pass_desk
def not_competent(desk: Desk, code: str, body: str, actor: str) -> None:
    """Say that another body answers for it. It does not count as resolved."""
    _act(desk, actor, code, partial(casework.not_competent, body=body))


@case.command()
@click.argument("code")
@click.option("--text", metavar="TEXT", required=True, help="For colleagues; the resident never sees it.")
@acts
@pass_desk
def note(desk: Desk, code: str, text: str, actor: str) -> None:
    """Keep a remark beside a case."""
    _act(desk, actor, code, partial(casework.note, text=text))


@case.command()
@click.argument("code")
@click.option("--category", metavar="ID", required=True, help="What it is really about; its unit answers.")
@click.option("--place", metavar="NAME", help="Where it really is; otherwise that stays.")
@acts
@pass_desk
def relabel(desk: Desk, code: str, category: str, place: str | None, actor: str) -> None:
    """Put right what a case is about, and where. Nobody is told, and the date promised stays."""
    _act(desk, actor, code, partial(relabel_case, to=Labels(category=category, place=place)))


@case.command()
@click.argument("code")
@click.option("--into", metavar="CODE", required=True, help="The case in which it is worked on from now on.")
@acts
@pass_desk
def merge(desk: Desk, code: str, into: str, actor: str) -> None:
    """Say that a case is the same as another: who reported it now supports that one, and is told."""
    _act(desk, actor, code, partial(merging.merge, into=into))


@case.command()
@click.argument("code")
@acts
@pass_desk
def split(desk: Desk, code: str, actor: str) -> None:
    """Take a merged case out again: it stands as it did."""
    _act(desk, actor, code, merging.split)


@case.command("open")
@click.option("--for", "msisdn", metavar="NUMBER", help="The telephone that gets the receipt: +591…")
@click.option("--reply", type=int, metavar="NUMBER", help="For who wrote this reply (barrio broadcast replies).")
@click.option("--text", metavar="TEXT", required=True, help="What they said, in their words.")
@click.option("--category", metavar="ID", help="Otherwise it is understood from the text.")
@click.option("--place", metavar="NAME", help="Otherwise it is understood from the text.")
@click.option("--language", metavar="ID", help="In which they want to be written to.")
@click.option("--confidential", is_flag=True, help="Nothing about it is said in messages.")
@acts
@pass_desk
def open_case(desk: Desk, /, actor: str, **said: Any) -> None:
    """File for somebody who came or called."""
    if said["msisdn"] is not None and said["reply"] is not None:
        raise Fault("say for whom: either --for or --reply")
    wanted = filing.Filing(**said)
    house = desk.house()

    def act(tx: Tx) -> Done:
        drawn = desk.clock.new_codes(filing.DRAWN)
        free = cases.free_codes(tx, drawn)
        code = next(code for code in drawn if code in free)
        return filing.open_for(tx, house, desk.clock.now(), actor, wanted, new_code=code)

    _do(desk, act)


def _act(desk: Desk, actor: str, code: str, act: Callable[..., Done]) -> None:
    house = desk.house()
    _do(desk, lambda tx: act(tx, house, desk.clock.now(), actor, code))


def _do(desk: Desk, act: Callable[[Tx], Done]) -> None:
    """Do one act in one transaction and say what came of it."""
    city = desk.config().city

    def with_supporters(tx: Tx) -> tuple[Done, int]:
        done = act(tx)
        return done, cases.supporters(tx, done.case.id)

    done, supporters = desk.transact(with_supporters)
    one = done.case

    def people(to: Console) -> None:
        about = shapes.subject(one, city)
        stands = "is" if done.changed else "is so already:"
        to.print(f"{codes.show(one.code)} ({about}) {stands} {one.status}.", markup=False)
        if one.status in OPEN:
            to.print(f"An answer is promised by {shapes.day(one.due_at, city.timezone)}.")
        if _TOLD[done.told]:
            to.print(_TOLD[done.told])

    desk.say({**shapes.case(one, supporters), "told": done.told}, people)
