"""Turns: the senders of one lane choose and judge their messages one after the other.

Two that looked at once would word the same messages, and the second would word them for nothing. Correctness never
rests on a turn: the gate judges each message again, whoever looked.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from zlib import crc32

from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError, PendingRollbackError

from orchestrator.domain.errors import StorageError
from orchestrator.storage.database import Database

_KIND = 0x7475726E  # "turn" in ASCII
# A sender that was halted in its turn must not halt its lane: past this, the others go on without.
_PATIENCE = text("SET LOCAL lock_timeout = '1s'")


@contextmanager
def turn(database: Database, lane: str) -> Iterator[None]:
    """Waits for the other senders of this lane, for a second at most; the turn ends with the block or its process.

    SQLite has one sender, whose lane never works beside itself.
    """
    if database.name != "postgresql":
        yield
        return
    held = ExitStack()
    conn = held.enter_context(database.begin())  # of its own: what happens in the turn commits and rolls back by itself
    try:
        with suppress(OperationalError):  # also of a database that is away: whoever has the turn will find out
            conn.execute(_PATIENCE)
            with conn.begin_nested():
                conn.execute(select(func.pg_advisory_xact_lock(_KIND, crc32(lane.encode()) - 2**31)))
        yield
    finally:
        # A turn that cannot be handed back is over all the same: what a gate has opened in it must be called.
        with suppress(StorageError, PendingRollbackError):
            held.close()
