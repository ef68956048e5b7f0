"""How commands are made: each takes ``--config`` and ``--json`` wherever they stand, and trouble is one line."""

import getpass
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from gateway.cli.desk import Desk, explain
from gateway.strict import ConfigError
from gateway.work.broadcasts import NotSendable
from gateway.work.casework import NAME_MOST, NotPossible
from store import StoreError, crash

T = TypeVar("T", bound=Callable[..., Any])

#: Who runs this service may well think in Spanish.
_YES, _NO = frozenset({"y", "yes", "s", "si", "sí"}), frozenset({"n", "no"})

pass_desk = click.make_pass_decorator(Desk, ensure=True)


def _set_config(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(Desk).path = value


def _set_json(ctx: click.Context, _param: click.Parameter, value: Any) -> None:
    if value:
        ctx.ensure_object(Desk).as_json = True


def _shared() -> list[click.Parameter]:
    path = click.Path(path_type=Path)
    about = "Which config to use (config.yaml, or what BARRIO_CONFIG names)."
    return [
        click.Option(["--config"], type=path, metavar="FILE", expose_value=False, callback=_set_config, help=about),
        click.Option(["--json"], is_flag=True, expose_value=False, callback=_set_json, help="Answer in JSON."),
    ]


class Command(click.Command):
    """A command with the options that all share."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += _shared()


class Group(click.Group):
    """A group of commands with the options that all share."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += _shared()


class Root(Group):
    """``barrio`` itself: trouble that we know becomes one line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            crash.arm(os.environ.get(crash.VARIABLE))
            return super().invoke(ctx)
        except (ConfigError, NotPossible, NotSendable, StoreError, crash.UnknownPoint) as error:
            raise explain(error) from None


def agreed(question: str, *, err: bool = False) -> bool:
    """Ask at the terminal; y, yes, s, si or sí agree, and Enter alone does not. ``err``: ask on standard error."""
    answer: bool = click.prompt(f"{question} [y/N]", default="n", show_default=False, value_proc=_agrees, err=err)
    return answer


def _agrees(answer: str) -> bool:
    word = answer.strip().lower()
    if word not in _YES | _NO:
        raise click.BadParameter("y or n")
    return word in _YES


def acts(command: T) -> T:
    """Add ``--as STAFF`` to a command: who acts, for the audit log; by default the user of this computer."""
    about = "Who acts; stands in the audit log (cli:<your user>)."
    return click.option("--as", "actor", metavar="STAFF", callback=_actor, help=about)(command)


def _actor(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str:
    name = f"cli:{getpass.getuser()}" if value is None else " ".join(value.split())
    if not name or len(name) > NAME_MOST:
        raise click.BadParameter(f"needs a name of at most {NAME_MOST} characters")
    return name
