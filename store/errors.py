"""What can go wrong between us and the disk, in the few kinds that a caller can act on.

Rule: an error of the store names tables and codes of the engine, never a value. What a driver says may quote the row
("Failing row contains …"), and a row holds people's words and numbers.

    StoreError
    ├── StoreUnavailable   nothing was kept, or nobody knows; the sender shall try again → 503
    ├── Clash              a unique key was taken in the meantime: do it again with a fresh one
    ├── Refused            the engine will not take this statement or row: a bug, or a poison message
    └── SchemaMismatch     the database is older or newer than this program
"""


class StoreError(Exception):
    """Any trouble of the store."""


class StoreUnavailable(StoreError):
    """Full, locked, read-only, I/O error, disconnected, closed.

    ``lasting`` is set when only a restart can help (a failed fsync, a damaged file): after a failed fsync the kernel
    may have thrown the pages away, so trying again would report a success that is none.
    """

    def __init__(self, reason: str, *, lasting: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lasting = lasting


class Clash(StoreError):
    """A row with the same unique key is there already. ``table`` says where."""

    def __init__(self, table: str) -> None:
        super().__init__(f"a unique key of {table} is taken")
        self.table = table


class Refused(StoreError):
    """The engine refused a statement.

    ``code`` is the engine's own (``SQLITE_CONSTRAINT_NOTNULL``, ``23502``), ``where`` what it names: table, column,
    constraint, or a fault in the statement's text, which never holds a value.
    """

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(f"the database refused a statement: {code} {where}".rstrip())
        self.code = code


class SchemaMismatch(StoreError):
    """The tables are not those this program was written for."""
