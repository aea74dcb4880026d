"""Refused sign-ins in the audit: of a name from a place, the first at once and the rest as a line with their number.

Anybody may fail to sign in as often as they like, and nothing is ever removed from the audit: it must not grow by that.
What is counted and not told yet is told within ten minutes while anybody fails, and as soon as anybody signs in.
"""

from datetime import datetime, timedelta

from orchestrator.storage import audit, sign_in
from orchestrator.storage.database import Connection

COUNTED_FOR = timedelta(minutes=10)
# So many places are told of by name in that time; those of a crowd are counted together, for each user.
MOST_PLACES = 50
_REFUSED = "sign_in_refused"


def tell_refusal(conn: Connection, who: str, *, place: str, now: datetime) -> None:
    """Tells of a refusal, or counts it. `who` is the user of that name, `?` for nobody."""
    tell_counted(conn, now=now, before=now - COUNTED_FOR)
    key = _key(who, place)
    if place and not sign_in.has_told(conn, key) and sign_in.count_told(conn) >= MOST_PLACES:
        key = _key(who, "")
    counted = sign_in.lock_tries(conn, key, now=now)
    # A clock that was set back frees, here as there.
    sign_in.put_tries(conn, key, counted.failures + 1, at=min(counted.last_at, now))
    if counted.failures == 0:
        _append(conn, who, place, 1, now)


def tell_counted(conn: Connection, *, now: datetime, before: datetime | None = None) -> None:
    """Tells what was only counted: that which began before an instant, everything when None."""
    for key, failures in sign_in.take_told(conn, before=before):
        who, _, place = key.removeprefix(sign_in.TOLD).partition(" ")
        if failures > 1:
            _append(conn, who, place, failures - 1, now)


def _key(who: str, place: str) -> str:
    return f"{sign_in.TOLD}{who} {place}"


def _append(conn: Connection, who: str, place: str, number: int, now: datetime) -> None:
    subject = f"{place} ×{number}".strip() if number > 1 else place
    audit.append(conn, audit.Line(at=now, who=who, act="sign_in", subject=subject, outcome=_REFUSED))
