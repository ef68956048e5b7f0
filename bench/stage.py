"""Processes of a benchmark: which core they sit on, when they are ready, what they cost, and that they end.

Servers share the first core, the load and the stub of a provider have the second, unless a benchmark says otherwise.
A benchmark that is told to stop (SIGTERM, Ctrl-C) takes everything down that it started. Linux only.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench import twilio

ROOT = Path(__file__).resolve().parents[1]
#: What is kept between runs; git ignores it.
KEPT = ROOT / "var" / "bench"
PYTHON = (sys.executable, "-m")

#: Seconds that a server may take until it listens. A store of gigabytes that was killed is read again first.
READY = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What is up: where it listens, and which processes it was started as."""

    ports: tuple[int, ...]
    pids: tuple[int, ...]

    def cpu(self) -> float:
        """Microseconds that it and its children have been on a core since they started."""
        return sum(_cpu(pid) for parent in self.pids for pid in (parent, *_children(parent)))

    def written(self) -> int:
        """Bytes that it has given to its files so far: the log ahead of the store, and the store."""
        return sum(_io(pid)["wchar"] for parent in self.pids for pid in (parent, *_children(parent)))

    def rss(self) -> int:
        """Bytes of memory that it holds."""
        return sum(_status_kib(pid, "VmRSS") * 1024 for pid in self.pids)


def together(*servers: Server) -> Server:
    """Several processes that share the work as one server."""
    return Server(
        ports=tuple(port for one in servers for port in one.ports),
        pids=tuple(pid for one in servers for pid in one.pids),
    )


def _cpu(pid: int) -> float:
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK") * 1e6


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _io(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    return {name: int(value) for name, value in (line.split(": ") for line in lines)}


def _status_kib(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def on_core(core: int | None) -> list[str]:
    """The words before a command that keep it on one core, where the machine has a second one and knows how."""
    cores = sorted(os.sched_getaffinity(0))
    if core is None or len(cores) < 2 or not shutil.which("taskset"):
        return []
    return ["taskset", "-c", str(cores[core])]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def wait_until_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when ``port`` takes connections; end the benchmark if the process ended or takes too long."""
    end = time.perf_counter() + READY
    while time.perf_counter() < end and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.01)  # another process is starting; nothing tells us when it is ready but its port
    sys.exit(f"nobody listens on port {port}; exit code of its process: {process.poll()}")


def wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when the gateway says that it can keep a promise."""
    wait_until_listening(port, process)
    end = time.perf_counter() + READY
    while time.perf_counter() < end and process.poll() is None:
        with (
            suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5),
        ):
            return
        time.sleep(0.01)  # the same
    sys.exit(f"not ready on port {port}; exit code of its process: {process.poll()}")


def spawn(command: Sequence[str], *, core: int | None, log: Path) -> subprocess.Popen[bytes]:
    """Start a process from the top of the checkout."""
    env = os.environ | {"BENCH_TOKEN": twilio.TOKEN}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # a service compiles its modules once, not at each start
    with log.open("ab") as out:
        return subprocess.Popen([*on_core(core), *command], cwd=ROOT, env=env, stdout=out, stderr=out)


def end(process: subprocess.Popen[bytes]) -> None:
    """Tell a process to stop, and see that it does."""
    process.terminate()
    try:
        process.wait(timeout=40)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def serving(command: Sequence[str], port: int, *, core: int | None, log: Path) -> Iterator[Server]:
    """Keep a server up."""
    process = spawn(command, core=core, log=log)
    try:
        wait_until_listening(port, process)
        yield Server(ports=(port,), pids=(process.pid,))
    finally:
        end(process)


@contextmanager
def floor(kind: str, folder: Path, *, core: int | None = 0) -> Iterator[Server]:
    """Keep one of ``bench.floors`` up."""
    port = free_port()
    command = [*PYTHON, "bench.floors", kind, "--port", str(port), "--file", str(folder / f"{kind}.db")]
    with serving(command, port, core=core, log=folder / f"{kind}.log") as server:
        yield server


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder for one run, on the disk that the service's own data would lie on. A run that fails leaves its logs."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to stop"))
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=KEPT) as name:
        try:
            yield Path(name)
        except BaseException:
            for log in Path(name).glob("*.log"):
                shutil.copy(log, KEPT)
            raise
