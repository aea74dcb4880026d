"""Reconcile: attempts whose sender is gone become doubtful, and doubts are settled by the provider's ledger.

A lease that runs out never sends. Two negative look-ups, the second at least fifteen minutes after the call was over
by every clock, make an attempt absent where the lane allows it; else a person says what happened. Providers are asked
outside transactions.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from channels.contract import Absent, Adapter, Found, Inquiry
from orchestrator.domain.lane import DoubtPolicy, Lane
from orchestrator.flows.doubt_watch import DoubtWatch
from orchestrator.flows.settle_attempts import Proof, doubt_attempts, settle_attempts
from orchestrator.storage import attempts, tasks
from orchestrator.storage.attempts import Attempt
from orchestrator.storage.database import Database

# A provider may take what was written to it this long after the socket closed; past it, absent is absent.
HORIZON = timedelta(minutes=15)
# A doubt this old goes to a person whatever the lane says (semantics B3).
_LONGEST_DOUBT = timedelta(hours=72)
_BATCH = 500


class Horizons(msgspec.Struct, frozen=True, kw_only=True):
    """How long after a call its provider is asked. `first_look_up` waits for the provider to write its own books."""

    first_look_up: timedelta = timedelta(seconds=60)
    late: timedelta = HORIZON


USUAL = Horizons()


class Reconciled(msgspec.Struct):
    """What a round did."""

    doubted: int = 0
    found: int = 0
    absent: int = 0
    asked: int = 0


def reconcile(
    database: Database,
    lanes: tuple[Lane, ...],
    adapters: Mapping[str, Adapter],
    *,
    now: datetime,
    real_now: datetime,
    watch: DoubtWatch,
    horizons: Horizons = USUAL,
) -> Reconciled:
    """One round over the next doubts; the round after goes on behind them. Leases and horizons are in `real_now`."""
    done = Reconciled()
    with database.begin() as conn:
        over = attempts.leases_over(conn, real_now=real_now, limit=_BATCH)
        done.doubted = doubt_attempts(conn, over, now=now, real_now=real_now) if over else 0
    with database.read() as conn:
        doubtful = attempts.in_doubt(conn, limit=_BATCH, after=watch.after)
    watch.meet(attempt.id for attempt in doubtful)
    settling = _Settling(database, lanes, adapters, now, real_now, horizons, watch, done)
    for attempt in doubtful:
        settling.settle(attempt)
    if len(doubtful) < _BATCH:
        watch.wrap()
    else:
        watch.after = (doubtful[-1].started_at, doubtful[-1].id)
    return done


class _Settling(msgspec.Struct, frozen=True):
    """What one round knows."""

    database: Database
    lanes: tuple[Lane, ...]
    adapters: Mapping[str, Adapter]
    now: datetime
    real_now: datetime
    horizons: Horizons
    watch: DoubtWatch
    done: Reconciled

    def settle(self, attempt: Attempt) -> None:
        """By what the provider's ledger says; a person is asked where it says nothing for too long."""
        lane = next((lane for lane in self.lanes if lane.id == attempt.lane), None)
        age = self.real_now - (attempt.ended_at or attempt.lease_until)
        if age >= self.horizons.first_look_up and lane is not None and self._is_settled_by_ledger(attempt, lane, age):
            return
        needs_person = lane is None or lane.in_doubt is DoubtPolicy.PERSON
        if age >= (self.horizons.late if needs_person else _LONGEST_DOUBT):
            self.done.asked += _ask(self.database, attempt, self.now)

    def _is_settled_by_ledger(self, attempt: Attempt, lane: Lane, age: timedelta) -> bool:
        adapter = self.adapters.get(lane.id)
        if adapter is None or not adapter.capabilities.has_ledger:
            return False
        if not self.watch.is_time_to_ask(attempt.id, pause=self.horizons.first_look_up / 2):
            return False
        evidence = adapter.look_up(_inquiry(attempt))
        is_late = min(age, self.watch.seen_for(attempt.id)) >= self.horizons.late
        if isinstance(evidence, Found):
            self.done.found += self._prove(attempt, provider_id=evidence.provider_id)
        elif isinstance(evidence, Absent) and is_late and _may_be_absent(attempt, lane):
            self.done.absent += self._prove(attempt)
        else:
            if isinstance(evidence, Absent):
                with self.database.begin() as conn:
                    attempts.note_look_up(conn, [attempt.id], at=self.real_now)
            return False
        return True

    def _prove(self, attempt: Attempt, *, provider_id: str | None = None) -> int:
        was_sent = provider_id is not None
        evidence = "ledger" if was_sent else "two look-ups"
        proof = Proof(attempt=attempt, was_sent=was_sent, evidence=evidence, provider_id=provider_id)
        with self.database.begin() as conn:
            return settle_attempts(conn, [proof], now=self.now, real_now=self.real_now)


def _inquiry(attempt: Attempt) -> Inquiry:
    return Inquiry(attempt_id=attempt.id, to=attempt.destination, marker=attempt.marker, since=attempt.started_at)


def _may_be_absent(attempt: Attempt, lane: Lane) -> bool:
    """The lane trusts its provider's ledger, and this is the second time that it does not hold the message."""
    return lane.in_doubt is DoubtPolicy.AFTER_TWO_LOOKUPS and attempt.looked_up_at is not None


def _ask(database: Database, attempt: Attempt, now: datetime) -> int:
    """A person looks in the provider's own console; asked once."""
    question = tasks.Task(
        id=f"{attempt.case_id}:in_doubt:{attempt.id}",
        case_id=attempt.case_id,
        kind="in_doubt",
        subject=attempt.id,
        role="manager",
        due_at=now,
        opened_at=now,
        cause=attempt.lane,
    )
    with database.begin() as conn:
        if tasks.load(conn, [question.id]):
            return 0
        tasks.open_tasks(conn, [question])
    return 1
