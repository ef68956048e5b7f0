"""USSD screens and SMS replies while a notice to 100,000 people drains, beside the same screens in quiet.

Forty people press keys with a second between screens, and four text by SMS with a second between texts, as on a day
when a notice makes people ask. A reply's wait is from its writing to its hand-over, by the store's own times.
"""

import argparse
import json
import subprocess
import time

from bench.growth import on_a_copy
from bench.house import House, running
from bench.large import Size
from bench.playing import GOOD, Load, command, run
from bench.results import Result, Sample
from bench.stage import ROOT, floor, workplace

KEYS = Load(clients=40, kind="ussd", most=60, pause=1.0)
TEXTS = Load(clients=4, most=10, pause=1.0)
CASES = ("in quiet", "while a notice drains")
#: What a wait is made of: µs from the writing of a reply to its hand-over, of replies written since then.
_WAITS = """SELECT (handed_at - created_at) FROM outbound
    WHERE kind = 'reply' AND channel = 'twilio' AND created_at > {since} AND handed_at IS NOT NULL ORDER BY 1"""

#: How many notices were handed over, and µs from the first to the last.
_OUT = """SELECT count(*), max(handed_at) - min(handed_at) + 1 FROM outbound
    WHERE broadcast_id IS NOT NULL AND handed_at IS NOT NULL"""


def measure(asked: argparse.Namespace, result: Result) -> None:
    """In quiet first; then the notice is sent, and people go on."""
    with workplace() as folder, floor("provider", folder, core=1) as provider:
        size = Size(people=asked.people, messages=asked.people)
        for number in range(1, asked.rounds + 1):
            one = on_a_copy(folder, size, f"gateway{number}", provider=provider.ports[0], rate=None)
            with running(one):
                talk(result, one, CASES[0], number, seconds=asked.seconds, people=asked.people)
                one.command(
                    "broadcast", "send", "--all", "--text", "Manana no habra agua de 8 a 12.", "--yes", "--no-wait"
                )
                talk(result, one, CASES[1], number, seconds=asked.seconds, people=asked.people)
                sent, took = one.ask(_OUT)
                if sent == asked.people:
                    raise SystemExit("the notice was out before people had done: raise --people")
                values = {"rate": sent / took * 1e6}
                result.samples.append(Sample(case=CASES[1], server="notices out", round=number, values=values))
    result.goals = {"mixed-p99": result.median("screens", CASES[1], "p99")}


def talk(result: Result, one: House, case: str, number: int, *, seconds: float, people: int) -> None:
    """Let people press keys and text, and keep how long each waited."""
    first = (2 * number + CASES.index(case)) * 1_000_000
    since = time.time_ns() // 1000
    loads = {"screens": KEYS, "texts": TEXTS}
    playing = {
        name: subprocess.Popen(
            command([one.port], _of(load, people), seconds=seconds, first=first), cwd=ROOT, stdout=subprocess.PIPE
        )
        for name, load in loads.items()
    }
    for name, process in playing.items():
        out, _ = process.communicate()
        said = json.loads(out)
        if not said["answers"].keys() <= GOOD:
            raise SystemExit(f"answered {said['answers']}: what was measured is not the work")
        values = {key: said[key] for key in ("rate", "p50", "p99")}
        result.samples.append(Sample(case=case, server=name, round=number, values=values))
    waits = sorted(wait / 1000 for (wait,) in one.all(_WAITS.format(since=since)))
    values = {"rate": len(waits) / seconds, "p50": waits[len(waits) // 2], "p99": waits[len(waits) * 99 // 100]}
    result.samples.append(Sample(case=case, server="replies to hand-over", round=number, values=values))


def _of(load: Load, people: int) -> Load:
    return Load(clients=load.clients, kind=load.kind, most=load.most, pause=load.pause, people=people)


if __name__ == "__main__":
    run(__doc__ or "", "mixed", measure, seconds=15.0, options=[("people", int, 100_000, "who receive the notice")])
