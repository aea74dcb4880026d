"""What two connections of PostgreSQL do at once. SQLite has one writer: test_database.py says how it waits."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from zlib import crc32

import pytest

from orchestrator.domain.errors import Conflict
from orchestrator.storage import cases, facts, journal, messages, persons
from orchestrator.storage.database import Database
from orchestrator.storage.messages import MessageState, Move
from tests.storage.portfolio import HOUR, NOW, a_message, plan, put, stored, with_outcome
from tests.storage.query_plan import rows_read, whole_scans
from tests.storage.test_journal import marked


@pytest.fixture
def both(postgres: Database) -> Iterator[Callable[..., Future[object]]]:
    """Runs a function of the database in another thread."""
    with ThreadPoolExecutor() as pool:
        yield lambda work, *arguments: pool.submit(work, postgres, *arguments)


def test_two_workers_never_get_the_same_due_case(postgres: Database) -> None:
    put(postgres, *(f"c{n}" for n in range(10)))
    with postgres.begin() as one, postgres.begin() as other:
        first = {item.case.id for item in cases.load_due(one, now=NOW, limit=6)}
        second = {item.case.id for item in cases.load_due(other, now=NOW, limit=6)}
    assert len(first) == 6
    assert len(second) == 4
    assert not first & second


def test_many_workers_decide_each_case_once(postgres: Database, both: Callable[..., Future[object]]) -> None:
    put(postgres, *(f"c{n:03}" for n in range(300)))

    def work(database: Database) -> list[str]:
        done: list[str] = []
        while True:
            with database.begin() as conn:
                due = cases.load_due(conn, now=NOW, limit=20)
                cases.save(conn, [with_outcome(item, "decided") for item in due], now=NOW)
                lines = [journal.Entry(item.case.id, NOW, marked()) for item in due]
                assert journal.append(conn, lines, now=NOW) == []
            if not due:
                return done
            done += [item.case.id for item in due]

    found = [case_id for future in [both(work) for _ in range(4)] for case_id in future.result(60)]  # type: ignore[attr-defined]  # a list
    assert sorted(found) == [f"c{n:03}" for n in range(300)]


def test_who_waits_for_another_save_is_refused_and_overwrites_nothing(
    postgres: Database, both: Callable[..., Future[object]]
) -> None:
    put(postgres, "c1")
    read = stored(postgres)

    def save(database: Database) -> None:
        with database.begin() as conn:
            cases.save(conn, [with_outcome(read, "second")], now=NOW)

    with postgres.begin() as conn:
        cases.save(conn, [with_outcome(read, "first")], now=NOW)
        second = both(save)
        wait_until_blocked(postgres)
    with pytest.raises(Conflict):
        second.result(30)
    assert stored(postgres).case.outcome == "first"


def test_a_wake_waits_for_the_decision_under_way_and_is_not_lost(
    postgres: Database, both: Callable[..., Future[object]]
) -> None:
    put(postgres, "c1")

    def wake(database: Database) -> None:
        with database.begin() as conn:
            cases.wake(conn, ["c1"], at=NOW)

    with postgres.begin() as conn:
        due = cases.load_due(conn, now=NOW, limit=1)
        woken = both(wake)
        wait_until_blocked(postgres)
        cases.save(conn, [with_outcome(due[0], "decided")], now=NOW)
    woken.result(30)
    assert (stored(postgres).case.outcome, stored(postgres).due_at) == ("decided", NOW)


def test_batches_do_not_wait_in_a_circle(postgres: Database, both: Callable[..., Future[object]]) -> None:
    """Whatever the order in which they are asked for, and in which the rows lie in the table."""
    names = [f"c{n:03}" for n in range(200)]
    put(postgres, *sorted(names, key=lambda name: crc32(name.encode())))
    start = threading.Barrier(3)

    def save(database: Database) -> None:
        with database.read() as conn:
            found = {item.case.id: item for item in cases.load(conn, names)}
        start.wait(30)
        with contextlib.suppress(Conflict), database.begin() as conn:
            cases.save(conn, [with_outcome(found[name], "x") for name in reversed(names)], now=NOW)

    def wake(database: Database) -> None:
        start.wait(30)
        with database.begin() as conn:
            cases.wake(conn, names, at=NOW)

    def keep(database: Database) -> None:
        start.wait(30)
        with database.begin() as conn:
            cases.load(conn, names, for_update=True)

    for _ in range(25):
        for future in [both(work) for work in (save, wake, keep)]:
            future.result(60)


def test_two_imports_that_meet_at_a_point_make_one_person(
    postgres: Database, both: Callable[..., Future[object]]
) -> None:
    def link(database: Database) -> dict[str, str]:
        with database.begin() as conn:
            return persons.link(conn, {"c2": ["b", "c"]})

    with postgres.begin() as conn:
        assert persons.link(conn, {"c1": ["a", "b"]}) == {"c1": "a"}
        other = both(link)
        wait_until_blocked(postgres)
    assert other.result(30) == {"c2": "a"}


def test_a_person_that_is_counted_is_not_counted_by_another_meanwhile(
    postgres: Database, both: Callable[..., Future[object]]
) -> None:
    """Semantics D1: two campaigns, one person, one slot left."""
    put(postgres, "c1")
    person = stored(postgres).person_id

    def count(database: Database) -> str | None:
        with database.begin() as conn:
            persons.lock(conn, [person])
            return facts.get(conn, "contacts")

    with postgres.begin() as conn:
        persons.lock(conn, [person])
        other = both(count)
        wait_until_blocked(postgres)
        facts.put(conn, "contacts", "1", now=NOW)
    assert other.result(30) == "1"


def test_one_of_two_gates_opens_for_a_message(postgres: Database, both: Callable[..., Future[object]]) -> None:
    put(postgres, "c1")
    plan(postgres, a_message())
    opening = [Move(message_id="m1", expected=MessageState.PLANNED, to=MessageState.CALLING)]

    def gate(database: Database) -> set[str]:
        with database.begin() as conn:
            return messages.transition(conn, opening, now=NOW)

    with postgres.begin() as conn:
        assert messages.transition(conn, opening, now=NOW) == {"m1"}
        other = both(gate)
        wait_until_blocked(postgres)
    assert other.result(30) == set()


def test_one_of_two_planners_plans_a_message(postgres: Database, both: Callable[..., Future[object]]) -> None:
    put(postgres, "c1")
    with postgres.begin() as conn:
        assert messages.plan(conn, [a_message("m1")], now=NOW) == []
        other = both(plan, a_message("m2"))
        wait_until_blocked(postgres)
    assert other.result(30) == ["m2"]


def test_a_due_query_reads_the_due_cases_only(database: Database) -> None:
    """The cost follows what is due, not what is kept (design 12)."""
    put(database, *(f"later{n}" for n in range(3_000)), due_at=NOW + HOUR)
    put(database, *(f"never{n}" for n in range(3_000)), due_at=None)
    put(database, *(f"due{n}" for n in range(30)))
    with database.begin() as conn:
        conn.exec_driver_sql("ANALYZE cases")

        def ask() -> object:
            return cases.load_due(conn, now=NOW, limit=500)

        assert whole_scans(conn, ask) == []
        assert whole_scans(conn, lambda: cases.next_due_at(conn)) == []
        if database.name == "postgresql":
            assert rows_read(conn, ask) == 30


@pytest.mark.parametrize("plan_cache_mode", ["force_custom_plan", "force_generic_plan"])
def test_a_backlog_is_read_as_far_as_the_limit(postgres: Database, plan_cache_mode: str) -> None:
    put(postgres, *(f"c{n}" for n in range(6_000)))
    with postgres.begin() as conn:
        conn.exec_driver_sql("ANALYZE cases")
        conn.exec_driver_sql(f"SET LOCAL plan_cache_mode = {plan_cache_mode}")
        assert rows_read(conn, lambda: cases.load_due(conn, now=NOW, limit=20)) <= 40


def wait_until_blocked(database: Database) -> None:
    """Returns once another connection waits for a lock; fails after a while if none does."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    for _ in range(2_000):
        with database.read() as conn:
            if conn.exec_driver_sql(waiting).scalar():
                return
    pytest.fail("nobody waits: what should be locked is not")
