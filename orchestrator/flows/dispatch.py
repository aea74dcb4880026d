"""Dispatch: prepare, gate, call, record (design 6), one round of each lane.

prepare words messages outside any writing transaction; the gate judges each again under lock and writes its attempt;
calls are made outside; record stores what was answered. Nothing that changed meanwhile is sent, nothing is sent twice.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import msgspec

from channels import boot_clock
from channels.contract import Adapter
from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.lane import Lane
from orchestrator.flows.call_lane import call_lane, start_by_now
from orchestrator.flows.gate import open_gate
from orchestrator.flows.insist import insist
from orchestrator.flows.lane_limits import lane_opens_at
from orchestrator.flows.outgoing import Post
from orchestrator.flows.prepare_sends import prepare_sends
from orchestrator.flows.recall import Recall
from orchestrator.flows.record_sends import record_sends
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import lane_states, pauses
from orchestrator.storage.database import Database
from orchestrator.storage.turns import turn

BATCH = 200
# How long answers are kept for a database that is away: PostgreSQL is back from a restart by then.
_KEEP_ANSWERS_SECONDS = 30.0


class Dispatched(msgspec.Struct):
    """What rounds did: messages that left, were held, expired, refused, in doubt, put back, or wait for their lane."""

    left: int = 0
    held: int = 0
    expired: int = 0
    refused: int = 0
    in_doubt: int = 0
    put_back: int = 0
    waiting: int = 0

    def add(self, other: "Dispatched") -> None:
        """Adds another round's."""
        for name in Dispatched.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def moved(self) -> int:
        """How many messages went on: while there are any, another round may find more."""
        return self.left + self.held + self.expired + self.refused + self.in_doubt


def dispatch(
    database: Database,
    strategy: Strategy,
    post: Post,
    *,
    now: datetime,
    real_now: datetime | None = None,
    limit: int = BATCH,
) -> Dispatched:
    """One round over every lane, one call after the other. Returns zeros when nothing was due.

    `real_now` is the clock of leases, `now` where nobody shifts it.
    """
    done = Dispatched()
    passed = _passing(*post.adapters.values())
    for lane in post.lanes:
        at, real_at = now + passed(), (real_now or now) + passed()
        done.add(dispatch_lane(database, strategy, post, lane, now=at, real_now=real_at, limit=limit))
    return done


def dispatch_all(
    database: Database, strategy: Strategy, post: Post, *, now: datetime, real_now: datetime | None = None
) -> Dispatched:
    """Rounds until nothing more moves at `now`."""
    total = Dispatched()
    passed = _passing(*post.adapters.values())
    while True:
        at, real_at = now + passed(), (real_now or now) + passed()
        done = dispatch(database, strategy, post, now=at, real_now=real_at)
        total.add(done)
        if done.moved < BATCH:  # no lane can have had more than it was asked for
            return total


def dispatch_lane(
    database: Database,
    strategy: Strategy,
    post: Post,
    lane: Lane,
    *,
    now: datetime,
    real_now: datetime,
    limit: int = BATCH,
    executor: ThreadPoolExecutor | None = None,
) -> Dispatched:
    """One round of one lane. A lane that is paused, rests or is out of its hours is not even asked."""
    done = Dispatched()
    passed = _passing(post.adapters[lane.id])
    size = batch_size(lane, min(limit, _trusted_with(database, lane, now, real_now)))
    if not size or lane_opens_at(lane, now) > now:
        return done
    with turn(database, lane.id):
        ready = prepare_sends(database, strategy, post, lane, now=now + passed(), limit=size)
        if not ready:
            return done
        start_by = start_by_now() if _leaves_machine(post.adapters[lane.id]) else None
        opened = open_gate(database, strategy, lane, ready, now=now, real_now=real_now, passed=passed)
    call_lane(
        post.adapters[lane.id],
        opened,
        lane,
        start_by=start_by,
        executor=executor,
        recall=Recall(database, opened).why,
    )
    at, real_at = now + passed(), real_now + passed()
    # Only this process knows the answers: without them every message of the batch would be in doubt.
    recorded = insist(
        lambda: record_sends(database, lane, opened, lanes=post.lanes, now=at, real_now=real_at),
        seconds=_KEEP_ANSWERS_SECONDS,
    )
    done.held, done.expired, done.waiting = opened.held, opened.expired, opened.waiting
    done.left, done.refused = recorded.left, recorded.refused
    done.in_doubt, done.put_back = recorded.in_doubt, recorded.put_back
    return done


def batch_size(lane: Lane, limit: int) -> int:
    """At most what the lane may carry in a second (semantics D3), and no more than it can call in that time."""
    if lane.rate is None or not limit:
        return limit
    return max(min(limit, int(lane.rate), max(lane.burst, 1)), 1)


def _passing(*adapters: Adapter) -> Callable[[], timedelta]:
    """How long ago this was asked: wording, locks and calls take their time, and leases must not count it.

    Where nothing leaves the machine no time passes: rehearsals and tests have a clock of their own.
    """
    if not any(map(_leaves_machine, adapters)):
        return timedelta
    began = boot_clock.now()
    return lambda: timedelta(seconds=boot_clock.now() - began)


def _trusted_with(database: Database, lane: Lane, now: datetime, real_now: datetime) -> int:
    """How many messages a lane is given at once: none while it rests or is paused whole, one after its breaker opened,
    else a batch."""
    with database.read() as conn:
        if any(lane.id in pause.lanes and pause.scope == ALWAYS for pause in pauses.active(conn, at=now)):
            return 0
        state = lane_states.load(conn, lane.id)
    if state.rests(real_now):
        return 0
    return 1 if state.failures >= lane.breaker.failures else BATCH


def _leaves_machine(adapter: Adapter) -> bool:
    return adapter.capabilities.leaves_machine
