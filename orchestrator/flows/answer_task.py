"""A person answers a task: approve, refuse, or done. The answer is a fact of the case, which decides again."""

from collections.abc import Collection
from datetime import datetime

from orchestrator.domain.account import holds_in_force
from orchestrator.domain.acts import ROLES
from orchestrator.domain.agreement import UNREAD, HoldKind
from orchestrator.domain.declarations import place_of_debtor
from orchestrator.domain.errors import Conflict, NotFound
from orchestrator.domain.events import ApprovalGiven, ApprovalRefused, CallMade, Event, HoldLifted, TaskClosed
from orchestrator.domain.reply import Intent
from orchestrator.flows.record_facts import record_in
from orchestrator.flows.settle_attempts import Proof, settle_attempts
from orchestrator.flows.task_rows import reply_of
from orchestrator.flows.undecided_reply import require_decided
from orchestrator.storage import attempts, cases, replies, tasks
from orchestrator.storage.database import Connection, Database

# An answer needs the task's role or a higher one (semantics B9).
RANK = {role: rank for rank, role in enumerate(ROLES)}
ANSWERS = ("approve", "refuse", "done")
# That these are done says that somebody has read a reply, and lifts its hold.
_READINGS = frozenset({"read_reply", "reply_unread"})


def answer_task(
    database: Database, task_id: str, *, answer: str, by: str, role: str, now: datetime, not_so: Collection[Intent] = ()
) -> tasks.Task:
    """Closes an open task. Raises NotFound, or Conflict when it was answered, the role is too low or a dispute runs;
    InputError `reply_undecided` for the reading of a reply of which nobody has said whether it tells of hardship, a
    death or a dispute. `not_so` are those that whoever answers found untrue.
    """
    with database.begin() as conn:
        return answer_in(conn, task_id, answer=answer, by=by, role=role, now=now, not_so=not_so)


def answer_in(
    conn: Connection, task_id: str, *, answer: str, by: str, role: str, now: datetime, not_so: Collection[Intent] = ()
) -> tasks.Task:
    """The same inside a transaction of the caller's. What is refused has written nothing, approvals at least."""
    found = tasks.load(conn, [task_id])
    if not found:
        raise NotFound("no task has this id", hint="see `relance task list`")
    task = found[0]
    if task.state is not tasks.TaskState.OPEN:
        raise Conflict(f"this task was already answered: {task.outcome}", code="task_closed")
    if RANK.get(role, 0) < RANK.get(task.role, RANK["admin"]):
        raise Conflict(f"this task needs the role {task.role}", code="role_too_low")
    if answer == "approve" and task.kind not in ("approve", "confirm"):
        raise Conflict(f'a task "{task.kind}" is done or refused, not approved', code="not_an_approval")
    if task.kind == "answer_dispute":
        _require_answered(conn, task, now)
    if task.kind in _READINGS:
        for reply in replies.load(conn, [reply_of(task)]):
            require_decided(conn, reply, not_so, now)
    tasks.close_tasks(conn, [tasks.Closing(task.id, answer, by)], now=now)
    replies.close(conn, [reply_of(task)])
    if task.kind == "in_doubt":
        _settle(conn, task, was_sent=answer == "done", by=by, now=now)
    if task.case_id:
        facts = _facts(task, answer, by, now, cycle=_cycle(conn, task.case_id))
        facts += _dealt_with(conn, task, answer, by, now)
        record_in(conn, [(task.case_id, fact) for fact in facts], now=now)
    return task


def _require_answered(conn: Connection, task: tasks.Task, now: datetime) -> None:
    """A dispute ends with its answer: a task that were merely done would leave its debts held, and nobody asked."""
    for stored in cases.load(conn, [task.case_id]):
        running = holds_in_force(stored.case, now, place_of_debtor(stored.case))
        if any(hold.id == task.subject and hold.kind is HoldKind.DISPUTE for hold in running):
            hint = "say who is right with `relance case answer-dispute` or POST /cases/{id}/disputes/{hold}/answer"
            hint += ", which ends this task too; `relance case lift` ends a dispute that was none"
            raise Conflict("the dispute of this task is not answered yet", hint=hint, code="dispute_unanswered")


def _settle(conn: Connection, task: tasks.Task, *, was_sent: bool, by: str, now: datetime) -> None:
    """Someone looked in the provider's own console: done says that the message left, refuse that it did not."""
    proofs = [
        Proof(attempt=attempt, was_sent=was_sent, evidence=f"person: {by}", callback_id=task.id if was_sent else None)
        for attempt in attempts.load(conn, [task.subject])
    ]
    settle_attempts(conn, proofs, now=now, real_now=now)


def _dealt_with(conn: Connection, task: tasks.Task, answer: str, by: str, now: datetime) -> list[Event]:
    """What a reply held until somebody had dealt with it is free again, and what a credit note was waited for."""
    ended = {f"{UNREAD}{task.subject}"}
    if task.kind == "review_hold" and task.subject.startswith(UNREAD):
        ended.add(task.subject)  # the task of reading it is gone: the case was closed meanwhile
    if task.kind == "credit_note" and answer == "done":
        ended.add(task.subject)
    return [
        HoldLifted(id=f"read:{hold.id}", at=now, by=by, hold_id=hold.id, why=task.kind)
        for stored in cases.load(conn, [task.case_id])
        for hold in stored.case.holds
        if hold.id in ended
    ]


def _cycle(conn: Connection, case_id: str) -> int:
    stored = cases.load(conn, [case_id])
    return stored[0].case.cycle_number if stored else 0


def _facts(task: tasks.Task, answer: str, by: str, now: datetime, *, cycle: int) -> list[Event]:
    at = now.isoformat()
    inner_id = f"{task.kind}:{task.subject}"
    facts: list[Event] = [TaskClosed(id=f"answered:{task.id}:{at}", at=now, by=by, task_id=inner_id, outcome=answer)]
    if task.kind == "approve" and answer == "approve":
        given = ApprovalGiven(
            id=f"approved:{task.id}:{at}", at=now, by=by, step=task.step, cycle=cycle, amount_cents=task.amount_cents,
            role=task.role,
        )  # fmt: skip
        facts.append(given)
    elif task.kind == "approve":
        facts.append(ApprovalRefused(id=f"refused:{task.id}:{at}", at=now, by=by, step=task.step, cycle=cycle))
    elif task.kind == "call" and answer == "done":
        facts.append(CallMade(id=f"called:{task.id}:{at}", at=now, by=by, step=task.step, cycle=cycle, outcome="done"))
    return facts
