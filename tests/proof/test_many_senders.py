"""Two senders on one database: a provider that misbehaves, a lane that is bounded, a pause under full load."""

import time
from collections.abc import Callable

from msgspec.structs import replace

from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.interruption import Pause
from orchestrator.flows.pause_sending import start_pause
from orchestrator.flows.resume_sending import resume_pause
from orchestrator.storage.messages import MessageState
from tests.proof.conftest import LARGE
from tests.proof.history import faults_at_any_time
from tests.proof.trial import Trial
from tests.stubs.twilio_faults import Fault, Kind, always, by_chance

FAULTS = {
    Fault(Kind.SILENT): 0.02,
    Fault(Kind.CUT_EARLY): 0.02,
    Fault(Kind.CUT_AFTER): 0.02,
    Fault(Kind.CUT_MID): 0.02,
    Fault(Kind.GARBLE): 0.02,
    Fault(Kind.THROTTLE, seconds=0.2): 0.004,
    Fault(Kind.BREAK): 0.02,
}


def test_two_senders_and_a_provider_that_misbehaves_send_each_message_once(postgres_trial: Trial) -> None:
    trial = postgres_trial
    trial.way = replace(trial.way, timeout_seconds=0.2)
    trial.stub.reset(plan=by_chance(7, FAULTS))
    trial.send_together()
    assert trial.stub.requests[Kind.SILENT]
    assert trial.history().states()[MessageState.IN_DOUBT]
    trial.mend(count=2)
    trial.assert_all_left_once()
    assert len(trial.stub.taken) == LARGE


def test_what_says_paused_is_followed_by_no_request(large_trial: Trial) -> None:
    """Once it says paused, no request of its scope is opened (R6), however many senders are in full flight."""
    trial = large_trial
    count = 2 if trial.database.name == "postgresql" else 1
    trial.stub.reset(plan=always(Fault(Kind.LATE, seconds=0.02)))
    senders = [trial.start(stays=True, seconds=20.0) for _ in range(count)]
    for number in range(2):
        met = trial.requests()
        _until(lambda: trial.requests() >= met + 20)  # noqa: B023  # asked within this round only
        pause = Pause(id=f"p-{number}", scope=ALWAYS, since=trial.now(), reason="a crisis", by="test")
        start_pause(trial.database, pause)
        _until(lambda: trial.report(f"p-{number}").state == "paused")  # noqa: B023  # the same
        met = trial.requests()
        assert met < LARGE, "all had left before the pause"
        time.sleep(0.15)
        assert trial.requests() == met
        assert trial.history().states()[MessageState.CALLING] == 0
        strategy = trial.scene.on(trial.way.lane())
        resume_pause(trial.database, strategy, pause.id, by="test", now=trial.now(), is_confirmed=True, ramp_minutes=0)
    for sender in senders:
        trial.senders.kill(sender)
        trial.senders.wait(sender)
    assert faults_at_any_time(trial.history()) == []


def test_a_lane_keeps_its_rate_whoever_sends(postgres_trial: Trial) -> None:
    """Measured at the provider. A call comes a moment after the gate took its token: that moment counts with the
    second, and is measured too."""
    trial = postgres_trial
    trial.way = replace(trial.way, rate=50.0, burst=10)
    for sender in [trial.start(stays=True, seconds=4.0) for _ in range(2)]:
        trial.senders.wait(sender)
    history = trial.history()
    gates = {attempt.id: attempt.started_at.timestamp() for attempt in history.attempts.values()}
    moment = 0.02 + max(each.made_at - gates[each.attempt_id] for each in history.taken)
    instants = sorted(each.made_at for each in history.taken)
    busiest = max(sum(start <= other < start + 1.0 for other in instants) for start in instants)
    assert len(instants) > 10, "no more was sent than may be at once"
    assert busiest <= 10 + 50 * (1.0 + moment)
    assert faults_at_any_time(history) == []


def _until(is_so: Callable[[], bool], seconds: float = 15.0) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "this takes too long"
        time.sleep(0.005)
