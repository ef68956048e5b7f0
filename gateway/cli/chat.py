"""``barrio chat``: a telephone in the terminal. No browser, no account, no network."""

import asyncio
import re
import sys
import tempfile
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from dialogs.contacts import normalise_msisdn
from dialogs.messages import OutboundMessage
from dialogs.understand import codes
from gateway import app
from gateway.cli.desk import Desk, Fault, Misconfigured
from gateway.cli.phone import MovedClock, Network, Phone, latest_case, simulated
from gateway.cli.shell import Command, acts, pass_desk
from gateway.config import Config, StoreConfig
from gateway.work import casework
from gateway.work.casework import NotPossible
from store import SchemaState, Tx, migrate, schema_state

_MORNING = 10
_MOVE = re.compile(r":\+([0-9]{1,3})([smhd])")
_ACT = re.compile(r":(resolve|reopen)\b(.*)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
HELP = """\
Write what a resident would write, and read what they would get.
  :resolve CODE TEXT   be the staff: say that a case is solved, and how
  :reopen CODE         take that back   (without a code: your latest case)
  :+3d                 let three days pass (also 5s, 10m, 2h)
  :from +59170000002   take another telephone
  :ussd  :sms          dial the service code, or write SMS again
  :quit                hang up (so does the end of the input)"""


@click.command(cls=Command)
@click.option("--ussd", is_flag=True, help="Dial the service code instead of writing SMS.")
@click.option("--from", "number", default="+59170000001", metavar="NUMBER", help="Which telephone you hold.")
@click.option(
    "--store", "which", type=click.Choice(["own", "config"]), default="own", help="A store of its own, or the config's."
)
@acts
@pass_desk
def chat(desk: Desk, ussd: bool, number: str, which: str, actor: str) -> None:  # noqa: FBT001  click calls it so
    """Talk to the service here, as a resident would."""
    mine = desk.config(demo=True)
    with ExitStack() as held:
        folder = held.enter_context(tempfile.TemporaryDirectory(prefix="barrio-chat-"))
        moved = _clock(desk, mine, own=which == "own")
        joined = _own_store(mine, Path(folder)) if which == "own" else _shared_store(mine)
        network = Network([])
        runner = held.enter_context(asyncio.Runner())
        application = app.build(joined, moved, network)
        talk = _Talk(runner.run, application, moved, network, Phone(application, _number(mine, number)), actor, which)
        runner.run(application.open())
        held.callback(lambda: runner.run(application.stop()))
        if which == "config" and not application.store.own():
            raise Fault("serve is running on this store: use the phone on its page /simulator")
        talk.go(ussd=ussd)


@dataclass(slots=True)
class _Talk:
    """A conversation at the keyboard."""

    run: Callable[[Coroutine[Any, Any, Any]], Any]
    app: app.Application
    clock: MovedClock
    network: Network
    phone: Phone
    actor: str
    which: str
    screen: bool = False

    def go(self, *, ussd: bool) -> None:
        """Read lines until there are no more."""
        click.echo(f"You hold {self.phone.number}. :help says what else can be done here.")
        if ussd:
            self._dial()
        while (line := _line()) is not None and line != ":quit":
            try:
                self._do(line)
            except NotPossible as refusal:
                click.echo(str(refusal))

    def _do(self, line: str) -> None:
        if not line.startswith(":"):
            self._say(line)
        elif line == ":help":
            click.echo(HELP)
        elif line == ":ussd":
            self._dial()
        elif line == ":sms":
            self.screen = False
        elif line.startswith(":from "):
            self.phone = Phone(self.app, _number(self.app.config, line.removeprefix(":from ")))
        elif move := _MOVE.fullmatch(line):
            self._wait(timedelta(**{_UNITS[move[2]]: int(move[1])}))
        elif act := _ACT.fullmatch(line):
            self._staff(act[1], act[2].strip())
        else:
            raise NotPossible("there is no such command; :help lists them")
        self._hear()

    def _say(self, line: str) -> None:
        if self.screen:
            self._show(self.run(self.phone.press(line)))
        else:
            self.run(self.phone.text(line))

    def _dial(self) -> None:
        self.screen = True
        self._show(self.run(self.phone.dial()))

    def _show(self, screens: list[OutboundMessage]) -> None:
        for screen in screens:
            _bar(screen.text)
            if screen.ends_session:
                self.screen = False
                click.echo("(the screen closes; :ussd dials again, anything else is an SMS)")

    def _wait(self, long: timedelta) -> None:
        if self.which != "own":
            raise NotPossible("time is moved only in a store of its own: chat without --store")
        self.run(self.phone.wait(long, self.clock))
        local = self.clock.now().astimezone(self.app.config.service.timezone)
        click.echo(f"(it is {local:%a %d %b %H:%M})")

    def _staff(self, act: str, words: str) -> None:
        now, house = self.clock.now(), self.app.house

        def work(tx: Tx) -> casework.Done:
            first, _, rest = words.partition(" ")
            code, reply = (first, rest) if codes.find(first) else (latest_case(tx, self.phone.number).code, words)
            if act == "resolve":
                return casework.resolve(tx, house, now, self.actor, code, reply=reply)
            return casework.reopen(tx, house, now, self.actor, code)

        done = self.run(self.app.store.transact(work))
        click.echo(f"(staff: {codes.show(done.case.code)} is {done.case.status})")
        self.run(self.app.settle())

    def _hear(self) -> None:
        for number, text in self.network.take():
            if number != self.phone.number:
                click.echo(f"(on the telephone {number})")
            elif self.screen:
                click.echo("(an SMS)")
            _bar(text)


def _bar(text: str) -> None:
    for line in text.split("\n"):
        click.echo(f"▏ {line}")


def _line() -> str | None:
    """Read the next line that says something; None at the end. Lines from a pipe are echoed, so that it reads well."""
    while True:
        if sys.stdin.isatty():
            click.echo("> ", nl=False)
        line = sys.stdin.readline()
        if not line:
            return None
        if line.strip():
            if not sys.stdin.isatty():
                click.echo(f"> {line.strip()}")
            return line.strip()


def _number(mine: Config, written: str) -> str:
    msisdn = normalise_msisdn(written.replace(" ", ""), mine.service.country)
    if msisdn is None:
        raise NotPossible("this is not a telephone number: write it like +59170000001")
    return msisdn


def _clock(desk: Desk, mine: Config, *, own: bool) -> MovedClock:
    """In a store of its own it is ten in the morning: at night no notice would arrive, which puzzles people."""
    now = desk.clock.now()
    local = now.astimezone(mine.service.timezone)
    morning = local.replace(hour=_MORNING, minute=0, second=0, microsecond=0)
    return MovedClock(desk.clock, morning - local if own else timedelta())


def _own_store(mine: Config, folder: Path) -> Config:
    url = f"sqlite:///{folder / 'chat.db'}"
    migrate(url)
    return replace(simulated(mine), store=StoreConfig(url=url))


def _shared_store(mine: Config) -> Config:
    if any(line.provider != "simulator" for line in mine.channels.values()):
        raise Fault("this config has real lines: chat talks only in a store of its own then")
    if schema_state(mine.store.url) is not SchemaState.CURRENT:
        raise Misconfigured("the store is not of this version: barrio migrate")
    return mine
