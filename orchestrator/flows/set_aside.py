"""Sets aside what cannot be decided, so that the rest goes on: looked at again later and later, and a manager is told.

A task says the kind of fault and its place in the program, never words of an error, which may quote a debtor.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from orchestrator.domain.errors import Conflict, RelanceError, StorageError, kind_and_place
from orchestrator.storage import cases, tasks
from orchestrator.storage.database import Connection, Database

# A creditor's file that is away, and a case that fails for the first time, are looked at again after this.
AGAIN = timedelta(hours=1)
_LONGEST = timedelta(days=1)
# Above this number in one batch the fault is hardly theirs: one task speaks for all.
_MOST_TASKS = 20
# What the database says of a row of ours; its other refusals pass, or concern everybody.
_OF_A_ROW = frozenset({StorageError.code, "invalid_text"})


def is_of_one_case(error: Exception) -> bool:
    """Whether it may be one case that is at fault, not the database, the disk or another process."""
    if isinstance(error, StorageError):
        return error.code in _OF_A_ROW
    if isinstance(error, Conflict):
        return error.code != "case_changed"
    return isinstance(error, RelanceError) or not isinstance(error, (OSError, MemoryError))


def set_aside(database: Database, failed: Mapping[str, Exception], *, now: datetime) -> None:
    """Puts off the cases of these ids after what they failed with, each the longer the longer it has failed."""
    if not failed:
        return
    with database.begin() as conn:
        known = {key: _open_task(conn, key) for key in failed}
        cases.postpone(conn, {key: now + _wait(task, now) for key, task in known.items()}, now=now)
        new = [key for key, task in known.items() if task is None]
        if len(failed) > _MOST_TASKS:
            about = {kind_and_place(failed[key]) for key in new}
            new_tasks = [_task("", cause, cause, now) for cause in sorted(about) if not _is_asked(conn, cause)]
        else:
            new_tasks = [_task(key, key, kind_and_place(failed[key]), now) for key in new]
        tasks.open_tasks(conn, new_tasks)


def ask_for_creditors(conn: Connection, creditors: Sequence[str], *, now: datetime) -> None:
    """One open task for each creditor whose file is away, however many cases it has."""
    for creditor in sorted(set(creditors)):
        last = tasks.last_about(conn, kind="creditor_missing", subject=creditor)
        if last is None or last.state is not tasks.TaskState.OPEN:
            tasks.open_tasks(conn, [_task("", creditor, f"creditors/{creditor}.yaml", now, kind="creditor_missing")])


def _open_task(conn: Connection, case_id: str) -> tasks.Task | None:
    found = tasks.search(conn, tasks.Filter(case_id=case_id, kind="failing"), limit=1)
    return found[0] if found else None


def _is_asked(conn: Connection, cause: str) -> bool:
    last = tasks.last_about(conn, kind="failing", subject=cause)
    return last is not None and last.state is tasks.TaskState.OPEN


def _wait(task: tasks.Task | None, now: datetime) -> timedelta:
    """As long again as it has failed already: an hour, two, four, at most a day."""
    failing_for = now - task.opened_at if task is not None else AGAIN
    return min(max(failing_for, AGAIN), _LONGEST)


def _task(case_id: str, subject: str, cause: str, now: datetime, *, kind: str = "failing") -> tasks.Task:
    return tasks.Task(
        id=f"{case_id or subject}:{kind}:{now.isoformat()}",
        case_id=case_id,
        kind=kind,
        subject=subject,
        role="manager",
        due_at=now,
        opened_at=now,
        cause=cause,
    )
