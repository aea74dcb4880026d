"""Endpoints: whom we tell of what happens, and how each fares. Owns no delivery, no secret and no call.

What is said of an endpoint's health lives by the real clock, as leases do; `created_at` by that of flows.
"""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, exists, literal_column, or_, select, update

from orchestrator.domain.errors import Conflict
from orchestrator.storage.batch import insert_new
from orchestrator.storage.instants import from_micros, maybe_instant, maybe_micros, to_micros
from orchestrator.storage.listening_tables import deliveries, endpoints


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An address that is told of events. Without `creditor` it hears of all; without `events`, of every kind.

    `failing_since` is when it first failed since it last answered well; until `rests_until` it is left alone.
    """

    id: str
    url: str
    created_at: datetime
    creditor: str = ""
    events: tuple[str, ...] = ()
    generation: int = 1
    created_by: str = ""
    rotated_at: datetime | None = None
    disabled_at: datetime | None = None
    disabled_why: str = ""
    failing_since: datetime | None = None
    rests_until: datetime | None = None


def insert(conn: Connection, endpoint: Endpoint) -> None:
    """Stores a new endpoint. Raises Conflict when its id is taken."""
    if not insert_new(conn, endpoints, [_row(endpoint)], key=("id",)):
        raise Conflict("an endpoint of this id exists already", code="endpoint_exists")


def load(conn: Connection, endpoint_id: str, *, for_update: bool = False) -> Endpoint | None:
    """The endpoint of that id, disabled ones too, or None."""
    statement = select(*_COLUMNS).where(endpoints.c.id == endpoint_id)
    row = conn.execute(statement.with_for_update() if for_update else statement).first()
    return None if row is None else _endpoint(row)


def save(conn: Connection, endpoint: Endpoint) -> None:
    """Replaces what was stored; who is telling it something keeps its lease."""
    conn.execute(update(endpoints).where(endpoints.c.id == endpoint.id).values(_row(endpoint)))


def every(conn: Connection) -> list[Endpoint]:
    """All endpoints, the oldest first."""
    return [_endpoint(row) for row in conn.execute(select(*_COLUMNS).order_by(endpoints.c.created_at, endpoints.c.id))]


def listening(conn: Connection) -> list[Endpoint]:
    """Those that are not disabled. Asked in every transaction that makes a fact which may be told."""
    return [_endpoint(row) for row in conn.execute(_LISTENING)]


def due(conn: Connection, *, now: datetime, real_now: datetime) -> list[str]:
    """The ids of those for which something waits and that may be told now."""
    waits = exists().where(
        deliveries.c.endpoint_id == endpoints.c.id,
        deliveries.c.state == literal_column("'waiting'"),
        deliveries.c.next_at <= to_micros(now),
    )
    statement = select(endpoints.c.id).where(_is_free(real_now), waits).order_by(endpoints.c.id)
    return list(conn.execute(statement).scalars())


def take(conn: Connection, endpoint_id: str, *, real_now: datetime, held_until: datetime) -> Endpoint | None:
    """Takes the turn of telling it something until an instant; None when it rests, is disabled, or another has it."""
    put = update(endpoints).where(endpoints.c.id == endpoint_id, _is_free(real_now))
    row = conn.execute(put.values(held_until=to_micros(held_until)).returning(*_COLUMNS)).first()
    return None if row is None else _endpoint(row)


def give_back(conn: Connection, endpoint: Endpoint, *, held_until: datetime) -> None:
    """Ends a turn and stores how the endpoint fares now. A turn that was overrun, and is another's, is left to it."""
    is_mine = endpoints.c.held_until == to_micros(held_until)
    put = update(endpoints).where(endpoints.c.id == endpoint.id, is_mine)
    values = {"failing_since": endpoint.failing_since, "rests_until": endpoint.rests_until}
    conn.execute(put.values(held_until=None, **{name: maybe_micros(at) for name, at in values.items()}))


def disable(conn: Connection, endpoint_id: str, *, why: str, now: datetime) -> bool:
    """Marks it disabled: nothing more is kept for it or told to it. False when it is disabled already."""
    put = update(endpoints).where(endpoints.c.id == endpoint_id, endpoints.c.disabled_at.is_(None))
    return conn.execute(put.values(disabled_at=to_micros(now), disabled_why=why)).rowcount == 1


# -------------------------------------------------------------------------------------------- the columns

_COLUMNS = [column for column in endpoints.c if column.name != "held_until"]
_LISTENING = select(*_COLUMNS).where(endpoints.c.disabled_at.is_(None)).order_by(endpoints.c.created_at, endpoints.c.id)
_INSTANTS = ("created_at", "rotated_at", "disabled_at", "failing_since", "rests_until")


def _is_free(real_now: datetime) -> ColumnElement[bool]:
    at = to_micros(real_now)
    rests, held = endpoints.c.rests_until, endpoints.c.held_until
    return endpoints.c.disabled_at.is_(None) & or_(rests.is_(None), rests <= at) & or_(held.is_(None), held <= at)


def _row(endpoint: Endpoint) -> dict[str, Any]:
    row = {**msgspec.structs.asdict(endpoint), "events": " ".join(endpoint.events)}
    return row | {name: maybe_micros(row[name]) for name in _INSTANTS}


def _endpoint(row: Row[Any]) -> Endpoint:
    return Endpoint(
        id=row.id,
        url=row.url,
        creditor=row.creditor,
        events=tuple(row.events.split()),
        generation=row.generation,
        created_at=from_micros(row.created_at),
        created_by=row.created_by,
        rotated_at=maybe_instant(row.rotated_at),
        disabled_at=maybe_instant(row.disabled_at),
        disabled_why=row.disabled_why,
        failing_since=maybe_instant(row.failing_since),
        rests_until=maybe_instant(row.rests_until),
    )
