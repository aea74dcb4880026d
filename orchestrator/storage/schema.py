"""Which schema a database has, and which one this program needs. How it gets there is `migrations`."""

from sqlalchemy import String, column, select, table

from orchestrator.domain.errors import StorageError
from orchestrator.storage.database import Database

# Every revision, oldest first; a test compares them with the files of `migrations/versions`.
REVISIONS = (
    "0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012", "0013", "0014",
    "0015",
)  # fmt: skip
EXPECTED = REVISIONS[-1]

_VERSION = select(column("version_num", String)).select_from(table("alembic_version"))


def revision(database: Database) -> str:
    """The revision of the database; empty when it has no tables yet."""
    try:
        with database.read() as conn:
            return conn.execute(_VERSION).scalar() or ""
    except StorageError as error:
        if error.code == "schema_older":
            return ""
        raise


def require_current(database: Database) -> None:
    """Raises StorageError `schema_older` or `schema_newer` unless the database is as this program expects."""
    found = revision(database)
    if found == EXPECTED:
        return
    if found in REVISIONS or not found:
        older = f"the database is at revision {found}, older than this program"
        raise StorageError(
            older if found else "the database has no tables yet",
            hint="run `relance db upgrade`",
            where=database.address,
            code="schema_older",
        )
    raise StorageError(
        f"the database is at revision {found}, newer than this program",
        hint="install the version of Relance that upgraded it",
        where=database.address,
        code="schema_newer",
    )
