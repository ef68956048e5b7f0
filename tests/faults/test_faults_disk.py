"""The disk: full, limited, failing, read-only, held by others, damaged. Acknowledged is kept; the rest is 503."""

import asyncio
import os
import shutil
import sqlite3
from pathlib import Path
from time import monotonic  # noqa: TID251  the world outside has clocks of its own

import pytest

from tests.faults import weather
from tests.faults.people import Driver, becomes, refusal, verdict, world
from tests.faults.weather import kept

pytestmark = pytest.mark.faults


@pytest.fixture
def disk(tmp_path):
    """A disk of three megabytes."""
    with weather.small_disk(tmp_path / "disk", "3m") as folder:
        yield folder


@pytest.fixture
def on_disk(disk, _migrated_sqlite):
    shutil.copy(_migrated_sqlite, disk / "barrio.db")
    return disk / "barrio.db"


def sound(path):
    with sqlite3.connect(path) as reader:
        return reader.execute("PRAGMA integrity_check").fetchone()[0]


async def test_a_full_disk_is_503_until_there_is_room_again(on_disk, tmp_path):
    async with world(tmp_path, f"sqlite:///{on_disk}") as (gateway, stub):
        driver = Driver(gateway)
        await driver.until(200)
        with weather.filled(on_disk.parent, leave=64 * 1024):
            await driver.until(503)
            assert await becomes(gateway, 503, within=5) < 5
            before = len(driver.acknowledged)
            for _ in range(5):
                assert (await driver.text())[0] == 503
            assert await gateway.command("case", "list")  # what is there can be read
        await becomes(gateway, 200, within=10)
        assert len(driver.acknowledged) == before
        await driver.again()
        assert set(kept(on_disk)) == driver.acknowledged
        assert len(driver.acknowledged) == driver.sent
        await stub.wait_for(driver.sent)
        assert await verdict(driver, stub, f"sqlite:///{on_disk}") == []
        assert await gateway.stop() == 0
    assert sound(on_disk) == "ok"


async def test_a_limit_on_the_file_is_like_a_full_disk(sqlite_url, tmp_path):
    path = tmp_path / "barrio.db"
    async with world(tmp_path, sqlite_url) as (gateway, _stub):
        driver = Driver(gateway)
        await driver.until(200)
        limit(gateway, (path.parent / "barrio.db-wal").stat().st_size + 64 * 1024)
        await driver.until(503)
        assert await becomes(gateway, 503, within=5) < 5
        assert (await driver.text())[0] == 503
        limit(gateway, None)
        await becomes(gateway, 200, within=10)
        await driver.until(200)
        assert set(kept(path)) == driver.acknowledged
        assert await gateway.stop() == 0


def limit(gateway, size):
    """Bound the files of a running process, as ``ulimit -f`` does."""
    import resource  # noqa: PLC0415

    most = resource.RLIM_INFINITY if size is None else size
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


async def test_a_failed_fsync_ends_the_process_and_is_not_tried_again(sqlite_url, tmp_path):
    path = tmp_path / "barrio.db"
    async with world(tmp_path, sqlite_url) as (gateway, stub):
        driver = Driver(gateway)
        for _ in range(5):
            await driver.until(200)
        await stub.wait_for(5)
        async with weather.failing(gateway.process.pid, "fdatasync,fsync:error=EIO:when=1"):
            status, _ = await driver.text()
            assert status in {503, None}
            async with asyncio.timeout(20):
                assert await gateway.process.wait() == 1
        lines = gateway.log.read_text()
        assert "SQLITE_IOERR_FSYNC" in lines
        assert set(kept(path)) >= driver.acknowledged
        await gateway.start()
        await driver.until(200)
        assert set(kept(path)) >= driver.acknowledged
        assert await verdict(driver, stub, sqlite_url) == []
        assert await gateway.stop() == 0
    assert sound(path) == "ok"


async def test_a_read_only_store_refuses_to_start_in_one_line(on_disk, tmp_path):
    async with world(tmp_path, f"sqlite:///{on_disk}") as (gateway, _stub):
        assert await gateway.stop() == 0
        with weather.read_only(on_disk.parent):
            status, said = await refusal(gateway)
        assert (status, said.count("\n")) == (2, 1), said
        assert "barrio.db" in said


async def test_a_store_that_becomes_read_only_is_503_until_it_can_be_written(on_disk, tmp_path):
    async with world(tmp_path, f"sqlite:///{on_disk}") as (gateway, _stub):
        driver = Driver(gateway)
        await driver.until(200)
        # A mount with files open for writing cannot be made read-only; every write of theirs can be refused.
        async with weather.failing(gateway.process.pid, "pwrite64,ftruncate:error=EROFS:when=1+"):
            assert await becomes(gateway, 503, within=5) < 5
            for _ in range(3):
                assert (await driver.text())[0] == 503
        await becomes(gateway, 200, within=10)
        await driver.until(200)
        assert set(kept(on_disk)) == driver.acknowledged
        assert await gateway.stop() == 0


