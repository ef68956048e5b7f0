"""Bring a database to this program's shape, forward only, and ask where it stands.

An upgrade is one transaction on both engines (SQLite's DDL is transactional too, once we say BEGIN ourselves), so
killing it half-way leaves the old shape. Two at once wait for each other: BEGIN IMMEDIATE, or an advisory lock.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import sqlalchemy as sa
from alembic import command

from store import crash, revision
from store.engines import address, postgresql, sqlite
from store.errors import SchemaMismatch, StoreError, StoreUnavailable
from store.revision import SchemaState
from store.sql import Tx

T = TypeVar("T")

#: Any number will do, as long as only migrations of this house use it.
_ADVISORY_LOCK = 0x62617272696F


def migrate(url: str) -> None:
    """Upgrade the database at ``url`` to the newest revision; make the file and its folder if they are missing.

    Raise ``SchemaMismatch`` if it is newer than this program, ``StoreUnavailable`` if it cannot be had.
    """
    where = address(url)
    if where.path:
        try:
            where.path.parent.mkdir(parents=True, exist_ok=True)
            where.path.touch(mode=0o600)  # it holds telephone numbers; the -wal beside it gets the same mode
        except OSError as error:
            raise StoreUnavailable(f"cannot make the database's file: {error.strerror}") from None
    _run(url, _upgrade)


def schema_state(url: str) -> SchemaState:
    """Say where the database at ``url`` stands; a file that is not there is behind."""
    path = address(url).path
    if path and not path.is_file():
        return SchemaState.BEHIND
    return _run(url, revision.state)


def _upgrade(tx: Tx) -> None:
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
    if revision.state(tx) is SchemaState.AHEAD:
        raise SchemaMismatch("the database was made by a newer version of this program: install that version")
    settings = revision.config()
    settings.attributes["tx"] = tx
    command.upgrade(settings, "head")
    crash.point("migrate.changed")


def _run(url: str, fn: Callable[[Tx], T]) -> T:
    path = address(url).path
    try:
        return sqlite.once(path, fn) if path else _on_postgresql(url, fn)
    except StoreError as error:
        raise error from None


def _on_postgresql(url: str, fn: Callable[[Tx], T]) -> T:
    # asyncpg is the one driver we have, so this needs a loop of its own; in a thread it works under a running one too.
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, postgresql.once(url, fn)).result()
