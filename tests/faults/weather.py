"""What the machine and the providers do to a gateway: full disks, slow wires, providers in a mood.

Everything here is outside of the gateway's process, as in life: a mount, a limit of the kernel, a system call that fails
(strace), a proxy that stalls, a clock that jumps (libfaketime), a provider that answers nonsense.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), Path("libfaketime.so.1"))


def needed(*programs: str) -> None:
    """Fail plainly, not skip, where a program that stages a fault is missing; ``.ci/run`` installs them."""
    if missing := [one for one in programs if shutil.which(one) is None]:
        raise AssertionError(f"not installed: {', '.join(missing)} (see .ci/run)")


# --- the disk


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of its own, of so many bytes (``2m``), while the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def filled(folder: Path, leave: int = 0) -> Iterator[Path]:
    """A file that takes all room but ``leave`` bytes; gone at the end of the block, or when it is deleted."""
    filler = folder / "filler"
    free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize - leave
    filler.write_bytes(b"\0" * free)
    try:
        yield filler
    finally:
        filler.unlink(missing_ok=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Mount a folder that is a mount point of its own read-only."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)


@asynccontextmanager
async def failing(pid: int, *injected: str) -> AsyncIterator[None]:
    """Let system calls of a running process fail, as strace says it: ``fdatasync,fsync:error=EIO:when=1+``."""
    needed("strace")
    rules = [word for one in injected for word in ("-e", f"inject={one}")]
    strace = await asyncio.create_subprocess_exec(
        "strace", "-f", "-p", str(pid), "-o", os.devnull, *rules, stderr=asyncio.subprocess.PIPE
    )
    assert strace.stderr is not None
    await strace.stderr.readuntil(b"attached")
    try:
        yield
    finally:
        if strace.returncode is None:
            strace.send_signal(signal.SIGINT)
        await strace.communicate()


@contextmanager
def held(path: Path, how: str = "BEGIN EXCLUSIVE") -> Iterator[sqlite3.Connection]:
    """Another program that has the database in its hands."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute(how)
    try:
        yield other
    finally:
        other.close()


# --- the wire


@dataclass(slots=True)
class Wire:
    """A TCP proxy on loopback. ``stalled`` keeps what comes until it is released; ``cut`` ends all connections."""

    host: str
    target: int
    port: int = 0
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def stall(self) -> None:
        self.flowing.clear()

    def release(self) -> None:
        self.flowing.set()

    def cut(self) -> None:
        for writer in self.writers:
            writer.transport.abort()

    def turn(self, target: int) -> None:
        """Send whoever connects from now on elsewhere, as a virtual address does after a failover."""
        self.target = target
        self.cut()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.flowing.wait()
        try:
            theirs, ours = await asyncio.open_connection(self.host, self.target)
        except OSError:
            writer.transport.abort()
            return
        for source, sink in ((reader, ours), (theirs, writer)):
            task = asyncio.create_task(self._carry(source, sink))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        self.writers.add(sink)
        try:
            with contextlib.suppress(OSError):
                while some := await source.read(65536):
                    await self.flowing.wait()
                    sink.write(some)
                    await sink.drain()
        finally:
            self.writers.discard(sink)
            sink.close()


@asynccontextmanager
async def wire(target: int, host: str = "127.0.0.1") -> AsyncIterator[Wire]:
    made = Wire(host=host, target=target)
    made.release()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        made.release()
        made.cut()
        for task in list(made.tasks):
            task.cancel()
        await asyncio.gather(*made.tasks, return_exceptions=True)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


# --- what can be seen of a process and of a file


def kept(path: Path, table: str = "inbound", column: str = "external_id") -> list[Any]:
    """A column of a table, read by nobody's code but SQLite's."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as reader:
        return [row[0] for row in reader.execute(f"SELECT {column} FROM {table} ORDER BY 1")]  # noqa: S608


def worked(pid: int) -> float:
    """Seconds of the processor that a process has used."""
    used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Resident memory of a process in MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
