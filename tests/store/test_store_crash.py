"""Whatever was acknowledged is there after the process was killed, whatever it was doing."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from store import open_store, schema

ROOT = Path(__file__).resolve().parents[2]

#: Keeps codes through a batcher, thirty at a time, and says each on a line once its commit is on disk.
WRITER = """
import asyncio, itertools, os, sys
import sqlalchemy as sa
from store import Batcher, open_store, schema

def keep(tx, codes):
    tx.execute(sa.insert(schema.codes), [{"code": code} for code in codes])
    return codes

async def main():
    store = open_store(sys.argv[1])
    await store.start()
    batcher = Batcher(store, keep)
    numbers = itertools.count(100_000_000)

    async def one():
        while True:
            code = await batcher.submit(str(next(numbers)))
            os.write(1, f"{code}\\n".encode())

    await asyncio.gather(*(one() for _ in range(30)))

asyncio.run(main())
"""


async def killed_after(url, lines):
    """Run the writer, kill it when it has said so many lines, and give all that it said."""
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said = [await writer.stdout.readline() for _ in range(lines)]
    writer.send_signal(signal.SIGKILL)
    said += (await writer.stdout.read()).splitlines(keepends=True)
    assert await writer.wait() == -signal.SIGKILL
    return {line.decode().strip() for line in said if line.endswith(b"\n")}


@pytest.mark.process
@pytest.mark.parametrize("lines", [1, 40, 400])
async def test_what_was_acknowledged_survives_a_kill(store_url, lines):
    said = await killed_after(store_url, lines)
    store = open_store(store_url)
    await store.start()
    kept = await store.read(lambda tx: set(tx.execute(sa.select(schema.codes.c.code)).scalars()))
    assert len(said) >= lines
    assert said <= kept
    if store.dialect == "sqlite":
        assert await store.read(lambda tx: tx.exec_driver_sql("PRAGMA integrity_check").scalar_one()) == "ok"
        assert store.own()
    await store.transact(lambda tx: tx.execute(sa.insert(schema.codes), {"code": "1"}) and None)
    await store.close()
