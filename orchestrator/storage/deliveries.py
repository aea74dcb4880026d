"""Deliveries: each event for each endpoint, from the transaction that made it until it was told or given up.

`next_at` lives by the clock of flows, like everything that is due. Who tells holds the turn of the endpoint.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, literal_column, select, update

from orchestrator.storage.batch import compare_and_set, insert_new
from orchestrator.storage.instants import from_micros, maybe_instant, maybe_micros, to_micros
from orchestrator.storage.listening_tables import deliveries, endpoints


class DeliveryState(StrEnum):
    """Whether an endpoint still has to be told."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One event for one endpoint. `id` is its `webhook-id`; `body` is what is sent, the same bytes at every try."""

    id: str
    endpoint_id: str
    event_type: str
    happened_at: datetime
    next_at: datetime
    body: str
    seq: int = 0
    state: DeliveryState = DeliveryState.WAITING
    tries: int = 0
    done_at: datetime | None = None
    reason: str = ""


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """What one try came to: `tries` counts it, `next_at` is when it is tried again while it waits."""

    delivery: Delivery
    state: DeliveryState
    next_at: datetime
    reason: str = ""


class Waiting(msgspec.Struct, frozen=True):
    """Figures of one endpoint that is not disabled. `oldest_at` is when the oldest event that waits happened."""

    endpoint_id: str
    is_failing: bool
    waiting: int
    failed: int
    oldest_at: datetime | None


def insert(conn: Connection, items: Sequence[Delivery]) -> int:
    """Stores new deliveries in order; one whose id is known adds nothing. Returns how many were new."""
    return len(insert_new(conn, deliveries, [_row(item) for item in items], key=("id",)))


def due(conn: Connection, endpoint_id: str, *, now: datetime, limit: int) -> list[Delivery]:
    """What waits for an endpoint and whose time has come, the longest due first."""
    statement = (
        select(deliveries)
        .where(
            deliveries.c.endpoint_id == endpoint_id,
            deliveries.c.state == literal_column("'waiting'"),
            deliveries.c.next_at <= to_micros(now),
        )
        .order_by(deliveries.c.next_at, deliveries.c.seq)
        .limit(limit)
    )
    return [_delivery(row) for row in conn.execute(statement)]


def record(conn: Connection, tries: Sequence[Try], *, now: datetime) -> set[str]:
    """Stores what tries came to; one whose delivery was tried by another meanwhile is left. Returns the ids stored."""
    rows = [
        {
            "id": item.delivery.id,
            "expected": item.delivery.tries,
            "tries": item.delivery.tries + 1,
            "state": item.state.value,
            "next_at": to_micros(item.next_at),
            "done_at": to_micros(now) if item.state is not DeliveryState.WAITING else None,
            "reason": item.reason,
        }
        for item in tries
    ]
    return compare_and_set(conn, deliveries, rows, guard="tries")


def hasten(conn: Connection, endpoint_id: str, *, now: datetime) -> None:
    """What was put off because the endpoint did not answer is due now."""
    waits = (deliveries.c.endpoint_id == endpoint_id) & (deliveries.c.state == literal_column("'waiting'"))
    put = update(deliveries).where(waits, deliveries.c.next_at > to_micros(now))
    conn.execute(put.values(next_at=to_micros(now)))


def latest(
    conn: Connection, endpoint_id: str, *, state: DeliveryState | None = None, before: int | None = None, limit: int
) -> list[Delivery]:
    """Deliveries of an endpoint, the latest first; those of the next page are `before` the last `seq` of this one."""
    statement = select(deliveries).where(deliveries.c.endpoint_id == endpoint_id)
    if state is not None:
        # Written out: a partial index serves only a query that says its condition word by word.
        statement = statement.where(deliveries.c.state == literal_column(f"'{state.value}'"))
    if before is not None:
        statement = statement.where(deliveries.c.seq < before)
    return [_delivery(row) for row in conn.execute(statement.order_by(deliveries.c.seq.desc()).limit(limit))]


