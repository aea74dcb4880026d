"""What left, or may have, since an instant: counted, or listed in few words. For whoever waits for a report.

A day's attempts are many: read whole they cost 40 us each, while somebody watches a pause. Owns no state.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, Select, case, cast, func, select, true

from orchestrator.storage.attempts import AttemptState
from orchestrator.storage.instants import from_micros, to_micros
from orchestrator.storage.sending_tables import attempts

_LEFT = (AttemptState.ACCEPTED.value, AttemptState.IN_DOUBT.value)


class LeftAttempt(msgspec.Struct, frozen=True):
    """An attempt that left, or may have."""

    id: str
    case_id: str
    lane: str
    channel: str
    started_at: datetime


class LeftCount(msgspec.Struct, frozen=True):
    """How many attempts of a lane left; `lately` those since its channel's own instant."""

    lane: str
    channel: str
    count: int
    lately: int


def left_counts(
    conn: Connection, *, since: datetime, before_epoch: int, lately: Mapping[str, datetime]
) -> list[LeftCount]:
    """By lane and channel, of gates before an epoch (0: of all)."""
    recent = case(
        *((attempts.c.channel == channel, attempts.c.started_at > to_micros(at)) for channel, at in lately.items()),
        else_=False,
    )
    counted = select(
        attempts.c.lane,
        attempts.c.channel,
        func.count(),
        cast(func.sum(case((recent, 1), else_=0)), BigInteger),
    ).group_by(attempts.c.lane, attempts.c.channel)
    return [
        LeftCount(*row)
        for lane in lanes_tried(conn)
        for row in conn.execute(_since(counted, lane, since, before_epoch)).all()
    ]


def left_attempts(
    conn: Connection, *, since: datetime, before_epoch: int, channel: str | None = None
) -> list[LeftAttempt]:
    """One by one, of gates before an epoch (0: of all), of one channel or of all."""
    wanted = true() if channel is None else attempts.c.channel == channel
    columns = (attempts.c.id, attempts.c.case_id, attempts.c.lane, attempts.c.channel, attempts.c.started_at)
    return [
        LeftAttempt(row.id, row.case_id, row.lane, row.channel, from_micros(row.started_at))
        for lane in lanes_tried(conn)
        for row in conn.execute(_since(select(*columns).where(wanted), lane, since, before_epoch)).all()
    ]


def lanes_tried(conn: Connection) -> list[str]:
    """Every lane that anything was tried by, one step in the index for each."""
    found: list[str] = []
    while True:
        following = select(func.min(attempts.c.lane)).where(attempts.c.lane > (found[-1] if found else ""))
        lane = conn.execute(following).scalar()
        if lane is None:
            return found
        found.append(lane)


def _since(statement: Select[Any], lane: str, since: datetime, before_epoch: int) -> Select[Any]:
    found = statement.where(
        attempts.c.lane == lane, attempts.c.started_at >= to_micros(since), attempts.c.state.in_(_LEFT)
    )
    return found.where(attempts.c.epoch < before_epoch) if before_epoch else found
