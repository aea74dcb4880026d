"""What a person is asked to do or decide: one open task for (case, kind, subject). Reminds nobody."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, literal_column, select, tuple_

from orchestrator.storage.batch import among, compare_and_set, insert_new
from orchestrator.storage.instants import from_micros, maybe_instant, maybe_micros, to_micros
from orchestrator.storage.tables import tasks


class TaskState(StrEnum):
    """Whether somebody still has to answer."""

    OPEN = "open"
    CLOSED = "closed"


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A question to a person of a role. `case_id` is empty when it is about no case."""

    id: str
    case_id: str
    kind: str
    subject: str
    role: str
    due_at: datetime
    opened_at: datetime
    step: str = ""
    cause: str = ""
    amount_cents: int = 0
    state: TaskState = TaskState.OPEN
    closed_at: datetime | None = None
    closed_by: str = ""
    outcome: str = ""


class Closing(msgspec.Struct, frozen=True):
    """The answer to a task."""

    task_id: str
    outcome: str
    by: str = ""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks to list; every field that is given must match. `due_until` is inclusive."""

    case_id: str | None = None
    kind: str | None = None
    role: str | None = None
    due_until: datetime | None = None
    state: TaskState | None = TaskState.OPEN


def open_tasks(conn: Connection, items: Sequence[Task]) -> list[str]:
    """Stores open tasks; returns the ids left out, because the same is asked already or the id is taken."""
    opened = insert_new(conn, tasks, [_row(item) for item in items], key=("id",))
    return [item.id for item in items if (item.id,) not in opened]


def close_tasks(conn: Connection, closings: Sequence[Closing], *, now: datetime) -> set[str]:
    """Closes what is still open and returns those ids; a task answered before keeps its first answer."""
    at = to_micros(now)
    rows = [
        {
            "id": closing.task_id,
            "expected": TaskState.OPEN.value,
            "state": TaskState.CLOSED.value,
            "closed_at": at,
            "closed_by": closing.by,
            "outcome": closing.outcome,
        }
        for closing in closings
    ]
    return compare_and_set(conn, tasks, rows, guard="state")


def load(conn: Connection, ids: Iterable[str]) -> list[Task]:
    """The tasks of these ids, in the order of ids; an unknown id is absent."""
    statement = select(tasks).where(among(conn, tasks.c.id, ids)).order_by(tasks.c.id)
    return [task_of(row) for row in conn.execute(statement)]


def last_about(conn: Connection, *, kind: str, subject: str) -> Task | None:
    """The latest task of a kind and subject that is about no case, answered or not."""
    asked = (tasks.c.case_id == "") & (tasks.c.kind == kind) & (tasks.c.subject == subject)
    found = conn.execute(select(tasks).where(asked).order_by(tasks.c.opened_at.desc()).limit(1)).one_or_none()
    return None if found is None else task_of(found)


def search(conn: Connection, wanted: Filter, *, limit: int, after: Task | None = None) -> list[Task]:
    """At most `limit` tasks, the soonest due first; the next page starts after the last task of this one."""
    statement = select(tasks).order_by(tasks.c.due_at, tasks.c.id).limit(limit)
    if wanted.state is not None:
        # Written out: a partial index serves only a query that says its condition word by word.
        statement = statement.where(tasks.c.state == literal_column(f"'{wanted.state.value}'"))
    for name in ("case_id", "kind", "role"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(tasks.c[name] == value)
    if wanted.due_until is not None:
        statement = statement.where(tasks.c.due_at <= to_micros(wanted.due_until))
    if after is not None:
        statement = statement.where(comes_after(after))
    return [task_of(row) for row in conn.execute(statement)]


def comes_after(task: Task) -> ColumnElement[bool]:
    """The tasks due after this one, by instant and id."""
    return tuple_(tasks.c.due_at, tasks.c.id) > tuple_(to_micros(task.due_at), task.id)


# -------------------------------------------------------------------------------------------- the columns


def _row(item: Task) -> dict[str, Any]:
    row = msgspec.structs.asdict(item)
    return {
        **row,
        "state": item.state.value,
        "due_at": to_micros(item.due_at),
        "opened_at": to_micros(item.opened_at),
        "closed_at": maybe_micros(item.closed_at),
    }


def task_of(row: Row[Any]) -> Task:
    """A row of the table as a task."""
    return Task(
        id=row.id,
        case_id=row.case_id,
        kind=row.kind,
        subject=row.subject,
        role=row.role,
        state=TaskState(row.state),
        due_at=from_micros(row.due_at),
        opened_at=from_micros(row.opened_at),
        step=row.step,
        cause=row.cause,
        amount_cents=row.amount_cents,
        closed_at=maybe_instant(row.closed_at),
        closed_by=row.closed_by,
        outcome=row.outcome,
    )
