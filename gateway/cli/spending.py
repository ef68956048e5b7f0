"""``barrio spending``: what today has cost against each cap, so that a cap is seen before it is reached."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from dialogs.messages import ChannelKind, MessageKind
from gateway.cli.desk import Desk, Fault
from gateway.cli.shapes import moment
from gateway.cli.shell import Command, pass_desk
from gateway.outbound.caps import BLOCK_DIGITS, Caps, Reason
from gateway.outbound.spending import Use, uses
from store import brakes

#: What waits, in words, by the kind that is the last to go.
_HELD: Mapping[MessageKind, str] = {
    MessageKind.REPLY: "nothing goes",
    MessageKind.NOTICE: "only replies go",
    MessageKind.BROADCAST: "broadcasts wait",
}


@click.command(cls=Command)
@click.option("--day", metavar="DATE", help="Another day, as 2026-03-02; kept for a month.")
@pass_desk
def spending(desk: Desk, day: str | None) -> None:
    """Show what today has cost against each cap of limits.

    Counted are hand-overs that a provider took or may have taken; docs/run-a-service.md, Brakes.
    """
    known, caps = desk.config(), Caps.of(desk.config())
    of = _day(day) if day else caps.day(desk.clock.now())
    lines = [name for name, line in known.channels.items() if line.kind is ChannelKind.SMS]
    found = uses(caps, lines, desk.read(lambda tx: brakes.spent(tx, of)))
    segments = sum(one.used for one in found if one.scope.reason is Reason.CHANNEL)
    price = known.broadcasts.price_per_segment
    cost = None if price is None else price * segments
    said = {
        "day": of,
        "segments": segments,
        "cost": None if cost is None else str(cost),
        "currency": known.broadcasts.currency,
    }
    caps_said = [_shape(one) for one in found]
    desk.say(said | {"caps": caps_said}, lambda to: _show(to, desk, of, segments, cost, found))


def _day(written: str) -> str:
    try:
        return datetime.strptime(written, "%Y-%m-%d").date().isoformat()  # noqa: DTZ007  a local date, no time
    except ValueError:
        raise Fault("--day is a date as 2026-03-02") from None


def _shape(one: Use) -> dict[str, Any]:
    return {
        "what": one.scope.name,
        "counts": "messages" if one.scope.reason is Reason.PREFIX else "segments",
        "used": one.used,
        "cap": one.scope.cap,
        "percent": one.percent,
        "held": [str(kind) for kind in one.held],
        "slowed_at": one.spent.slowed_at and moment(one.spent.slowed_at),
        "stopped_at": one.spent.stopped_at and moment(one.spent.stopped_at),
    }


def _show(to: Console, desk: Desk, day: str, segments: int, cost: Decimal | None, found: Sequence[Use]) -> None:
    currency = desk.config().broadcasts.currency
    money = "" if cost is None else f", about {cost} {currency}"
    to.print(f"{day}: {segments} segments{money}")
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("", "used", "cap", "full", "", ""):
        drawn.add_column(name, justify="right" if name else "left")
    for one in found:
        unit = "messages" if one.scope.reason is Reason.PREFIX else "segments"
        drawn.add_row(_named(one), f"{one.used:,}", f"{one.scope.cap:,}", f"{one.percent} %", unit, _state(desk, one))
    to.print(drawn)


def _named(one: Use) -> str:
    kind, _, which = one.scope.name.partition(" ")
    match one.scope.reason:
        case Reason.CHANNEL:
            return f"line {which}"
        case Reason.PREFIX:
            return f"numbers {which}{'x' * BLOCK_DIGITS}"
        case _:
            return "other countries" if which == "abroad" else f"{kind} {which}"


def _state(desk: Desk, one: Use) -> str:
    """What does not go now; and, where something was held today, since when."""
    words = next((words for kind, words in _HELD.items() if kind in one.held), "")
    first = one.spent.stopped_at if MessageKind.REPLY in one.held else one.spent.slowed_at
    if first is None:
        return words
    since = f"since {first.astimezone(desk.config().service.timezone):%H:%M}"
    return f"{words} {since}" if words else f"something was held {since}"
