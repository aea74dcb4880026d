"""How each lane fares: failures in a row, and until when it rests. Owns no judgement of what a failure is."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, select, update

from orchestrator.storage.batch import insert_new
from orchestrator.storage.instants import maybe_instant, maybe_micros, to_micros
from orchestrator.storage.sending_tables import lane_states


class LaneState(msgspec.Struct, frozen=True, kw_only=True):
    """`rests_until` is when its breaker, or a provider that asked for time, lets it try again (real time)."""

    lane: str
    failures: int = 0
    rests_until: datetime | None = None
    why: str = ""

    def rests(self, real_now: datetime) -> bool:
        """Whether it must not be used now."""
        return self.rests_until is not None and real_now < self.rests_until


def load(conn: Connection, lane: str) -> LaneState:
    """The state of a lane; one never used has none to speak of."""
    row = conn.execute(select(lane_states).where(lane_states.c.id == lane)).one_or_none()
    if row is None:
        return LaneState(lane=lane)
    return LaneState(lane=lane, failures=row.failures, rests_until=maybe_instant(row.rests_until), why=row.why)


def save(conn: Connection, state: LaneState, *, now: datetime) -> None:
    """Stores the state of a lane."""
    values = {
        "failures": state.failures,
        "rests_until": maybe_micros(state.rests_until),
        "why": state.why,
        "updated_at": to_micros(now),
    }
    if not insert_new(conn, lane_states, [{"id": state.lane, **values}], key=("id",)):
        conn.execute(update(lane_states).where(lane_states.c.id == state.lane).values(values))
