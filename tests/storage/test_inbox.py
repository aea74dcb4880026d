"""The inbox: every event once for ever, in order, locked by who applies it, and never lost from sight."""

from datetime import timedelta

import pytest

from orchestrator.storage import inbox
from orchestrator.storage.database import Database
from orchestrator.storage.inbox import Arrival, Parking, State
from tests.storage.portfolio import HOUR, NOW
from tests.storage.query_plan import whole_scans


def arrival(key: str, source: str = "twilio/status", body: str = "{}") -> Arrival:
    return Arrival(source, key, body)


def put(database: Database, *arrivals: Arrival) -> int:
    with database.begin() as conn:
        return inbox.put(conn, arrivals, now=NOW)


def waiting(database: Database, limit: int = 100) -> list[str]:
    with database.begin() as conn:
        return [event.key for event in inbox.waiting(conn, limit)]


def ids(database: Database) -> dict[str, int]:
    with database.read() as conn:
        return {event.key: event.id for event in inbox.search(conn, limit=100)}


def test_an_event_is_kept_once_for_ever(database: Database) -> None:
    assert put(database, arrival("a"), arrival("b"), arrival("a")) == 2
    assert put(database, arrival("b"), arrival("c")) == 1
    assert put(database, arrival("a", source="sendgrid/events")) == 1
    with database.begin() as conn:
        inbox.settle(conn, [event.id for event in inbox.waiting(conn, 9)], now=NOW)
    assert put(database, arrival("a"), arrival("b"), arrival("c")) == 0
    assert waiting(database) == []


def test_an_event_comes_back_as_it_was(database: Database) -> None:
    spooled = Arrival("twilio/inbound", "SM1", 'Body="d\\\\é"\n', NOW - HOUR)
    put(database, spooled)
    with database.read() as conn:
        (found,) = inbox.search(conn, limit=9)
        assert inbox.get(conn, found.id) == found
        assert inbox.get(conn, found.id + 1) is None
    assert (found.source, found.key, found.body, found.received_at) == (
        "twilio/inbound",
        "SM1",
        spooled.body,
        NOW - HOUR,
    )
    assert (found.state, found.tries, found.reason, found.processed_at) == (State.WAITING, 0, "", None)
    assert "SM1" not in repr(found)
    assert "Body" not in repr(spooled)


def test_events_wait_in_the_order_they_came(database: Database) -> None:
    put(database, arrival("3"), arrival("1"))
    put(database, arrival("2"))
    assert waiting(database) == ["3", "1", "2"]
    assert waiting(database, limit=2) == ["3", "1"]


def test_what_one_applies_another_does_not_see(postgres: Database) -> None:
    put(postgres, *(arrival(str(number)) for number in range(4)))
    with postgres.begin() as first, postgres.begin() as second:
        mine = inbox.waiting(first, 2)
        theirs = inbox.waiting(second, 9)
        assert len(mine) == len(theirs) == 2
        assert not {event.id for event in mine} & {event.id for event in theirs}


def test_a_parked_event_is_seen_with_its_reason_and_waits_for_its_time(database: Database) -> None:
    put(database, arrival("a"), arrival("b"), arrival("c", source="partner/payments"))
    known = ids(database)
    parkings = [Parking(id=known["a"], reason="unmatched", retry_at=NOW + HOUR), Parking(id=known["c"], reason="bad")]
    with database.begin() as conn:
        inbox.park(conn, parkings, now=NOW)
    assert waiting(database) == ["b"]
    with database.begin() as conn:
        assert [event.key for event in inbox.parked(conn, limit=9)] == ["c", "a"]
        assert [event.key for event in inbox.parked(conn, source="partner/payments", limit=9)] == ["c"]
        assert inbox.to_retry(conn, 9, now=NOW) == []
        (due,) = inbox.to_retry(conn, 9, now=NOW + HOUR)
        assert (due.key, due.tries, due.reason, due.processed_at) == ("a", 1, "unmatched", NOW)
        inbox.settle(conn, [due.id], now=NOW + HOUR)
        assert inbox.to_retry(conn, 9, now=NOW + HOUR) == []


def test_replay_lets_it_be_applied_again(database: Database) -> None:
    put(database, arrival("a"), arrival("b"), arrival("c", source="partner/payments"), arrival("d"))
    known = ids(database)
    with database.begin() as conn:
        inbox.park(conn, [Parking(id=known[key], reason="bad", retry_at=NOW) for key in "ac"], now=NOW)
        inbox.settle(conn, [known["b"]], now=NOW)
        assert inbox.replay(conn, [known["b"], known["d"], 999]) == 1
        assert inbox.replay_parked(conn, source="partner/payments") == 1
        assert [event.key for event in inbox.waiting(conn, 9)] == ["b", "c", "d"]
        assert inbox.replay_parked(conn) == 1
        assert inbox.to_retry(conn, 9, now=NOW) == []


def test_lists_come_a_page_at_a_time(database: Database) -> None:
    put(database, *(arrival(str(number)) for number in range(5)))
    with database.read() as conn:
        first = inbox.search(conn, state=State.WAITING, limit=2)
        rest = inbox.search(conn, state=State.WAITING, limit=9, before=first[-1].id)
    assert len({event.id for event in (*first, *rest)}) == 5


def test_what_waits_is_counted_by_source(database: Database) -> None:
    with database.read() as conn:
        assert inbox.count(conn) == inbox.Counts(waiting={}, parked={}, oldest_waiting_at=None)
    put(database, arrival("a"), Arrival("twilio/status", "b", "", NOW - timedelta(minutes=1)), arrival("c", "imap/x"))
    with database.begin() as conn:
        inbox.park(conn, [Parking(id=inbox.search(conn, source="imap/x", limit=1)[0].id, reason="bad")], now=NOW)
        found = inbox.count(conn)
    assert (found.waiting, found.parked) == ({"twilio/status": 2}, {"imap/x": 1})
    assert found.oldest_waiting_at == NOW - timedelta(minutes=1)


@pytest.mark.parametrize("ask", ["waiting", "parked", "to_retry"])
def test_what_waits_costs_what_waits(database: Database, ask: str) -> None:
    """Millions of applied events stand behind a few."""
    put(database, *(arrival(str(number)) for number in range(3_000)))
    with database.begin() as conn:
        inbox.settle(conn, [event.id for event in inbox.waiting(conn, 2_990)], now=NOW)
    if database.name == "postgresql":
        with database.begin() as conn:
            conn.exec_driver_sql("ANALYZE inbox")
    asked = {
        "waiting": lambda: inbox.waiting(conn, 10),
        "parked": lambda: inbox.parked(conn, limit=10),
        "to_retry": lambda: inbox.to_retry(conn, 10, now=NOW),
    }
    with database.begin() as conn:
        assert whole_scans(conn, asked[ask]) == []
