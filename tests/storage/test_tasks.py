"""Tasks: asked once while open, answered once."""

from typing import Any

import pytest

from orchestrator.storage import tasks
from orchestrator.storage.database import Database
from orchestrator.storage.tasks import Closing, Filter, Task, TaskState
from tests.storage.portfolio import HOUR, NOW


def a_task(task_id: str = "t1", **changes: Any) -> Task:
    fields = {"case_id": "c1", "kind": "approve", "subject": "formal-notice", "role": "manager"}
    return Task(id=task_id, **{"due_at": NOW + HOUR, "opened_at": NOW, **fields, **changes})


def opened(database: Database, *items: Task) -> list[str]:
    with database.begin() as conn:
        return tasks.open_tasks(conn, items)


def closed(database: Database, *closings: Closing) -> set[str]:
    with database.begin() as conn:
        return tasks.close_tasks(conn, closings, now=NOW + HOUR)


def listed(database: Database, wanted: Filter, **page: Any) -> list[str]:
    with database.read() as conn:
        return [task.id for task in tasks.search(conn, wanted, **{"limit": 9, **page})]


def test_a_task_comes_back_as_it_was(database: Database) -> None:
    item = a_task(step="formal-notice", cause="e1", amount_cents=30_000)
    assert opened(database, item) == []
    with database.read() as conn:
        assert tasks.load(conn, ["t1", "unknown"]) == [item]


def test_the_same_question_is_open_once(database: Database) -> None:
    opened(database, a_task("t1"))
    others = [
        a_task("t3", subject="x"),
        a_task("t4", kind="call"),
        a_task("t5", case_id="c2"),
        a_task("t6", case_id=""),
    ]
    assert opened(database, a_task("t2"), *others, a_task("t7", case_id="")) == ["t2", "t7"]


def test_an_answered_question_may_be_asked_again(database: Database) -> None:
    opened(database, a_task("t1"))
    closed(database, Closing("t1", "approved", "camille"))
    assert opened(database, a_task("t2")) == []


def test_the_first_answer_stands(database: Database) -> None:
    opened(database, a_task("t1"), a_task("t2", subject="x"))
    assert closed(database, Closing("t1", "approved", "camille")) == {"t1"}
    assert closed(database, Closing("t1", "refused"), Closing("t2", "done"), Closing("unknown", "done")) == {"t2"}
    with database.read() as conn:
        (first,) = tasks.load(conn, ["t1"])
    assert (first.outcome, first.closed_by, first.closed_at) == ("approved", "camille", NOW + HOUR)
    assert first.state is TaskState.CLOSED


@pytest.mark.parametrize(
    "wanted, found",
    [
        (Filter(), ["soon", "a", "b"]),
        (Filter(role="agent"), ["a"]),
        (Filter(kind="call"), ["b"]),
        (Filter(case_id="c9"), ["soon"]),
        (Filter(due_until=NOW), ["soon"]),
        (Filter(state=TaskState.CLOSED), ["gone"]),
        (Filter(state=None, role="manager"), ["soon", "b", "gone"]),
    ],
)
def test_tasks_are_listed_the_soonest_due_first(database: Database, wanted: Filter, found: list[str]) -> None:
    opened(
        database,
        a_task("a", role="agent"),
        a_task("b", kind="call"),
        a_task("soon", case_id="c9", due_at=NOW),
        a_task("gone", subject="gone", due_at=NOW + 2 * HOUR),
    )
    closed(database, Closing("gone", "done"))
    assert listed(database, wanted) == found


def test_a_list_goes_on_after_its_last_task(database: Database) -> None:
    items = [a_task(f"t{n}", subject=f"s{n}", due_at=NOW + (n // 2) * HOUR) for n in range(5)]
    opened(database, *items)
    assert listed(database, Filter(), limit=3) == ["t0", "t1", "t2"]
    assert listed(database, Filter(), limit=3, after=items[2]) == ["t3", "t4"]
