"""What came in is applied at once where one process does everything, and at the next tick anywhere else."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestrator.bootstrap import Deployment
from orchestrator.settings import read_settings
from orchestrator.storage import inbox
from orchestrator.storage.inbox import Arrival, State
from orchestrator.worker.engine import Engine
from orchestrator.worker.local_ticks import LocalTicks


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """The engine of an embedded deployment of its own."""
    place = Deployment(read_settings({"RELANCE_HOME": str(tmp_path)}), environ={})
    made = Engine(place)
    yield made
    made.stop()
    place.database.close()


def put(engine: Engine) -> None:
    with engine.place.database.begin() as conn:
        inbox.put(conn, [Arrival("twilio/status", "SM1:sent", "nothing")], now=datetime.now(UTC))


def states(engine: Engine) -> list[State]:
    with engine.place.database.read() as conn:
        return [event.state for event in inbox.search(conn, limit=9)]


def test_the_drain_takes_up_what_waits(engine: Engine) -> None:
    assert engine.listen() == 0
    put(engine)
    assert engine.listen() == 1
    assert states(engine) == [State.PARKED]
    assert engine.pulse.failures() == {}


def test_whoever_kept_an_event_wakes_the_drain(engine: Engine) -> None:
    """Its tick is an hour away: it can only have been woken."""
    ticks, has_looked = LocalTicks(engine), threading.Event()

    def look() -> int:
        found = engine.listen()
        has_looked.set()
        return found

    ticks._every("listen", 3_600.0, look, woken_by=engine.came_in)
    assert has_looked.wait(30)
    put(engine)
    engine.wake_listening()
    for _ in range(600):
        if states(engine) == [State.PARKED]:
            break
        threading.Event().wait(0.05)
    assert states(engine) == [State.PARKED]
    ticks.stop()
