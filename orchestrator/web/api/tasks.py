"""`/tasks`: what people are asked to decide, and their answers."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path

from orchestrator.domain.errors import InputError
from orchestrator.flows.answer_task import answer_task
from orchestrator.storage import tasks
from orchestrator.storage.database import Connection
from orchestrator.web.api.shapes import After, Given, Limit, Page, Word
from orchestrator.web.auth import ByCaller, needs
from orchestrator.web.desk import AtDesk

router = APIRouter(prefix="/tasks", tags=["tasks"])

Answer = Annotated[Literal["approve", "refuse", "done"], Path(description="approve, refuse or done")]
Role = Literal["agent", "manager", "admin"]


class TaskOut(Given):
    """A question to a person of a role, and its answer once given. `case` is None when it is about no case."""

    id: str
    case: str | None
    kind: str
    subject: str
    role: str
    state: str
    step: str
    cause: str
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    closed_by: str
    outcome: str


class TasksOut(Page):
    """A page of tasks."""

    tasks: tuple[TaskOut, ...]


@router.get("", dependencies=[needs("viewer", "tasks:read")])
def list_tasks(
    desk: AtDesk,
    role: Role | None = None,
    kind: Word | None = None,
    case: Word | None = None,
    state: Literal["open", "closed"] = "open",
    limit: Limit = 50,
    after: After = "",
) -> TasksOut:
    """Tasks, the soonest due first; every filter that is given must match."""
    wanted = tasks.Filter(case_id=case, kind=kind, role=role, state=tasks.TaskState(state))
    with desk.database.read() as conn:
        last = _last(conn, after) if after else None
        found = tasks.search(conn, wanted, limit=limit, after=last)
    return TasksOut(tasks=tuple(map(_task, found)), next=found[-1].id if len(found) == limit else None)


def _last(conn: Connection, task_id: str) -> tasks.Task:
    found = tasks.load(conn, [task_id])
    if not found:
        raise InputError("there is no such page", hint="send `next` of the page before", where="query.after")
    return found[0]


@router.post("/{task_id:path}/{answer}", dependencies=[needs("agent", "tasks:write")])
def give_answer(task_id: str, answer: Answer, desk: AtDesk, caller: ByCaller) -> TaskOut:
    """Answers an open task, with the role of the key: 403 when the task needs a higher one, 409 when it is closed."""
    answer_task(desk.database, task_id, answer=answer, by=caller.name, role=caller.role, now=desk.now())
    with desk.database.read() as conn:
        return _task(tasks.load(conn, [task_id])[0])


def _task(task: tasks.Task) -> TaskOut:
    return TaskOut(
        id=task.id,
        case=task.case_id or None,
        kind=task.kind,
        subject=task.subject,
        role=task.role,
        state=task.state.value,
        step=task.step,
        cause=task.cause,
        opened_at=task.opened_at,
        due_at=task.due_at,
        closed_at=task.closed_at,
        closed_by=task.closed_by,
        outcome=task.outcome,
    )
