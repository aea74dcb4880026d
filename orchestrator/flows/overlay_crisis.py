"""Start and end a crisis overlay. It applies to every decision from the next on, without a restart (R7)."""

from datetime import datetime

from msgspec.structs import replace

from orchestrator.domain.errors import Conflict, NotFound
from orchestrator.domain.interruption import Crisis
from orchestrator.storage import cases, crises
from orchestrator.storage.database import Connection, Database


def start_crisis(database: Database, crisis: Crisis, *, now: datetime) -> int:
    """Stores the crisis and makes every open case due, so that each decides again; returns how many."""
    with database.begin() as conn:
        crises.insert(conn, crisis)
        return _wake_all(conn, now)


def end_crisis(database: Database, crisis_id: str, *, now: datetime) -> Crisis:
    """Ends a crisis now. Raises NotFound, or Conflict when it has ended."""
    with database.begin() as conn:
        crisis = crises.load(conn, crisis_id)
        if crisis is None:
            raise NotFound(f'no crisis is named "{crisis_id}"', hint="see `relance crisis list`")
        if crisis.ended_at is not None:
            raise Conflict("this crisis has ended already", code="crisis_ended")
        ended = replace(crisis, ended_at=now)
        crises.save(conn, ended)
        _wake_all(conn, now)
    return ended


def _wake_all(conn: Connection, now: datetime) -> int:
    woken = 0
    for page in cases.each(conn, cases.Filter(state="open")):
        ids = [stored.case.id for stored in page]
        cases.wake(conn, ids, at=now)
        woken += len(ids)
    return woken
