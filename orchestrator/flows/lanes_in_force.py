"""Which lanes a database is worked with, so that a process whose lanes differ sends nothing (semantics D7).

Owns too what a database is for, once and for all: real messages, or staging with a shifted clock (D6).
"""

from datetime import datetime, timedelta

from orchestrator.domain.errors import Conflict
from orchestrator.storage import facts
from orchestrator.storage.database import Connection, Database

_DIGEST = "lanes_digest"
# One name for both uses: of two processes that claim it at the same time the second waits, and reads the first.
_USED_FOR, _REAL, _STAGING = "used_for", "real", "staging"


def adopt_lanes(database: Database, digest: str, *, has_real: bool, now: datetime) -> None:
    """Puts these lanes in force: what a deployment does once, before its processes start. Others stop sending.

    Raises Conflict (`staging`) for real lanes on a staging database.
    """
    with database.begin() as conn:
        if has_real:
            _claim_for_real(conn, now)
        facts.put(conn, _DIGEST, digest, now=now)


def require_lanes(database: Database, digest: str, *, has_real: bool, now: datetime) -> None:
    """Before sending. The first process puts its lanes in force; raises Conflict (`lanes_differ`) for any other."""
    with database.begin() as conn:
        if facts.put_once(conn, _DIGEST, digest, now=now) != digest:
            raise Conflict(
                "this process has other lanes than those in force, and sends nothing",
                hint="give all processes one RELANCE_LANES and RELANCE_PUBLIC_URL, then: relance db upgrade",
                code="lanes_differ",
            )
        if has_real:
            _claim_for_real(conn, now)


def are_in_force(conn: Connection, digest: str) -> bool:
    """Whether these lanes still are the ones in force: one look at a row, for the gate."""
    return facts.get(conn, _DIGEST) == digest


def _claim_for_real(conn: Connection, now: datetime) -> None:
    if facts.put_once(conn, _USED_FOR, _REAL, now=now) != _REAL:
        raise Conflict(
            "this database is for staging, its clock is shifted for ever",
            hint="real lanes need a database of their own",
            where="RELANCE_LANES",
            code="staging",
        )


def claim_for_staging(conn: Connection, offset: timedelta, *, now: datetime) -> timedelta:
    """Shifts the clock of a database for ever; returns the shift of whoever was first. Raises Conflict (`staging`)."""
    if facts.put_once(conn, _USED_FOR, _STAGING, now=now) != _STAGING:
        raise Conflict(
            "real messages have left by this database: its clock is never shifted",
            hint="use another RELANCE_DATABASE_URL or RELANCE_HOME for staging",
            where="RELANCE_NOW",
            code="staging",
        )
    return facts.start_staging(conn, offset, now=now)
