"""Crisis overlays, running and past. Their days begin and end where each debtor lives: the domain says who is in."""

from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import Connection, or_, select, update

from orchestrator.domain.errors import Conflict
from orchestrator.domain.interruption import Crisis
from orchestrator.storage.batch import insert_new
from orchestrator.storage.instants import maybe_micros, to_micros
from orchestrator.storage.tables import crises

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Crisis).decode

# Zones lie between UTC-12 and UTC+14: a day of UTC more on each side misses no place.
_MARGIN = timedelta(days=1)


def insert(conn: Connection, crisis: Crisis) -> None:
    """Stores a new crisis. Raises Conflict when its id is taken."""
    if not insert_new(conn, crises, [{"id": crisis.id, **_columns(crisis)}], key=("id",)):
        raise Conflict("this crisis exists already", code="crisis_exists")


def save(conn: Connection, crisis: Crisis) -> bool:
    """Replaces what was stored: another end, for instance. False when there is no such crisis."""
    return conn.execute(update(crises).where(crises.c.id == crisis.id).values(_columns(crisis))).rowcount == 1


def load(conn: Connection, crisis_id: str) -> Crisis | None:
    """The crisis of that id, or None."""
    body = conn.execute(select(crises.c.body).where(crises.c.id == crisis_id)).scalar()
    return None if body is None else _decode(body)


def active(conn: Connection, *, at: datetime) -> list[Crisis]:
    """The crises not ended at an instant whose days hold it somewhere on earth, in the order of days and ids."""
    around = overlapping(conn, since=at, until=at)
    return [crisis for crisis in around if crisis.ended_at is None or at < crisis.ended_at]


def overlapping(conn: Connection, *, since: datetime, until: datetime) -> list[Crisis]:
    """The crises that ran somewhere between two instants: the case clock needs the past ones too."""
    first = (since.astimezone(UTC) - _MARGIN).date().isoformat()
    last = (until.astimezone(UTC) + _MARGIN).date().isoformat()
    statement = select(crises.c.body).where(
        crises.c.from_on <= last,
        or_(crises.c.to_on.is_(None), crises.c.to_on >= first),
        or_(crises.c.ended_at.is_(None), crises.c.ended_at >= to_micros(since)),
    )
    bodies = conn.execute(statement.order_by(crises.c.from_on, crises.c.id)).scalars()
    return [_decode(body) for body in bodies]


def _columns(crisis: Crisis) -> dict[str, object]:
    return {
        "from_on": crisis.from_on.isoformat(),
        "to_on": None if crisis.to_on is None else crisis.to_on.isoformat(),
        "ended_at": maybe_micros(crisis.ended_at),
        "body": _encode(crisis).decode(),
    }
