"""One person answers a reply: whoever takes it has it for ten minutes, renewed while they work on it.

Leases live by the real clock (semantics D6). Taking is one conditional update: of two at once exactly one wins.
"""

from datetime import datetime, timedelta

from orchestrator.domain.acts import reaches
from orchestrator.domain.errors import Conflict, NotFound
from orchestrator.flows.task_rows import reply_of
from orchestrator.storage import cases, replies, tasks, waiting_replies
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.replies import Reply
from orchestrator.storage.waiting_replies import Waiting

LEASE = timedelta(minutes=10)
# More open tasks than this on one case, and a reply's own are found among the first.
_TASKS_READ = 200


def take_claim(
    database: Database, reply_id: str, *, by: str, real_now: datetime, creditors: frozenset[str] | None = None
) -> Waiting | None:
    """Takes a reply, or renews the lease; None when it waits for nobody any more.

    Raises NotFound, or Conflict `reply_taken` when somebody else has it.
    """
    with database.begin() as conn:
        return hold_claim(conn, visible_reply(conn, reply_id, creditors), by=by, real_now=real_now)


def release_claim(database: Database, reply_id: str, *, by: str) -> bool:
    """Gives a reply back; False when it was not theirs."""
    with database.begin() as conn:
        return waiting_replies.release(conn, reply_id, by=by)


def visible_reply(conn: Connection, reply_id: str, creditors: frozenset[str] | None) -> Reply:
    """The reply, for who may see its creditor; one of nobody known is for those who see all. Raises NotFound."""
    found = replies.load(conn, [reply_id])
    is_hidden = creditors is not None and (
        not found or not any(each.case.creditor in creditors for each in cases.load(conn, [found[0].case_id]))
    )
    if not found or is_hidden:
        raise NotFound("no reply has this id", hint="see `relance reply list` and GET /replies")
    return found[0]


def hold_claim(conn: Connection, reply: Reply, *, by: str, real_now: datetime) -> Waiting | None:
    """The lease of a reply for whoever acts on it, taken now if nobody has it. Raises Conflict `reply_taken`."""
    held = waiting_replies.take(conn, reply.id, by=by, now=real_now, until=real_now + LEASE)
    if held is not None and held.taken_by != by:
        since = held.taken_at.strftime("%H:%M UTC") if held.taken_at else ""
        hint = "take the next one; it is free again when they leave it, or after ten minutes"
        raise Conflict(f"{held.taken_by} has taken this reply since {since}", hint=hint, code="reply_taken")
    return held


def require_rank(conn: Connection, reply: Reply, role: str) -> None:
    """What a manager was asked about a reply an agent does not end. Raises Conflict `role_too_low`."""
    wanted = tasks.Filter(case_id=reply.case_id)
    for task in tasks.search(conn, wanted, limit=_TASKS_READ) if reply.case_id else ():
        if reply_of(task) == reply.id and not reaches(role, task.role):
            hint = f"a {task.role} was asked about it"
            raise Conflict(f"this reply needs the role {task.role}", hint=hint, code="role_too_low")
