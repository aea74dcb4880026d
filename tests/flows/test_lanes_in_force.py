"""What a database is for, decided once: two processes that claim it at the same time never both have it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.domain.errors import Conflict
from orchestrator.flows.lanes_in_force import are_in_force, claim_for_staging, require_lanes
from orchestrator.flows.staging_clock import clock_offset
from orchestrator.storage import facts
from orchestrator.storage.database import Database

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
SHIFT = timedelta(days=30)


@pytest.fixture
def database(ready_url: str) -> Iterator[Database]:
    """An empty database of this version."""
    made = Database(ready_url)
    yield made
    made.close()


def _sends(database: Database) -> None:
    require_lanes(database, "d1", has_real=True, now=NOW)


def _shifts(database: Database) -> None:
    clock_offset(database, wanted=NOW + SHIFT, real_lanes=lambda: (), real_now=NOW)


@pytest.mark.parametrize("second, sentence", [(_shifts, "never shifted"), (_sends, "for staging")])
def test_of_two_claims_at_once_the_second_waits_and_is_refused(
    database: Database, second: Callable[[Database], None], sentence: str
) -> None:
    with ThreadPoolExecutor(1) as other:
        with database.begin() as conn:
            if second is _sends:
                claim_for_staging(conn, SHIFT, now=NOW)
            else:
                facts.put_once(conn, "used_for", "real", now=NOW)
            late = other.submit(second, database)
            with pytest.raises(TimeoutError):
                late.result(timeout=0.1)
        with pytest.raises(Conflict, match=sentence):
            late.result(timeout=5)
    with database.read() as conn:
        assert (facts.clock_offset(conn) is None) is (second is _shifts)


def test_a_refused_sender_leaves_no_digest(database: Database) -> None:
    _shifts(database)
    with pytest.raises(Conflict):
        _sends(database)
    with database.read() as conn:
        assert not are_in_force(conn, "d1")


def test_the_gate_sees_when_other_lanes_have_taken_over(database: Database) -> None:
    _sends(database)
    with database.begin() as conn:
        assert are_in_force(conn, "d1")
        facts.put(conn, "lanes_digest", "d2", now=NOW)
        assert not are_in_force(conn, "d1")
