"""Databases that are ready to use, schema and all, without a migration for each test."""

import shutil
from pathlib import Path

from sqlalchemy import Table, text
from sqlalchemy.engine import Connection, RowMapping

from orchestrator.storage import migrations
from orchestrator.storage.database import Database
from orchestrator.storage.every_table import metadata
from orchestrator.storage.schema import REVISIONS
from tests.services import PostgresServer


class ReadySqlite:
    """A file with the current schema, to copy: a tenth of the time of the migrations."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        database = Database(f"sqlite:///{self._template}")
        migrations.upgrade(database)
        database.close()

    def copy(self, path: Path) -> str:
        """A new database there, as a SQLAlchemy URL."""
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"


class ReadyPostgres:
    """One database that is emptied for each test: to create and to drop one costs more than most tests do."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._make()

    def emptied(self) -> str:
        """The database as the migrations leave it, its numbers from one again, and nobody connected; SQLAlchemy URL.

        A test that left another schema behind costs the next one a new database.
        """
        owner = Database(self.url)  # a new connection: the test before may have cut any that was open
        with owner.begin() as conn:
            conn.execute(_CUT_OTHERS)
            is_current = conn.execute(text("SELECT version_num FROM alembic_version")).scalar() == REVISIONS[-1]
            if is_current:
                self._restore(conn)
        owner.close()
        if not is_current:
            self.drop()
            self._make()
        return self.url

    def drop(self) -> None:
        """Gives the database back."""
        self._server.drop_database(self.url)

    def _make(self) -> None:
        self.url = self._server.create_database()
        owner = Database(self.url)
        migrations.upgrade(owner)
        with owner.begin() as conn:
            self._first_rows = {table.name: _rows(conn, table) for table in metadata.sorted_tables}
        owner.close()

    def _restore(self, conn: Connection) -> None:
        # Neither the triggers that keep the journal nor the order of foreign keys is what such a test is about.
        emptied = "; ".join(f'DELETE FROM "{name}"' for name in self._first_rows)  # noqa: S608 - our own tables
        conn.exec_driver_sql(f"SET LOCAL session_replication_role = replica; {emptied}; {_FROM_ONE}")
        for table in metadata.sorted_tables:
            if rows := self._first_rows[table.name]:
                conn.execute(table.insert(), [dict(row) for row in rows])


# Whoever was left connected by the test before would be seen by this one.
_CUT_OTHERS = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_FROM_ONE = (
    "DO $$ DECLARE name regclass; BEGIN FOR name IN SELECT oid FROM pg_class WHERE relkind = 'S'"
    " LOOP PERFORM setval(name, 1, false); END LOOP; END $$"
)


def _rows(conn: Connection, table: Table) -> list[RowMapping]:
    return list(conn.execute(table.select()).mappings())
