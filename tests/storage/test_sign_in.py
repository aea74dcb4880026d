"""Failed tries and refusals as rows: what is swept, what is kept, what is told; on both databases."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from orchestrator.storage import sign_in
from orchestrator.storage.database import Database
from orchestrator.storage.sign_in_tables import sign_in_tries

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


def _put(database: Database, key: str, *, minutes_ago: float, failures: int = 1) -> None:
    with database.begin() as conn:
        sign_in.lock_tries(conn, key, now=NOW)
        sign_in.put_tries(conn, key, failures, at=NOW - timedelta(minutes=minutes_ago))


def _keys(database: Database) -> set[str]:
    with database.read() as conn:
        return set(conn.execute(select(sign_in_tries.c.key)).scalars())


def test_old_tries_go_and_what_is_not_told_stays(database: Database) -> None:
    for key in ("account:old", "place:old", "told:? 198.51.100.7"):
        _put(database, key, minutes_ago=20)
    _put(database, "account:new", minutes_ago=5)
    with database.begin() as conn:
        sign_in.sweep_tries(conn, before=NOW - timedelta(minutes=15), most=100)
    assert _keys(database) == {"account:new", "told:? 198.51.100.7"}


def test_beyond_the_most_the_oldest_go_a_tenth_at_once(database: Database) -> None:
    for n in range(31):
        _put(database, f"account:a-{n:02}", minutes_ago=n / 10)
    with database.begin() as conn:
        sign_in.sweep_tries(conn, before=NOW - timedelta(minutes=15), most=30)
    assert _keys(database) == {f"account:a-{n:02}" for n in range(27)}


def test_a_try_that_is_being_counted_is_left_alone(postgres: Database) -> None:
    _put(postgres, "account:busy", minutes_ago=20)
    _put(postgres, "account:idle", minutes_ago=20)
    with postgres.begin() as counting:
        sign_in.lock_tries(counting, "account:busy", now=NOW)
        with postgres.begin() as conn:
            sign_in.sweep_tries(conn, before=NOW - timedelta(minutes=15), most=100)
    assert _keys(postgres) == {"account:busy"}


def test_refusals_are_taken_once_those_that_are_due(database: Database) -> None:
    _put(database, "told:ann ", minutes_ago=12, failures=7)
    _put(database, "told:? 198.51.100.7", minutes_ago=2, failures=3)
    _put(database, "account:ann", minutes_ago=12)
    with database.begin() as conn:
        assert sign_in.count_told(conn) == 2
        assert sign_in.take_told(conn, before=NOW - timedelta(minutes=10)) == [("told:ann ", 7)]
        assert sign_in.take_told(conn) == [("told:? 198.51.100.7", 3)]
        assert sign_in.take_told(conn) == []
    assert _keys(database) == {"account:ann"}
