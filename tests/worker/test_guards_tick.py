"""The tick of guard-rails: it watches what is in force, once, and keeping house forgets what no window reaches."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from orchestrator.bootstrap import Deployment
from orchestrator.domain.meter import Metric, Tally
from orchestrator.settings import read_settings
from orchestrator.storage import meters, pauses
from orchestrator.worker.engine import Engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """The engine of an embedded deployment of its own."""
    place = Deployment(read_settings({"RELANCE_HOME": str(tmp_path)}))
    made = Engine(place)
    yield made
    made.stop()
    place.database.close()


def test_a_lane_that_fails_is_paused_by_the_tick_and_once(engine: Engine) -> None:
    place, counts = engine.place, {Metric.LEFT: 400, Metric.UNDELIVERED: 200}
    with place.database.begin() as conn:
        meters.add(conn, Tally({("b2c-small", "sandbox-sms", m): n for m, n in counts.items()}), at=place.now())
    assert engine.watch() == 1
    assert engine.watch() == 0
    with place.database.read() as conn:
        assert [pause.lanes for pause in pauses.active(conn, at=place.now())] == [("sandbox-sms",)]


def test_keeping_house_forgets_counts_of_more_than_a_month(engine: Engine) -> None:
    place = engine.place
    with place.database.begin() as conn:
        for days in (32, 30):
            meters.add(
                conn, Tally({("b2c-small", "sandbox-sms", Metric.LEFT): 1}), at=place.now() - timedelta(days=days)
            )
    engine.keep_house()
    with place.database.read() as conn:
        assert sum(meters.sums(conn, after=0).values()) == 1
