"""Plays the load against servers: one run, or all rounds of all, one server after another within each round."""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import twilio
from bench.results import Result, Sample, finish, machine
from bench.stage import KEPT, PYTHON, ROOT, Server, on_core


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is played. ``most`` is how many conversations are made for a second of it: more than any server takes."""

    clients: int
    kind: str = "sms"
    most: int = 20_000
    people: int = twilio.PEOPLE
    pause: float = 0.0

    def name(self) -> str:
        """The case's name in tables."""
        return f"{self.clients} client{'s' if self.clients > 1 else ''}"

    def made(self, seconds: float) -> int:
        """How many conversations a run of so many seconds is given."""
        return int(self.most * (seconds + 0.5))


#: What a good answer begins with. Anything else ends the benchmark: what was measured would not be the work.
GOOD = frozenset({"200", "200 CON", "200 END"})


def command(ports: Sequence[int], load: Load, *, seconds: float, first: int) -> list[str]:
    """The command line of one run, on the second core."""
    return [
        *on_core(1), *PYTHON, "bench.load", "--ports", ",".join(map(str, ports)), "--kind", load.kind,
        "--clients", str(load.clients), "--seconds", str(seconds), "--first", str(first),
        "--most", str(load.made(seconds)), "--people", str(load.people), "--pause", str(load.pause),
    ]  # fmt: skip


def play(server: Server, load: Load, *, seconds: float, first: int) -> dict[str, float]:
    """One run against one server: rate, waits, and what a message cost it on the core and in its files."""
    core, bytes_ = server.cpu(), server.written()
    done = subprocess.run(
        command(server.ports, load, seconds=seconds, first=first), cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    said = json.loads(done.stdout)
    if not said["answers"].keys() <= GOOD:
        sys.exit(f"answered {said['answers']}: what was measured is not the work")
    count = sum(said["answers"].values())
    return {
        "rate": said["rate"],
        "p50": said["p50"],
        "p99": said["p99"],
        "cpu": (server.cpu() - core) / count,
        "written": (server.written() - bytes_) / count,
    }


def rounds(result: Result, servers: Mapping[str, Server], loads: Sequence[Load], *, count: int, seconds: float) -> None:
    """Play all rounds; no message is played twice."""
    first = 0
    for number in range(1, count + 1):
        for load in loads:
            for name, server in servers.items():
                values = play(server, load, seconds=seconds, first=first)
                result.samples.append(Sample(case=load.name(), server=name, round=number, values=values))
            first += load.made(seconds)
        print(f"{result.bench}: round {number} of {count}", file=sys.stderr)


def run(
    about: str,
    name: str,
    measure: Callable[[argparse.Namespace, Result], None],
    *,
    seconds: float = 2.0,
    options: Sequence[tuple[str, type, object, str]] = (),
) -> None:
    """Be a benchmark's command: read its arguments, measure, say and keep what was found."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=seconds, help="length of one run")
    parser.add_argument("--keep", type=Path, default=KEPT / "results", help="the folder for the result")
    for option, kind, default, words in options:
        parser.add_argument(f"--{option}", type=kind, default=default, help=f"{words} ({default})")
    asked = parser.parse_args()
    begun = time.perf_counter()
    told = {key: value for key, value in vars(asked).items() if key != "keep"}
    result = Result(bench=name, about=about.partition("\n")[0], options=told, machine=machine())
    measure(asked, result)
    finish(result, asked.keep, begun)
