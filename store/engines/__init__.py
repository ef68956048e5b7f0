"""The two engines, and the addresses by which they are told apart."""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a store is: a file (``path``) or a PostgreSQL server (``url``, with the driver we use)."""

    url: sa.URL
    path: Path | None = None


def address(url: str) -> Address:
    """Read ``sqlite:///var/barrio.db``, ``sqlite:////var/lib/barrio.db`` or ``postgresql://user:password@host/name``.

    A PostgreSQL socket is named as its drivers do: ``postgresql://user@/name?host=/run/postgresql``. Raise
    ``ValueError`` for anything else, without the URL in it, because it may hold a password.
    """
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise ValueError("not a database URL") from None
    match parsed.drivername:
        case "sqlite" if parsed.database and parsed.database != ":memory:" and not parsed.host:
            return Address(url=parsed, path=Path(parsed.database))
        case "sqlite":
            raise ValueError("a SQLite store needs a file: sqlite:///var/barrio.db")
        case "postgresql" if parsed.database:
            return Address(url=parsed.set(drivername="postgresql+asyncpg"))
        case "postgresql":
            raise ValueError("a PostgreSQL store needs a name: postgresql://user@host/name")
        case _:
            raise ValueError("a store is sqlite:///… or postgresql://…")
