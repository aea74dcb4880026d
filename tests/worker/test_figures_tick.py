"""The tick of figures: once per slot, and never longer than its part of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from orchestrator.bootstrap import Deployment
from orchestrator.settings import read_settings
from orchestrator.storage import figures
from orchestrator.storage.figures_tables import case_figures
from orchestrator.storage.sending_tables import ticks
from orchestrator.worker import engine as module
from orchestrator.worker.engine import Engine
from tests.bench.portfolios import fill


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """The engine of an embedded deployment of its own, with three cases."""
    place = Deployment(read_settings({"RELANCE_HOME": str(tmp_path)}))
    made = Engine(place)
    fill(place.database, 3)
    yield made
    made.stop()
    place.database.close()


def _counted(engine: Engine) -> int:
    with engine.place.database.read() as conn:
        return conn.execute(select(func.count()).select_from(case_figures)).scalar() or 0


def test_the_tick_counts_every_case_and_asks_for_no_round_at_once(engine: Engine) -> None:
    assert engine.count() == 0
    assert _counted(engine) == 3
    with engine.place.database.read() as conn:
        mark = figures.mark(conn)
    assert mark is not None
    assert (engine.place.now() - mark.updated_at).total_seconds() < 60


def test_one_process_counts_in_a_slot(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIGURES_SECONDS", 10**9)
    engine.count()
    with engine.place.database.begin() as conn:
        figures.forget(conn)
    engine.count()
    assert _counted(engine) == 0
    with engine.place.database.begin() as conn:
        conn.execute(delete(ticks))
    engine.count()
    assert _counted(engine) == 3


def test_a_process_that_is_stopped_counts_no_further(engine: Engine) -> None:
    engine.stopped.set()
    engine.count()
    assert _counted(engine) == 0
