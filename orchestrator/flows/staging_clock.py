"""The shifted clock of a staging database (semantics D6): who shifts it first, for ever, and when that is refused."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from orchestrator.domain.errors import Conflict
from orchestrator.flows.lanes_in_force import claim_for_staging
from orchestrator.storage import facts
from orchestrator.storage.database import Database

_NO_SHIFT = timedelta(0)


def clock_offset(
    database: Database, *, wanted: datetime | None, real_lanes: Callable[[], Sequence[str]], real_now: datetime
) -> timedelta:
    """How far the `now` of flows and due-queries is from the real one.

    `wanted` (RELANCE_NOW) marks an ordinary database as staging for ever; on a staging one the first shift stands.
    `real_lanes` is asked only where a clock is shifted.

    Raises Conflict (`staging`) when a lane could reach people, or real messages have left by this database.
    """
    with database.read() as conn:
        known = facts.clock_offset(conn)
    if known is None and wanted is None:
        return _NO_SHIFT
    if reaching_people := real_lanes():
        raise _refusal(reaching_people, is_staging=known is not None)
    if known is not None or wanted is None:
        return known or _NO_SHIFT
    with database.begin() as conn:
        return claim_for_staging(conn, wanted - real_now, now=real_now)


def _refusal(real_lanes: Sequence[str], *, is_staging: bool) -> Conflict:
    return Conflict(
        "this database is for staging, its clock is shifted for ever" if is_staging else "a shifted clock is staging",
        hint=f"lanes must be the sandbox or on this machine, and these are not: {', '.join(real_lanes)}",
        where="RELANCE_LANES" if is_staging else "RELANCE_NOW",
        code="staging",
    )
