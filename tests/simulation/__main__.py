"""``make simulate``: many months, each from its own seed, on two processes; says what was thrown at the gateway.

``BARRIO_SEED=17 make simulate`` plays one month again and keeps its store and log in ``var/simulation/``.
"""

import argparse
import gc
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.simulation import months
from tests.simulation.months import Month, Stage
from tests.simulation.world import DAYS, PEOPLE

KEPT = Path("var/simulation")

_stage: Stage | None = None


def main(arguments: Sequence[str]) -> int:
    """Play the seeds; 1 if any of them found something."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--until-broken", action="store_true", help="stop at the first that finds something")
    asked = parser.parse_args(arguments)
    if seed := os.environ.get("BARRIO_SEED"):
        return _again(int(seed))
    began = time.monotonic()  # noqa: TID251  how long it truly took
    seeds = range(asked.first, asked.first + asked.seeds)
    played = list(_play_all(seeds, asked.processes, until_broken=asked.until_broken))
    _report(seeds, played, time.monotonic() - began)  # noqa: TID251  the same
    return 1 if any(month.violations for month in played) else 0


def _again(seed: int) -> int:
    with months.stage() as stage:
        month = months.play(stage, months.plan(seed), keep=KEPT)
    _show(month)
    print(
        f"seed {seed}: trace {month.trace}, {month.events} events, {month.crashes} crashes; see {KEPT}/{seed}.log, .db"
    )
    return 1 if month.violations else 0


def _play_all(seeds: Sequence[int], processes: int, *, until_broken: bool) -> Iterator[Month]:
    with (
        months.place() as folder,  # of the process that outlives the others, so that it is cleared
        ProcessPoolExecutor(max_workers=processes, initializer=_set, initargs=(folder,)) as pool,
    ):
        for month in pool.map(_one, seeds):
            if month.violations:
                _show(month)
            yield month
            if month.violations and until_broken:
                pool.shutdown(cancel_futures=True)
                return


def _set(folder: Path) -> None:
    global _stage  # noqa: PLW0603  one a process
    mine = folder / str(os.getpid())
    mine.mkdir()
    _stage = months.set_up(mine)
    gc.freeze()  # what is there now stays, and need not be looked at after each month


def _one(seed: int) -> Month:
    assert _stage is not None
    return months.play(_stage, months.plan(seed))


def _show(month: Month) -> None:
    for what in month.violations:
        print(f"seed {month.seed}: {what}")
    if month.violations:
        print(
            f"    BARRIO_SEED={month.seed} make simulate    # plays it again; then add it to {months.FAILED_ONCE.name}"
        )


def _report(seeds: Sequence[int], played: Sequence[Month], seconds: float) -> None:
    faults = sum((month.faults for month in played), Counter[str]())
    places = {name: count for name, count in faults.items() if name.startswith("crash")}
    each = f"{DAYS} days x {PEOPLE} people"
    print(f"seeds {seeds[0]}-{seeds[-1]}: {len(played)} months of {each}, {seconds:.0f} s")
    for name in ("events", "came", "went", "reports", "acts", "commits"):
        total = sum(getattr(month, name) for month in played)
        print(f"  {_WORDS[name]:34}{total:>10,}   {total / len(played):>8,.0f} a seed")
    print(f"  {'crashes':34}{sum(places.values()):>10,}   at {len(places)} kinds of place")
    for name, count in sorted((faults - Counter(places)).items(), key=lambda one: -one[1]):
        print(f"  {name:34}{count:>10,}")
    print(f"  violations: {sum(len(month.violations) for month in played)}")


_WORDS = {
    "events": "events seen from outside",
    "came": "messages brought, with repetitions",
    "went": "messages taken by providers",
    "reports": "delivery reports",
    "acts": "acts of staff",
    "commits": "transactions",
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
