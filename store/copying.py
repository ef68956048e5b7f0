"""Copy one store into another, empty one: how a service moves from a SQLite file to PostgreSQL, and back.

Rule: rows go as they are, ids and all, table by table in the order in which they refer to each other. Nobody serves
either store meanwhile. A copy that was cut short leaves the other store half full, and the next one refuses it.
"""

from functools import partial
from typing import Any

import sqlalchemy as sa

from store.engines.base import Store
from store.schema import metadata
from store.sql import Tx

#: Rows in one transaction.
CHUNK = 1000


class NotEmpty(ValueError):
    """The store to copy into holds something already. ``str()`` names the table."""


async def copy(source: Store, target: Store) -> dict[str, int]:
    """Copy every row; give how many of each table. Raise ``NotEmpty`` before anything is written."""
    await target.read(_require_empty)
    copied: dict[str, int] = {}
    for table in metadata.sorted_tables:
        copied[table.name] = await _copy_table(source, target, table)
    await target.transact(_go_on_counting)
    return copied


def counts(tx: Tx) -> dict[str, int]:
    """How many rows each table holds."""
    return {
        table.name: tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }


def _require_empty(tx: Tx) -> None:
    for table in metadata.sorted_tables:
        if tx.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
            raise NotEmpty(table.name)


async def _copy_table(source: Store, target: Store, table: sa.Table) -> int:
    key = list(table.primary_key.columns)
    wanted = sa.select(table).order_by(*key).limit(CHUNK)
    rows = await source.read(partial(_rows, wanted=wanted))
    count = 0
    while rows:
        await target.transact(partial(_put, table=table, rows=rows))
        count += len(rows)
        last = sa.tuple_(*(sa.literal(rows[-1][column.name], column.type) for column in key))
        rows = await source.read(partial(_rows, wanted=wanted.where(sa.tuple_(*key) > last)))
    return count


def _rows(tx: Tx, wanted: sa.Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in tx.execute(wanted).mappings()]


def _put(tx: Tx, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    tx.execute(sa.insert(table), rows)


def _go_on_counting(tx: Tx) -> None:
    """Let the ids that PostgreSQL gives out begin behind those that were copied; SQLite counts by itself."""
    if tx.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            last = sa.select(sa.func.max(column)).scalar_subquery()
            sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
            tx.execute(sa.select(sa.func.setval(sequence, last)).where(last.is_not(None)))
