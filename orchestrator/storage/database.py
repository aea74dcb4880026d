"""One database and its two kinds of transaction: `begin` to write, `read` to look. Owns no table, no statement.

Errors of the driver leave here as RelanceError, without the password and without the values of the statement.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from orchestrator.domain.errors import StorageError
from orchestrator.storage.array_dumper import ArrayDumper
from orchestrator.storage.refusal import address, explained

_Options = dict[str, Any]


# Flows name the connection they pass on; the driver itself stays behind this module.
__all__ = ["Connection", "Database"]


class Database:
    """A SQLite file or a PostgreSQL database. Opens nothing before it is used; threads may share it, forks may not.

    `name` is sqlite or postgresql, `address` where it is, without user and password. Raises StorageError
    (`database_url`) when the URL is of neither.

    `is_disposable` is for rehearsals only: SQLite then never waits for the disk, so that a power cut may ruin the
    file. Nothing that must be kept may be in it. PostgreSQL takes no notice.
    """

    def __init__(self, url: str, *, pool_size: int = 5, is_disposable: bool = False) -> None:
        self._url = _known_url(url)
        self.name = self._url.get_backend_name()
        self.address = address(self._url)
        if self.name == "sqlite":
            engine, writing, reading = _open_sqlite(self._url, pool_size, is_disposable=is_disposable)
        else:
            engine, writing, reading = _open_postgresql(self._url, pool_size)
        self._writer = engine.execution_options(**writing)
        self._hurried = engine.execution_options(**{**writing, "relance_wait_ms": _HURRIED_MS})
        self._reader = engine.execution_options(**reading)

    @contextmanager
    def begin(self, *, is_hurried: bool = False) -> Iterator[Connection]:
        """A write transaction: commits at the end, rolls back when anything is raised.

        SQLite takes its only write lock at once and waits 10 s for it, or 1 s where `is_hurried`: for who can keep what
        it has elsewhere. PostgreSQL is READ COMMITTED. Raises StorageError, and Conflict where a row breaks a rule of
        the schema.
        """
        with self._transaction(self._hurried if is_hurried else self._writer) as conn:
            yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction: one snapshot for all its statements; a write in it is refused.

        Keep it short: until it ends, neither database can reclaim what was replaced since.
        """
        with self._transaction(self._reader) as conn:
            yield conn

    def close(self) -> None:
        """Closes the idle connections; the database can still be used."""
        self._writer.dispose()

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        try:
            with engine.begin() as conn:
                yield conn
        except (DBAPIError, PoolTimeout) as error:
            # `from None`: the driver's own text may quote the row that it refused.
            raise explained(error, self._url) from None


def _known_url(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError:
        url = URL.create("unknown")
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername="postgresql+psycopg")
    is_file = url.drivername == "sqlite" and url.database not in (None, "", ":memory:")
    if not is_file and url.drivername != "postgresql+psycopg":
        raise StorageError(
            "this is not the address of a database",
            hint="write sqlite:////path/to/relance.db or postgresql://user:password@host/database",
            code="database_url",
        )
    return url


# ------------------------------------------------------------------------------------------------ SQLite

# Its writers come in no order: on a busy machine one may be passed over for seconds, and a pause that fails is worse
# than one that waits. As long as PostgreSQL's `lock_timeout` below.
_WAIT_MS, _HURRIED_MS = 10_000, 1_000
_PRAGMAS = (
    "journal_mode = WAL",  # readers and the writer do not wait for each other
    "synchronous = FULL",  # a commit survives a power cut
    "foreign_keys = ON",
    "recursive_triggers = ON",  # or REPLACE would slip past the trigger that guards the journal
)


_DISPOSABLE_PRAGMAS = ("synchronous = OFF",)  # last, so that it wins


def _open_sqlite(url: URL, pool_size: int, *, is_disposable: bool) -> tuple[Engine, _Options, _Options]:
    path = Path(url.database or "")
    # isolation_level None: the driver begins nothing by itself, `_begin_sqlite` does.
    arguments = {"timeout": _WAIT_MS / 1000, "isolation_level": None}
    engine = create_engine(url, pool_size=pool_size, hide_parameters=True, connect_args=arguments)
    event.listen(engine, "do_connect", lambda *_: _own(path))
    pragmas = (*_PRAGMAS, *_DISPOSABLE_PRAGMAS) if is_disposable else _PRAGMAS
    event.listen(engine, "connect", lambda connection, _: _set_pragmas(connection, pragmas))
    event.listen(engine, "begin", _begin_sqlite)
    writing = {"relance_query_only": 0, "relance_begin": "BEGIN IMMEDIATE", "relance_wait_ms": _WAIT_MS}
    return engine, writing, {"relance_query_only": 1, "relance_begin": "BEGIN", "relance_wait_ms": _WAIT_MS}


def _own(path: Path) -> None:
    """Debtors' data are for the owner's eyes; SQLite gives its journal files the mode of this one."""
    try:
        if not path.exists():
            path.touch(mode=0o600)
    except OSError as error:
        raise StorageError(
            f"the database file cannot be made: {error.strerror}",
            hint="check that its folder exists and can be written",
            where=str(path),
            code="database_unreachable",
        ) from None


def _set_pragmas(connection: Any, pragmas: tuple[str, ...]) -> None:
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(conn: Connection) -> None:
    options = conn.get_execution_options()
    conn.exec_driver_sql(f"PRAGMA query_only = {options['relance_query_only']}")
    conn.exec_driver_sql(f"PRAGMA busy_timeout = {options['relance_wait_ms']}")
    conn.exec_driver_sql(options["relance_begin"])


# -------------------------------------------------------------------------------------------- PostgreSQL

# A statement that waits longer for a lock fails, so that nobody waits for ever behind a forgotten transaction.
_ASSUMED = """
    SELECT current_setting('transaction_isolation'), current_setting('server_encoding'), pg_is_in_recovery(),
           set_config('lock_timeout', '10s', false)
"""


def _open_postgresql(url: URL, pool_size: int) -> tuple[Engine, _Options, _Options]:
    engine = create_engine(
        url,
        pool_size=pool_size,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        use_native_hstore=False,  # one query less at the first connection
        connect_args={"connect_timeout": 5, "application_name": "relance"},
    )
    event.listen(engine, "connect", _assert_postgresql)
    return engine, {}, {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _assert_postgresql(connection: Any, _: object) -> None:
    """Once per connection: locks taken before counting are only right under READ COMMITTED, on the primary."""
    connection.adapters.register_dumper(list, ArrayDumper)
    isolation, encoding, is_replica, _timeout = connection.execute(_ASSUMED).fetchone()
    connection.commit()
    if isolation != "read committed":
        raise StorageError(f"this PostgreSQL runs in {isolation}", hint="it must be read committed")
    if encoding != "UTF8":
        raise StorageError(f"this PostgreSQL database is in {encoding}", hint="create it in UTF8")
    if is_replica:
        raise StorageError("this PostgreSQL is a replica", hint="give the address of the primary")
