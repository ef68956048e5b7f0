"""Signed inbound messages a second: the gateway beside a bare form handler and the floor, in one interleaved run.

All servers stay up on one core and the load sits on the other; each round plays every server once at each number of
clients, so that a slow minute of the machine is slow for all. Rates are medians over the rounds; a ratio is taken
within a round, and its median and range are printed. The gateway is the real ``serve``; its line to the provider is
held to one segment a second, so that this is inbound alone. Linux only.
"""

import argparse
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench import twilio

ROOT = Path(__file__).resolve().parents[1]
CLIENTS = (1, 64)

#: Messages made for each second of a run, by clients; more than any server here takes.
MOST = {1: 15_000, 64: 30_000}

_CONFIG = """\
service: {{name: Bench, country: BO, timezone: America/La_Paz, languages: [es, en], public_url: "{public_url}"}}
http: {{host: 127.0.0.1, port: {port}}}
store: {{url: "sqlite:///{file}"}}
city: "{city}"
channels:
  twilio:
    provider: twilio
    kind: sms
    address: "{ours}"
    account_sid: {account}
    auth_token: "${{BENCH_TOKEN}}"
    api: "http://127.0.0.1:{provider}"
    rate: 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run of one server: messages a second, waits in milliseconds, the server's own time on the core a message.

    The last is the steadiest: others who use the machine slow the rate, and hardly touch it.
    """

    rate: float
    p50: float
    p99: float
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that is up: where it listens, and which process it is."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Microseconds that it has been on a core since it started."""
        times = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK") * 1e6


