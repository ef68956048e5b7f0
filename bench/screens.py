"""USSD screens: sessions of several hops beside a bare form handler. A screen is a message; each is on disk first."""

import argparse

from bench.house import house, running
from bench.playing import Load, rounds, run
from bench.results import Result
from bench.stage import floor, workplace

LOADS = (Load(clients=1, kind="ussd", most=4_000), Load(clients=64, kind="ussd", most=8_000))


def measure(asked: argparse.Namespace, result: Result) -> None:
    """Play all rounds."""
    result.against = ["bare"]
    with (
        workplace() as folder,
        floor("bare", folder) as bare,
        running(house(folder, "gateway", rate=1)) as gateway,
    ):
        rounds(result, {"bare": bare, "gateway": gateway}, LOADS, count=asked.rounds, seconds=asked.seconds)


if __name__ == "__main__":
    run(__doc__ or "", "screens", measure)
