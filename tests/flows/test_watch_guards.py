"""Guard-rails that pause by themselves (design 7): over which window, how often, until when, and what only warns."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import delete

from orchestrator.bootstrap import Deployment
from orchestrator.domain.campaign import Guard, Limits
from orchestrator.domain.condition import OneOf
from orchestrator.domain.duration import Duration
from orchestrator.domain.interruption import Pause
from orchestrator.domain.meter import Metric, Tally
from orchestrator.domain.throttle import Limit
from orchestrator.flows.end_pauses import end_pauses
from orchestrator.flows.pause_sending import start_pause
from orchestrator.flows.resume_sending import resume_pause
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.watch_guards import Watched, forget_counts, watch_guards
from orchestrator.settings import read_settings
from orchestrator.storage import barrier, buckets, meters, migrations, pauses, tasks
from orchestrator.storage.database import Database
from orchestrator.storage.every_table import metadata
from tests.flows.conftest import TUESDAY, World, shipped_campaign, shipped_content
from tests.services import PostgresServer

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BOUNCES = Guard("bounce_rate", 80.0, Duration.parse("1h"), 3, "pause")
NAME = "guard-b2c-small-bounce_rate-1h"


def deployed(url: str, folder: Path) -> Iterator[World]:
    place = Deployment(read_settings({"RELANCE_HOME": str(folder), "RELANCE_DATABASE_URL": url}))
    place.__dict__.update(shipped_content())
    empty = Database(url)
    migrations.upgrade(empty)
    empty.close()
    place.release(shipped_campaign("b2c-small"), by="test", now=TUESDAY)
    yield World(place, folder)
    place.database.close()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One deployment for all tests of this file, on each database: to make one costs more than any of them."""
    folder = tmp_path_factory.mktemp("guards")
    if request.param == "sqlite":
        yield from deployed(f"sqlite:///{folder / 'relance.db'}", folder)
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.create_database()
    yield from deployed(url, folder)
    server.drop_database(url)


@pytest.fixture
def quiet(kept: World) -> World:
    """Nothing was counted, paused, asked or spent."""
    with kept.database.begin() as conn:
        for table in ("meters", "pauses", "tasks", "buckets"):
            conn.execute(delete(metadata.tables[table]))
        conn.exec_driver_sql("UPDATE barrier SET epoch = 0")
    return kept


def guarded(quiet: World, *guards: Guard, limits: Limits | None = None) -> Strategy:
    """What is in force, with these guards instead of those of the files."""
    strategy = quiet.strategy()
    campaigns = tuple(
        replace(each, guards=guards, limits=limits or each.limits) if each.id == "b2c-small" else each
        for each in strategy.campaigns
    )
    return replace(strategy, campaigns=campaigns)


def count(quiet: World, at: datetime, left: int = 0, lane: str = "sandbox-email", **more: int) -> None:
    """As if so many messages of b2c-small had left by a lane, and so many bounced."""
    numbers = {"left": left, **more}
    with quiet.database.begin() as conn:
        meters.add(conn, Tally({("b2c-small", lane, Metric(n)): numbers[n] for n in numbers if numbers[n]}), at=at)


def left(quiet: World) -> int:
    with quiet.database.read() as conn:
        return meters.sums(conn, after=0)["b2c-small", "sandbox-email", Metric.LEFT]


def watch(quiet: World, at: datetime, *guards: Guard) -> Watched:
    return watch_guards(quiet.database, guarded(quiet, *(guards or (BOUNCES,))), now=at)


def resume(quiet: World, pause_id: str, at: datetime) -> None:
    resume_pause(quiet.database, quiet.strategy(), pause_id, by="camille", now=at)


def running(quiet: World, at: datetime) -> list[Pause]:
    with quiet.database.read() as conn:
        return pauses.active(conn, at=at)


def open_tasks(quiet: World) -> list[tasks.Task]:
    with quiet.database.read() as conn:
        return [task for task in tasks.search(conn, tasks.Filter(), limit=99) if not task.case_id]


def answer(quiet: World, task: tasks.Task, at: datetime) -> None:
    with quiet.database.begin() as conn:
        tasks.close_tasks(conn, [tasks.Closing(task.id, "done", "camille")], now=at)


# ----------------------------------------------------------------------------------------------- the window


def test_below_the_minimum_volume_nothing_is_concluded(quiet: World) -> None:
    count(quiet, TUESDAY, left=2, bounced=2)
    assert watch(quiet, TUESDAY).acted == 0
    count(quiet, TUESDAY, left=1)
    assert watch(quiet, TUESDAY).paused == [f"{NAME}-1"]


