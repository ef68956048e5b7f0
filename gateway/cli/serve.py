"""``barrio serve`` and ``barrio migrate``: bring the store to this version, and run the service until told to stop."""

import asyncio
import gc
import os
import signal
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import structlog

from gateway import app, backups, check, web
from gateway.backups import NotKept
from gateway.channels import path_of
from gateway.check import remembered
from gateway.cli.desk import Desk, Fault, Misconfigured
from gateway.cli.shell import Command, pass_desk
from gateway.config import Config
from gateway.findings import Level
from gateway.lines import ChannelConfig
from store import SchemaState, StoreUnavailable, damage, schema_state
from store import migrate as upgrade

log = structlog.get_logger(__name__)

_BEHIND = {
    SchemaState.BEHIND: "the store is older than this version: barrio migrate",
    SchemaState.AHEAD: "the store was made by a newer version: install that version, or restore a backup",
}
_MOST_PORT = 65535
#: New objects, and collections of the young and of the middle-aged, before one of each age (see ``gc``).
_COLLECT_AFTER = (50_000, 20, 100)
_STOP = (signal.SIGTERM, signal.SIGINT)


@click.command(cls=Command)
@click.option("--no-backup", is_flag=True, help="Do not copy the store before.")
@pass_desk
def migrate(desk: Desk, *, no_backup: bool) -> None:
    """Bring the store to this version; make it if there is none.

    A SQLite store is copied before it is changed; barrio restore brings the copy back.
    """
    url, file = desk.config().store.url, desk.config().store.file
    before, kept = schema_state(url), None
    if before is SchemaState.BEHIND and file is not None and backups.is_store(file):
        with desk.alone():
            kept = None if no_backup else _copied(desk, file)
            upgrade(url)
    else:
        upgrade(url)
    done = before is not SchemaState.CURRENT
    said = "The store is ready." if done else "The store was ready already."
    saved = f" What it was before is {kept}: barrio restore brings it back." if kept else ""
    shape = {"migrated": done} | ({"backup": str(kept)} if kept else {})
    desk.say(shape, lambda to: to.print(said + saved, markup=False))


def _copied(desk: Desk, file: Path) -> Path:
    copy = backups.before_upgrade(file, desk.clock.now())
    try:
        backups.save(file, copy)
    except (NotKept, StoreUnavailable) as error:
        raise Fault(f"nothing was changed, because the store could not be copied: {error}") from None
    return copy


@click.command(cls=Command)
@click.option(
    "--role",
    type=click.Choice([str(role) for role in app.Role]),
    default=str(app.Role.ALL),
    help="One of many on PostgreSQL: 'web' takes what comes in, 'worker' sends and does what is due. Default: all.",
)
@click.option("--force", is_flag=True, help="Start although barrio check finds errors. For emergencies; logged.")
@pass_desk
def serve(desk: Desk, role: str, *, force: bool) -> None:
    """Run the service, until Ctrl-C or SIGTERM.

    It refuses to start where barrio check finds an error.
    """
    mine = desk.config()
    with ThreadPoolExecutor(1) as beside:
        # A large store is looked at for two seconds, in which SQLite leaves the interpreter to the proofs.
        fit = beside.submit(_demand_fit, mine, app.Role(role))
        if not remembered.is_proved(mine, desk.clock.now()):
            _prove(mine, desk.clock.now(), force=force)
        fit.result()
    asyncio.run(_serve(desk, mine, app.Role(role)))


def _prove(mine: Config, now: datetime, *, force: bool) -> None:
    """Refuse what would talk to people wrongly; ``force`` writes each error to the log and goes on."""
    errors = [one for one in check.examine(mine, now) if one.level is Level.ERROR]
    if not errors:
        remembered.keep(mine, now)
    elif not force:
        first = f"{errors[0].where}: {errors[0].what}"
        raise Misconfigured(f"barrio check finds errors: {len(errors)}, first {first}. Mend them, or serve --force")
    for one in errors:
        log.error("started_despite_error", where=one.where, what=one.what)


def run(desk: Desk, mine: Config) -> None:
    """Serve a config. What is under way when it is told to stop is finished, for at most ten seconds."""
    _demand_fit(mine, app.Role.ALL)
    asyncio.run(_serve(desk, mine, app.Role.ALL))


