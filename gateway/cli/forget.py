"""``barrio forget``: a person's number and words leave the store; what happened stays."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from dialogs.contacts import Contact, normalise_msisdn
from gateway import backups
from gateway.cli.desk import Desk, Fault
from gateway.cli.shapes import local, moment
from gateway.cli.shell import Command, acts, agreed, pass_desk
from gateway.effects import RESIDENT
from gateway.work import forgetting
from gateway.work.forgetting import Forgotten
from store import Store, StoreUnavailable, contacts, remains

_LATER = "do the same with --compact when few people write"

#: Where a file still holds somebody, and until when if that is known.
Copies = Sequence[tuple[Path, datetime | None]]


@click.command(cls=Command)
@click.argument("number", required=False)
@click.option(
    "--asked", is_flag=True, help="Erase those who asked for it by telephone a day ago; serve does so itself."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
@click.option("--compact", is_flag=True, help="Write the store anew whatever its size; messages wait meanwhile.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@acts
@pass_desk
def forget(  # noqa: PLR0913  an option each
    desk: Desk, number: str | None, actor: str, *, asked: bool, dry_run: bool, compact: bool, yes: bool
) -> None:
    """Erase the number and words of a person, while the service runs.

    Cases stay, with code and category, and are nobody's. What waits to be sent to the number is cancelled. Exit 1 if
    the number is not known, or still stands in the store.
    """
    if asked or number is None:
        if not asked or number is not None or dry_run:
            raise click.UsageError("name one number, or say --asked")
        _forget_asked(desk, compact=compact)
        return
    msisdn = normalise_msisdn(number, desk.config().service.country)
    if msisdn is None:
        raise Fault("this is not a telephone number: write it like +59170000000")
    person, known = desk.use(lambda store: _known(desk, store, msisdn, actor))
    traces = forgetting.traces(msisdn, ())
    if dry_run and person is not None:
        _say(desk, known, _copies(desk, traces), done=False)
        return
    if person is None:
        _sweep(desk, traces, compact=compact and not dry_run)
        return
    if not yes and not agreed(f"Erase this person's {_counts(known)}? It cannot be undone.", err=desk.as_json):
        raise Fault("Nothing was changed.")
    done = desk.use(lambda store: forgetting.forget(store, person, desk.clock.now(), actor))
    left = _clean(desk, forgetting.traces(msisdn, done.words), traces, compact=compact)
    _say(desk, done, _copies(desk, traces), done=True)
    if left is not None:
        raise Fault(left)


def _forget_asked(desk: Desk, *, compact: bool) -> None:
    """Erase all whose time has come; what is left in files is looked for once."""
    gone = desk.use(lambda store: _all_asked(desk, store))
    whole, traces, numbers = Forgotten(), list[bytes](), list[bytes]()
    for person, done in gone:
        whole.add(done)
        numbers += forgetting.traces(person.msisdn, ())
        traces += forgetting.traces(person.msisdn, done.words)
    left = _clean(desk, traces, numbers, compact=compact) if gone else None
    _say(desk, whole, _copies(desk, numbers) if gone else (), done=True)
    if left is not None:
        raise Fault(left)


async def _all_asked(desk: Desk, store: Store) -> list[tuple[Contact, Forgotten]]:
    now = desk.clock.now()
    await forgetting.finish_all(store, now, RESIDENT)
    return await forgetting.forget_asked(store, now, RESIDENT)


def _sweep(desk: Desk, traces: Sequence[bytes], *, compact: bool) -> None:
    """Nobody has this number, or not any more: with ``--compact`` its remains are removed all the same."""
    if not compact:
        raise Fault("nobody with this number is in the store")
    if (left := _clean(desk, traces, traces, compact=True)) is not None:
        raise Fault(left)
    _say(desk, Forgotten(), _copies(desk, traces), done=True)


async def _known(desk: Desk, store: Store, msisdn: str, actor: str) -> tuple[Contact | None, Forgotten]:
    """Find the person, and finish what an earlier call was cut short in."""
    await forgetting.finish_all(store, desk.clock.now(), actor)
    person = await store.read(lambda tx: contacts.by_msisdn(tx, msisdn))
    return person, Forgotten() if person is None else await forgetting.rehearse(store, person)


def _clean(desk: Desk, traces: Sequence[bytes], number: Sequence[bytes], *, compact: bool) -> str | None:
    """Remove the remains from the store's files; say in one line what is left, None if nothing is."""
    file = desk.config().store.file
    if file is None:
        asyncio.run(remains.vacuum(desk.config().store.url, full=compact))
        return None
    try:
        remains.cut_log(file)
        if compact or (remains.holding([file], traces) and file.stat().st_size <= remains.SMALL):
            remains.compact(file)
    except StoreUnavailable as error:
        return f"it is erased, but pieces are left in the store's files ({error.reason}): {_LATER}"
    if not remains.holding([file], number):
        return None
    if compact or file.stat().st_size <= remains.SMALL:
        return "the number still stands in the store, in something that others wrote"
    return f"it is erased, but pieces are left in unused space of the store's file: {_LATER}"


def _copies(desk: Desk, number: Sequence[bytes]) -> Copies:
    """The files beside the store, and its backups, that hold the number, and until when."""
    live, row = desk.config().store.file, desk.config().backups
    if live is None:
        return ()
    ours = {live.name, f"{live.name}-wal", f"{live.name}-shm", f"{live.name}.lock"}
    beside = [file for file in sorted(live.parent.iterdir()) if file.is_file() and file.name not in ours]
    found: list[tuple[Path, datetime | None]] = [(file, None) for file in remains.holding(beside, number)]
    if row is not None and row.folder is not None:
        folder = Path(row.folder)
        held = remains.holding(backups.kept(folder), number)
        found += [(file, backups.last_day(folder, file, keep=row.keep, every=row.every)) for file in held]
    return found


def _say(desk: Desk, what: Forgotten, copies: Copies, *, done: bool) -> None:
    zone, postgresql = desk.config().service.timezone, desk.config().store.file is None

    def people(to: Console) -> None:
        to.print(f"{'Erased' if done else 'Would be erased'}: {_counts(what)}.", markup=False)
        for file, until in copies:
            end = "until you delete it" if until is None else f"until about {local(until, zone)}, when it is replaced"
            to.print(f"{file} still holds the number, {end}.", markup=False)
        if postgresql:
            to.print(
                "PostgreSQL's log, its replicas' and your backups keep what was until they are thrown away;"
                " unused space in its tables until it is used again, or until --compact writes them anew."
            )

    kept = [{"file": str(file), "until": until and moment(until)} for file, until in copies]
    desk.say({"done": done, **_shape(what), "still_in": kept}, people)


def _shape(what: Forgotten) -> Mapping[str, Any]:
    return {name: getattr(what, name) for name in ("cases", "inbound", "outbound", "quarantined")}


def _counts(what: Forgotten) -> str:
    return (
        f"number and words in {what.cases} cases, {what.inbound} messages from them, {what.outbound} to them and "
        f"{what.quarantined} unreadable requests"
    )
