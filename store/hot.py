"""Statements of the hot path, handed to the driver as they are.

SQLAlchemy spends 40 to 100 µs on each execution and 5 µs on each row of parameters, many times what the engine needs
for the work. What runs for every message is therefore compiled once an engine and run on the driver's own cursor, with
the same text, the same column types and the same errors. Everything else stays with ``tx.execute``, which says more
when something is wrong.

Rule: only statements whose text never changes; only columns and bound parameters, so that types are known beforehand.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from store.sql import Tx

Row = tuple[Any, ...]
#: The engine's option that tells an error of its driver in the house's words: ``(error, transaction) -> error``.
TOLD = "told"
#: What an INSERT for asyncpg gives its values in.
_VALUES = re.compile(r"VALUES \((\$\d+::\w+(?:, \$\d+::\w+)*)\)")
#: What stands for a value anywhere else.
_VALUE = re.compile(r"\$(\d+)::(\w+)")
#: A value by its place in a row, and what must be done to it on its way.
_Turn = tuple[int, Callable[[Any], Any]]


#: From so many rows on, SQLite is asked once more what it inserted instead of at each row.
_MANY = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbered:
    """An INSERT for SQLite that gives out the ids itself, which the one writer may.

    ``last`` asks for the highest id, ``text`` takes one before the other values, ``back`` reads what was inserted.
    """

    last: str
    text: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A statement for one engine: its text, how a mapping becomes its parameters, how a row becomes values.

    ``bulk`` is an INSERT or UPDATE for PostgreSQL that takes each column as one array, so that any number of rows is
    one text. ``numbered`` is an INSERT for SQLite with RETURNING, for many rows.
    """

    text: str
    bulk: str | None
    numbered: _Numbered | None
    pick: Callable[[Mapping[str, Any]], Row]
    bound: Sequence[_Turn]
    read: Sequence[_Turn]

    def parameters(self, given: Mapping[str, Any]) -> Row:
        return _turned(self.pick(given), self.bound) if self.bound else self.pick(given)

    def arrays(self, rows: Sequence[Mapping[str, Any]]) -> tuple[list[Any], ...]:
        return tuple(map(list, zip(*map(self.parameters, rows), strict=True)))

    def values(self, rows: Sequence[Row]) -> list[Row]:
        return [_turned(row, self.read) for row in rows] if self.read else list(rows)


