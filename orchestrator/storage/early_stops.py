"""Stops from numbers and addresses that nobody had when they came, by the digest of the point (semantics A8)."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, select, update

from orchestrator.storage.batch import among, insert_new
from orchestrator.storage.instants import from_micros, to_micros
from orchestrator.storage.listening_tables import early_stops


class EarlyStop(msgspec.Struct, frozen=True, kw_only=True):
    """`point` is a digest of `person_points`; `reply_id` the reply that asked, `stopped_at` when it was written."""

    point: str
    channel: str
    reply_id: str
    stopped_at: datetime


def keep(conn: Connection, stop: EarlyStop) -> None:
    """Keeps a stop; of several from one point the one that was written last."""
    row = {**msgspec.structs.asdict(stop), "stopped_at": to_micros(stop.stopped_at)}
    if not insert_new(conn, early_stops, [row], key=("point",)):
        older = (early_stops.c.point == stop.point) & (early_stops.c.stopped_at < row["stopped_at"])
        conn.execute(update(early_stops).where(older).values(row))


def forget(conn: Connection, point: str, *, before: datetime) -> None:
    """Forgets the stop of a point that was written before an instant."""
    taken_back = (early_stops.c.point == point) & (early_stops.c.stopped_at < to_micros(before))
    conn.execute(delete(early_stops).where(taken_back))


def of_points(conn: Connection, points: Iterable[str]) -> dict[str, EarlyStop]:
    """The stops of these points, by point, in one query."""
    found = conn.execute(select(early_stops).where(among(conn, early_stops.c.point, points)))
    return {
        row.point: EarlyStop(
            point=row.point, channel=row.channel, reply_id=row.reply_id, stopped_at=from_micros(row.stopped_at)
        )
        for row in found
    }
