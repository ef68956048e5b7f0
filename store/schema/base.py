"""What all tables have in common. Times are integers (microseconds, UTC) behind one column type; ids are integers."""

from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: On SQLite, an INTEGER primary key *is* the row's place: no second tree to find it, one page less to write.
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: The same for other keys: the table is the tree of its key.
KEY_IS_PLACE: dict[str, Any] = {"sqlite_with_rowid": False}


def row_id() -> sa.Column[int]:
    """The id that the store gives out."""
    return sa.Column("id", ROW_ID, primary_key=True)


def ref(name: str, to: str, *, nullable: bool = False, index: bool = False) -> sa.Column[int]:
    """A column that names a row of the table ``to``."""
    return sa.Column(name, sa.BigInteger, sa.ForeignKey(f"{to}.id"), nullable=nullable, index=index)


def only_where(condition: str) -> dict[str, Any]:
    """Keep in an index only the rows that it is asked for: the others then cost it nothing."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
