"""Puts what was measured into docs/performance.md and draws its charts, so that neither can drift from the data.

Between ``<!-- bench NAME -->`` and ``<!-- end -->`` the page is made from ``bench/results/NAME.json``; the rest is
written by hand. ``python -m bench.report`` rewrites; a test holds the page to the data.
"""

import re
import statistics
from collections.abc import Callable, Mapping

from bench import results
from bench.charts import Bar, bars, course
from bench.goals import GOALS
from bench.results import Result
from bench.stage import ROOT

RESULTS = ROOT / "bench" / "results"
PAGE = ROOT / "docs" / "performance.md"
PICTURES = ROOT / "docs" / "img"

_PART = re.compile(r"(<!-- bench ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)
#: Tables and indexes that take less than this share of the whole are drawn as one.
_SMALL = 0.02


def write() -> None:
    """Rewrite the page and its charts from the results that are there."""
    found = read()
    PAGE.write_text(page(PAGE.read_text(), found))
    for name, text in pictures(found).items():
        (PICTURES / name).write_text(text)


def read() -> dict[str, Result]:
    """All results that are kept, by benchmark."""
    return {path.stem: results.load(path) for path in sorted(RESULTS.glob("*.json"))}


def page(text: str, found: Mapping[str, Result]) -> str:
    """The page with its measured parts made anew."""
    return _PART.sub(lambda part: f"{part[1]}{_part(part[2], found)}\n{part[3]}", text)


def _part(name: str, found: Mapping[str, Result]) -> str:
    if name == "goals":
        return _goals(found)
    if name not in found:
        return "*Not measured yet.*"
    result = found[name]
    drawn = [f"![{_alt(result)}](img/bench-{name}.svg)\n"] if name in CHARTS else []
    played = ", ".join(f"{key} {value}" for key, value in result.options.items())
    said = [f"*{result.at}, {result.took:.0f} s, {played}. {result.machine}.*\n"]
    lines = [f"- {line}" for line in results.verdicts(result)]
    return "\n".join([*drawn, results.table(result), "", *said, *lines])


def _alt(result: Result) -> str:
    return f"{result.bench}: the table below as a picture"


def _goals(found: Mapping[str, Result]) -> str:
    rows = ["| what | goal | measured | |", "|---|---|---|---|"]
    for key, goal in GOALS.items():
        result = found.get(goal.bench)
        value = result.goals.get(key) if result else None
        told = "not measured" if value is None else goal.show.format(value)
        word = "" if value is None else "reached" if goal.reached(value) else "**not reached**"
        rows.append(f"| {goal.words} | {goal.bound()} | {told} | {word} |")
    return "\n".join(rows)


def _ratios(case: int, other: str, title: str, goal: str | None = None) -> Callable[[Result], str]:
    """Draw each server's rate as a share of one server's."""

    def draw(result: Result) -> str:
        name = result.cases()[case]
        rows = []
        for server in result.servers(name):
            each = result.ratios(server, other, name)
            if each:
                rows.append(_bar(server, each, ours="gateway" in server or "people" in server))
        bound = GOALS[goal].least if goal else None
        return bars(f"{title}, {name}", _said(rows, "{:.2f}"), rows, goal=bound)

    return draw


def _values(case: str, name: str, title: str, shape: str, goal: str | None = None) -> Callable[[Result], str]:
    """Draw one kind of number of each server in one case, or of all cases where ``case`` is empty."""

    def draw(result: Result) -> str:
        rows = [
            _bar(server if case else f"{server}, {each}", values)
            for each in result.cases()
            if not case or each == case
            for server in result.servers(each)
            if (values := [one.values[name] for one in result.runs(server, each) if name in one.values])
        ]
        bound = GOALS[goal].most if goal else None
        return bars(title, _said(rows, shape), rows, shape=shape, goal=bound)

    return draw


def _disk(result: Result) -> str:
    """Draw where the bytes of a message are, the small ones as one."""
    case = result.cases()[0]
    sizes = {server: result.median(server, case, "bytes") for server in result.servers(case)}
    whole = sum(sizes.values())
    large = {name: size for name, size in sizes.items() if size >= whole * _SMALL}
    rows = [_bar(name, [size]) for name, size in large.items()]
    rows.append(_bar("all others", [whole - sum(large.values())], ours=False))
    return bars(f"Bytes a text and its answer on {case}: {whole:.0f}", _said(rows, "{:.0f}"), rows, shape="{:.0f}")


def _memory(result: Result) -> str:
    points = result.lines["rss MB"]
    said = f"From {points[0][1]:.0f} MB at the start to {points[-1][1]:.0f} MB after {points[-1][0]:.0f} seconds."
    return course(f"Memory held, {result.cases()[0]}", said, points, unit="MB")


def _bar(label: str, values: list[float], *, ours: bool = True) -> Bar:
    return Bar(label=label, value=statistics.median(values), low=min(values), high=max(values), ours=ours)


def _said(rows: list[Bar], shape: str) -> str:
    """The chart as a sentence, for who cannot see it."""
    return "; ".join(f"{row.label} {shape.format(row.value)}" for row in rows) + "."


CHARTS: Mapping[str, Callable[[Result], str]] = {
    "inbound": _ratios(1, "bare", "Signed SMS a second, of a bare form handler", "inbound-bare"),
    "screens": _ratios(1, "bare", "USSD screens a second, of a bare form handler"),
    "postgresql": _ratios(0, "bare", "Signed SMS on PostgreSQL, of a bare form handler", "postgresql-bare"),
    "drain": _ratios(0, "bare client", "Messages out a second, of a bare client", "drain"),
    "pipe": _ratios(0, "bare", "Messages in and out a second, of a bare form handler", "pipe"),
    "mixed": _values("", "p99", "99th percentile in ms", "{:.0f}", "mixed-p99"),
    "growth": _ratios(0, "1e3 people", "Signed SMS a second, of a small store's", "growth"),
    "startup": _values("ready after SIGKILL", "seconds", "Seconds until ready after SIGKILL", "{:.2f}", "startup"),
    "disk": _disk,
    "memory": _memory,
}


def pictures(found: Mapping[str, Result]) -> dict[str, str]:
    """Every chart whose data is there, by file name."""
    return {f"bench-{name}.svg": draw(found[name]) for name, draw in CHARTS.items() if name in found}


if __name__ == "__main__":
    write()
