"""The memory of the house, and the only place that speaks SQL.

    open_store(url) -> Store        SQLite (default) or PostgreSQL; nothing happens before ``start``
    Store.transact(fn), read(fn)    fn(tx) is a plain function, so nothing is awaited while the write lock is held
    Batcher                         all who wait, in one transaction
    contacts messages sessions cases outbox outreach staff audit alerts      functions f(tx, …) that take lists

Rule 1: a store function costs a fixed number of statements whatever the size of its lists.
Rule 2: statements are built once, at import; rows are parameters (``executemany``), never part of a statement's text.
"""

from store.batch import Batcher
from store.engines import address
from store.engines.base import Store
from store.engines.damage import damage
from store.engines.postgresql import PostgresqlStore
from store.engines.sqlite import SqliteStore
from store.errors import Clash, Refused, SchemaMismatch, StoreError, StoreUnavailable
from store.revision import SchemaState
from store.sql import Tx, insert, one_of
from store.upgrade import migrate, schema_state

__all__ = [
    "Batcher",
    "Clash",
    "Refused",
    "SchemaMismatch",
    "SchemaState",
    "Store",
    "StoreError",
    "StoreUnavailable",
    "Tx",
    "damage",
    "insert",
    "migrate",
    "one_of",
    "open_store",
    "schema_state",
]


def open_store(url: str) -> Store:
    """Make the store at ``url`` without touching it; raise ``ValueError`` for a form that ``engines.address`` lacks."""
    path = address(url).path
    return SqliteStore(path) if path else PostgresqlStore(url)
