"""``barrio evaluate``: how well texts are understood, over a file of labelled ones."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from gateway.cli.desk import Desk, Fault
from gateway.cli.shell import Command, pass_desk
from gateway.evaluation.rows import Unreadable, read
from gateway.evaluation.totals import Share, Told, Totals, add_up, look, wrong


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--explain", is_flag=True, help="Show every text that was read otherwise, and why.")
@pass_desk
def evaluate(desk: Desk, file: Path, *, explain: bool) -> None:
    """Measure how well labelled texts are understood.

    FILE has one JSON object a line: "text", and any of "intent", "category", "code", "place", "sensitive", "notes".
    """
    config, now = desk.config(), desk.clock.now()
    try:
        told = [look(row, config.city, now) for row in read(file)]
    except Unreadable as trouble:
        raise Fault(f"{file}: {trouble}") from None
    totals = add_up(told)

    def people(to: Console) -> None:
        if explain:
            _explain(to, told)
        _show(to, totals)

    desk.say({**_json(totals), **({"texts": [_told(one) for one in told]} if explain else {})}, people)


def _json(totals: Totals) -> dict[str, object]:
    return {
        "n": totals.n,
        "intent": {"with_state": totals.with_state.fraction, "without_state": totals.without_state.fraction},
        "category": {"top1": totals.top1.fraction, "top3": totals.top3.fraction},
        "codes": totals.codes.fraction,
        "places": totals.places.fraction,
        "stop_false_positives": totals.stop_false_positives,
        "sensitive_missed": totals.sensitive_missed,
        "confused": {"intent": _pairs(totals.confused), "category": _pairs(totals.mistaken)},
    }


def _pairs(counted: Mapping[tuple[str, str], int]) -> list[dict[str, object]]:
    return [{"label": label, "read_as": said, "count": count} for (label, said), count in _most(counted)]


def _most(counted: Mapping[tuple[str, str], int]) -> list[tuple[tuple[str, str], int]]:
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))


def _told(one: Told) -> dict[str, object]:
    return {
        "line": one.row.number,
        "intent": one.with_state.intent,
        "rule": one.with_state.rule,
        "without_state": one.without_state.intent,
        "categories": list(one.top),
        "sure": one.sure,
        "code": one.code or None,
        "place": one.place or None,
        "sensitive": one.sensitive,
        "wrong": wrong(one),
    }


def _show(to: Console, totals: Totals) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, share in (
        ("intent, the waiting question known", totals.with_state),
        ("intent, without it", totals.without_state),
        ("category, the first guess", totals.top1),
        ("category, among three", totals.top3),
        ("codes", totals.codes),
        ("places", totals.places),
    ):
        table.add_row(name, _percent(share), f"{share.right} of {share.of}")
    table.add_row("taken for an opt-out by mistake", str(totals.stop_false_positives), f"of {totals.n}")
    table.add_row("sensitive ones missed", str(totals.sensitive_missed), f"of {totals.sensitive}")
    to.print(table)
    for name, counted in (("intent", totals.confused), ("category", totals.mistaken)):
        if counted:
            to.print(f"\n{name}: what it is, what it was read as, how often", markup=False)
        for (label, said), count in _most(counted):
            to.print(f"  {label:<20} {said:<20} {count:>4}", markup=False)


def _percent(share: Share) -> str:
    return "-" if share.fraction is None else f"{share.fraction:.1%}"


def _explain(to: Console, told: Sequence[Told]) -> None:
    for one in told:
        if faults := wrong(one):
            to.print(f"{one.row.number}: {one.row.text!r}", markup=False)
            to.print(f"    {'; '.join(faults)}  (rule {one.with_state.rule})\n", markup=False, style="dim")
