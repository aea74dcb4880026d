"""The tasks that facts open, as rows for those who work them off."""

from collections.abc import Iterable

from orchestrator.domain.events import Event, TaskOpened
from orchestrator.storage import tasks


def tasks_of(case_id: str, facts: Iterable[Event]) -> list[tasks.Task]:
    """The tasks that facts open, as rows."""
    return [_task(case_id, fact) for fact in facts if isinstance(fact, TaskOpened)]


def _task(case_id: str, fact: TaskOpened) -> tasks.Task:
    return tasks.Task(
        id=f"{case_id}:{fact.task_id}", case_id=case_id, kind=fact.kind, subject=fact.subject, role=fact.role,
        due_at=fact.due_at, opened_at=fact.at, step=fact.step, cause=fact.cause, amount_cents=fact.amount_cents,
    )  # fmt: skip
