"""Doubt what senders left that are gone, where a pause waits for it and no worker may be alive to reconcile.

Never by the clock of whoever asks alone: one that is ahead would call a message gone that is about to leave.
"""

from datetime import datetime

from orchestrator.flows.clock_guard import TOLERANCE
from orchestrator.flows.settle_attempts import doubt_attempts
from orchestrator.storage import attempts, barrier
from orchestrator.storage.attempts import Attempt
from orchestrator.storage.database import Connection, Database

_BATCH = 500


def doubt_gone(database: Database, *, now: datetime, real_now: datetime, is_alone: bool = False) -> int:
    """Doubts attempts whose lease is over by the database's clock, which every sender agrees with; returns how many.

    A database without a clock of its own proves nothing, unless the caller is alone: it holds the lock of the sole
    sender, so whoever was calling has ended.
    """
    with database.read() as conn:
        if not _over(conn, real_now, is_alone):
            return 0
    with database.begin() as conn:
        return doubt_attempts(conn, _over(conn, real_now, is_alone), now=now, real_now=real_now)


def _over(conn: Connection, real_now: datetime, is_alone: bool) -> list[Attempt]:
    clock = barrier.clock(conn) or (real_now if is_alone else None)
    if clock is None:
        return []
    return attempts.leases_over(conn, real_now=min(clock, real_now) - TOLERANCE, limit=_BATCH)
