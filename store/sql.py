"""The little that SQLAlchemy Core does not say for both engines at once.

Statements are built once, at import, and compiled once per engine. So a set of keys is *one* parameter (a JSON array
on SQLite, an array on PostgreSQL): with one parameter a key the text of the statement would change with the size of
the batch, and be parsed and planned anew.
"""

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

#: A transaction, as store functions see it. Nothing can be awaited while one is held.
Tx = sa.Connection


def insert(table: sa.Table) -> postgresql.Insert:
    """Begin an INSERT that may say ON CONFLICT.

    SQLite took the clause from PostgreSQL, and SQLAlchemy's SQLite compiler reads this construct as its own, as long
    as the conflict is named by ``index_elements`` (SQLite has no ON CONSTRAINT). Tests prove it on both engines.
    """
    return postgresql.insert(table)


class _Members(sa.types.TypeDecorator[Any]):
    """A set of keys as one parameter."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, item: sa.types.TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.ARRAY(self.item))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: Collection[Any] | None, dialect: sa.Dialect) -> Any:
        if value is None:
            raise ValueError("a set of keys may be empty, not missing")
        return list(value) if dialect.name == "postgresql" else json.dumps(list(value))


class _OneOf(sa.sql.expression.FunctionElement[bool]):
    # Not Boolean: SQLite has none, so SQLAlchemy would write "(… IN …) = 1", and no index serves that.
    type = sa.types.NullType()  # type: ignore[assignment]
    inherit_cache = True
    name = "one_of"


@compiles(_OneOf, "sqlite")
def _one_of_sqlite(element: _OneOf, compiler: SQLCompiler, **kw: Any) -> str:
    column, members = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({members})))"  # noqa: S608  names and placeholders only


@compiles(_OneOf, "postgresql")
def _one_of_postgresql(element: _OneOf, compiler: SQLCompiler, **kw: Any) -> str:
    column, members = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({column} = ANY ({members}))"


def one_of(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """Say that ``column`` is one of the keys given as the parameter ``name`` (a collection, also an empty one)."""
    kind = column.type.impl if isinstance(column.type, sa.types.TypeDecorator) else column.type
    return _OneOf(
        column, sa.bindparam(name, type_=_Members(sa.BigInteger() if isinstance(kind, sa.Integer) else sa.Text()))
    )
