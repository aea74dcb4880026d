"""Facts of the database itself: the first process decides on staging, for ever (semantics D6)."""

from datetime import timedelta

from orchestrator.storage import facts
from orchestrator.storage.database import Database
from tests.storage.portfolio import NOW

A_MONTH = timedelta(days=30, microseconds=1)


def test_a_fact_is_kept_and_may_change(database: Database) -> None:
    with database.begin() as conn:
        assert facts.get(conn, "name") is None
        facts.put(conn, "name", "one", now=NOW)
        facts.put(conn, "name", "two", now=NOW)
        assert facts.get(conn, "name") == "two"


def test_a_fact_put_once_is_the_first(database: Database) -> None:
    with database.begin() as conn:
        assert facts.put_once(conn, "name", "one", now=NOW) == "one"
        assert facts.put_once(conn, "name", "two", now=NOW) == "one"


def test_a_database_is_not_staging_until_somebody_says_so(database: Database) -> None:
    with database.begin() as conn:
        assert facts.clock_offset(conn) is None


def test_the_first_offset_of_the_clock_is_everybodys(database: Database) -> None:
    with database.begin() as conn:
        assert facts.start_staging(conn, -A_MONTH, now=NOW) == -A_MONTH
        assert facts.start_staging(conn, A_MONTH, now=NOW) == -A_MONTH
    with database.read() as conn:
        assert facts.clock_offset(conn) == -A_MONTH
