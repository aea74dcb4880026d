"""What a refusal of the database means, in our words. Never the password, a parameter or the row refused."""

from typing import Any

import msgspec
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from orchestrator.domain.errors import Conflict, RelanceError, StorageError


class _Meaning(msgspec.Struct, frozen=True):
    code: str
    message: str
    hint: str


_OLDER = _Meaning("schema_older", "the database has not the tables of this version", "run `relance db upgrade`")
_LOCKED = _Meaning("database_locked", "another transaction holds what this one needs", "try again in a moment")
_READ_ONLY = _Meaning("read_only", "a read transaction was asked to write", "use begin()")
_FULL = _Meaning("disk_full", "the disk of the database is full", "free some space")
_BUSY = _Meaning("database_busy", "every connection is in use", "raise the pool size, or run fewer workers")
_APPEND_ONLY = _Meaning("append_only", "the journal and the audit are append-only", "append a fact instead")

# PostgreSQL by SQLSTATE (its manual, appendix A), SQLite by the name of its result code (sqlite.org/rescode.html).
_MEANINGS = {
    "42P01": _OLDER,
    "42703": _OLDER,
    "no such table": _OLDER,
    "no such column": _OLDER,
    "55P03": _LOCKED,
    "40P01": _LOCKED,
    "40001": _LOCKED,
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_BUSY_SNAPSHOT": _LOCKED,
    "25006": _READ_ONLY,
    "SQLITE_READONLY": _READ_ONLY,
    "53100": _FULL,
    "SQLITE_FULL": _FULL,
    "23001": _APPEND_ONLY,
    "SQLITE_CONSTRAINT_TRIGGER": _APPEND_ONLY,
    "SQLITE_NOTADB": _Meaning(
        "not_a_database", "the file is not a SQLite database", "check the address of the database"
    ),
    "22021": _Meaning("invalid_text", "a text holds a byte that cannot be stored", "remove zero bytes from it"),
}


def address(url: URL) -> str:
    """Where the database is, as a person may see it: no user, password or option."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return f"postgresql://{url.host or 'local'}:{url.port or 5432}/{url.database}"


def explained(error: DBAPIError | PoolTimeout, url: URL) -> RelanceError:
    """The RelanceError to raise for an error of the driver."""
    where = address(url)
    if isinstance(error, PoolTimeout):
        return _said(_BUSY, where)
    raw: Any = error.orig
    name = _name(raw)
    if name in _MEANINGS:
        return _said(_MEANINGS[name], where)
    if isinstance(error, IntegrityError):
        return Conflict(f"a row breaks {_broken_rule(raw)}", hint="it exists already, or names what does not exist")
    if error.connection_invalidated or (isinstance(error, OperationalError) and _is_away(raw)):
        return StorageError(
            f"the database does not answer ({name})",
            hint="check that it runs, and its name, user and password",
            where=where,
            code="database_unreachable",
        )
    return StorageError(f"the database refuses a statement ({name})", hint="this is a fault of ours", where=where)


def _said(meaning: _Meaning, where: str) -> StorageError:
    return StorageError(meaning.message, hint=meaning.hint, where=where, code=meaning.code)


def _name(raw: Any) -> str:
    """The SQLSTATE, SQLite's result code, or the class when neither is known (no connection at all)."""
    name = getattr(raw, "sqlstate", None) or getattr(raw, "sqlite_errorname", None) or type(raw).__name__
    if name == "SQLITE_ERROR":
        name = str(raw).partition(":")[0]  # of "no such table: cases"; the rest names things of ours
    return str(name)


def _is_away(raw: Any) -> bool:
    """SQLite calls a fault of the statement operational too; what concerns its file is something else."""
    result = getattr(raw, "sqlite_errorname", None)
    return result is None or result.startswith(("SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_PERM"))


def _broken_rule(raw: Any) -> str:
    """A constraint (PostgreSQL), or what SQLite says, which is columns: names of ours, never values."""
    diagnostics = getattr(raw, "diag", None)
    if diagnostics is None:
        return str(raw)
    return str(diagnostics.constraint_name or diagnostics.message_primary)
