"""The two kinds of transaction, and what is said when the database refuses."""

import stat
import threading
import time
import traceback
import uuid
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from orchestrator.domain.errors import Conflict, StorageError
from orchestrator.storage import cases, facts
from orchestrator.storage.cases import Entry
from orchestrator.storage.database import Database
from tests.services import POSTGRES_ADMIN_URL
from tests.storage.portfolio import NOW, a_case, insert, put, stored


class Broken(Exception):
    """Raised in the middle of a transaction."""


def test_what_is_written_is_there_after_the_transaction(database: Database) -> None:
    put(database, "c1")
    assert stored(database).case == a_case("c1")


def test_a_failure_leaves_nothing_behind(database: Database) -> None:
    def write_and_fail() -> None:
        with database.begin() as conn:
            insert(conn, a_case())
            facts.put(conn, "name", "value", now=NOW)
            raise Broken

    with pytest.raises(Broken):
        write_and_fail()
    with database.read() as conn:
        assert cases.load(conn, ["c1"]) == []
        assert facts.get(conn, "name") is None


def test_a_read_transaction_cannot_write(database: Database) -> None:
    with pytest.raises(StorageError) as refused, database.read() as conn:
        facts.put(conn, "name", "value", now=NOW)
    assert refused.value.code == "read_only"
    with database.begin() as conn:
        facts.put(conn, "name", "value", now=NOW)


def test_a_read_transaction_sees_one_snapshot(database: Database) -> None:
    with database.read() as reader:
        assert facts.get(reader, "name") is None
        with database.begin() as writer:
            facts.put(writer, "name", "value", now=NOW)
        assert facts.get(reader, "name") is None
    with database.read() as reader:
        assert facts.get(reader, "name") == "value"


def test_a_write_transaction_sees_what_others_committed_meanwhile(postgres: Database) -> None:
    with postgres.begin() as one:
        assert facts.get(one, "name") is None
        with postgres.begin() as other:
            facts.put(other, "name", "value", now=NOW)
        assert facts.get(one, "name") == "value"


def test_a_broken_rule_of_the_schema_is_a_conflict_that_never_quotes_the_row(database: Database) -> None:
    """Neither does its trace in a log, where PostgreSQL would add the key."""
    nobody = "x" * 9
    with pytest.raises(Conflict) as refused, database.begin() as conn:
        cases.insert(conn, [Entry(a_case(), NOW, nobody)], now=NOW)
    assert nobody not in "".join(traceback.format_exception(refused.value))


def test_a_statement_that_makes_no_sense_is_a_fault_of_ours(database: Database) -> None:
    with pytest.raises(StorageError) as refused, database.begin() as conn:
        conn.exec_driver_sql("SELECT * FORM cases")
    assert refused.value.code == "storage_error"
    assert "fault of ours" in refused.value.hint


def test_a_database_without_tables_says_to_upgrade(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(StorageError) as refused, database.read() as conn:
        facts.get(conn, "name")
    database.close()
    assert refused.value.code == "schema_older"
    assert "relance db upgrade" in refused.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://root:hunter2@localhost/x",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql+psycopg2://h/d",
    ],
)
def test_an_address_we_do_not_know_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(StorageError) as refused:
        Database(url)
    assert refused.value.code == "database_url"
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_usual_schemes_of_postgresql_are_known(scheme: str) -> None:
    database = Database(f"{scheme}://user:hunter2@db.example.org/relance?sslmode=require")
    assert database.name == "postgresql"
    assert database.address == "postgresql://db.example.org:5432/relance"


def test_a_server_that_is_away_is_named_without_its_password() -> None:
    database = Database("postgresql://user:hunter2@127.0.0.1:1/relance")
    with pytest.raises(StorageError) as refused, database.read():
        pass
    assert refused.value.code == "database_unreachable"
    assert "127.0.0.1:1/relance" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_database_that_does_not_exist_is_unreachable(postgres: Database) -> None:
    database = Database(POSTGRES_ADMIN_URL.rpartition("/")[0] + "/relance_test_absent")
    with pytest.raises(StorageError) as refused, database.begin():
        pass
    assert refused.value.code == "database_unreachable"


def test_a_lost_connection_is_replaced(postgres: Database) -> None:
    put(postgres, "c1")
    with pytest.raises(StorageError) as refused, postgres.begin() as conn:
        conn.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    assert refused.value.code == "database_unreachable"
    assert stored(postgres).case.id == "c1"


# ------------------------------------------------------------------------------------------------ SQLite


def test_who_is_hurried_waits_one_second_for_the_other_writer_of_sqlite_and_says_so(sqlite: Database) -> None:
    with sqlite.begin():
        started = time.monotonic()
        with pytest.raises(StorageError) as refused, sqlite.begin(is_hurried=True):
            pass
        waited = time.monotonic() - started
    assert refused.value.code == "database_locked"
    assert 0.9 < waited < 5
    put(sqlite, "c1")


def test_whoever_is_not_waits_until_the_other_writer_of_sqlite_is_done(sqlite: Database) -> None:
    begun = threading.Event()

    def other() -> None:
        with sqlite.begin():
            begun.set()
            time.sleep(1.5)  # longer than who is hurried waits

    thread = threading.Thread(target=other)
    thread.start()
    assert begun.wait(10)
    put(sqlite, "c1")
    thread.join()


def test_sqlite_readers_do_not_wait_for_the_writer(sqlite: Database) -> None:
    put(sqlite, "c1")
    with sqlite.begin() as conn:
        facts.put(conn, "name", "value", now=NOW)
        assert stored(sqlite).case.id == "c1"


@pytest.mark.parametrize(
    "pragma, value",
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("recursive_triggers", 1)],
)
def test_sqlite_is_durable_and_strict(sqlite: Database, pragma: str, value: object) -> None:
    with sqlite.begin() as conn:
        assert conn.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_the_file_of_sqlite_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "relance.db"
    database = Database(f"sqlite:///{path}")
    with database.begin() as conn:
        conn.exec_driver_sql("CREATE TABLE something (a)")
        modes = {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    database.close()
    assert modes == {0o600}


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'absent' / 'relance.db'}")
    with pytest.raises(StorageError) as refused, database.read():
        pass
    assert refused.value.code == "database_unreachable"
    assert "absent" in refused.value.where


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "relance.db"
    path.write_text("this is a text, and rather a long one for a file that should be a database\n" * 100)
    database = Database(f"sqlite:///{path}")
    with pytest.raises(StorageError) as refused, database.read():
        pass
    assert refused.value.code == "not_a_database"


# -------------------------------------------------------------------------------------------- PostgreSQL


def test_postgresql_writes_in_read_committed_and_reads_in_a_snapshot(postgres: Database) -> None:
    asked = "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"
    for _ in range(2):
        with postgres.begin() as conn:
            assert tuple(conn.exec_driver_sql(asked).one()) == ("read committed", "off")
        with postgres.read() as conn:
            assert tuple(conn.exec_driver_sql(asked).one()) == ("repeatable read", "on")


def test_postgresql_that_is_not_utf8_is_refused(postgres: Database) -> None:
    admin = make_url(POSTGRES_ADMIN_URL)
    name = f"relance_test_{uuid.uuid4().hex[:16]}"
    address = admin.set(drivername="postgresql").render_as_string(hide_password=False)
    latin = Database(admin.set(database=name).render_as_string(hide_password=False))
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        with pytest.raises(StorageError) as refused, latin.read():
            pass
        latin.close()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert "LATIN1" in str(refused.value)
