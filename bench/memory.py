"""Memory, open files and the log ahead of the store, over many messages in and out.

One gateway, the stub of a provider, texts of two hundred thousand people; looked at every two seconds. The slope is the
straight line through what was seen after a third of the run. A minute's slope says little about an hour's, so a run
of less than ten minutes gets no verdict on it: ``--messages 1000000``.
"""

import argparse
import statistics
import subprocess
import time
from pathlib import Path

from bench.house import House, house, running
from bench.playing import Load, command, run
from bench.results import Result, Sample
from bench.stage import ROOT, Server, floor, workplace

#: Seconds between two looks.
LOOK = 2.0
#: So much of the run is warm-up.
WARM = 1 / 3
#: A shorter run, in seconds, is given no verdict on its slope.
LONG = 600.0
MB = 1e6
LOAD = Load(clients=64, people=200_000)
#: The run ends when all has been said, not when a time is over.
DAY = 86_400.0


def measure(asked: argparse.Namespace, result: Result) -> None:
    """Play so many messages and look on."""
    with workplace() as folder, floor("provider", folder, core=1) as provider:
        one = house(folder, "gateway", provider=provider.ports[0])
        with running(one) as server:
            begun = time.perf_counter()
            load = subprocess.Popen(
                [*command([one.port], LOAD, seconds=DAY, first=0), "--most", str(asked.messages), "--lazy"],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
            )
            while load.poll() is None or one.waiting():
                _look(result, one, server, time.perf_counter() - begun)
                time.sleep(LOOK)
            took = time.perf_counter() - begun
            if load.returncode:
                raise SystemExit("the load ended badly: what was measured is not the work")
            came, went = one.ask("SELECT (SELECT count(*) FROM inbound), (SELECT count(external_id) FROM outbound)")
    rss = result.lines["rss MB"]
    values = {"rate": came / took, "seconds": took}
    result.samples.append(Sample(case=f"{came:,} in, {went:,} out", server="gateway", round=1, values=values))
    result.goals = {"memory-most": max(value for _, value in rss)}
    if took >= LONG:
        result.goals["memory-slope"] = slope([point for point in rss if point[0] > took * WARM]) * 3600


def _look(result: Result, one: House, server: Server, at: float) -> None:
    (pid,) = server.pids
    wal = Path(f"{one.file}-wal")
    seen = {
        "rss MB": server.rss() / MB,
        "open files": float(len(list(Path(f"/proc/{pid}/fd").iterdir()))),
        "threads": float(len(list(Path(f"/proc/{pid}/task").iterdir()))),
        "log MB": wal.stat().st_size / MB if wal.exists() else 0.0,
    }
    for name, value in seen.items():
        result.lines.setdefault(name, []).append((round(at, 1), value))


def slope(points: list[tuple[float, float]]) -> float:
    """How steep the straight line through points is (least squares); 0 for fewer than two."""
    if len(points) < 2:
        return 0.0
    return statistics.linear_regression([at for at, _ in points], [value for _, value in points]).slope


if __name__ == "__main__":
    run(__doc__ or "", "memory", measure, options=[("messages", int, 100_000, "texts that come in")])
