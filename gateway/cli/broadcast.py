"""``barrio broadcast …``: a notice to a barrio, or to everybody who wrote to us. ``serve`` sends it."""

import threading
from collections.abc import Mapping
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from dialogs.outreach import Audience, Broadcast, BroadcastStatus
from dialogs.understand import places
from gateway.cli import shapes
from gateway.cli.desk import Desk, Fault
from gateway.cli.shell import Group, acts, agreed, pass_desk
from gateway.outbound.caps import Reason
from gateway.replay.masking import masked
from gateway.work import broadcasts as work
from gateway.work.broadcasts import NotSendable, Preview
from gateway.work.casework import NotPossible
from store import Tx, brakes, broadcasts
from store import replies as answered

#: Seconds between two looks at how far a broadcast is.
_LOOK = 0.5
#: Looks without any move after which nobody seems to be sending.
_PATIENCE = 20
_LATEST = 20

_all = click.option("--all", "everybody", is_flag=True, help="To everybody who ever wrote to us.")
_place = click.option("--place", metavar="NAME", help="To the people of one zone or barrio.")
_text = click.option(
    "--text",
    "texts",
    metavar="TEXT",
    multiple=True,
    required=True,
    help="What it says. In other languages: --text en=…",
)


@click.group(cls=Group)
def broadcast() -> None:
    """Notices to many: look, send, see how it goes."""


@broadcast.command()
@_all
@_place
@_text
@pass_desk
def preview(desk: Desk, /, *, place: str | None, texts: tuple[str, ...], everybody: bool) -> None:
    """Show who would get it, how long it is, and what it costs. Nothing is sent."""
    audience, said, house = _audience(desk, place, everybody=everybody), _texts(desk, texts), desk.house()
    found = desk.read(lambda tx: work.preview(tx, house, said, audience))
    desk.say(_preview(found), lambda to: _show(to, found))


@broadcast.command()
@_all
@_place
@_text
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--no-wait", is_flag=True, help="Do not watch it being sent.")
@acts
@pass_desk
def send(desk: Desk, /, *, place: str | None, texts: tuple[str, ...], actor: str, **flags: bool) -> None:
    """Send a notice. It goes out by itself, whatever becomes of this terminal."""
    audience, said, house = _audience(desk, place, everybody=flags["everybody"]), _texts(desk, texts), desk.house()
    found = desk.read(lambda tx: work.preview(tx, house, said, audience))
    if not flags["yes"]:
        if not desk.as_json:
            desk.say(None, lambda to: _show(to, found))
        if not agreed("Send it?", err=desk.as_json):
            raise click.Abort
    made = desk.transact(lambda tx: work.create(tx, house, desk.clock.now(), actor, said, audience, seen=found))
    if desk.as_json:
        desk.say({**_status(desk, made.id), "segments": found.total_segments}, lambda _: None)
        return
    click.echo(f"Broadcast {made.id} is kept.")
    if made.status is BroadcastStatus.WAITING_APPROVAL:
        click.echo(f"It waits for a second person: barrio broadcast approve {made.id} --as NAME")
    elif not flags["no_wait"]:
        _watch(desk, made)


@broadcast.command()
@click.argument("number", type=int, required=False)
@pass_desk
def status(desk: Desk, number: int | None) -> None:
    """Show how far one broadcast is, or list the latest."""
    if number is not None:
        row = _status(desk, number)
        desk.say(row, lambda to: _show_status(to, row))
        return
    rows = [_status(desk, one.broadcast.id) for one in desk.read(lambda tx: broadcasts.latest(tx, _LATEST))]

    def people(to: Console) -> None:
        for row in rows:
            _show_status(to, row)
        if not rows:
            to.print("No broadcasts.")

    desk.say(rows, people)


@broadcast.command()
@click.argument("number", type=int)
@acts
@pass_desk
def approve(desk: Desk, number: int, actor: str) -> None:
    """Let a broadcast of somebody else go out."""
    desk.transact(lambda tx: work.approve(tx, desk.clock.now(), actor, number))
    row = _status(desk, number)
    desk.say(row, lambda to: _show_status(to, row))


@broadcast.command()
@click.argument("number", type=int)
@acts
@pass_desk
def cancel(desk: Desk, number: int, actor: str) -> None:
    """Stop a broadcast. What was sent is sent."""
    desk.transact(lambda tx: work.cancel(tx, desk.clock.now(), actor, number))
    row = _status(desk, number)
    desk.say(row, lambda to: _show_status(to, row))


@broadcast.command()
@click.argument("number", type=int)
@acts
@pass_desk
def replies(desk: Desk, number: int, actor: str) -> None:
    """Read what people answered to a broadcast. Nobody's number is shown."""
    found = desk.transact(lambda tx: work.answers(tx, desk.clock.now(), actor, number))
    rows = [{"id": one.id, "at": shapes.moment(one.at), "place": one.place, "text": masked(one.text)} for one in found]
    zone = desk.config().service.timezone

    def people(to: Console) -> None:
        for one in found:
            to.print(
                f"{one.id}  {shapes.local(one.at, zone)}  {one.place or '-'}  {masked(one.text) or '(erased)'}",
                markup=False,
            )
        if found:
            to.print("Is one of them a problem? barrio case open --reply NUMBER --text …", markup=False)
        else:
            to.print("No replies.")

    desk.say(rows, people)