async def test_a_short_lock_by_another_program_is_waited_out(sqlite_url, tmp_path):
    path = tmp_path / "barrio.db"
    async with world(tmp_path, sqlite_url) as (gateway, _stub):
        driver = Driver(gateway)
        with weather.held(path):
            waits = asyncio.create_task(driver.text())
            await asyncio.sleep(2)
        status, took = await waits
        assert status == 200
        assert 1.5 < took < 4
        assert set(kept(path)) == driver.acknowledged
        assert await gateway.stop() == 0


@pytest.mark.parametrize("seconds", [15, pytest.param(60, marks=[pytest.mark.long, pytest.mark.timeout(180)])])
async def test_a_long_lock_by_another_program_is_503_soon_and_costs_no_work(sqlite_url, tmp_path, seconds):
    path = tmp_path / "barrio.db"
    async with world(tmp_path, sqlite_url) as (gateway, stub):
        driver = Driver(gateway)
        await driver.until(200)
        await stub.wait_for(1)
        with weather.held(path):
            worked, began = weather.worked(gateway.process.pid), monotonic()
            first = asyncio.create_task(driver.text())
            assert await becomes(gateway, 503, within=5) < 5
            status, took = await first
            assert status == 503
            assert took < 11  # providers hang up after ten to fifteen seconds
            tries = 0
            while tries < 4 or monotonic() - began < seconds:
                status, took = await driver.text()
                assert status == 503
                assert took < 3
                tries += 1
                await asyncio.sleep(0.5)
            used = weather.worked(gateway.process.pid) - worked
            print(f"locked for {monotonic() - began:.0f} s: {tries + 1} texts put off, {used:.1f} s of the processor")
            assert used < 2
        await becomes(gateway, 200, within=5)
        await driver.again()
        assert set(kept(path)) == driver.acknowledged
        assert await verdict(driver, stub, sqlite_url) == []
        assert await gateway.stop() == 0


async def test_a_page_of_noise_is_refused_at_start_with_the_way_back(sqlite_url, tmp_path):
    path = tmp_path / "barrio.db"
    async with world(tmp_path, sqlite_url) as (gateway, _stub):
        driver = Driver(gateway)
        for _ in range(40):
            await driver.until(200)
        assert await gateway.stop() == 0
        page = 37
        with path.open("r+b") as file:
            file.seek(page * 4096)
            file.write(os.urandom(4096))
        status, said = await refusal(gateway)
        assert (status, said.count("\n")) == (2, 1), said
        assert "barrio restore" in said


def shorten(file, by):
    os.truncate(file, file.stat().st_size - by)


@pytest.mark.parametrize("cut", [5000, 100, 1])
async def test_a_wal_cut_short_costs_its_last_commits_and_no_more(sqlite_url, tmp_path, cut):
    path, wal = tmp_path / "barrio.db", Path(f"{tmp_path}/barrio.db-wal")
    async with world(tmp_path, sqlite_url) as (gateway, _stub):
        driver = Driver(gateway)
        for _ in range(20):
            await driver.until(200)
        await gateway.kill()
        shorten(wal, cut)
        await gateway.start()
        left = set(kept(path))
        assert sorted(driver.acknowledged)[: len(left)] == sorted(left)
        assert left
        for sid in sorted(driver.acknowledged - left):  # the provider's list brings them again
            assert (await driver.text(sid))[0] == 200
        assert set(kept(path)) == driver.acknowledged
        assert await gateway.stop() == 0
    assert sound(path) == "ok"


async def test_a_reader_that_never_ends_lets_the_wal_grow_and_nothing_else(sqlite_url, tmp_path):
    path, wal = tmp_path / "barrio.db", Path(f"{tmp_path}/barrio.db-wal")
    async with world(tmp_path, sqlite_url) as (gateway, _stub):
        driver = Driver(gateway)
        await driver.until(200)
        with weather.held(path, "BEGIN") as reader:
            assert reader.execute("SELECT count(*) FROM inbound").fetchone() == (1,)
            slowest = 0.0
            for _ in range(40):
                answered = await asyncio.gather(*(driver.text() for _ in range(16)))
                assert {status for status, _ in answered} == {200}
                slowest = max(slowest, *(took for _, took in answered))
            assert slowest < 2
            grown = size(wal)
            assert grown > 8 * 2**20  # twice what is copied back on a good day
            assert reader.execute("SELECT count(*) FROM inbound").fetchone() == (1,)
        await driver.until(200)
        assert truncated(path) == (0, 0, 0)
        assert size(wal) == 0
        assert set(kept(path)) == driver.acknowledged
        assert await gateway.stop() == 0


def size(file):
    return file.stat().st_size


def truncated(path):
    """Copy the WAL back as an operator would: whether it was busy, frames in it, frames copied."""
    with weather.held(path, "PRAGMA busy_timeout = 5000") as other:
        return other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


async def test_a_second_service_on_one_file_refuses_in_one_line_and_the_first_goes_on(sqlite_url, tmp_path):
    async with world(tmp_path, sqlite_url) as (gateway, stub):
        driver = Driver(gateway)
        await driver.until(200)
        status, said = await refusal(gateway)
        assert (status, said) == (2, "another barrio serve runs on this store already\n")
        await driver.until(200)
        await stub.wait_for(2)
        await gateway.kill()  # the lock goes with the process, however it ended
        await gateway.start()
        await driver.until(200)
        assert set(kept(tmp_path / "barrio.db")) == driver.acknowledged
        assert await gateway.stop() == 0