def test_the_window_slides_by_the_minute(quiet: World) -> None:
    count(quiet, TUESDAY, left=10, bounced=5)
    count(quiet, TUESDAY + 30 * MINUTE, left=90)
    last = TUESDAY + 59 * MINUTE
    assert watch(quiet, last + MINUTE).acted == 0
    assert watch(quiet, last).paused == []  # 5 of 100
    count(quiet, last, bounced=4)
    assert watch(quiet, last + MINUTE).acted == 0  # 4 of 90: the first minute has gone
    assert watch(quiet, last).paused == [f"{NAME}-1"]  # 9 of 100


def test_a_campaign_that_is_well_is_left_alone(quiet: World) -> None:
    count(quiet, TUESDAY, left=100, bounced=8)
    assert watch(quiet, TUESDAY).acted == 0
    assert running(quiet, TUESDAY) == []


# ------------------------------------------------------------------------------------------ pause and resume


def test_it_pauses_once_while_its_pause_runs(quiet: World) -> None:
    count(quiet, TUESDAY, left=10, bounced=5)
    assert watch(quiet, TUESDAY).paused == [f"{NAME}-1"]
    count(quiet, TUESDAY + MINUTE, bounced=5)
    assert watch(quiet, TUESDAY + MINUTE).acted == 0
    assert len(running(quiet, TUESDAY + MINUTE)) == 1


def test_after_a_resume_old_facts_count_no_more_and_new_ones_pause_again(quiet: World) -> None:
    count(quiet, TUESDAY, left=10, bounced=5)
    watch(quiet, TUESDAY)
    resume(quiet, f"{NAME}-1", TUESDAY + 5 * MINUTE)
    assert watch(quiet, TUESDAY + 6 * MINUTE).acted == 0
    count(quiet, TUESDAY + 7 * MINUTE, left=2, bounced=2)
    assert watch(quiet, TUESDAY + 8 * MINUTE).acted == 0  # below the minimum since the resume
    count(quiet, TUESDAY + 9 * MINUTE, left=2)
    assert watch(quiet, TUESDAY + 10 * MINUTE).paused == [f"{NAME}-2"]
    (pause,) = running(quiet, TUESDAY + 10 * MINUTE)
    assert pause.reason.startswith("bounces: 2 of 4 messages")


def test_two_watchers_at_once_place_one_pause(quiet: World) -> None:
    count(quiet, TUESDAY, left=10, bounced=5)
    strategy = guarded(quiet, BOUNCES)
    with ThreadPoolExecutor(2) as pool:
        done = list(
            pool.map(
                lambda second: watch_guards(quiet.database, strategy, now=TUESDAY + timedelta(seconds=second)), (1, 2)
            )
        )
    assert sorted(name for each in done for name in each.paused) == [f"{NAME}-1"]
    assert len(running(quiet, TUESDAY + MINUTE)) == len(open_tasks(quiet)) == 1


def test_a_pause_that_another_watcher_has_just_placed_is_left_as_it_is(quiet: World) -> None:
    """This one does not know it yet as its guard's, and finds its name taken."""
    count(quiet, TUESDAY, left=10, bounced=5)
    taken = Pause(id=f"{NAME}-1", scope=OneOf("campaign", frozenset({"b2c-small"})), since=TUESDAY, reason="", by="x")
    start_pause(quiet.database, taken)
    assert watch(quiet, TUESDAY).acted == 0
    assert [pause.by for pause in running(quiet, TUESDAY)] == ["x"]
    assert open_tasks(quiet) == []


def test_a_persons_pause_that_ends_leaves_a_tripped_guard_its_own(quiet: World) -> None:
    count(quiet, TUESDAY, left=10, bounced=5)
    end = TUESDAY + 10 * MINUTE
    by_hand = Pause(
        id="p-1", scope=OneOf("campaign", frozenset({"b2c-small"})), since=TUESDAY, reason="lunch", by="camille",
        ends_at=end,
    )  # fmt: skip
    start_pause(quiet.database, by_hand)
    assert end_pauses(quiet.database, guarded(quiet, BOUNCES), now=end) == 1
    assert [pause.id for pause in running(quiet, end)] == [f"{NAME}-1"]


def test_a_guards_pause_with_an_end_lasts_a_window_more_while_it_still_trips(quiet: World) -> None:
    count(quiet, TUESDAY, left=10, bounced=5)
    watch(quiet, TUESDAY)
    end = TUESDAY + 20 * MINUTE
    set_end(quiet, end)
    strategy = guarded(quiet, BOUNCES)
    assert end_pauses(quiet.database, strategy, now=end - timedelta(seconds=5)) == 0
    (pause,) = running(quiet, end)
    assert pause.ends_at == end + HOUR
    assert pause.reason == ("prolonged at its end, for still bounces: 5 of 10 messages (50 %) within 1h, more than 8 %")
    with quiet.database.read() as conn:
        assert pause.epoch == barrier.epoch(conn) == 2
    assert end_pauses(quiet.database, strategy, now=end + 30 * MINUTE) == 0
    assert end_pauses(quiet.database, strategy, now=end + HOUR) == 1
    assert running(quiet, end + HOUR) == []


