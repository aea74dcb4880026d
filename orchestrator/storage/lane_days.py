"""What each lane did lately, for who looks after it: its last faults, and what its messages of the day cost."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select

from orchestrator.domain.meter import Metric
from orchestrator.storage.attempts import AttemptState
from orchestrator.storage.instants import from_micros
from orchestrator.storage.meters import slot_of
from orchestrator.storage.sending_tables import attempts, meters

_FAULTS = (AttemptState.REJECTED.value, AttemptState.IN_DOUBT.value, AttemptState.ABSENT.value)
# So many of the last attempts are looked through, however many left well.
_LOOKED_AT = 1_000


class Fault(msgspec.Struct, frozen=True):
    """One reason for which messages did not leave: how often among the last attempts, and when last."""

    reason: str
    state: AttemptState
    count: int
    last_at: datetime


def last_faults(conn: Connection, lane: str, *, most: int) -> list[Fault]:
    """The latest reasons of a lane, the latest first. Reasons are codes of providers, never words about a person."""
    lately = select(attempts.c.state, attempts.c.reason, attempts.c.started_at).where(attempts.c.lane == lane)
    last = lately.order_by(attempts.c.started_at.desc()).limit(_LOOKED_AT).subquery("last")
    when = func.max(last.c.started_at)
    counted = select(last.c.state, last.c.reason, func.count(), when).where(last.c.state.in_(_FAULTS))
    rows = conn.execute(counted.group_by(last.c.state, last.c.reason).order_by(when.desc()).limit(most))
    return [Fault(reason, AttemptState(state), count, from_micros(at)) for state, reason, count, at in rows]


def costs_since(conn: Connection, since: datetime) -> dict[str, int]:
    """{lane: cents} of the messages that left in the minutes from an instant on."""
    spent = select(meters.c.lane, func.sum(meters.c.number)).where(
        meters.c.slot >= slot_of(since), meters.c.metric == Metric.COST_CENTS.value
    )
    return {lane: int(cents) for lane, cents in conn.execute(spent.group_by(meters.c.lane))}
