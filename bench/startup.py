"""Ready after SIGKILL, on the store of two years and on a new one: killed under load, started again, asked until ready.

What a killed process had in the log ahead of the store is read again at the start. The pages are still in the
machine's memory, as after a crash of the process; after a crash of the machine the disk's own speed is added.
"""

import argparse
import subprocess
import time

from bench.growth import on_a_copy
from bench.house import House, house, start
from bench.large import LARGE
from bench.playing import Load, command, run
from bench.results import Result, Sample
from bench.stage import end, wait_until_ready, workplace

CASE = "ready after SIGKILL"
YEARS = "the store of two years"


def measure(asked: argparse.Namespace, result: Result) -> None:
    """Kill each a few times."""
    with workplace() as folder:
        houses = {"a new store": house(folder, "new", rate=1), YEARS: on_a_copy(folder, LARGE, "years")}
        for number in range(1, asked.rounds + 1):
            for name, one in houses.items():
                values = {"seconds": killed(one, asked.seconds, first=number * 1_000_000)}
                result.samples.append(Sample(case=CASE, server=name, round=number, values=values))
    result.goals = {"startup": max(one.values["seconds"] for one in result.runs(YEARS, CASE))}


def killed(one: House, seconds: float, *, first: int) -> float:
    """Start, load, kill, start again: how long until it was ready."""
    process = start(one)
    wait_until_ready(one.port, process)
    load = subprocess.Popen(
        command([one.port], Load(clients=64, people=LARGE.people), seconds=seconds + 5, first=first),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(seconds + 1)  # it is making its requests, then it knocks: the kill falls into the storm
    process.kill()
    process.wait()
    load.wait()
    begun = time.perf_counter()
    process = start(one)
    try:
        wait_until_ready(one.port, process)
        return time.perf_counter() - begun
    finally:
        end(process)


if __name__ == "__main__":
    run(__doc__ or "", "startup", measure, seconds=3.0)