def _demand_fit(mine: Config, role: app.Role) -> None:
    """Refuse a store that cannot be served: damaged, of another version, or not for this role."""
    if mine.store.file is not None and role is not app.Role.ALL:
        raise Misconfigured(f"--role {role} needs a store on PostgreSQL: one process owns a SQLite file and does all")
    if mine.store.file is not None:
        _look_at(mine.store.file)
    state = schema_state(mine.store.url)
    if state in _BEHIND:
        raise Misconfigured(_BEHIND[state])


async def _serve(desk: Desk, mine: Config, role: app.Role) -> None:
    application = app.build(mine, desk.clock, role=role)
    if not application.store.own():
        raise Misconfigured("another barrio serve runs on this store already")
    told = asyncio.Event()

    def tell() -> None:
        told.set()
        for name in _STOP:  # told again, it ends at once, as by kill -9: what is cut is in doubt
            signal.signal(name, signal.SIG_DFL)

    for name in _STOP:
        asyncio.get_running_loop().add_signal_handler(name, tell)
    await application.start()
    try:
        runner = await _listen(application, mine)
        try:
            _announce(desk, mine, runner.addresses[0][1], role)
            if role is not app.Role.WEB:  # only a file is lost until a restart, and its process does all
                application.scheduler.lost = told.set
            _collect_seldom()
            await told.wait()
        finally:
            await runner.cleanup()
    finally:
        await application.stop()
    if broken := application.store.broken:
        raise Fault(f"the store is lost until a restart: {broken}")


def _collect_seldom() -> None:
    """Leave what stays for ever out of collections, and begin one less often.

    Nearly all that a message needs is gone with its last use; what collections are for is rare. Measured: a twentieth
    of the time for each message, and no more pauses of 60 ms in which the city, its words and all code were looked at.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def _look_at(file: Path) -> None:
    """Refuse a file that is not there, cannot be written or is damaged, before anybody is promised anything."""
    if not file.is_file():
        raise Misconfigured("there is no store yet: barrio migrate")
    if not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
        raise Misconfigured(f"{file} and its folder must be writable for who runs barrio serve")
    if found := damage(file):
        raise Misconfigured(f"{file} is damaged ({found}): keep a copy of it, then barrio restore BACKUP")


async def _listen(application: app.Application, mine: Config) -> Any:
    try:
        return await web.serve(application.website(), mine.http.host, mine.http.port)
    except OSError as error:
        raise Fault(f"cannot listen on {mine.http.host} port {mine.http.port}: {error.strerror}") from None


def _announce(desk: Desk, mine: Config, port: int, role: app.Role = app.Role.ALL) -> None:
    here = f"http://{'localhost' if mine.http.host in {'127.0.0.1', '0.0.0.0', '::'} else mine.http.host}:{port}"  # noqa: S104  compared, not bound
    knocked_at = role is not app.Role.WORKER
    simulator = knocked_at and any(line.provider == "simulator" for line in mine.channels.values())
    said: Mapping[str, Any] = {
        "address": here,
        "simulator": f"{here}/simulator" if simulator else None,
        "webhooks": {line.id: _webhook(mine, line) for line in mine.channels.values() if knocked_at},
    }

    def people(to: Any) -> None:
        to.print(f"[bold]{mine.service.name}[/] runs: {here}")
        if simulator:
            to.print(f"  a phone to try it with   {here}/simulator")
        for name, url in said["webhooks"].items():
            to.print(f"  {name:<24} {url}", markup=False)
        to.print(f"  cases                    barrio case list{_option(mine)}   (in another terminal)", markup=False)
        to.print("Ctrl-C stops it.")

    desk.say(said, people)


def _option(mine: Config) -> str:
    return "" if mine.path == Path("config.yaml") else f" --config {mine.path}"


def _webhook(mine: Config, line: ChannelConfig) -> str:
    """Where a provider delivers, with the secret left out."""
    path = path_of(line.model_copy(update={"secret": "SECRET" if line.secret else None}), str(line.kind))
    return mine.service.public_url + path
