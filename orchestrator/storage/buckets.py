"""What each limit has left, as rows: the limit holds across processes and restarts. Owns no arithmetic."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from orchestrator.domain.throttle import MICRO, Bucket, Limit
from orchestrator.storage.batch import among, compare_and_set, insert_new
from orchestrator.storage.instants import from_micros, to_micros
from orchestrator.storage.sending_tables import buckets

_COLUMNS = (buckets.c.id, buckets.c.tokens_micro, buckets.c.refilled_at, buckets.c.day, buckets.c.used)


def lock(conn: Connection, limits: Iterable[Limit], *, now: datetime, today: date) -> dict[str, Bucket]:
    """The buckets of these limits by key, locked in the order of keys until the transaction ends; new ones are full."""
    wanted = {limit.key: limit for limit in limits}
    statement = select(*_COLUMNS).where(among(conn, buckets.c.id, wanted)).order_by(buckets.c.id).with_for_update()
    found = {row.id: _bucket(row) for row in conn.execute(statement)}
    missing = [limit for key, limit in wanted.items() if key not in found]
    if missing:
        rows = [
            {
                "id": limit.key,
                "tokens_micro": limit.burst * MICRO,
                "refilled_at": to_micros(now),
                "day": today.isoformat(),
                "used": 0,
            }
            for limit in missing
        ]
        insert_new(conn, buckets, rows, key=("id",))
        found = {row.id: _bucket(row) for row in conn.execute(statement)}
    return found


def save(conn: Connection, items: Sequence[Bucket]) -> None:
    """Stores what was taken; the rows were locked by `lock`."""
    rows = [
        {
            "id": item.key,
            "expected": item.key,
            "tokens_micro": item.tokens_micro,
            "refilled_at": to_micros(item.refilled_at),
            "day": item.day.isoformat(),
            "used": item.used,
        }
        for item in items
    ]
    if rows:
        compare_and_set(conn, buckets, rows, guard="id")


def load(conn: Connection) -> list[Bucket]:
    """Every bucket, for metrics."""
    return [_bucket(row) for row in conn.execute(select(*_COLUMNS).order_by(buckets.c.id))]


def _bucket(row: Any) -> Bucket:
    return Bucket(
        key=row.id,
        tokens_micro=row.tokens_micro,
        refilled_at=from_micros(row.refilled_at),
        day=date.fromisoformat(row.day),
        used=row.used,
    )
