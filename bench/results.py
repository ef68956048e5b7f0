"""What a benchmark found: samples round by round, what the machine was, which goals were reached; printed and kept.

A rate of one machine in one minute means little. So ratios are taken within a round, and the median of the rounds and
their range are what is shown.
"""

import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.goals import GOALS
from bench.stage import KEPT, ROOT

#: How numbers of each kind are shown, with their unit; kinds that are not here stay in the file.
SHOWN: Mapping[str, tuple[str, str]] = {
    "rate": ("messages/s", "{:,.0f}"),
    "p50": ("p50 ms", "{:.2f}"),
    "p99": ("p99 ms", "{:.2f}"),
    "cpu": ("core µs", "{:.0f}"),
    "cpu_p99": ("core µs, p99", "{:.0f}"),
    "written": ("written bytes", "{:,.0f}"),
    "seconds": ("seconds", "{:.2f}"),
    "bytes": ("bytes", "{:.0f}"),
    "pages_in": ("pages written, in", "{:.2f}"),
    "pages_out": ("pages written, out", "{:.2f}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run of one server in one round. ``case`` is what was played; ``values`` are by the names of ``SHOWN``."""

    case: str
    server: str
    round: int
    values: Mapping[str, float]


@dataclass(slots=True, kw_only=True)
class Result:
    """One benchmark's outcome. ``against`` names the servers that the others are held against, by rate.

    ``lines`` are courses over time, by name: seconds and value. ``goals`` are measured values by the keys of ``GOALS``.
    """

    bench: str
    about: str
    against: list[str] = field(default_factory=list)
    options: Mapping[str, Any] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    lines: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    goals: dict[str, float] = field(default_factory=dict)
    machine: str = ""
    at: str = ""
    took: float = 0.0

    def runs(self, server: str, case: str) -> list[Sample]:
        """The rounds of one server in one case."""
        return [one for one in self.samples if (one.server, one.case) == (server, case)]

    def median(self, server: str, case: str, name: str) -> float:
        """The median over the rounds."""
        return statistics.median(one.values[name] for one in self.runs(server, case))

    def ratios(self, server: str, other: str, case: str, name: str = "rate") -> list[float]:
        """One by the other, within each round, smallest first."""
        theirs = {one.round: one.values[name] for one in self.runs(other, case)}
        return sorted(one.values[name] / theirs[one.round] for one in self.runs(server, case) if theirs.get(one.round))

    def ratio(self, server: str, other: str, case: str) -> float:
        """The median of the ratios of the rates."""
        return statistics.median(self.ratios(server, other, case))

    def cases(self) -> list[str]:
        """What was played, in order."""
        return list(dict.fromkeys(one.case for one in self.samples))

    def servers(self, case: str) -> list[str]:
        """Who played it, in order."""
        return list(dict.fromkeys(one.server for one in self.samples if one.case == case))


def spread(values: Iterable[float], shape: str) -> str:
    """Median and range."""
    ordered = sorted(values)
    if not ordered:
        return "-"
    shown = [shape.format(value) for value in (statistics.median(ordered), ordered[0], ordered[-1])]
    return shown[0] if len(ordered) == 1 else f"{shown[0]} [{shown[1]}-{shown[2]}]"


def table(result: Result) -> str:
    """All samples as a Markdown table: a row a case and server."""
    names = [name for name in SHOWN if any(name in one.values for one in result.samples)]
    heads = ["case", "server", *(SHOWN[name][0] for name in names), *(f"of {other}" for other in result.against)]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for case in result.cases():
        for server in result.servers(case):
            runs = result.runs(server, case)
            cells = [spread([one.values[name] for one in runs if name in one.values], SHOWN[name][1]) for name in names]
            cells += [spread(result.ratios(server, other, case), "{:.2f}") for other in result.against]
            lines.append(f"| {' | '.join([case, server, *cells])} |")
    return "\n".join(lines)


def verdicts(result: Result) -> list[str]:
    """A line a goal."""
    return [GOALS[key].verdict(value) for key, value in result.goals.items()]


def finish(result: Result, folder: Path, begun: float) -> None:
    """Say what was found and keep it as ``<bench>.json``. ``begun`` is the ``perf_counter`` at the start."""
    result.took = round(time.perf_counter() - begun, 1)
    result.at = time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime())
    print(f"# {result.bench}: {result.about}\n\n{result.machine}\n\n{table(result)}\n")
    for line in verdicts(result):
        print(f"- {line}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{result.bench}.json").write_text(json.dumps(asdict(result), indent=1, ensure_ascii=False) + "\n")


def load(path: Path) -> Result:
    """Read what ``finish`` kept."""
    kept = json.loads(path.read_text())
    samples = [Sample(**one) for one in kept.pop("samples")]
    lines = {name: [(at, value) for at, value in course] for name, course in kept.pop("lines").items()}
    return Result(**kept, samples=samples, lines=lines)


def machine() -> str:
    """Say what it ran on: a rate means nothing without it."""
    cpus = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in cpus if line.startswith("model name")), platform.machine())
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    packages = ", ".join(f"{name} {version(name)}" for name in ("aiohttp", "SQLAlchemy"))
    return (
        f"{len(os.sched_getaffinity(0))} cores ({model}), {memory:.0f} GiB, {platform.system()} "
        f"{platform.release().split('-')[0]}, Python {platform.python_version()}, {packages}, at {_commit()}; "
        f"fdatasync of 4 KiB {_sync():.0f} µs, load {os.getloadavg()[0]:.1f} before"
    )


def _commit() -> str:
    said = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return said.stdout.strip() or "no commit"


def _sync() -> float:
    KEPT.mkdir(parents=True, exist_ok=True)
    path, waits = KEPT / "sync", []
    with path.open("wb") as file:
        for _ in range(200):
            file.write(bytes(4096))
            file.flush()
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            waits.append(time.perf_counter() - begun)
    path.unlink()
    return statistics.median(waits) * 1e6
