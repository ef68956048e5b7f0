"""Which shape a database has, and whether it is this program's."""

from enum import StrEnum
from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from store.errors import SchemaMismatch
from store.sql import Tx


class SchemaState(StrEnum):
    """Where a database stands beside this program's migrations."""

    BEHIND = "behind"
    CURRENT = "current"
    AHEAD = "ahead"


def config() -> Config:
    """Alembic's configuration; there is no alembic.ini, because the URL is in config.yaml."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return settings


@cache
def _known() -> tuple[str, ...]:
    """All revisions this program has, newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(config()).walk_revisions())


def state(tx: Tx) -> SchemaState:
    """Say where the database stands. A revision that we do not have was made by a newer program."""
    stands = MigrationContext.configure(tx).get_current_revision()
    if stands == _known()[0]:
        return SchemaState.CURRENT
    return SchemaState.BEHIND if stands is None or stands in _known() else SchemaState.AHEAD


def check(tx: Tx) -> None:
    """Raise ``SchemaMismatch`` unless the database has exactly this program's tables."""
    match state(tx):
        case SchemaState.AHEAD:
            raise SchemaMismatch("the database was made by a newer version of this program: install that version")
        case SchemaState.BEHIND:
            raise SchemaMismatch("the database is older than this program: run migrate")
