"""How a lane fares: its breaker opens after failures in a row, and a provider that asks for time gets it.

A fault of the account pauses the lane and calls an administrator. A slow or broken lane never delays another.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from channels import boot_clock
from channels.contract import Accepted, InDoubt, Outcome, ReasonClass, Rejected, Throttled
from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.errors import Conflict
from orchestrator.domain.interruption import Pause
from orchestrator.domain.lane import Lane
from orchestrator.storage import lane_states, pauses, tasks
from orchestrator.storage.database import Connection

_MOST_REST_SECONDS = 3600.0
BREAKER, THROTTLED = "breaker", "throttled"
# Calls that were never begun say nothing of the lane: out of time, paused, recalled, or behind what met others.
_NOT_BEGUN = frozenset({boot_clock.TOO_LATE.code, "pause", "changed", BREAKER, THROTTLED})


def is_failure(outcome: Outcome) -> bool:
    """Whether the lane did not do its work: no connection, or no answer."""
    match outcome:
        case Rejected(reason_class=ReasonClass.NOT_WRITTEN, code=code):
            return code not in _NOT_BEGUN
        case InDoubt():
            return True
    return False


def note_outcomes(
    conn: Connection, lane: Lane, outcomes: Sequence[Outcome], *, now: datetime, real_now: datetime
) -> None:
    """Counts failures in a row and sets the rest that follows; pauses the lane for a fault of its account."""
    before = lane_states.load(conn, lane.id)
    state = before
    for outcome in outcomes:
        state = _after(state, outcome, lane, real_now)
    if state != before:
        lane_states.save(conn, state, now=now)
    config = next((o for o in outcomes if isinstance(o, Rejected) and o.reason_class is ReasonClass.CONFIG), None)
    if config is not None:
        _pause_lane(conn, lane, config, now)


def _after(state: lane_states.LaneState, outcome: Outcome, lane: Lane, real_now: datetime) -> lane_states.LaneState:
    match outcome:
        case Accepted():
            return replace(state, failures=0, rests_until=None, why="")
        case Throttled(retry_after_seconds=seconds):
            until = real_now + timedelta(seconds=min(max(seconds, 1.0), _MOST_REST_SECONDS))
            return replace(state, rests_until=max(until, state.rests_until or until), why=THROTTLED)
        case _ if is_failure(outcome):
            failures = state.failures + 1
            if failures < lane.breaker.failures:
                return replace(state, failures=failures)
            until = real_now + timedelta(seconds=lane.breaker.rest_seconds)
            return replace(state, failures=failures, rests_until=until, why=BREAKER)
        case Rejected(reason_class=ReasonClass.NOT_WRITTEN):
            return state
    return replace(state, failures=0)


def _pause_lane(conn: Connection, lane: Lane, refusal: Rejected, now: datetime) -> None:
    """One pause and one task for a fault, however many messages met it."""
    if any(lane.id in pause.lanes and pause.scope == ALWAYS for pause in pauses.active(conn, at=now)):
        return
    reason = f"the provider refuses the account or the sender: {refusal.code}"
    pause_id = f"lane-{lane.id}-{now:%Y%m%dT%H%M%S}"
    pause = Pause(id=pause_id, scope=ALWAYS, since=now, reason=reason, by="relance", lanes=(lane.id,))
    try:
        pauses.insert(conn, pause)
    except Conflict:
        return  # another sender met the same fault in the same second; its answers are not to be lost for that
    question = tasks.Task(
        id=f"lane:{pause_id}",
        case_id="",
        kind="lane_refused",
        subject=lane.id,
        role="admin",
        due_at=now,
        opened_at=now,
        cause=reason,
    )
    tasks.open_tasks(conn, [question])