def test_a_guards_pause_with_an_end_ends_when_its_rate_is_well_again(quiet: World) -> None:
    count(quiet, TUESDAY, left=10, bounced=5)
    watch(quiet, TUESDAY)
    set_end(quiet, TUESDAY + 2 * HOUR)
    assert end_pauses(quiet.database, guarded(quiet, BOUNCES), now=TUESDAY + 2 * HOUR) == 1
    assert running(quiet, TUESDAY + 2 * HOUR) == []


def test_an_end_that_nobody_saw_in_time_is_prolonged_from_now(quiet: World) -> None:
    count(quiet, TUESDAY, left=10, bounced=5)
    watch(quiet, TUESDAY)
    set_end(quiet, TUESDAY + 10 * MINUTE)
    late = TUESDAY + 15 * MINUTE
    assert end_pauses(quiet.database, guarded(quiet, BOUNCES), now=late) == 0
    (pause,) = running(quiet, late)
    assert pause.ends_at == late + HOUR


def set_end(quiet: World, end: datetime) -> None:
    with quiet.database.begin() as conn:
        known = pauses.load(conn, f"{NAME}-1")
        assert known is not None
        pauses.save(conn, replace(known, ends_at=end))


# ------------------------------------------------------------------------------------- warnings, lanes, cost


def test_a_warning_is_a_task_for_a_manager_once_in_a_window(quiet: World) -> None:
    warning = replace(BOUNCES, do="warn")
    count(quiet, TUESDAY, left=10, bounced=5)
    assert watch(quiet, TUESDAY, warning).warned == [NAME]
    (task,) = open_tasks(quiet)
    assert (task.kind, task.role) == ("guard_warning", "manager")
    assert task.cause.startswith("bounces: 5 of 10 messages")
    assert running(quiet, TUESDAY) == []
    assert watch(quiet, TUESDAY + MINUTE, warning).acted == 0
    answer(quiet, task, TUESDAY + 2 * MINUTE)
    count(quiet, TUESDAY + 50 * MINUTE, left=10, bounced=5)
    assert watch(quiet, TUESDAY + 59 * MINUTE, warning).acted == 0
    assert watch(quiet, TUESDAY + 61 * MINUTE, warning).warned == [NAME]


def test_every_lane_pauses_by_the_house_values_whatever_the_campaign(quiet: World) -> None:
    count(quiet, TUESDAY, left=199, bounced=40)
    assert watch(quiet, TUESDAY, replace(BOUNCES, minimum=1000)).acted == 0
    count(quiet, TUESDAY, left=101, lane="sandbox-sms")
    count(quiet, TUESDAY, left=1)
    assert watch(quiet, TUESDAY, replace(BOUNCES, minimum=1000)).paused == ["guard-lane-sandbox-email-bounce_rate-1h-1"]
    (pause,) = running(quiet, TUESDAY)
    assert pause.lanes == ("sandbox-email",)


def test_four_fifths_of_the_cost_of_a_day_warn_once_that_day(quiet: World) -> None:
    strategy = guarded(quiet, limits=Limits(cost_cents_per_day=1000))
    assert spend(quiet, 799, strategy, TUESDAY).acted == 0
    assert spend(quiet, 1, strategy, TUESDAY + timedelta(days=2)).acted == 0  # that day is over everywhere
    assert spend(quiet, 0, strategy, TUESDAY).warned == ["guard-b2c-small-cost"]
    (task,) = open_tasks(quiet)
    assert task.cause == "800 of 1000 cents of the day are spent; the rest waits then"
    answer(quiet, task, TUESDAY)
    assert spend(quiet, 50, strategy, TUESDAY).acted == 0
    assert running(quiet, TUESDAY) == []


def spend(quiet: World, cents: int, strategy: Strategy, at: datetime) -> Watched:
    """As the gate counts it, always on the first day."""
    key = "cost:b2c-small"
    with quiet.database.begin() as conn:
        known = buckets.lock(conn, [Limit(key=key, daily_quota=1000)], now=TUESDAY, today=TUESDAY.date())[key]
        buckets.save(conn, [replace(known, used=known.used + cents)])
    return watch_guards(quiet.database, strategy, now=at)


def test_counts_that_no_window_reaches_are_forgotten(quiet: World) -> None:
    count(quiet, TUESDAY, left=1)
    count(quiet, TUESDAY + timedelta(days=1), left=2)
    forget_counts(quiet.database, now=TUESDAY + timedelta(days=31))
    assert left(quiet) == 3
    forget_counts(quiet.database, now=TUESDAY + timedelta(days=31, minutes=1))
    assert left(quiet) == 2
