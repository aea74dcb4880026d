"""The clock guard: a step closes sending until the clocks agree, and an even run never does."""

from datetime import timedelta

from orchestrator.flows.clock_guard import ClockGuard
from tests.flows.conftest import TUESDAY


def look(guard: ClockGuard, seconds: float, *, step: float = 0.0, database: float | None = None) -> bool:
    wall = TUESDAY + timedelta(seconds=seconds + step)
    clock = None if database is None else TUESDAY + timedelta(seconds=seconds + database)
    return guard.is_steady(wall=wall, boot_seconds=1000.0 + seconds, database=clock)


def test_an_even_clock_is_steady() -> None:
    guard = ClockGuard()
    assert all(look(guard, seconds) for seconds in (0, 1, 60, 3600, 90_000))


def test_a_step_closes_sending_until_a_minute_has_run_evenly() -> None:
    guard = ClockGuard()
    assert look(guard, 0)
    assert not look(guard, 1, step=3600)
    assert not look(guard, 30, step=3600)
    assert look(guard, 62, step=3600)


def test_a_step_back_is_a_step() -> None:
    guard = ClockGuard()
    assert look(guard, 0)
    assert not look(guard, 1, step=-5)


def test_a_drift_below_the_tolerance_is_none() -> None:
    guard = ClockGuard()
    assert look(guard, 0)
    assert look(guard, 60, step=1.5)


def test_a_database_that_agrees_is_believed_at_once_and_one_that_differs_closes_sending() -> None:
    guard = ClockGuard()
    assert look(guard, 0, database=0.0)
    assert not look(guard, 1, step=3600, database=0.0)
    assert look(guard, 2, step=3600, database=3600.0)
    assert not look(guard, 3, database=-10.0)
