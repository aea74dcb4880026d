"""The morning batch: approvals of a campaign and step answered together, one by one, each in full (R39, R40).

Each is answered as it would be alone: by role, once, bound to its amount. What changed is told, the rest goes.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from orchestrator.domain.acts import ROLES, reaches
from orchestrator.domain.errors import Conflict, InputError, NotFound, RelanceError
from orchestrator.domain.events import TaskClosed
from orchestrator.domain.who import Who
from orchestrator.flows.answer_task import answer_in
from orchestrator.flows.record_facts import record_in
from orchestrator.flows.show_account import show_account
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import cases, tasks, worklist
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.worklist import APPROVE, Chosen, Reader

# Answered in one transaction: some tens of milliseconds of writing.
CHUNK = 20
MOST_AT_ONCE = 500
CHANGED = "changed"


class Refusal(msgspec.Struct, frozen=True):
    """An approval that was not answered: `code` says why (task_closed, role_too_low, amount_changed, ...)."""

    task_id: str
    code: str
    message: str
    case_id: str = ""


class Answered(msgspec.Struct, frozen=True):
    """What became of a batch."""

    done: tuple[str, ...]
    refused: tuple[Refusal, ...]


def answer_batch(
    database: Database, strategy: Strategy, task_ids: Sequence[str], *, answer: str, who: Who, now: datetime
) -> Answered:
    """Approves or refuses these approvals, one by one. Raises InputError for an answer or a number that cannot be."""
    if answer not in ("approve", "refuse"):
        raise InputError("an approval is approved or refused", where="answer")
    ids = list(dict.fromkeys(task_ids))
    if len(ids) > MOST_AT_ONCE:
        raise InputError(f"at most {MOST_AT_ONCE} at once", hint="answer the next ones after these", code="too_many")
    done: list[str] = []
    refused: list[Refusal] = []
    for start in range(0, len(ids), CHUNK):
        with database.begin() as conn:
            some, not_some = _answer(conn, strategy, ids[start : start + CHUNK], answer=answer, who=who, now=now)
        done += some
        refused += not_some
    return Answered(tuple(done), tuple(refused))


def answer_one(database: Database, task_id: str, *, answer: str, who: Who, now: datetime) -> tasks.Task:
    """Answers one task as `answer_task` does. Raises NotFound too for one of a case that `who` may not see."""
    with database.begin() as conn:
        found = tasks.load(conn, [task_id])
        stored = cases.load(conn, {task.case_id for task in found if task.case_id})
        is_seen = all(who.sees(item.case.creditor) for item in stored) and (stored or who.creditors is None)
        if not is_seen:
            raise NotFound("no task has this id", hint="it may be answered, or another's")
        return answer_in(conn, task_id, answer=answer, by=who.name, role=who.role, now=now)


def answer_all(
    database: Database, strategy: Strategy, chosen: Chosen, *, answer: str, who: Who, now: datetime
) -> Answered:
    """The same for all that wait of a campaign and step, whoever owns their cases, a page at a time."""
    reader = Reader(creditors=who.creditors, roles=tuple(role for role in ROLES if reaches(who.role, role)))
    done: list[str] = []
    refused: list[Refusal] = []
    last: tasks.Task | None = None
    while True:
        with database.read() as conn:
            page = [each.task for each in worklist.of_batch(conn, chosen, reader, limit=MOST_AT_ONCE, after=last)]
        if not page:
            return Answered(tuple(done), tuple(refused))
        part = answer_batch(database, strategy, [task.id for task in page], answer=answer, who=who, now=now)
        done += part.done
        refused += part.refused
        last = page[-1]


def _answer(
    conn: Connection, strategy: Strategy, ids: Sequence[str], *, answer: str, who: Who, now: datetime
) -> tuple[list[str], list[Refusal]]:
    found = {task.id: task for task in tasks.load(conn, ids)}
    owned = {task.case_id for task in found.values()}
    stored = {item.case.id: item for item in cases.load(conn, owned, for_update=True)}
    done: list[str] = []
    refused: list[Refusal] = []
    for task_id in ids:
        task = found.get(task_id)
        item = stored.get(task.case_id) if task is not None else None
        if task is None or item is None or not who.sees(item.case.creditor):
            refused.append(Refusal(task_id, "not_found", "no task has this id"))
            continue
        try:
            if task.kind != APPROVE:
                raise Conflict("this is no approval", code="not_an_approval")
            _require_unchanged(conn, strategy, task, item, who, now)
            answer_in(conn, task_id, answer=answer, by=who.name, role=who.role, now=now)
            done.append(task_id)
        except RelanceError as error:
            refused.append(Refusal(task_id, error.code, error.message, task.case_id))
    return done, refused


def _require_unchanged(
    conn: Connection, strategy: Strategy, task: tasks.Task, item: cases.Stored, who: Who, now: datetime
) -> None:
    """An approval binds its amount (semantics B9). One about another amount ends here, and the case asks anew."""
    owed = show_account(item.case, strategy, now=now).overdue_cents
    if task.state is not tasks.TaskState.OPEN or not reaches(who.role, task.role) or owed == task.amount_cents:
        return
    tasks.close_tasks(conn, [tasks.Closing(task.id, CHANGED, who.name)], now=now)
    closed = TaskClosed(
        id=f"answered:{task.id}:{now.isoformat()}", at=now, by=who.name, task_id=f"{task.kind}:{task.subject}",
        outcome=CHANGED,
    )  # fmt: skip
    record_in(conn, [(task.case_id, closed)], now=now)
    raise Conflict("what is owed changed since this was asked: it is asked anew", code="amount_changed")