class Hot:
    """One statement. ``columns`` names what an INSERT is given, in any order; other statements name their own.

    An INSERT on PostgreSQL takes all its rows in one exchange with the server, whatever their number. So does an UPDATE
    that says that its rows stand ``apart``: no two of them change the same row of the table, and this transaction holds
    all those rows already, since one statement locks them in no certain order.
    """

    __slots__ = ("_apart", "_columns", "_ready", "_statement")

    def __init__(self, statement: sa.Executable, columns: Sequence[str] | None = None, *, apart: bool = False) -> None:
        self._statement: Any = statement
        self._columns = columns
        self._apart = apart
        self._ready: dict[str, _Ready] = {}

    def all(self, tx: Tx, given: Mapping[str, Any]) -> list[Row]:
        """Run once and give the rows, by position."""
        ready = self._for(tx)
        with Cursor(tx) as driver:
            driver.execute(ready.text, ready.parameters(given))
            return ready.values(driver.fetchall())

    def run(self, tx: Tx, given: Mapping[str, Any]) -> int:
        """Run once and say how many rows it touched; no rows come back."""
        ready = self._for(tx)
        with Cursor(tx) as driver:
            driver.execute(ready.text, ready.parameters(given))
            return int(driver.rowcount)

    def each(self, tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run once for each of ``rows``; no rows come back."""
        if not rows:
            return
        ready = self._for(tx)
        with Cursor(tx) as driver:
            if ready.bulk is not None:
                driver.execute(ready.bulk, ready.arrays(rows))
            else:
                driver.executemany(ready.text, list(map(ready.parameters, rows)))

    def returning(self, tx: Tx, rows: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Insert each of ``rows`` and give what RETURNING says of those that were inserted, in no certain order.

        SQLite is asked row by row if they are few. A statement with RETURNING costs it three times one without, so
        many rows are numbered here, inserted at once, and read back.
        """
        if not rows:
            return []
        ready = self._for(tx)
        found: list[Row] = []
        with Cursor(tx) as driver:
            if ready.bulk is not None:
                driver.execute(ready.bulk, ready.arrays(rows))
                found += driver.fetchall()
            elif ready.numbered is not None and len(rows) >= _MANY:
                driver.execute(ready.numbered.last, ())
                first = (driver.fetchall()[0][0] or 0) + 1
                driver.executemany(
                    ready.numbered.text, [(at, *ready.parameters(row)) for at, row in enumerate(rows, first)]
                )
                driver.execute(ready.numbered.back, (first,))
                found += driver.fetchall()
            else:
                for row in rows:
                    driver.execute(ready.text, ready.parameters(row))
                    found += driver.fetchall()
        return ready.values(found)

    def _for(self, tx: Tx) -> _Ready:
        ready = self._ready.get(tx.dialect.name)
        if ready is None:
            ready = _compiled(self._statement, self._columns, tx.dialect, apart=self._apart)
            self._ready[tx.dialect.name] = ready
        return ready


def _compiled(statement: Any, columns: Sequence[str] | None, dialect: sa.Dialect, *, apart: bool) -> _Ready:
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    names = list(compiled.positiontup)
    binds = [compiled.binds[name] for name in names]
    fixed = {name: bind.value for name, bind in zip(names, binds, strict=True) if not bind.required}
    return _Ready(
        text=compiled.string,
        bulk=_bulk(compiled.string, apart=apart) if (columns or apart) and dialect.name == "postgresql" else None,
        numbered=_numbered(statement, columns, dialect) if columns and dialect.name == "sqlite" else None,
        pick=_picker(names, fixed),
        bound=_turns([bind.type.dialect_impl(dialect).bind_processor(dialect) for bind in binds]),
        read=_turns(
            [
                column.type.dialect_impl(dialect).result_processor(dialect, None)
                for column in getattr(statement, "exported_columns", ())
            ]
        ),
    )


def _numbered(statement: Any, columns: Sequence[str], dialect: sa.Dialect) -> _Numbered | None:
    """The same INSERT with the id among its values; None for a table without an id, and where nothing is asked back."""
    table, asked = statement.table, tuple(statement.exported_columns)
    if not asked or table.autoincrement_column is None:
        return None
    ident = table.autoincrement_column
    compiled = statement.compile(dialect=dialect, column_keys=[ident.name, *columns])
    if compiled.positiontup[0] != ident.name:
        raise ValueError(f"the id of {table.name} must be its first column")
    return _Numbered(
        last=str(sa.select(sa.func.max(ident)).compile(dialect=dialect)),
        text=compiled.string.partition(" RETURNING ")[0],
        back=str(sa.select(*asked).where(ident >= sa.bindparam("first")).compile(dialect=dialect)),
    )


def _bulk(text: str, *, apart: bool) -> str:
    """The same with an array a column: ``VALUES ($1::INT)`` becomes ``SELECT * FROM unnest($1::INT[])``."""
    if apart:
        return _bulk_update(text)
    bulk, found = _VALUES.subn(lambda values: "SELECT * FROM unnest(" + values[1].replace(",", "[],") + "[])", text)  # noqa: S608  casts of a compiled statement
    if found != 1:
        raise ValueError("an INSERT of one row of values is needed")
    return bulk


def _bulk_update(text: str) -> str:
    """``UPDATE … SET a=$1::INT WHERE …`` becomes ``UPDATE … SET a=given.p1 FROM unnest($1::INT[]) … WHERE …``."""
    kinds = {int(number): kind for number, kind in _VALUE.findall(text)}
    arrays = ", ".join(f"${number}::{kinds[number]}[]" for number in sorted(kinds))
    names = ", ".join(f"p{number}" for number in sorted(kinds))
    change, where, which = _VALUE.sub(r"given.p\1", text).partition(" WHERE ")
    return f"{change} FROM unnest({arrays}) AS given({names}){where}{which}"


class Cursor:
    """The driver's cursor, for a while; its errors are told as the engine tells those that come through SQLAlchemy."""

    __slots__ = ("_found", "_tx")

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def __enter__(self) -> Any:
        self._found = self._tx.connection.cursor()
        return self._found

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._found.close()
        if isinstance(error, Exception) and (told := self._tx.get_execution_options()[TOLD](error, self._tx)):
            raise told from None


def _picker(names: Sequence[str], fixed: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], Row]:
    """Take the named values in the order of the statement; those that it holds itself are the same each time."""
    if len(fixed) == len(names):
        own = tuple(fixed[name] for name in names)
        return lambda _given: own
    if fixed:
        return lambda given: tuple([fixed[name] if name in fixed else given[name] for name in names])
    if len(names) == 1:
        [name] = names
        return lambda given: (given[name],)
    return itemgetter(*names)


def _turns(processors: Sequence[Callable[[Any], Any] | None]) -> Sequence[_Turn]:
    return tuple((at, processor) for at, processor in enumerate(processors) if processor is not None)


def _turned(row: Row, turns: Sequence[_Turn]) -> Row:
    values = list(row)
    for at, turn in turns:
        if (value := values[at]) is not None:  # what is missing stays so, in every type of ours
            values[at] = turn(value)
    return tuple(values)
