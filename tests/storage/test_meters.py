"""Counters by the minute: they add up whoever writes, and are forgotten by the minute."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from orchestrator.domain.meter import Metric, Tally
from orchestrator.storage import meters
from orchestrator.storage.database import Database
from tests.storage.portfolio import NOW

MINUTE = timedelta(minutes=1)
LEFT = ("b2c-small", "sms-1", Metric.LEFT)
BOUNCED = ("b2c-small", "sms-1", Metric.BOUNCED)


def add(database: Database, tally: Tally, at_minute: int = 0) -> None:
    with database.begin() as conn:
        meters.add(conn, tally, at=NOW + at_minute * MINUTE)


def sums(database: Database, after_minute: int = -1) -> Tally:
    with database.read() as conn:
        return meters.sums(conn, after=meters.slot_of(NOW + after_minute * MINUTE))


def test_counts_of_one_minute_add_up_meter_by_meter(database: Database) -> None:
    add(database, Tally({LEFT: 3, BOUNCED: 1}))
    add(database, Tally({LEFT: 2, ("b2c-small", "", Metric.OPTED_OUT): 1}))
    assert sums(database) == {LEFT: 5, BOUNCED: 1, ("b2c-small", "", Metric.OPTED_OUT): 1}


def test_nothing_to_count_writes_nothing(database: Database) -> None:
    add(database, Tally())
    assert sums(database) == {}


def test_what_is_asked_begins_with_the_minute_after_and_is_told_by_campaign_and_lane(database: Database) -> None:
    for minute in range(3):
        add(database, Tally({LEFT: 1, ("another", "sms-1", Metric.LEFT): 10}), at_minute=minute)
    assert sums(database, after_minute=0) == {LEFT: 2, ("another", "sms-1", Metric.LEFT): 20}
    assert sums(database, after_minute=2) == {}


def test_an_instant_belongs_to_its_minute_to_the_last_microsecond(database: Database) -> None:
    start = NOW.replace(second=0, microsecond=0)
    last = start + MINUTE - timedelta(microseconds=1)
    assert meters.slot_of(start) == meters.slot_of(last) == meters.slot_of(start + MINUTE) - 1


def test_minutes_before_an_instant_are_forgotten_and_its_own_is_kept(database: Database) -> None:
    for minute in range(3):
        add(database, Tally({LEFT: 1}), at_minute=minute)
    with database.begin() as conn:
        assert not meters.is_any_before(conn, NOW)
        assert meters.is_any_before(conn, NOW + 2 * MINUTE)
        meters.forget(conn, before=NOW + 2 * MINUTE)
        assert not meters.is_any_before(conn, NOW + 2 * MINUTE)
    assert sums(database) == {LEFT: 1}


def test_writers_at_once_lose_nothing_and_never_wait_in_a_circle(database: Database) -> None:
    """Each gives the same meters, half of them in the opposite order."""
    names = [(f"campaign-{number:03}", "sms-1", Metric.LEFT) for number in range(300)]

    def write(number: int) -> None:
        order = names if number % 2 else names[::-1]
        for _ in range(8):
            add(database, Tally(dict.fromkeys(order, 1)))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, range(2)))
    assert sums(database) == dict.fromkeys(names, 16)
