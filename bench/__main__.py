"""All benchmarks, one after another, then the page and its charts: ``make bench``. About twenty minutes.

One that fails or hangs does not stop the others; what it started is taken down. The long forms are behind options:
``python -m bench.memory --messages 1000000`` and ``python -m bench.disk --large 1``.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench import report, results
from bench.goals import GOALS
from bench.stage import KEPT, PYTHON, ROOT

#: What is run, in order, and with which words; the store of two years is built on the way (two or three minutes, once).
BENCHES: dict[str, Sequence[str]] = {
    "understanding": ("--rounds", "9"),
    "inbound": ("--rounds", "5"),
    "screens": (),
    "postgresql": (),
    "drain": (),
    "pipe": (),
    "mixed": (),
    "growth": ("--rounds", "5"),
    "startup": (),
    "disk": ("--large", "1"),
    "memory": (),
}
#: Seconds that one may take; then it is told to stop, and soon killed.
MOST = 600.0
GRACE = 60.0


def main() -> int:
    """Run all, or those that are named; say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], help="only these")
    parser.add_argument("--keep", type=Path, default=report.RESULTS, help="the folder for the results")
    parser.add_argument("--most", type=float, default=MOST, help="seconds that one may take")
    asked = parser.parse_args()
    for left in KEPT.glob("run-*"):
        shutil.rmtree(left, ignore_errors=True)  # of a run that was killed
    begun, failed = time.perf_counter(), []
    for name in asked.names or BENCHES:
        print(f"\n== {name}", flush=True)
        if not _run(name, asked.keep, asked.most):
            failed.append(name)
    if asked.keep == report.RESULTS:
        report.write()
    print(f"\n== {len(asked.names or BENCHES)} benchmarks in {(time.perf_counter() - begun) / 60:.0f} minutes\n")
    print(_summary(asked.keep, failed))
    return 1 if failed else 0


def _run(name: str, keep: Path, most: float) -> bool:
    """Run one in a process group of its own; whether it ended well."""
    command = [*PYTHON, f"bench.{name}", "--keep", str(keep), *BENCHES[name]]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        return process.wait(timeout=most) == 0
    except subprocess.TimeoutExpired:
        print(f"{name}: still at it after {most:.0f} s, stopped", file=sys.stderr)
        return False
    finally:
        _take_down(process)


def _take_down(process: subprocess.Popen[bytes]) -> None:
    """Stop a benchmark that still runs, gently first, and whatever it left behind."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # nothing was left


def _summary(folder: Path, failed: Sequence[str]) -> str:
    """A line a goal, and which benchmarks failed."""
    lines = []
    for key, goal in GOALS.items():
        path = folder / f"{goal.bench}.json"
        found = results.load(path).goals if path.exists() and goal.bench not in failed else {}
        lines.append(goal.verdict(found[key]) if key in found else f"{goal.words}: not measured")
    return "\n".join([*lines, *(f"FAILED: {name}" for name in failed)])


if __name__ == "__main__":
    sys.exit(main())
