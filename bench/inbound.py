"""Signed inbound SMS: the gateway beside a bare form handler, the floor, and Flask with a commit a request.

All stay up; each round plays every server once at each number of clients, so that a slow minute of the machine is slow
for all. The gateway is the real ``serve`` on SQLite; its line to the provider is held to one segment a second, so that
this is inbound alone.
"""

import argparse

from bench.flask_peer import flask
from bench.house import house, running
from bench.playing import Load, rounds, run
from bench.results import Result
from bench.stage import floor, workplace

ONE, MANY = Load(clients=1, most=12_000), Load(clients=64, most=25_000)


def measure(asked: argparse.Namespace, result: Result) -> None:
    """Play all rounds, and say what the goals ask."""
    result.against = ["bare", "floor"]
    with (
        workplace() as folder,
        floor("bare", folder) as bare,
        floor("floor", folder) as lowest,
        running(house(folder, "gateway", rate=1)) as gateway,
        flask(folder) as peer,
    ):
        servers = {"bare": bare, "floor": lowest, "gateway": gateway, "flask, 2 workers": peer}
        rounds(result, servers, (ONE, MANY), count=asked.rounds, seconds=asked.seconds)
    result.goals = {
        "inbound-floor": result.ratio("gateway", "floor", MANY.name()),
        "inbound-bare": result.ratio("gateway", "bare", MANY.name()),
        "inbound-flask": result.ratio("gateway", "flask, 2 workers", MANY.name()),
        "inbound-1-p50": result.median("gateway", ONE.name(), "p50"),
        "inbound-1-p99": result.median("gateway", ONE.name(), "p99"),
    }


if __name__ == "__main__":
    run(__doc__ or "", "inbound", measure)
