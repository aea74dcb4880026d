"""What comes late, by another clock or in another order: a pause, an answer, a lease, a limit, a lost connection."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace
from sqlalchemy import text

from channels.contract import Message, Outcome
from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.interruption import Pause
from orchestrator.flows.call_lane import call_lane
from orchestrator.flows.dispatch import Dispatched, dispatch_lane
from orchestrator.flows.doubt_watch import DoubtWatch
from orchestrator.flows.gate import open_gate
from orchestrator.flows.pause_sending import start_pause
from orchestrator.flows.prepare_sends import prepare_sends
from orchestrator.flows.reconcile import reconcile
from orchestrator.flows.record_sends import record_sends
from orchestrator.storage import attempts, barrier, pauses
from orchestrator.storage.attempts import AttemptState
from orchestrator.storage.database import Database
from orchestrator.storage.messages import MessageState
from tests.proof.history import faults_at_any_time
from tests.proof.scripted import Scripted
from tests.proof.trial import Trial


def test_a_gate_whose_clock_is_behind_sees_the_pause(trial: Trial) -> None:
    """A batch took a second to word, or its machine's clock is late: the pause was acknowledged all the same."""
    start_pause(trial.database, _pause(since=trial.now() + timedelta(seconds=2)))
    assert trial.report("p").state == "paused"
    adapter = Scripted()
    assert _dispatch(trial, adapter).moved > 0
    assert adapter.began == []


def test_a_pause_that_has_not_passed_the_barrier_is_never_acknowledged(postgres_trial: Trial) -> None:
    """Who started it died before the barrier: a report waits for the gates that have not seen it, in its place."""
    trial = postgres_trial
    with ThreadPoolExecutor(1) as other, trial.database.begin() as gate:
        barrier.share(gate)
        with trial.database.begin() as conn:
            pauses.insert(conn, _pause(since=trial.now()))
        report = other.submit(trial.report, "p")
        time.sleep(0.1)
        assert not report.done()
        gate.rollback()
        assert report.result(10).state == "paused"


def test_a_limit_is_not_refilled_twice_by_two_clocks(trial: Trial) -> None:
    """Two senders take turns, one three seconds behind the other: together they get what the rate gives, no more.

    The rate is so low that however slow this machine is, no token comes by itself.
    """
    trial.way = replace(trial.way, rate=0.34, burst=4)
    adapter = Scripted()
    for seconds in (4.0, 1.0) * 5:
        _dispatch(trial, adapter, ahead=timedelta(seconds=seconds), limit=1)
    assert len(adapter.began) == 4


def test_a_batch_that_took_long_to_word_has_its_whole_lease(trial: Trial) -> None:
    """A lease that began when wording began could be over before the call: a pause would not see it in flight."""
    adapter = Scripted()
    lane = trial.way.lane()
    strategy, post = trial.scene.on(lane), trial.scene.post(lane, adapter)
    compose = post.compose

    def slowly(*given: object) -> object:
        time.sleep(0.02)
        return compose(*given)  # type: ignore[arg-type]  # handed on as they came

    began = datetime.now(UTC)
    slow = replace(post, compose=slowly)
    dispatch_lane(trial.database, strategy, slow, lane, now=trial.now(), real_now=began, limit=5)
    with trial.database.read() as conn:
        tried = attempts.accepted_since(conn, since=began)
    assert len(tried) == 5
    assert all(attempt.started_at >= began + timedelta(seconds=0.1) for attempt in tried)


def test_an_answer_that_comes_after_the_lease_settles_the_doubt(trial: Trial) -> None:
    """The sender was not dead, only slow: what it knows is not thrown away."""
    adapter = Scripted()
    lane = trial.way.lane()
    strategy, post = trial.scene.on(lane), trial.scene.post(lane, adapter)
    now, real_now = trial.now(), datetime.now(UTC)
    ready = prepare_sends(trial.database, strategy, post, lane, now=now, limit=5)
    opened = open_gate(trial.database, strategy, lane, ready, now=now, real_now=real_now)
    later = real_now + timedelta(seconds=20)
    assert reconcile(trial.database, (lane,), {}, now=now, real_now=later, watch=DoubtWatch()).doubted == 5
    call_lane(adapter, opened, lane, start_by=float("inf"))
    record_sends(trial.database, lane, opened, lanes=(lane,), now=now, real_now=later)
    assert trial.history().states()[MessageState.ACCEPTED] == 5
    states = {attempt.state for attempt in trial.history().attempts.values()}
    assert states == {AttemptState.ACCEPTED}
    assert set(trial.history().departures.values()) == {1}


def test_answers_outlive_a_connection_that_is_lost(postgres_trial: Trial) -> None:
    """PostgreSQL restarts while calls are in flight: their answers are kept and written when it is back (R19)."""
    trial = postgres_trial
    elsewhere = Database(trial.url)

    class Cutting(Scripted):
        def send(self, message: Message, *, start_by: float | None = None) -> Outcome:
            with elsewhere.begin() as conn:
                conn.execute(text(_CUT_OTHERS))
            return super().send(message, start_by=start_by)

    done = _dispatch(trial, Cutting(), limit=3)
    elsewhere.close()
    assert done.left == 3
    assert [fault for fault in faults_at_any_time(trial.history()) if "0 times" not in fault] == []


_CUT_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def _dispatch(trial: Trial, adapter: Scripted, *, ahead: timedelta = timedelta(), limit: int = 200) -> Dispatched:
    lane, now = trial.way.lane(), datetime.now(UTC)
    return dispatch_lane(
        trial.database,
        trial.scene.on(lane),
        trial.scene.post(lane, adapter),
        lane,
        now=now + trial.shift + ahead,
        real_now=now,
        limit=limit,
    )


def _pause(since: datetime) -> Pause:
    return Pause(id="p", scope=ALWAYS, since=since, reason="a crisis", by="test")