def replay(
    conn: Connection,
    endpoint_id: str,
    *,
    now: datetime,
    since: datetime | None,
    states: Sequence[DeliveryState],
    after: int,
    limit: int,
) -> tuple[int, int]:
    """Makes up to `limit` of those after a `seq` wait again, as if never tried: (how many, the last `seq` or 0)."""
    chosen = (
        select(deliveries.c.seq)
        .where(
            deliveries.c.endpoint_id == endpoint_id,
            deliveries.c.state.in_([state.value for state in states]),
            deliveries.c.seq > after,
        )
        .order_by(deliveries.c.seq)
        .limit(limit)
    )
    if since is not None:
        chosen = chosen.where(deliveries.c.happened_at >= to_micros(since))
    put = update(deliveries).where(deliveries.c.seq.in_(chosen))
    again = {"state": DeliveryState.WAITING.value, "tries": 0, "next_at": to_micros(now), "done_at": None, "reason": ""}
    found = conn.execute(put.values(again).returning(deliveries.c.seq)).scalars().all()
    return len(found), max(found, default=0)


def is_any_before(conn: Connection, before: datetime) -> bool:
    """Whether the oldest deliveries are older than that."""
    oldest = conn.execute(select(deliveries.c.happened_at).order_by(deliveries.c.seq).limit(1)).scalar()
    return oldest is not None and oldest < to_micros(before)


def forget(conn: Connection, *, before: datetime, limit: int) -> int:
    """Deletes those of what happened before, whatever became of them: up to `limit` from the oldest; how many."""
    oldest = select(deliveries.c.seq).order_by(deliveries.c.seq).limit(limit)
    gone = delete(deliveries).where(deliveries.c.seq.in_(oldest), deliveries.c.happened_at < to_micros(before))
    return conn.execute(gone).rowcount


def figures(conn: Connection) -> list[Waiting]:
    """How much waits and has failed, for each endpoint that is not disabled. A walk over two indexes of what does."""
    counted: dict[str, dict[str, int]] = {}
    oldest: dict[str, int] = {}
    for state in (DeliveryState.WAITING, DeliveryState.FAILED):
        counts = select(deliveries.c.endpoint_id, func.count(), func.min(deliveries.c.happened_at))
        is_in_state = deliveries.c.state == literal_column(f"'{state.value}'")
        for endpoint_id, count, first in conn.execute(counts.where(is_in_state).group_by(deliveries.c.endpoint_id)):
            counted.setdefault(endpoint_id, {})[state] = count
            if state is DeliveryState.WAITING:
                oldest[endpoint_id] = first
    in_use = select(endpoints.c.id, endpoints.c.failing_since).where(endpoints.c.disabled_at.is_(None))
    return [
        Waiting(
            endpoint_id,
            failing_since is not None,
            counted.get(endpoint_id, {}).get(DeliveryState.WAITING, 0),
            counted.get(endpoint_id, {}).get(DeliveryState.FAILED, 0),
            maybe_instant(oldest.get(endpoint_id)),
        )
        for endpoint_id, failing_since in conn.execute(in_use.order_by(endpoints.c.id))
    ]


# -------------------------------------------------------------------------------------------- the columns


def _row(item: Delivery) -> dict[str, Any]:
    return {
        "id": item.id,
        "endpoint_id": item.endpoint_id,
        "event_type": item.event_type,
        "state": item.state.value,
        "happened_at": to_micros(item.happened_at),
        "next_at": to_micros(item.next_at),
        "tries": item.tries,
        "done_at": maybe_micros(item.done_at),
        "reason": item.reason,
        "body": item.body,
    }


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        seq=row.seq,
        id=row.id,
        endpoint_id=row.endpoint_id,
        event_type=row.event_type,
        state=DeliveryState(row.state),
        happened_at=from_micros(row.happened_at),
        next_at=from_micros(row.next_at),
        tries=row.tries,
        done_at=maybe_instant(row.done_at),
        reason=row.reason,
        body=row.body,
    )
