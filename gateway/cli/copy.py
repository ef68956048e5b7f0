"""``barrio copy``: the whole store into another, empty one; how a service moves to PostgreSQL."""

import asyncio
from pathlib import Path

import click

from gateway import config
from gateway.cli.desk import Desk, Fault, environment
from gateway.cli.shell import Command, pass_desk
from store import migrate, open_store
from store.copying import NotEmpty
from store.copying import copy as copy_all


@click.command(cls=Command)
@click.option(
    "--to",
    "to",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="CONFIG",
    help="The config that names the store to copy into.",
)
@pass_desk
def copy(desk: Desk, to: Path) -> None:
    """Copy the whole store into the empty one that another config names. Nobody may serve meanwhile."""
    there = config.load(to, environment(to)).store.url
    if there == desk.config().store.url:
        raise Fault("both configs name the same store")
    migrate(there)
    with desk.alone():
        copied = asyncio.run(_copy(desk.config().store.url, there))
    rows = sum(copied.values())
    desk.say({"copied": copied}, lambda to: to.print(f"Copied {rows} rows. Serve with the other config from now on."))


async def _copy(here: str, there: str) -> dict[str, int]:
    source, target = open_store(here), open_store(there)
    await source.start()
    try:
        await target.start()
        try:
            return await copy_all(source, target)
        except NotEmpty as error:
            raise Fault(f"the other store is not empty: {error} has rows") from None
        finally:
            await target.close()
    finally:
        await source.close()
