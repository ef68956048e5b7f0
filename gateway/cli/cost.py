"""``barrio cost``: what each message costs, and what a whole case does."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from gateway.cli.desk import Desk, Fault
from gateway.cli.shell import Command, pass_desk
from gateway.config import WORDS
from gateway.outbound.render import Renderer
from gateway.wording import lengths, texts
from gateway.wording.cost import AGREED, SILENT, Stage, budgets, path
from gateway.wording.lengths import SCREEN, Measured
from gateway.wording.said import Occasion

_TITLES: Mapping[Occasion, str] = {
    Occasion.ANSWER: "Answers to a resident",
    Occasion.PUSHED: "Sent to a resident unasked",
    Occasion.STAFF: "Sent to staff",
}
_PATHS: Mapping[str, Sequence[tuple[str, str]]] = {
    "A case that is solved and confirmed": AGREED,
    "A case whose resident stays silent": SILENT,
}


@click.command(cls=Command)
@click.option("--language", metavar="LANG", help="Only this language (all that are offered).")
@pass_desk
def cost(desk: Desk, language: str | None) -> None:
    """Show what every message costs, in segments and money, and what a whole case costs.

    Each is said as it usually is and at its longest, with the longest names, dates and replies that the city has.
    Exit 1 if an answer takes more than one segment at its longest, or what is pushed for a case more than three.
    """
    config = desk.config()
    renderer = Renderer(config.city, WORDS, config.service.name)
    measured = lengths.measure(texts.gather(config.city, renderer, WORDS))
    if language is not None:
        if language not in measured:
            raise Fault(f"{language} is not offered: {', '.join(measured)}")
        measured = {language: measured[language]}
    price, currency = config.broadcasts.price_per_segment, config.broadcasts.currency
    desk.say(_shape(measured, price, currency), lambda to: _print(to, measured, price, currency))
    if not all(one.kept for of in measured.values() for one in budgets(of)):
        raise click.exceptions.Exit(1)


def _shape(measured: Mapping[str, Sequence[Measured]], price: Decimal | None, currency: str) -> dict[str, Any]:
    return {
        "price_per_segment": None if price is None else str(price),
        "currency": currency,
        "messages": [_message(one, price) for of in measured.values() for one in of],
        "cases": [
            {
                "language": language,
                "case": title,
                "stages": [
                    {"stage": one.name, "text": one.template, "usual": one.usual, "worst": one.worst}
                    for one in path(of, stages)
                ],
            }
            for language, of in measured.items()
            for title, stages in _PATHS.items()
        ],
        "budgets": [
            {"language": language, "what": one.what, "takes": one.takes, "may": one.may}
            for language, of in measured.items()
            for one in budgets(of)
        ],
    }


def _message(one: Measured, price: Decimal | None) -> dict[str, Any]:
    screen = {"usual": one.screen_usual, "worst": one.screen, "may": SCREEN} if one.text.said.on_screen else None
    return {
        "language": one.text.language,
        "text": one.text.said.template,
        "occasion": str(one.text.said.occasion),
        "sms": {
            "usual": one.usual,
            "worst": one.worst,
            "with_accents": one.as_written,
            "may": one.allowed,
            "price": None if price is None else str(price * one.usual),
            "worst_price": None if price is None else str(price * one.worst),
        },
        "ussd": screen,
    }


def _print(to: Console, measured: Mapping[str, Sequence[Measured]], price: Decimal | None, currency: str) -> None:
    at = "config.yaml names no price_per_segment" if price is None else f"{price} {currency} a segment"
    to.print(f"SMS in segments, usual and at their longest; {at}. USSD in characters of {SCREEN}.", markup=False)
    to.print("ACCENTS: segments at the longest if accents were kept; they go where that saves one.", markup=False)
    for occasion, title in _TITLES.items():
        to.print(f"\n[bold]{title}[/]")
        to.print(_table(measured, occasion, price))
    for title, stages in _PATHS.items():
        to.print(f"\n[bold]{title}[/]")
        to.print(_case({language: list(path(of, stages)) for language, of in measured.items()}, price, currency))
    to.print("\n[bold]Budgets[/]")
    for language, of in measured.items():
        for one in budgets(of):
            colour, word = ("green", "kept") if one.kept else ("red", "over")
            to.print(f"  {language}  {one.what}: {one.takes} of {one.may}  [{colour}]{word}[/]")


def _table(measured: Mapping[str, Sequence[Measured]], occasion: Occasion, price: Decimal | None) -> Table:
    """One row a template, one group of columns a language."""
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    drawn.add_column("TEXT", no_wrap=True, min_width=22)
    for language in measured:
        for name in (f"{language.upper()} SMS", "LONGEST", "PRICE", "ACCENTS", "USSD"):
            drawn.add_column(name, justify="right", no_wrap=True)
    rows: dict[str, dict[str, Measured]] = {}
    for language, of in measured.items():
        for one in of:
            if one.text.said.occasion is occasion:
                rows.setdefault(one.text.said.template, {})[language] = one
    for template, by_language in rows.items():
        cells = [cell for language in measured for cell in _cells(by_language.get(language), price)]
        drawn.add_row(template, *cells)
    return drawn


def _cells(one: Measured | None, price: Decimal | None) -> tuple[str, ...]:
    if one is None:
        return ("-",) * 5
    longest = str(one.worst) if one.worst <= one.allowed else f"[red]{one.worst}[/]"
    accents = str(one.as_written) if one.as_written > one.worst else ""
    screen = str(one.screen) if one.text.said.on_screen else ""
    return str(one.usual), longest, _money(one.worst, price), accents, screen


def _case(of: Mapping[str, Sequence[Stage]], price: Decimal | None, currency: str) -> Table:
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    drawn.add_column("", min_width=16)
    drawn.add_column("TEXT", min_width=17)
    for language in of:
        drawn.add_column(f"{language.upper()} SMS", justify="right")
        drawn.add_column("LONGEST", justify="right")
    first = next(iter(of.values()))
    for number, stage in enumerate(first):
        cells = [str(count) for stages in of.values() for count in (stages[number].usual, stages[number].worst)]
        drawn.add_row(stage.name, stage.template, *cells)
    totals = [(sum(one.usual for one in stages), sum(one.worst for one in stages)) for stages in of.values()]
    drawn.add_row("in all", "", *(str(total) for pair in totals for total in pair), style="bold")
    if price is not None:
        drawn.add_row("", f"in {currency}", *(_money(total, price) for pair in totals for total in pair))
    return drawn


def _money(segments: int, price: Decimal | None) -> str:
    return "-" if price is None else str(price * segments)
