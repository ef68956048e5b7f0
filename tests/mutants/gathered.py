"""Judges most mutants: a pytest that has gathered the tests forks, exchanges what the mutant changes, runs the tests.

Only the tests that run through the mutant's lines are run, the quickest first, and nothing is imported anew: a mutant
costs hundredths of a second. What survives so is judged once more by ``judge``, which imports.
"""

import gc
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import coverage
import hypothesis
import pytest

from tests.mutants.exchange import Functions, Tables, exchange_code
from tests.mutants.forks import BROKEN, NOTICED, UNNOTICED, Tell, Verdict, allow, in_fork
from tests.mutants.mutations import Mutant, Source
from tests.mutants.rings import Ring

_WHOLE = 3_000
Said = dict[str, Any]
_FEW = 5


class House:
    """What every run of the tests is told: examples are the same each time, and one that fails is not made smaller."""

    def pytest_configure(self) -> None:
        phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
        hypothesis.settings.register_profile(
            "mutants", deadline=None, derandomize=True, database=None, phases=phases, print_blob=False
        )
        hypothesis.settings.load_profile("mutants")


class Known:
    """What the tests did without a mutant: which of them ran through a line, and the seconds that each took."""

    def __init__(self, lines: Mapping[str, Mapping[str, list[str]]], seconds: Mapping[str, float]) -> None:
        self.lines, self.seconds = lines, seconds

    @property
    def all_seconds(self) -> float:
        """What all tests together take of the processor."""
        return sum(self.seconds.values())

    def through(self, mutant: Mutant) -> Sequence[str]:
        """The tests that run through the mutant's statement, the quickest first."""
        hit = self.lines.get(mutant.path, {})
        return self._quickest(name for line in range(mutant.first, mutant.last + 1) for name in hit.get(str(line), ()))

    def near(self, path: str) -> Sequence[str]:
        """The tests that run through anything in a module, the quickest first."""
        return self._quickest(name for names in self.lines.get(path, {}).values() for name in names)

    def _quickest(self, names: Iterable[str]) -> Sequence[str]:
        return sorted({*names} & self.seconds.keys(), key=lambda name: (self.seconds[name], name))


class Gathered(House):
    """In place of running the tests it has gathered, it judges the mutants of ``names``, each in a fork of itself."""

    def __init__(self, ring: Ring, sources: Sequence[Source], names: set[str], tell: Callable[[Said], None]) -> None:
        self._ring, self._sources, self._names, self._tell = ring, sources, names, tell

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        gc.collect()
        self._session = session
        self._items = {item.nodeid: item for item in session.items}
        self._functions = Functions({str(Path(source.path).resolve()) for source in self._sources})
        self._tables = Tables(self._sources)
        self._known, broken = _seen(session, [source.path for source in self._sources])
        self._tell({"known": vars(self._known), "broken": broken})
        _prepare(session)
        for source in self._sources:
            numbers = [number for number, mutant in enumerate(source.mutants) if mutant.name in self._names]
            tables = [number for number in numbers if not source.mutants[number].live]
            if tables and self._verdict(source, None, self._alike(source.path))[0] != UNNOTICED:
                numbers = [number for number in numbers if number not in tables]  # so they must be imported
            for number in numbers:
                self._judge(source, number)
        return True

    def _judge(self, source: Source, number: int) -> None:
        mutant = source.mutants[number]
        tests = self._known.through(mutant) if mutant.live else ()
        if len(tests) < _FEW:  # what is built once is built in whatever test comes first
            tests = [*tests, *(name for name in self._alike(source.path) if name not in tests)]
        if tests:
            began = time.monotonic()  # noqa: TID251  how long it truly took
            verdict, by = self._verdict(source, number, tests)
            took = round(time.monotonic() - began, 2)  # noqa: TID251  the same
            self._tell({"name": mutant.name, "verdict": verdict, "by": by, "seconds": took})

    def _alike(self, path: str) -> Sequence[str]:
        """The tests that run through the module and are named like it, and all proofs."""
        alike, proofs = self._ring.alike(path), self._ring.proven()
        near = [name for name in self._known.near(path) if name.partition("::")[0] in alike]
        return [*near, *(name for name in self._items if name.partition("::")[0] in proofs and name not in near)]

    def _verdict(self, source: Source, number: int | None, tests: Sequence[str]) -> Verdict:
        seconds = sum(self._known.seconds[name] for name in tests)
        return in_fork(lambda tell: self._run(source, number, tests, tell), seconds)

    def _run(self, source: Source, number: int | None, tests: Sequence[str], tell: Tell) -> int:
        if number is not None and source.mutants[number].live:
            done = exchange_code(self._functions, source.code(number, str(Path(source.path).resolve())))
        else:
            done = self._tables.exchange(source, number)
        if not done:
            return UNNOTICED  # nothing that lives is made of it: it must be imported
        chosen = [self._items[name] for name in tests]
        for item, after in zip(chosen, [*chosen[1:], None], strict=True):
            allow(self._known.seconds[item.nodeid])  # each for itself: most of what never ends does not in the first
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if self._session.testsfailed:
                tell(item.nodeid)
                return NOTICED
        return UNNOTICED


class _Next:
    """Whatever comes next, it is of the same session: so says pytest's way of keeping what a session shares."""

    def __init__(self, session: pytest.Session) -> None:
        self._chain = [session]

    def listchain(self) -> list[pytest.Session]:
        return self._chain


def _prepare(session: pytest.Session) -> None:
    """Make what all tests share, such as the city, once for all forks: by tests that ask for it and do nothing."""
    ready: set[str] = set()
    for item in session.items:
        shared = {
            name for name, found in vars(item)["_fixtureinfo"].name2fixturedefs.items() if found[-1].scope == "session"
        }
        if isinstance(item, pytest.Function) and not shared <= ready and not item.get_closest_marker("asyncio"):
            body, item.obj = item.obj, lambda **_given: None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=_Next(session))
            item.obj = body
            ready |= shared


def _seen(session: pytest.Session, sources: Sequence[str]) -> tuple[Known, str]:
    """Run all tests in a fork, as they are; give what is then known of them, and which of them failed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seen.json"
        verdict, said = in_fork(lambda tell: _look(session, sources, path, tell), _WHOLE, longest=_WHOLE)
        if verdict != UNNOTICED:
            return Known({}, {}), said
        return Known(**json.loads(path.read_text(encoding="utf-8"))), ""


def _look(session: pytest.Session, sources: Sequence[str], path: Path, tell: Tell) -> int:
    remembering = [thing for thing in gc.get_objects() if hasattr(type(thing), "cache_clear")]
    watch = coverage.Coverage(data_file=None, include=list(sources), config_file=False)
    seconds: dict[str, float] = {}
    watch.start()
    for item, after in zip(session.items, [*session.items[1:], None], strict=True):
        for one in remembering:  # or only the first test to ask would run through what is remembered
            one.cache_clear()
        watch.switch_context(item.nodeid)
        began = time.process_time()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        seconds[item.nodeid] = time.process_time() - began
        if session.testsfailed:
            tell(item.nodeid)
            return BROKEN
    watch.stop()
    data = watch.get_data()
    lines = {str(Path(file).relative_to(Path.cwd())): data.contexts_by_lineno(file) for file in data.measured_files()}
    path.write_text(json.dumps({"lines": lines, "seconds": seconds}), encoding="utf-8")
    return UNNOTICED