def _audience(desk: Desk, place: str | None, *, everybody: bool) -> Audience:
    if everybody == (place is not None):
        raise Fault("say to whom: either --all or --place NAME")
    if place is None or place in desk.config().city.places:
        return Audience(place=place)
    found = places.find(place, desk.config().city)
    if found is None:
        raise NotPossible("there is no such place: write a zone or barrio as in city/places.yaml")
    return Audience(place=found.id)


def _texts(desk: Desk, written: tuple[str, ...]) -> Mapping[str, str]:
    """Texts by language: ``en=…`` is English, a text without such a beginning is in the first language."""
    offered = desk.config().city.languages
    said: dict[str, str] = {}
    for one in written:
        language, equals, text = one.partition("=")
        if not equals or language not in offered:
            language, text = offered[0], one
        if language in said:
            raise Fault(f"the text in {language} is there twice")
        said[language] = text
    return said


def _preview(found: Preview) -> dict[str, Any]:
    return {
        "recipients": found.recipients,
        "opted_out": found.opted_out,
        "segments": found.segments,
        "total_segments": found.total_segments,
        "cost": None if found.cost is None else str(found.cost),
        "currency": found.currency,
        "needs_approval": found.needs_approval,
        "texts": dict(found.texts),
    }


def _show(to: Console, found: Preview) -> None:
    for language, text in found.texts.items():
        to.print(f"[bold]{language}[/]")
        to.print(text, markup=False)
    cost = f", about {found.cost} {found.currency}" if found.cost is not None else ""
    to.print(f"\n{found.recipients} people get it; {found.opted_out} want no notices and do not.")
    to.print(f"{found.segments} SMS each at most, {found.total_segments} in all{cost}.")
    if found.needs_approval:
        to.print("So many people need a second person's approval.")


def _status(desk: Desk, number: int) -> dict[str, Any]:
    def read(tx: Tx) -> tuple[Broadcast, work.Progress, Mapping[str, int], int]:
        kept = broadcasts.read(tx, number)
        if kept is None:
            raise NotSendable(f"there is no broadcast {number}")
        gone = work.progress(tx, number)
        held = brakes.held(tx, number, tuple(Reason)) if gone.waiting else {}
        return kept.broadcast, gone, held, answered.count(tx, number)

    one, gone, held, replied = desk.read(read)
    waiting = gone.left
    on_the_way = gone.accepted + gone.sent
    return {
        "id": one.id,
        "status": gone.shown,
        "place": one.audience.place,
        "created_by": one.created_by,
        "approved_by": one.approved_by,
        "recipients": one.recipients,
        "waiting": waiting,
        "sent": on_the_way,
        "delivered": gone.delivered,
        "failed": gone.failed,
        "in_doubt": gone.in_doubt,
        "expired": gone.expired,
        "cancelled": gone.cancelled,
        "skipped": gone.skipped,
        "held": dict(held),
        "replies": replied,
    }


def _show_status(to: Console, row: Mapping[str, Any]) -> None:
    place = row["place"] or "everybody"
    to.print(f"Broadcast {row['id']} to {place}: {row['status'].replace('_', ' ')}", markup=False)
    names = ("delivered", "sent", "waiting", "failed", "in_doubt", "expired", "cancelled", "skipped")
    counts = [f"{row[name]} {name.replace('_', ' ')}" for name in names if row[name]]
    to.print(f"  of {row['recipients']}: {', '.join(counts) or 'nothing yet'}", markup=False)
    for reason, count in sorted(row["held"].items()):
        to.print(f"  {count} held: {reason.replace('_', ' ')} (docs/run-a-service.md, Brakes)", markup=False)
    _answered(to, row)


def _answered(to: Console, row: Mapping[str, Any]) -> None:
    if row["replies"]:
        to.print(f"  {row['replies']} answered: barrio broadcast replies {row['id']}", markup=False)


def _watch(desk: Desk, made: Broadcast) -> None:
    """Draw how far it is, until all is handed over. Leaving changes nothing: ``serve`` does the work."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    idle, before = 0, -1
    try:
        with Progress(*columns) as drawn:
            bar = drawn.add_task("handed over", total=made.recipients)
            while idle < _PATIENCE:
                row = _status(desk, made.id)
                done = made.recipients - row["waiting"]
                drawn.update(bar, completed=done)
                if not row["waiting"]:
                    break
                idle, before = (idle + 1 if done == before else 0), done
                _pause()
    except KeyboardInterrupt:
        click.echo("")
    desk.say(None, lambda to: _after(to, _status(desk, made.id)))


def _pause() -> None:
    threading.Event().wait(_LOOK)


def _after(to: Console, row: Mapping[str, Any]) -> None:
    _show_status(to, row)
    if row["waiting"]:
        to.print(f"It goes on by itself while barrio serve runs: barrio broadcast status {row['id']}", markup=False)
