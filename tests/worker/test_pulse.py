"""A drain that fails is tried again for ever, says so without a debtor's data, and is reported when it stays behind."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from orchestrator.bootstrap import Deployment
from orchestrator.domain.errors import StorageError
from orchestrator.flows.grant_access import KeyTerms, add_key
from orchestrator.settings import read_settings
from orchestrator.web.app import make_app, make_health_app
from orchestrator.worker import local_ticks
from orchestrator.worker.engine import Engine
from orchestrator.worker.local_ticks import LocalTicks
from orchestrator.worker.pulse import Pulse


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """The engine of an embedded deployment of its own."""
    place = Deployment(read_settings({"RELANCE_HOME": str(tmp_path)}), environ={})
    made = Engine(place)
    yield made
    made.stop()
    place.database.close()


class Hand:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_drain_is_late_after_twenty_of_its_periods_and_no_sooner_than_a_minute() -> None:
    hand = Hand()
    pulse = Pulse(clock=hand)
    pulse.expect("advance", every_seconds=1)
    pulse.expect("reconcile", every_seconds=5)
    hand.seconds += 60
    assert pulse.late() == ()
    hand.seconds += 1
    assert pulse.late() == ("advance",)
    hand.seconds += 40
    assert pulse.late() == ("advance", "reconcile")
    pulse.beat("advance")
    assert pulse.late() == ("reconcile",)


def test_failures_are_counted_by_drain_and_are_no_beat() -> None:
    hand = Hand()
    pulse = Pulse(clock=hand)
    pulse.expect("advance", every_seconds=1)
    hand.seconds += 61
    pulse.fail("advance")
    pulse.fail("advance")
    assert (pulse.failures(), pulse.late()) == ({"advance": 2}, ("advance",))


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyError("Jeanne Dupont")])
def test_whatever_a_drain_raises_its_thread_goes_on(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    went_on, calls = threading.Event(), []

    def fails_twice() -> int:
        calls.append(1)
        if len(calls) < 3:
            raise error
        went_on.set()
        return 0

    monkeypatch.setattr(engine, "_reconcile_once", fails_twice)
    monkeypatch.setattr(local_ticks, "RECONCILE_SECONDS", 0.01)
    ticks = LocalTicks(engine)
    ticks.start()
    try:
        assert went_on.wait(20)
    finally:
        ticks.stop()
    assert engine.pulse.failures()["reconcile"] == 2
    assert f"reconcile failed: {type(error).__name__} at test_pulse.py:" in caplog.text
    assert "Dupont" not in caplog.text


def test_what_failed_waits_for_its_next_tick_even_after_work_was_done(engine: Engine) -> None:
    rounds: Iterator[int | StorageError] = iter([3, StorageError("away", code="database_unreachable")])

    def works_then_fails() -> int:
        found = next(rounds)
        if isinstance(found, StorageError):
            raise found
        return found

    assert engine._drain("work", works_then_fails) == 0  # what a tick is told: nothing to do at once
    assert engine.pulse.failures() == {"work": 1}


def test_every_thread_is_expected_and_beats_under_the_name_of_its_drain(engine: Engine) -> None:
    hand = Hand()
    engine.pulse = Pulse(clock=hand)
    ticks = LocalTicks(engine)
    ticks.start()
    hand.seconds += 3_600
    expected = {
        "advance",
        "reconcile",
        "house",
        "guards",
        "figures",
        "endpoints",
        "listen",
        *(f"send {lane.id}" for lane in engine.post.lanes),
    }
    try:
        assert set(engine.pulse.failures()) == expected
    finally:
        ticks.stop()
    for drain in (
        engine.advance,
        engine.reconcile,
        engine.keep_house,
        engine.watch,
        engine.tell,
        engine.listen,
        engine.count,
    ):
        engine.stopped.clear()
        drain()
    for lane in engine.post.lanes:
        engine.send(lane.id)
    assert engine.pulse.late() == ()


@pytest.mark.parametrize("is_worker", [False, True], ids=["up", "worker"])
def test_a_process_with_a_late_drain_is_not_ready_and_says_which(engine: Engine, is_worker: bool) -> None:
    hand, place = Hand(), engine.place
    engine.pulse = Pulse(clock=hand)
    engine.pulse.expect("send sandbox-sms", every_seconds=1)
    engine.pulse.expect("guards", every_seconds=30)
    app = make_health_app(place, engine.pulse) if is_worker else make_app(place, pulse=engine.pulse)
    key = add_key(place.database, KeyTerms(name="m", role="viewer", owner=""), by="test", now=place.now()).text
    with TestClient(app) as client:
        assert client.get("/readyz").json() == {"state": "ready"}
        hand.seconds += 120
        engine.pulse.fail("send sandbox-sms")
        said = client.get("/readyz")
        assert (said.status_code, said.json()["error"]) == (503, "worker_late")
        assert "for long: send" in said.json()["detail"]
        assert "sandbox-sms" not in said.text
        assert client.get("/healthz").status_code == 200
        assert client.get("/metrics").status_code == 401
        figures = client.get("/metrics", headers={"Authorization": f"Bearer {key}"}).text
    assert 'relance_drain_failures_total{drain="send sandbox-sms"} 1.0' in figures
    assert 'relance_drain_late{drain="send sandbox-sms"} 1.0' in figures
    assert 'relance_drain_late{drain="guards"} 0.0' in figures


def test_a_worker_offers_nothing_else(engine: Engine) -> None:
    with TestClient(make_health_app(engine.place, engine.pulse)) as client:
        assert client.get("/api/v1/cases").status_code == 404
        assert client.get("/d/token").status_code == 404
