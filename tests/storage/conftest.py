"""Databases with the current schema and no fact, on SQLite and PostgreSQL alike."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.storage.database import Database
from tests.ready import ReadyPostgres, ReadySqlite


@pytest.fixture
def sqlite(ready_sqlite: ReadySqlite, tmp_path: Path) -> Iterator[Database]:
    """A new SQLite database with the current schema."""
    database = Database(ready_sqlite.copy(tmp_path / "relance.db"))
    yield database
    database.close()


@pytest.fixture
def postgres(ready_postgres: ReadyPostgres) -> Iterator[Database]:
    """The PostgreSQL database with the current schema and no fact."""
    database = Database(ready_postgres.emptied())
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """A database with the current schema and no fact, once on each: what one does, the other must do."""
    found: Database = request.getfixturevalue(request.param)
    return found
