"""The barrier between gates and pauses: gates share it, a pause takes it alone (reliability of pauses, design 7).

Sharing is a statement of its own, before anything is read: under READ COMMITTED the statements after it see every pause
that was committed before. Advisory locks queue: a gate that comes after a pause waits behind it. Row locks do not: gate
after gate would join those that share the row, and keep the pause waiting. SQLite needs no lock: its writing
transactions follow one another.
"""

from datetime import datetime

from sqlalchemy import Connection, func, select, text, update

from orchestrator.storage.batch import is_postgresql
from orchestrator.storage.sending_tables import barrier

_ROW = "sending"
_KEY = 0x62617272696572  # "barrier" in ASCII
_SHARE = select(func.pg_advisory_xact_lock_shared(_KEY))
_ALONE = select(func.pg_advisory_xact_lock(_KEY))
_EPOCH = select(barrier.c.epoch).where(barrier.c.id == _ROW)


def share(conn: Connection) -> int:
    """Shares the barrier until the transaction ends; returns the epoch. The first statement of every gate."""
    if is_postgresql(conn):
        conn.execute(_SHARE)
    return epoch(conn)


def pass_alone(conn: Connection) -> int:
    """Waits until every gate that began before has ended, and raises the epoch; returns the new one."""
    if is_postgresql(conn):
        conn.execute(_ALONE)
    statement = update(barrier).where(barrier.c.id == _ROW).values(epoch=barrier.c.epoch + 1)
    conn.execute(statement)
    return int(conn.execute(_EPOCH).scalar_one())


def epoch(conn: Connection) -> int:
    """The epoch now, for a sender that asks whether a pause began since its gate."""
    return int(conn.execute(_EPOCH).scalar_one())


def clock(conn: Connection) -> datetime | None:
    """The database's own clock; None where it has none of its own."""
    return conn.execute(_CLOCK).scalar_one() if is_postgresql(conn) else None


_CLOCK = text("SELECT clock_timestamp()")
