"""``barrio``: all commands. Each is loaded when it is asked for, so that the quick ones stay quick."""

from collections.abc import Mapping
from importlib import import_module

import click

from gateway.cli.shell import Root

#: Where each command lives, in the order in which a person meets them.
COMMANDS: Mapping[str, str] = {
    "init": "gateway.cli.init",
    "check": "gateway.cli.health",
    "words": "gateway.cli.words",
    "cost": "gateway.cli.cost",
    "migrate": "gateway.cli.serve",
    "serve": "gateway.cli.serve",
    "chat": "gateway.cli.chat",
    "demo": "gateway.cli.demo",
    "case": "gateway.cli.case",
    "broadcast": "gateway.cli.broadcast",
    "spending": "gateway.cli.spending",
    "alert": "gateway.cli.health",
    "doctor": "gateway.cli.health",
    "replay": "gateway.cli.replay",
    "transcript": "gateway.cli.transcript",
    "backup": "gateway.cli.backup",
    "restore": "gateway.cli.backup",
    "copy": "gateway.cli.copy",
    "forget": "gateway.cli.forget",
    "staff": "gateway.cli.staff",
    "channel": "gateway.cli.channel",
    "evaluate": "gateway.cli.evaluate",
    "learn": "gateway.cli.learn",
    "export": "gateway.cli.export",
}


class _Lazy(Root):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's seam
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's seam
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
def barrio() -> None:
    """Citizen feedback by SMS and USSD: text a complaint, get a code, have the last word on "resolved"."""
