"""How fast what is queued leaves: the outbox beside a bare aiohttp client that stores nothing, in one interleaved run.

A round plays the bare client (32 tasks, one session, the same form) and then the gateway's own sender on a store that
holds so many queued notices, each to another person, until every result is on disk. Client and sender run on one core,
the provider on the other.
"""

import argparse
import json
import os
import subprocess

from bench import twilio
from bench.house import house
from bench.playing import run
from bench.results import Result, Sample
from bench.stage import PYTHON, ROOT, floor, on_core, workplace

CASE = "queued, posted, result kept"


def measure(asked: argparse.Namespace, result: Result) -> None:
    """Play all rounds: the bare client, then the gateway on a new store."""
    result.against = ["bare client"]
    with workplace() as folder, floor("provider", folder, core=1) as provider:
        (port,) = provider.ports
        for number in range(1, asked.rounds + 1):
            one = house(folder, f"gateway{number}", provider=port)
            for name, words in (
                ("bare client", ("bare", "--provider", str(port))),
                ("gateway", ("gateway", "--config", str(one.config))),
            ):
                values = _play(*words, "--count", str(asked.count))
                result.samples.append(Sample(case=CASE, server=name, round=number, values=values))
    result.goals = {"drain": result.ratio("gateway", "bare client", CASE)}


def _play(*words: str) -> dict[str, float]:
    """One run in a process of its own, on the first core."""
    command = [*on_core(0), *PYTHON, "bench.sending", *words]
    env = os.environ | {"BENCH_TOKEN": twilio.TOKEN}
    said: dict[str, float] = json.loads(
        subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE).stdout
    )
    return said


if __name__ == "__main__":
    run(__doc__ or "", "drain", measure, options=[("count", int, 10_000, "messages queued in each round")])
