"""Databases with the current schema and no row, on SQLite and PostgreSQL alike."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from orchestrator.storage import migrations
from orchestrator.storage.database import Database
from orchestrator.storage.every_table import metadata
from tests.services import PostgresServer


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema and no row, to copy: a tenth of the time of the migrations."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_with_schema(postgres_server: PostgresServer) -> Iterator[Database]:
    """One PostgreSQL database for the run: to drop one costs a checkpoint, a second each on a busy machine."""
    url = postgres_server.create_database()
    database = Database(url)
    migrations.upgrade(database)
    yield database
    database.close()
    postgres_server.drop_database(url)


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A new SQLite database with the current schema."""
    path = tmp_path / "relance.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def postgres(postgres_with_schema: Database) -> Database:
    """The PostgreSQL database with the current schema and no row."""
    with postgres_with_schema.begin() as conn:
        for kept in ("journal", "audit"):
            conn.exec_driver_sql(f"ALTER TABLE {kept} DISABLE TRIGGER USER")
        for table in reversed(metadata.sorted_tables):
            conn.execute(delete(table))
        for kept in ("journal", "audit"):
            conn.exec_driver_sql(f"ALTER TABLE {kept} ENABLE TRIGGER USER")
    return postgres_with_schema


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """A database with the current schema and no row, once on each: what one does, the other must do."""
    found: Database = request.getfixturevalue(request.param)
    return found
