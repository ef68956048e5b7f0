import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from store import (
    SchemaMismatch,
    SchemaState,
    StoreUnavailable,
    migrate,
    open_store,
    revision,
    schema,
    schema_state,
    upgrade,
)
from store.engines import postgresql, sqlite

REVISIONS = "alembic_version"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """The address of a place where nothing is yet, on each engine in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new' / 'deep' / 'barrio.db'}"
    else:
        postgres = request.getfixturevalue("postgres")
        name = postgres.make()
        yield postgres.url(name)
        postgres.drop(name)


def run(url, fn):
    return upgrade._run(url, fn)


def shape(tx):
    """All that an engine says about its tables, without the table of revisions."""
    if tx.dialect.name == "sqlite":
        rows = tx.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
        return sorted((name, parts(sql)) for name, sql in rows if name != REVISIONS)
    said = []
    for query in (
        (
            "SELECT table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale,"
            " is_nullable, column_default FROM information_schema.columns WHERE table_schema = 'public'"
        ),
        "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        (
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace"
        ),
    ):
        said += [tuple(map(str, row)) for row in tx.exec_driver_sql(query) if row[0] != REVISIONS]
    return sorted(said)


def parts(sql):
    """A CREATE TABLE as the sorted list of its parts, because their order is of no matter; an index as it stands."""
    sql = re.sub(r"\s+", " ", sql)
    if not sql.startswith("CREATE TABLE"):
        return [sql]
    return sorted(part.strip() for part in re.split(r",(?![^(]*\))", sql[sql.index("(") + 1 : sql.rindex(")")]))


def test_migrations_make_exactly_the_tables_of_the_code(empty_url, tmp_path, postgres):
    migrate(empty_url)
    other = f"sqlite:///{tmp_path / 'other.db'}" if empty_url.startswith("sqlite") else postgres.url(postgres.make())
    run(other, schema.metadata.create_all)
    migrated = run(empty_url, shape)
    assert migrated == run(other, shape)
    assert len(migrated) > 20


def test_migrating_again_does_nothing(empty_url):
    assert schema_state(empty_url) is SchemaState.BEHIND
    migrate(empty_url)
    assert schema_state(empty_url) is SchemaState.CURRENT
    before = run(empty_url, shape)
    migrate(empty_url)
    assert run(empty_url, shape) == before


async def test_it_works_under_a_running_loop_too(empty_url):
    migrate(empty_url)
    assert schema_state(empty_url) is SchemaState.CURRENT


def test_asking_for_the_state_makes_nothing(tmp_path):
    assert schema_state(f"sqlite:///{tmp_path / 'nowhere' / 'barrio.db'}") is SchemaState.BEHIND
    assert list(tmp_path.iterdir()) == []


def stand_at(url, name):
    run(url, lambda tx: tx.execute(sa.text("UPDATE alembic_version SET version_num = :name"), {"name": name}) and None)


async def test_a_newer_database_is_refused_in_plain_words(store_url):
    stand_at(store_url, "9999")
    assert schema_state(store_url) is SchemaState.AHEAD
    with pytest.raises(SchemaMismatch, match="newer version of this program"):
        migrate(store_url)
    with pytest.raises(SchemaMismatch, match="newer version of this program"):
        await open_store(store_url).start()


async def test_an_empty_database_is_refused_with_what_to_do(empty_url, tmp_path):
    if empty_url.startswith("sqlite"):
        (tmp_path / "new" / "deep").mkdir(parents=True)
        (tmp_path / "new" / "deep" / "barrio.db").touch()
    with pytest.raises(SchemaMismatch, match="run migrate"):
        await open_store(empty_url).start()


def test_two_who_migrate_at_once_both_succeed(empty_url):
    with ThreadPoolExecutor(2) as both:
        list(both.map(migrate, [empty_url] * 2))
    assert schema_state(empty_url) is SchemaState.CURRENT


def test_an_upgrade_that_fails_half_way_leaves_nothing(empty_url, monkeypatch):
    def half(settings, _to):
        schema.contacts.create(settings.attributes["tx"])
        raise RuntimeError("the light went out")

    monkeypatch.setattr(upgrade.command, "upgrade", half)
    with pytest.raises(RuntimeError, match="the light went out"):
        migrate(empty_url)
    assert run(empty_url, shape) == []


def test_a_folder_that_cannot_be_made_is_said_plainly(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="cannot make the database's file"):
        migrate(f"sqlite:///{tmp_path / 'file' / 'deep' / 'barrio.db'}")


def test_a_new_file_is_its_owners_alone(tmp_path):
    path = tmp_path / "barrio.db"
    migrate(f"sqlite:///{path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    migrate(f"sqlite:///{path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_migration_has_no_way_back_and_one_parent():
    scripts = list(ScriptDirectory.from_config(revision.config()).walk_revisions())
    assert [script.revision for script in scripts] == [f"{n:04d}" for n in range(len(scripts), 0, -1)]
    for script in scripts:
        assert not hasattr(script.module, "downgrade")
        assert Path(script.path).name.startswith(script.revision)


def test_both_engines_have_the_same_columns():
    """Every column compiles on both; a type that only one engine knows would show here."""
    for dialect in (sqlite._writing_engine(Path("unused.db")).dialect, postgresql._engine("postgresql://h/n").dialect):
        for table in schema.metadata.sorted_tables:
            assert str(sa.schema.CreateTable(table).compile(dialect=dialect))
