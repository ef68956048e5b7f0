"""The desk at which every command sits: its config, its store, its way of speaking.

Rule 1: commands are guests of the store. They open it, do one short transaction, close it, and never send: ``serve``
sees what they queued.
Rule 2: what went wrong is one line on standard error. Exit 2: the config or the schema; 1: the answer is no.
"""

import asyncio
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from gateway import app, config
from gateway.clock import Clock, SystemClock
from gateway.config import Config, ConfigError
from gateway.effects import House
from gateway.strict import text
from store import Clash, SchemaMismatch, Store, StoreUnavailable, Tx, crash, open_store

T = TypeVar("T")

#: How often an act is tried with a fresh code when its code turns out to be taken.
TRIES = 3
_WIDE = 160
_LINE = re.compile(r"\A(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)")


class Fault(click.ClickException):
    """One line for whoever typed the command. The answer is no: exit 1."""

    def show(self, file: Any = None) -> None:
        """Say it on standard error."""
        click.echo(self.message, err=True, file=file)


class Misconfigured(Fault):
    """The config or the schema is not right: exit 2."""

    exit_code = 2


@dataclass(slots=True)
class Desk:
    """What the options said; made once a command line. ``known`` is the config once it is read."""

    path: Path = field(default_factory=lambda: Path(os.environ.get("BARRIO_CONFIG") or "config.yaml"))
    as_json: bool = False
    clock: Clock = field(default_factory=SystemClock)
    known: Config | None = None

    def config(self, *, demo: bool = False) -> Config:
        """Read the config, once."""
        if self.known is None:
            self.known = config.load(self.path, environment(self.path), demo=demo)
        return self.known

    def house(self) -> House:
        """Give the parts by which effects are performed."""
        return app.build(self.config(), self.clock).house

    def transact(self, fn: Callable[[Tx], T]) -> T:
        """Run ``fn`` in one transaction, again if a fresh code turned out to be taken."""
        for _ in range(TRIES - 1):
            try:
                return self._with_store(lambda store: store.transact(fn))
            except Clash:
                continue
        return self._with_store(lambda store: store.transact(fn))

    def read(self, fn: Callable[[Tx], T]) -> T:
        """Run ``fn`` on one unmoving picture of the store."""
        return self._with_store(lambda store: store.read(fn))

    def study(self, fn: Callable[[Tx], T]) -> T:
        """The same for what reads all of the store, and may take minutes."""
        return self._with_store(lambda store: store.study(fn))

    def use(self, work: Callable[[Store], Awaitable[T]]) -> T:
        """Do with the open store what takes several transactions."""
        return self._with_store(work)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold a SQLite store against every ``barrio serve``; a ``Fault`` if one runs on it."""
        store = open_store(self.config().store.url)
        try:
            if not store.own():
                raise Fault("barrio serve runs on this store: stop it first")
            yield
        finally:
            asyncio.run(store.close())

    def say(self, value: Any, people: Callable[[Console], None]) -> None:
        """Print ``value`` as JSON, or what ``people`` makes of it."""
        if self.as_json:
            click.echo(json.dumps(value, ensure_ascii=False, indent=2))
        else:
            people(console())

    def _with_store(self, use: Callable[[Store], Awaitable[T]]) -> T:
        async def run() -> T:
            store = open_store(self.config().store.url)
            await store.start()
            try:
                return await use(store)
            finally:
                await store.close()

        return asyncio.run(run())


def console() -> Console:
    """The terminal; wide where the output goes into a file or a pipe, so that no row is cut."""
    return Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _WIDE)


def environment(config_path: Path) -> Mapping[str, str]:
    """The variables for secrets: the process's own, and those of the file ``.env`` beside the config."""
    file = config_path.resolve().parent / ".env"
    if not file.is_file():
        return os.environ
    found: dict[str, str] = {}
    for number, line in enumerate(text(file).splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise ConfigError(file, f"line {number}", "is not NAME=value")
        found[match[1]] = match[2].strip().strip("\"'")
    return found | os.environ


def explain(error: Exception) -> Fault:
    """Turn what may go wrong into one line and an exit code."""
    match error:
        case ConfigError() | SchemaMismatch() | crash.UnknownPoint():
            return Misconfigured(str(error))
        case StoreUnavailable():
            return Fault(f"the store cannot be used now: {error.reason}")
        case _:
            return Fault(str(error))
