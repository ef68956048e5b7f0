"""Says of each mutant of a ring whether the tests notice it, one JSON line a mutant. Nothing on disk is changed.

``python -m tests.mutants.judge RING`` is started by ``python -m tests.mutants`` in a copy of the tree. A mutant inside
a function is judged by ``gathered``, in hundredths of a second. What survives there, and what stands in a table, is
judged here: the module is imported with the mutant in it, first by the tests that are named like it, then by all.
"""

import argparse
import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.mutants.forks import BROKEN, NOTICED, UNNOTICED, Planted, Tell, Verdict, in_fork, silence
from tests.mutants.gathered import Gathered, House, Known
from tests.mutants.mutations import Source
from tests.mutants.rings import RINGS, Ring

#: Slow to load and never changed, so loaded once, before the first fork. What is ours must not be loaded there.
OTHERS = (
    "africastalking", "aiohttp", "hypothesis.strategies", "jinja2", "phonenumbers", "pydantic", "rapidfuzz.process",
    "stdnum.damm", "twilio.request_validator", "twilio.rest", "yaml", "yarl",
)  # fmt: skip
ARGUMENTS = (
    *("-q", "-x", "--assert=plain", "--tb=no", "--no-header", "--no-summary", "--timeout=0"),
    *("-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cov"),
)


class Ordered(House):
    """Runs the tests of ``first``, in that order, or all where it is empty; remembers which one noticed."""

    def __init__(self, first: Sequence[str]) -> None:
        self._rank = {name: at for at, name in enumerate(first)}
        self.noticed = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self._rank:
            items[:] = sorted(
                (item for item in items if item.nodeid in self._rank), key=lambda item: self._rank[item.nodeid]
            )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.noticed:
            self.noticed = report.nodeid


def judge(ring: Ring, chosen: set[str] | None, tell: Callable[[dict[str, Any]], None]) -> None:
    """Judge the mutants of a ring, or those of ``chosen``."""
    for other in OTHERS:
        importlib.import_module(other)
    sources = [Source(path, Path(path).read_text(encoding="utf-8")) for path in ring.sources()]
    left = {m.name: (s, n) for s in sources for n, m in enumerate(s.mutants) if chosen is None or m.name in chosen}
    known = Known({}, {})
    for said in _from_gathered(ring, sources, set(left)):
        if "known" in said:
            known = Known(**said["known"])
            if said["broken"]:
                raise SystemExit(f"without a mutant this fails: {said['broken']}")
        elif said["verdict"] != UNNOTICED:
            del left[said["name"]]
            tell(said)
    verdict, by = _imported(ring, known, sources[0], None)
    if verdict != UNNOTICED:
        raise SystemExit(f"without a mutant this fails: {by}")
    for name, (source, number) in left.items():
        began = time.monotonic()  # noqa: TID251  how long it truly took
        verdict, by = _imported(ring, known, source, number)
        took = round(time.monotonic() - began, 2)  # noqa: TID251  the same
        tell({"name": name, "verdict": verdict, "by": by, "seconds": took})


def _from_gathered(ring: Ring, sources: Sequence[Source], names: set[str]) -> Iterator[dict[str, Any]]:
    """Gather in a process of its own, so that this one never imports what holds mutants."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        ended = BROKEN
        try:
            silence()
            with os.fdopen(writing, "w", encoding="utf-8", buffering=1) as pipe:
                gathered = Gathered(ring, sources, names, lambda said: print(json.dumps(said), file=pipe))
                ended = int(pytest.main([*ARGUMENTS, *ring.arguments(ring.files())], plugins=[gathered]))
        finally:
            os._exit(ended)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        yield from map(json.loads, pipe)
    _, status = os.waitpid(pid, 0)
    if status:
        raise SystemExit(f"the tests of {ring.name} do not run: pytest ends with {os.waitstatus_to_exitcode(status)}")


def _imported(ring: Ring, known: Known, source: Source, number: int | None) -> Verdict:
    """Judge a module imported with this mutant in it; with None for a number, as it is, by all tests.

    First the tests that are named like the module and those that look at tables, then those that run through anything
    in the module. Where none does, because it is all tables, every test.
    """
    files = ring.files()
    if number is None:
        return in_fork(lambda tell: _import(source, None, ring.arguments(files), (), tell), known.all_seconds)
    alike = ring.alike(source.path)
    near = [name for name in known.near(source.path) if name.partition("::")[0] not in alike]
    others = [
        path for path in files if path not in alike and (not near or path in {n.partition("::")[0] for n in near})
    ]
    verdict: Verdict = (UNNOTICED, "")
    for chosen, first in ((alike, ()), (others, near)):
        if chosen and verdict[0] == UNNOTICED:
            asked = partial(_import, source, number, ring.arguments(chosen), first)
            verdict = in_fork(asked, known.all_seconds)
    return verdict


def _import(source: Source, number: int | None, arguments: Sequence[str], first: Sequence[str], tell: Tell) -> int:
    if number is not None:
        filename = str(Path(source.path).resolve())
        name = source.path.removesuffix(".py").replace("/", ".")
        sys.meta_path.insert(0, Planted(name, filename, source.code(number, filename)))
    order = Ordered(first)
    code = pytest.main([*ARGUMENTS, *arguments], plugins=[order])
    tell(order.noticed or f"pytest ends with {int(code)}")
    return UNNOTICED if code == pytest.ExitCode.OK else NOTICED


def main(arguments: Sequence[str]) -> None:
    """Judge one ring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ring", choices=[ring.name for ring in RINGS])
    parser.add_argument("--chosen", type=Path, help="a file with the names of the mutants to judge, one a line")
    asked = parser.parse_args(arguments)
    chosen = set(asked.chosen.read_text(encoding="utf-8").splitlines()) if asked.chosen else None
    ring = next(ring for ring in RINGS if ring.name == asked.ring)
    judge(ring, chosen, lambda said: print(json.dumps(said, ensure_ascii=False), flush=True))


if __name__ == "__main__":
    main(sys.argv[1:])
