"""How a database becomes the one that this program needs: one file of `versions/` per step, run by Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import func, select

from orchestrator.storage.batch import is_postgresql
from orchestrator.storage.database import Database

_LOCK = 0x72656C616E6365  # "relance" in ASCII: two upgrades of one PostgreSQL wait for each other


def config() -> Config:
    """Alembic's configuration, without a file: the scripts are beside this one."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings


def upgrade(database: Database, revision: str = "head") -> None:
    """Brings the schema to a revision in one transaction: all of it, or nothing. Run again, it changes nothing.

    Raises StorageError when the database cannot be reached or another process holds it.
    """
    settings = config()
    with database.begin() as conn:
        if is_postgresql(conn):
            conn.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        settings.attributes["connection"] = conn
        command.upgrade(settings, revision)
