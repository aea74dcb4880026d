"""When what a pause held began to leave again, lane by lane. Owns no rate."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from orchestrator.storage.batch import insert_new
from orchestrator.storage.instants import from_micros, to_micros
from orchestrator.storage.tables import ramps

# A pause and the end that the ramp follows: one that was prolonged ends twice.
Key = tuple[str, datetime]


def begun(conn: Connection, lane: str, *, since: datetime) -> dict[Key, datetime]:
    """When the ramps of a lane began, for pauses that ended since an instant."""
    wanted = (ramps.c.lane == lane) & (ramps.c.over_at >= to_micros(since))
    statement = select(ramps.c.pause_id, ramps.c.over_at, ramps.c.began_at).where(wanted)
    return {(pause, from_micros(over)): from_micros(began) for pause, over, began in conn.execute(statement)}


def begin(conn: Connection, lane: str, keys: Iterable[Key], *, at: datetime) -> None:
    """Notes that ramps begin; one that began already did so then."""
    rows = [
        {"pause_id": pause, "lane": lane, "over_at": to_micros(over), "began_at": to_micros(at)}
        for pause, over in sorted(keys)
    ]
    insert_new(conn, ramps, rows, key=("pause_id", "lane", "over_at"))