def on_core(core: int) -> list[str]:
    """The words before a command that keep it on one core, where the machine has a second one and knows how."""
    cores = sorted(os.sched_getaffinity(0))
    return ["taskset", "-c", str(cores[core])] if len(cores) > 1 and shutil.which("taskset") else []


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def wait_until_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when ``port`` takes connections; stop everything if the process ended or takes over 30 s."""
    end = time.perf_counter() + 30
    while time.perf_counter() < end and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)  # another process is starting; nothing tells us when it is ready but its port
    sys.exit(f"nobody listens on port {port}; exit code of its process: {process.poll()}")


@contextmanager
def serving(command: list[str], port: int, *, core: int, log: Path) -> Iterator[Server]:
    """Keep a server up."""
    env = os.environ | {"BENCH_TOKEN": twilio.TOKEN}
    with log.open("wb") as out:
        process = subprocess.Popen([*on_core(core), *command], cwd=ROOT, env=env, stdout=out, stderr=out)
        try:
            wait_until_listening(port, process)
            yield Server(port=port, pid=process.pid)
        finally:
            process.terminate()
            process.wait(timeout=40)


@contextmanager
def servers(folder: Path) -> Iterator[dict[str, Server]]:
    """Start all that is compared."""
    bare, floor, gateway, provider = (free_port() for _ in range(4))
    config = folder / "config.yaml"
    config.write_text(
        _CONFIG.format(
            public_url=twilio.PUBLIC_URL, port=gateway, file=folder / "gateway.db", city=ROOT / "city",
            ours=twilio.OURS, account=twilio.ACCOUNT, provider=provider,
        )
    )  # fmt: skip
    python = [sys.executable, "-m"]
    subprocess.run(
        [*python, "gateway", "migrate", "--config", str(config)],
        cwd=ROOT, env=os.environ | {"BENCH_TOKEN": twilio.TOKEN}, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    floors = [*python, "bench.floors"]
    file = ["--file", str(folder / "floor.db")]
    serve = [*python, "gateway", "serve", "--config", str(config)]
    with (
        serving([*floors, "provider", "--port", str(provider)], provider, core=1, log=folder / "provider.log"),
        serving([*floors, "bare", "--port", str(bare)], bare, core=0, log=folder / "bare.log") as one,
        serving([*floors, "floor", "--port", str(floor), *file], floor, core=0, log=folder / "floor.log") as two,
        serving(serve, gateway, core=0, log=folder / "gateway.log") as three,
    ):
        yield {"bare": one, "floor": two, "gateway": three}


def play(server: Server, *, clients: int, seconds: float, first: int) -> Sample:
    """One run of the load against one server; anything but 200 from it ends the benchmark."""
    command = [
        *on_core(1), sys.executable, "-m", "bench.load", "--port", str(server.port), "--clients", str(clients),
        "--seconds", str(seconds), "--first", str(first), "--most", str(int(MOST[clients] * (seconds + 0.5))),
    ]  # fmt: skip
    begun = server.cpu()
    said = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    if set(said["statuses"]) != {"200"}:
        sys.exit(f"answered {said['statuses']}: what was measured is not the work")
    cpu = (server.cpu() - begun) / said["statuses"]["200"]
    return Sample(rate=said["rate"], p50=said["p50"], p99=said["p99"], cpu=cpu)


def measure(servers: Mapping[str, Server], *, rounds: int, seconds: float) -> dict[tuple[str, int], list[Sample]]:
    """Play all rounds, one server after another within each."""
    samples: dict[tuple[str, int], list[Sample]] = {(name, clients): [] for clients in CLIENTS for name in servers}
    first = 0
    for number in range(1, rounds + 1):
        for clients in CLIENTS:
            for name, server in servers.items():
                samples[name, clients].append(play(server, clients=clients, seconds=seconds, first=first))
            first += int(MOST[clients] * (seconds + 0.5))
        print(f"round {number} of {rounds}", file=sys.stderr)
    return samples


def ratio(ours: list[Sample], theirs: list[Sample]) -> str:
    """Rate by rate within each round: the median and the range."""
    each = sorted(mine.rate / other.rate for mine, other in zip(ours, theirs, strict=True))
    return f"{statistics.median(each):.2f} [{each[0]:.2f}-{each[-1]:.2f}]"


def table(samples: Mapping[tuple[str, int], list[Sample]]) -> str:
    """A Markdown table, as it stands in docs/performance.md."""
    lines = [
        "| clients | server | messages/s, median [range] | p50 ms | p99 ms | core µs | of bare | of floor |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (name, clients), runs in samples.items():
        rates = sorted(run.rate for run in runs)
        spread = f"{statistics.median(rates):,.0f} [{rates[0]:,.0f}-{rates[-1]:,.0f}]"
        waits = [f"{statistics.median(wait):.2f}" for wait in ([r.p50 for r in runs], [r.p99 for r in runs])]
        waits.append(f"{statistics.median(run.cpu for run in runs):.0f}")
        against = [ratio(runs, samples[other, clients]) for other in ("bare", "floor")]
        lines.append(f"| {clients} | {name} | {spread} | {' | '.join(waits)} | {' | '.join(against)} |")
    return "\n".join(lines)


def machine(folder: Path) -> str:
    """Say what it ran on: a rate means nothing without it."""
    waits = []
    with (folder / "sync").open("wb") as file:
        for _ in range(200):
            file.write(bytes(4096))
            file.flush()
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            waits.append(time.perf_counter() - begun)
    cpus = Path("/proc/cpuinfo")
    lines = cpus.read_text().splitlines() if cpus.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    packages = ", ".join(f"{name} {version(name)}" for name in ("aiohttp", "SQLAlchemy"))
    return (
        f"{len(os.sched_getaffinity(0))} cores ({model}), {platform.system()} {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}, {packages}; fdatasync of 4 KiB {statistics.median(waits) * 1e6:.0f} µs"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    asked = parser.parse_args()
    (ROOT / "var").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "var") as name:
        folder = Path(name)
        print(machine(folder))
        with servers(folder) as compared:
            print(table(measure(compared, rounds=asked.rounds, seconds=asked.seconds)))


if __name__ == "__main__":
    main()
