"""The migrations make the tables of tables.py, and the program knows which schema it stands on."""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from msgspec.structs import replace
from sqlalchemy import text

from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.errors import StorageError
from orchestrator.domain.interruption import Pause
from orchestrator.storage import migrations, pauses, schema
from orchestrator.storage.database import Database
from orchestrator.storage.every_table import metadata


@pytest.fixture
def own(database_url: str) -> Iterator[Database]:
    """A database of the test's own, upgraded: it may be spoilt."""
    database = Database(database_url)
    migrations.upgrade(database)
    yield database
    database.close()


def test_from_empty_to_the_expected_revision(database_url: str) -> None:
    database = Database(database_url)
    assert schema.revision(database) == ""
    migrations.upgrade(database)
    assert schema.revision(database) == schema.EXPECTED
    schema.require_current(database)
    database.close()


def test_an_upgrade_of_what_is_current_changes_nothing(database: Database) -> None:
    before = _described(database)
    migrations.upgrade(database)
    assert _described(database) == before


def test_alembic_sees_no_difference_between_the_migrations_and_the_tables(database: Database) -> None:
    with database.read() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_migrations_and_the_tables_give_the_same_schema_word_for_word(own: Database) -> None:
    """Alembic does not look at conditions of indexes, checks, collations and storage: this does."""
    migrated = _described(own)
    with own.begin() as conn:
        metadata.drop_all(conn)
        metadata.create_all(conn)
    assert _described(own) == migrated
    assert len(migrated) > 30


def test_the_program_knows_every_revision_in_order() -> None:
    scripts = ScriptDirectory.from_config(migrations.config())
    assert list(schema.REVISIONS) == [script.revision for script in scripts.walk_revisions()][::-1]
    assert scripts.get_heads() == [schema.EXPECTED]


def test_an_upgrade_that_fails_half_way_leaves_nothing(database_url: str) -> None:
    database = Database(database_url)
    with database.begin() as conn:
        conn.exec_driver_sql("CREATE TABLE facts (in_the_way integer)")
    before = _described(database)
    with pytest.raises(StorageError):
        migrations.upgrade(database)
    assert _described(database) == before
    database.close()


def test_no_tables_is_said_with_what_to_do(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(StorageError) as refused:
        schema.require_current(database)
    database.close()
    assert refused.value.code == "schema_older"
    assert "no tables" in refused.value.message
    assert "relance db upgrade" in refused.value.hint


def test_an_older_schema_is_said_with_what_to_do(own: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "REVISIONS", (schema.EXPECTED, "0999"))
    monkeypatch.setattr(schema, "EXPECTED", "0999")
    with pytest.raises(StorageError) as refused:
        schema.require_current(own)
    assert refused.value.code == "schema_older"
    assert "relance db upgrade" in refused.value.hint


def test_a_newer_schema_is_not_touched(own: Database) -> None:
    with own.begin() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError) as refused:
        schema.require_current(own)
    assert refused.value.code == "schema_newer"
    assert "9999" in refused.value.message


# ------------------------------------------------------------------------------ a schema as sorted lines

_SQLITE = """
    SELECT type, name, sql FROM sqlite_master
    WHERE tbl_name <> 'alembic_version' AND sql IS NOT NULL AND type <> 'trigger'
"""
_POSTGRES = """
    SELECT 'column', table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable, collation_name,
           identity_generation, column_default)
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
    UNION ALL
    SELECT 'index', indexname, indexdef FROM pg_indexes
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    UNION ALL
    SELECT 'constraint', conname, conrelid::regclass || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
    UNION ALL
    SELECT 'options', relname, reloptions::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND reloptions IS NOT NULL
"""


def _described(database: Database) -> list[tuple[str, str, str]]:
    with database.read() as conn:
        rows = conn.exec_driver_sql(_SQLITE if database.name == "sqlite" else _POSTGRES)
        return sorted((kind, name, _settled(text) if kind == "table" else text) for kind, name, text in rows)


def _settled(text: str) -> str:
    """Without layout, and what follows the columns in one order: a table may list its constraints as it likes."""
    head, _, body = " ".join(text.split()).partition("(")
    return head + ", ".join(sorted(part.strip() for part in body.removesuffix(")").split(", ")))


def test_what_was_resumed_before_wakes_were_noted_is_not_woken_again(database_url: str) -> None:
    database = Database(database_url)
    migrations.upgrade(database, "0004")
    at = datetime(2026, 3, 10, 9, tzinfo=UTC)
    old = Pause(id="p-1", scope=ALWAYS, since=at, reason="x", by="test", resumed_at=at)
    with database.begin() as conn:
        body = {"id": old.id, "since": 1, "resumed_at": 7, "body": msgspec.json.encode(old).decode()}
        statement = "INSERT INTO pauses (id, since, resumed_at, body) VALUES (:id, :since, :resumed_at, :body)"
        conn.execute(text(statement), body)
    migrations.upgrade(database)
    with database.read() as conn:
        assert pauses.load(conn, "p-1") == replace(old, woken_at=at)
        assert pauses.unwoken(conn, resumed_until=at) == []
    database.close()
