"""Inbound on the store of two years (a million people, five million messages) beside a store of a thousand people.

Two gateways on two copies, interleaved; the texts of each come from all of its people, with ids as scattered as
carriers' are, so that every index is written everywhere. The small store is a new copy in each round: a thousand people
soon have dozens of open cases each, which would slow it and flatter the large one. ``written bytes`` are what a message
gave to the log ahead of the store and, at checkpoints, to the store.
"""

import argparse
from pathlib import Path

from bench.house import House, house, put_off, running
from bench.large import LARGE, SMALL, Size, copy
from bench.playing import Load, play, run
from bench.results import Result, Sample
from bench.stage import workplace

NAMES = {SMALL: "1e3 people", LARGE: "1e6 people"}


def on_a_copy(folder: Path, size: Size, name: str, *, provider: int = 9, rate: float | None = 1) -> House:
    """A gateway on its own copy of a kept store."""
    one = house(folder, name, provider=provider, rate=rate)
    copy(size, one.file)
    return put_off(one)


def measure(asked: argparse.Namespace, result: Result) -> None:
    """Play all rounds: the small store, then the large one."""
    result.against = [NAMES[SMALL]]
    with workplace() as folder, running(on_a_copy(folder, LARGE, "large")) as large:
        for number in range(1, asked.rounds + 1):
            with running(on_a_copy(folder, SMALL, f"small{number}")) as small:
                for size, server in ((SMALL, small), (LARGE, large)):
                    load = Load(clients=64, people=size.people)
                    first = number * load.made(asked.seconds)
                    values = play(server, load, seconds=asked.seconds, first=first)
                    result.samples.append(Sample(case=load.name(), server=NAMES[size], round=number, values=values))
    result.goals = {"growth": result.ratio(NAMES[LARGE], NAMES[SMALL], "64 clients")}


if __name__ == "__main__":
    run(__doc__ or "", "growth", measure)
