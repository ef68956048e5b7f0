"""The whole pipe in one process: texts come in, answers go out through the stub of a provider, results are kept.

The gateway's rate counts from the first text until the last answer's result is on disk; bare is the form handler, which
only takes in. Load and stub share the second core.
"""

import argparse
import subprocess
import time

from bench.house import House, house, running
from bench.playing import Load, command, play, run
from bench.results import Result, Sample
from bench.stage import ROOT, Server, floor, workplace

LOAD = Load(clients=64)
LOOK = 0.05


def measure(asked: argparse.Namespace, result: Result) -> None:
    """Play all rounds."""
    result.against = ["bare"]
    with (
        workplace() as folder,
        floor("provider", folder, core=1) as provider,
        floor("bare", folder) as bare,
    ):
        one = house(folder, "gateway", provider=provider.ports[0])
        with running(one) as gateway:
            for number in range(1, asked.rounds + 1):
                first = number * 1_000_000
                values = play(bare, LOAD, seconds=asked.seconds, first=first)
                result.samples.append(Sample(case=LOAD.name(), server="bare", round=number, values=values))
                values = through(one, gateway, asked.seconds, first=first)
                result.samples.append(Sample(case=LOAD.name(), server="gateway", round=number, values=values))
    result.goals = {"pipe": result.ratio("gateway", "bare", LOAD.name())}


def through(one: House, server: Server, seconds: float, *, first: int) -> dict[str, float]:
    """Let texts in for so many seconds and wait until all answers are out."""
    begun = one.ask("SELECT coalesce(max(id), 0), 0 FROM inbound")[0]
    core, bytes_ = server.cpu(), server.written()
    load = subprocess.Popen(
        command([one.port], LOAD, seconds=seconds, first=first), cwd=ROOT, stdout=subprocess.DEVNULL
    )
    while one.ask("SELECT coalesce(max(id), 0) FROM inbound")[0] == begun and load.poll() is None:
        time.sleep(0.005)  # it makes its requests first; the clock starts with the first text on disk
    started = time.perf_counter()
    if load.wait():
        raise SystemExit("the load ended badly: what was measured is not the work")
    while one.waiting():
        time.sleep(LOOK)  # a service tells nobody that it has nothing to do
    took = time.perf_counter() - started
    count = one.ask("SELECT max(id) FROM inbound")[0] - begun
    return {
        "rate": count / took,
        "cpu": (server.cpu() - core) / count,
        "written": (server.written() - bytes_) / count,
    }


if __name__ == "__main__":
    run(__doc__ or "", "pipe", measure, seconds=4.0)
