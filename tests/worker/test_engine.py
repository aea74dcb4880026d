"""The engine: woken twice it works once, what is due leaves, one process sends on SQLite."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from orchestrator.bootstrap import Deployment
from orchestrator.domain.errors import Conflict
from orchestrator.flows.lanes_in_force import adopt_lanes
from orchestrator.settings import read_settings
from orchestrator.worker import engine as engine_module
from orchestrator.worker.engine import Engine
from orchestrator.worker.local_ticks import LocalTicks
from orchestrator.worker.sole_sender import sole_sender


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Deployment]:
    """An embedded deployment of its own."""
    made = Deployment(read_settings({"RELANCE_HOME": str(tmp_path)}))
    yield made
    made.database.close()


def test_a_drain_that_runs_is_not_run_again_beside_itself(place: Deployment) -> None:
    engine = Engine(place)
    began, may_end, runs = threading.Event(), threading.Event(), []

    def slow() -> int:
        runs.append(1)
        began.set()
        may_end.wait(5)
        return 0

    thread = threading.Thread(target=lambda: engine._drain("work", slow))  # the guard itself is tested
    thread.start()
    assert began.wait(5)
    assert engine._drain("work", slow) == 0  # as above
    may_end.set()
    thread.join()
    engine.stop()
    assert runs == [1]


def test_every_drain_of_an_empty_deployment_finds_nothing(place: Deployment) -> None:
    engine = Engine(place)
    assert engine.advance() == 0
    assert [engine.send(lane.id) for lane in place.lanes] == [0, 0, 0]
    assert engine.send("no-such-lane") == 0
    assert engine.reconcile() == 0
    assert engine.keep_house() == 0
    engine.stop()


def test_ticks_begin_and_end(place: Deployment) -> None:
    engine = Engine(place)
    ticks = LocalTicks(engine)
    before = threading.active_count()
    ticks.start()
    time.sleep(0.1)
    assert threading.active_count() > before
    ticks.stop()
    assert engine.stopped.is_set()


def test_one_process_sends_from_a_home(place: Deployment) -> None:
    with sole_sender(place), pytest.raises(Conflict, match="another process sends"), sole_sender(place):
        pass
    with sole_sender(place):
        pass


def test_a_process_with_other_lanes_than_those_in_force_sends_nothing(place: Deployment) -> None:
    engine = Engine(place)
    assert engine._may_send()  # what every round asks
    now = place.now()
    adopt_lanes(place.database, "another digest", has_real=False, now=now)
    assert not engine._may_send()  # as above
    engine.stop()


def test_keeping_house_takes_messages_back_from_lanes_that_are_gone(
    place: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[set[str], str]] = []

    def leave(_database: object, lane_ids: set[str], digest: str, *, now: datetime) -> int:
        asked.append((lane_ids, digest))
        return 0

    monkeypatch.setattr(engine_module, "leave_lost_lanes", leave)
    engine = Engine(place)
    engine.keep_house()
    engine.stop()
    assert asked == [({lane.id for lane in place.lanes}, place.lanes_digest)]


def test_a_part_of_keeping_house_that_fails_keeps_no_other_from_being_done(
    place: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    ended: list[datetime] = []

    def end(*_: object, now: datetime) -> int:
        ended.append(now)
        return 0

    for name in ("forget_counts", "leave_lost_lanes"):
        monkeypatch.setattr(engine_module, name, fail)
    monkeypatch.setattr(engine_module, "end_pauses", end)
    engine = Engine(place)
    engine.keep_house()
    engine.stop()
    assert len(ended) == 1
    assert engine.pulse.failures() == {"house": 1}
