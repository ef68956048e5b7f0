"""A process for each mutant, forked from one that has loaded what never changes. It dies with its mutant."""

import importlib.machinery
import importlib.util
import os
import resource
import signal
import sys
from collections.abc import Callable
from types import CodeType
from typing import Any, NoReturn

UNNOTICED, NOTICED, BROKEN = 0, 1, 3
#: Of the processor: so many times what the tests take without a mutant, and so many seconds on top.
PATIENCE, GRACE = 5, 3
#: Of the clock, in seconds: for what waits without working.
LONGEST = 300
_MEMORY = 4 << 30
_MOST_SAID = 4_000

Verdict = tuple[int, str]
Tell = Callable[[str], None]


class Planted(importlib.machinery.SourceFileLoader):
    """Lets one module be imported with a mutant in it."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code = code

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:  # noqa: ARG002
        # With its place, as any module has: else a test that reads a module's source would fail for every mutant of it.
        return importlib.util.spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        return self._code


def in_fork(work: Callable[[Tell], int], seconds: float, *, longest: int = LONGEST) -> Verdict:
    """Do ``work`` in a process of its own; say how it ended, and what it told.

    ``seconds`` is what it should take of the processor. What has to be killed has been noticed too.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        _alone(work, int(seconds * PATIENCE + GRACE), longest, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode(errors="replace")
    _, status = os.waitpid(pid, 0)
    ended = os.waitstatus_to_exitcode(status)
    return (NOTICED, signal.Signals(-ended).name) if ended < 0 else (ended, said)


def allow(seconds: float) -> None:
    """Let this process have so much more of the processor for what it does next, before it is killed."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    most = int(usage.ru_utime + usage.ru_stime + seconds * PATIENCE + GRACE)
    resource.setrlimit(resource.RLIMIT_CPU, (min(most, hard), hard))


def silence() -> None:
    """What pytest says of one mutant is for nobody."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)


def _alone(work: Callable[[Tell], int], seconds: int, longest: int, writing: int) -> NoReturn:
    ended = NOTICED  # also where an error of the mutant's making comes out of pytest itself
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.alarm(longest)
        silence()
        ended = work(lambda text: _write(writing, text))
    except Exception as error:  # noqa: BLE001  a table that cannot even be made is noticed, whatever it raises
        _write(writing, type(error).__name__)
    finally:
        sys.stdout.flush()
        os._exit(ended)


def _write(descriptor: int, text: str) -> None:
    os.write(descriptor, text.encode()[:_MOST_SAID])
