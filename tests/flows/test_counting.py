"""What is counted of messages as facts are recorded, once each; and what follows: a pause that the gate obeys."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from channels.contract import Channel, Receipt
from channels.contract import DeliveryStatus as Status
from orchestrator.domain.campaign import Guard
from orchestrator.domain.condition import OneOf
from orchestrator.domain.duration import Duration
from orchestrator.domain.errors import NotFound
from orchestrator.domain.events import MessageLeft, OptedOut
from orchestrator.domain.interruption import Pause
from orchestrator.domain.meter import Metric, Tally
from orchestrator.flows.pause_sending import pause_report
from orchestrator.flows.record_facts import record_facts
from orchestrator.flows.record_receipts import record_receipts
from orchestrator.flows.resume_sending import resume_pause
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.watch_guards import watch_guards
from orchestrator.storage import attempts, barrier, cases, journal, meters, pauses, tasks
from orchestrator.storage.attempts import AttemptState
from tests.flows.conftest import TUESDAY, World, row
from tests.storage.test_concurrency import wait_until_blocked

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NAME = "guard-b2c-small-bounce_rate-1h"


def guarded(strategy: Strategy) -> Strategy:
    """With one guard that four messages are enough for."""
    guard = Guard("bounce_rate", 80.0, Duration.parse("1h"), 4, "pause")
    campaigns = tuple(replace(each, guards=(guard,)) for each in strategy.campaigns if each.id == "b2c-small")
    return replace(strategy, campaigns=campaigns)


def running(world: World) -> list[Pause]:
    with world.database.read() as conn:
        return pauses.active(conn, at=TUESDAY + MINUTE)


def guard_tasks(world: World) -> list[tasks.Task]:
    with world.database.read() as conn:
        return tasks.search(conn, tasks.Filter(kind="guard_pause"), limit=9)


def counted(world: World) -> Mapping[str, int]:
    with world.database.read() as conn:
        return {f"{c} {lane} {metric}": n for (c, lane, metric), n in meters.sums(conn, after=0).items()}


def portfolio(world: World, *, until: int, since: int = 1, now: datetime = TUESDAY) -> None:
    """One consumer each, whom a phone reaches."""
    rows = [row(f"F-{n}", debtor=f"C-{n}", phone=f"+3364463{1000 + n}") for n in range(since, until + 1)]
    world.load(*(text.replace("Jeanne", f"J{n}") for n, text in enumerate(rows, since)), now=now)


def sent_attempts(world: World) -> list[attempts.Attempt]:
    with world.database.read() as conn:
        found = attempts.of_messages(conn, [message.id for message in world.messages()])
    return [item for item in found if item.state is AttemptState.ACCEPTED]


def departures(world: World) -> list[MessageLeft]:
    with world.database.read() as conn:
        return [line.fact for line in journal.read(conn, world.case().id) if isinstance(line.fact, MessageLeft)]


def tell(world: World, status: Status, *items: attempts.Attempt, at: datetime = TUESDAY, word: str = "") -> None:
    receipts = [Receipt(dedup_key=f"{item.id}{status}{word}", status=status, attempt_id=item.id) for item in items]
    record_receipts(world.database, receipts, now=at, real_now=at)


# ------------------------------------------------------------------------------------------ what is counted


def test_a_departure_its_receipts_and_an_opt_out_are_counted_once_each(world: World) -> None:
    portfolio(world, until=1)
    world.advance()
    world.dispatch()
    (item,) = sent_attempts(world)
    (departure,) = departures(world)
    assert world.record(departure, now=TUESDAY) == 0
    for word in ("", "", "told again in another word"):
        tell(world, Status.UNDELIVERED, item, word=word)
    stop = OptedOut(id="stop", at=TUESDAY, by="debtor", channel=Channel.SMS)
    with pytest.raises(NotFound):
        record_facts(world.database, [(world.case().id, stop), ("unknown", stop)], now=TUESDAY)
    assert world.record(stop, now=TUESDAY) == 1
    assert world.record(stop, now=TUESDAY) == 0
    cost = world.messages()[0].cost_cents
    assert cost > 0
    assert counted(world) == {
        "b2c-small sandbox-sms left": 1,
        "b2c-small sandbox-sms cost_cents": cost,
        "b2c-small sandbox-sms undelivered": 1,
        "b2c-small  opted_out": 1,
    }


def test_a_receipt_that_overtakes_the_answer_counts_the_departure_once(world: World) -> None:
    portfolio(world, until=1)
    world.advance()

    def verdict(_message: object) -> None:
        with world.database.read() as conn:
            (item,) = attempts.calling(conn)
        tell(world, Status.BOUNCED, item)

    world.verdict = verdict
    world.dispatch()
    assert counted(world)["b2c-small sandbox-sms left"] == 1
    assert counted(world)["b2c-small sandbox-sms bounced"] == 1


def test_receipts_lock_their_cases_before_any_counter(world: World) -> None:
    """Otherwise a batch that settles one case waits for the next while others wait for the counter it holds."""
    portfolio(world, until=1)
    world.advance()
    world.dispatch()
    (told,) = sent_attempts(world)
    portfolio(world, since=2, until=2, now=TUESDAY + MINUTE)
    world.advance(now=TUESDAY + MINUTE)

    def verdict(_message: object) -> None:
        with world.database.read() as conn:
            (calling,) = attempts.calling(conn)
        with ThreadPoolExecutor(1) as other:
            with world.database.begin() as conn:
                cases.load(conn, [told.case_id], for_update=True)
                receipts = other.submit(lambda: tell(world, Status.BOUNCED, calling, told))
                if world.database.name != "sqlite":
                    wait_until_blocked(world.database)
                meters.add(conn, Tally({("b2c-small", "sandbox-sms", Metric.LEFT): 1}), at=TUESDAY)
            receipts.result(30)

    world.verdict = verdict
    assert world.dispatch(now=TUESDAY + MINUTE).left == 0  # its receipt came first
    assert counted(world)["b2c-small sandbox-sms left"] == 3
    assert counted(world)["b2c-small sandbox-sms bounced"] == 2


# --------------------------------------------------------------------------------------------- the whole way


def test_bounces_on_receipts_become_a_pause_that_the_gate_obeys(world: World) -> None:
    portfolio(world, until=4)
    world.advance()
    world.dispatch()
    strategy = guarded(world.strategy())
    tell(world, Status.BOUNCED, *sent_attempts(world)[:2])
    portfolio(world, since=5, until=6, now=TUESDAY + MINUTE)
    world.advance(now=TUESDAY + MINUTE)
    assert watch_guards(world.database, strategy, now=TUESDAY + MINUTE).paused == [f"{NAME}-1"]
    (pause,) = running(world)
    assert pause.scope == OneOf("campaign", frozenset({"b2c-small"}))
    assert pause.reason == "bounces: 2 of 4 messages (50 %) within 1h, more than 8 %"
    assert (pause.by, pause.guard) == ("relance", NAME)
    with world.database.read() as conn:
        assert pause.epoch == barrier.epoch(conn) == 1
    assert world.dispatch(now=TUESDAY + 2 * MINUTE).left == 0
    assert len(world.sent()) == 4
    report = pause_report(
        world.database, world.strategy, pause.id, adapters={}, now=TUESDAY + MINUTE, real_now=TUESDAY + MINUTE
    )
    assert (report.state, report.left_before) == ("paused", {"sms": 4})
    (task,) = guard_tasks(world)
    assert (task.kind, task.role, task.cause) == ("guard_pause", "manager", pause.reason)
    resume_pause(world.database, world.strategy(), pause.id, by="camille", now=TUESDAY + HOUR)
    world.advance(now=TUESDAY + HOUR)
    assert world.dispatch(now=TUESDAY + HOUR).left == 2
