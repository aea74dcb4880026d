"""Tasks that are facts of a case, as rows for the people who answer them: opened and closed with the fact."""

from collections.abc import Iterable
from datetime import datetime

from orchestrator.domain.events import Event, HardshipDeclared, Marked, TaskClosed, TaskOpened
from orchestrator.domain.reply_order import FRAGILE, Risk
from orchestrator.storage import replies, tasks, waiting_replies
from orchestrator.storage.database import Connection


def follow_facts(conn: Connection, case_id: str, facts: Iterable[Event], *, by: str, now: datetime) -> None:
    """Opens and closes the rows of the tasks that these facts open and close, with the replies they were about."""
    told = list(facts)
    line_up_fragile(conn, case_id, told)
    tasks.open_tasks(conn, tasks_of(case_id, told))
    closings = [tasks.Closing(row_id(case_id, f.task_id), f.outcome, by) for f in told if isinstance(f, TaskClosed)]
    if closings:
        tasks.close_tasks(conn, closings, now=now)
        replies.close(conn, [reply_of(task) for task in tasks.load(conn, [each.task_id for each in closings])])


def line_up_fragile(conn: Connection, case_id: str, facts: Iterable[Event]) -> None:
    """Replies of who turns out to be fragile are answered before those of others."""
    is_fragile = any(isinstance(f, HardshipDeclared) or (isinstance(f, Marked) and f.mark in FRAGILE) for f in facts)
    if is_fragile:
        waiting_replies.move_up(conn, case_id, risk=Risk.VULNERABLE)


def tasks_of(case_id: str, facts: Iterable[Event]) -> list[tasks.Task]:
    """The tasks that facts open, as rows."""
    return [_row(case_id, fact) for fact in facts if isinstance(fact, TaskOpened)]


def row_id(case_id: str, task_id: str) -> str:
    """The id of the row of a task, which a person types."""
    return f"{case_id}:{task_id}"


def reply_of(task: tasks.Task) -> str:
    """The reply that a task is about: its subject holds `reply:ID`, or is the bare id."""
    _, _, name = task.subject.rpartition("reply:")
    return name.partition(":")[0]


def _row(case_id: str, fact: TaskOpened) -> tasks.Task:
    return tasks.Task(
        id=row_id(case_id, fact.task_id), case_id=case_id, kind=fact.kind, subject=fact.subject, role=fact.role,
        due_at=fact.due_at, opened_at=fact.at, step=fact.step, cause=fact.cause, amount_cents=fact.amount_cents,
    )  # fmt: skip
