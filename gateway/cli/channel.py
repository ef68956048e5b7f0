"""``barrio channel …``: our lines as their providers see them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console

from gateway import accounts
from gateway.accounts import Account, AccountError, Missed, by_hand
from gateway.accounts.base import SetUp
from gateway.cli.desk import Desk, Fault
from gateway.cli.shell import Group, pass_desk
from gateway.inbound.inbox import Inbox
from gateway.lines import ChannelConfig
from store import open_store

#: What ``hears_us`` means to a person.
_HEARS = {True: "its texts come here", False: "ITS TEXTS GO ELSEWHERE: barrio channel setup", None: "cannot be asked"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line, with the account behind it if there is one."""

    config: ChannelConfig
    account: Account | None


Row = Mapping[str, Any]
_name = click.argument("name", metavar="[CHANNEL]", required=False)


@click.group(cls=Group)
def channel() -> None:
    """Our lines: set up their providers, look at them, fetch what was missed."""


@channel.command()
@_name
@pass_desk
def setup(desk: Desk, name: str | None) -> None:
    """Make the provider call us; where no program can, say what to enter in its dashboard."""

    async def one(line: Line) -> Row:
        public_url = desk.config().service.public_url
        done = await line.account.set_up() if line.account else by_hand.set_up(line.config, public_url)
        return {"done": list(done.done), "enter": _entries(done)}

    _tell(desk, _each(_lines(desk, name), one), _set_up)


@channel.command()
@_name
@pass_desk
def status(desk: Desk, name: str | None) -> None:
    """Show each line, what is left to spend on it, and whether its texts come here."""

    async def one(line: Line) -> Row:
        if line.account is None:
            return {"credit": None, "currency": None, "hears": None}
        credit, hears = await asyncio.gather(line.account.credit(), line.account.hears_us())
        return {"credit": str(credit.amount), "currency": credit.currency, "hears": hears}

    _tell(desk, _each(_lines(desk, name), one), _status)


@channel.command()
@_name
@pass_desk
def fetch(desk: Desk, name: str | None) -> None:
    """Fetch the texts of the last 48 h that never reached us, and act on them; serve sends the answers."""
    lines = [line for line in _lines(desk, name) if name or (line.account and line.account.fetches)]
    if not lines:
        raise Fault("there is no line here whose provider can be asked for missed texts")

    async def one(line: Line) -> Row:
        found = await _take(desk, line)
        return {"listed": found.listed, "missed": len(found.messages), "opt_ins": found.opt_ins}

    _tell(desk, _each(lines, one), _fetched)


async def _take(desk: Desk, line: Line) -> Missed:
    """Let what was missed go through the same inbox, under the same ids, one after the other."""
    config, now = desk.config(), desk.clock.now()
    if line.account is None:
        raise AccountError("nobody can be asked what was missed on this line")
    store = open_store(config.store.url)
    await store.start()
    inbox = Inbox(store, desk.house(), wake=lambda: None)
    try:
        found = await accounts.missed(line.account, line.config, store, config, now)
        for message in found.messages:
            await inbox.receive([message])
    finally:
        await inbox.close()
        await store.close()
    return found


def _lines(desk: Desk, name: str | None) -> Sequence[Line]:
    config = desk.config()
    if name is not None and name not in config.channels:
        raise Fault(f'"{name}" is not one of the channels: {", ".join(config.channels)}')
    chosen = config.channels.values() if name is None else [config.channels[name]]
    public_url = config.service.public_url
    return [Line(config=one, account=accounts.account_of(one, public_url)) for one in chosen]


def _each(lines: Sequence[Line], one: Callable[[Line], Awaitable[Row]]) -> Sequence[Row]:
    """Ask about every line; trouble with one is told in its row and does not hide the others."""

    async def row(line: Line) -> Row:
        mine = line.config
        about = {"channel": mine.id, "provider": mine.provider, "kind": str(mine.kind), "address": mine.address}
        try:
            return {**about, **await one(line), "problem": None}
        except AccountError as error:
            return {**about, "problem": str(error)}

    async def rows() -> Sequence[Row]:
        return [await row(line) for line in lines]

    return asyncio.run(rows())


def _tell(desk: Desk, rows: Sequence[Row], words: Callable[[Row], Sequence[str]]) -> None:
    """Print the rows; exit 1 if a line is in trouble."""

    def people(to: Console) -> None:
        for row in rows:
            to.print(f"{row['channel']} ({row['provider']} {row['kind']} {row['address']})", markup=False)
            for said in [f"PROBLEM: {row['problem']}"] if row["problem"] else words(row):
                to.print(f"  {said}", markup=False)

    desk.say(list(rows), people)
    if any(row["problem"] for row in rows):
        raise click.exceptions.Exit(1)


def _entries(made: SetUp) -> Sequence[Row]:
    return [{"what": entry.what, "value": entry.value} for entry in made.enter]


def _set_up(row: Row) -> Sequence[str]:
    entered = [f"enter {entry['what']}: {entry['value']}" for entry in row["enter"]]
    return [*row["done"], *entered] or ["nothing to set up"]


def _status(row: Row) -> Sequence[str]:
    credit = "no account to ask" if row["credit"] is None else f"{row['credit']} {row['currency']} left"
    return [credit, _HEARS[row["hears"]]]


def _fetched(row: Row) -> Sequence[str]:
    said = f"{row['listed']} texts in 48 h, {row['missed']} of them missed and taken now"
    left = f"{row['opt_ins']} opt-ins missed and left: these people must write again"
    return [said, left] if row["opt_ins"] else [said]
