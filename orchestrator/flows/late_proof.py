"""A proof that comes too late: an attempt that was taken for absent left after all. A person must know.

Its message may have been sent again since. Nothing can be taken back; somebody can look, apologise, and mend the lane's
policy for doubts.
"""

from collections.abc import Iterable
from datetime import datetime

from orchestrator.storage import tasks
from orchestrator.storage.attempts import Attempt, AttemptState
from orchestrator.storage.database import Connection


def tell_of_late_proofs(conn: Connection, proved: Iterable[Attempt], now: datetime) -> None:
    """Opens a task for each of these attempts, proved to have left, that was declared absent; once for each."""
    tasks.open_tasks(conn, [_question(attempt, now) for attempt in proved if attempt.state is AttemptState.ABSENT])


def _question(attempt: Attempt, now: datetime) -> tasks.Task:
    return tasks.Task(
        id=f"{attempt.case_id}:late_proof:{attempt.id}",
        case_id=attempt.case_id,
        kind="late_proof",
        subject=attempt.message_id,
        role="manager",
        due_at=now,
        opened_at=now,
        cause=attempt.lane,
    )
