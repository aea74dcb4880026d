"""Token buckets (R3): never more than rate and burst in any span, whatever the order of takings; quotas by the day."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.throttle import MICRO, Bucket, Limit, Taking, full, refill
from tests.builders import instant

NOW = instant("2026-03-10 09:00")
TODAY = date(2026, 3, 10)
LANE = Limit(key="lane", rate=10.0, burst=5)


def take(bucket: Bucket | None, limit: Limit, units: int, at: datetime) -> tuple[Bucket, str, datetime | None]:
    taking = Taking({bucket.key: bucket} if bucket else {}, at, at.date())
    key, opens = taking.take([(limit, units)])
    changed = taking.changed()
    return (changed[0] if changed else bucket or full(limit, at, at.date())), key, opens


@given(
    rate=st.floats(0.1, 200),
    burst=st.integers(1, 50),
    asks=st.lists(st.tuples(st.floats(0, 3), st.integers(1, 3)), max_size=60),
)
def test_in_no_span_does_more_leave_than_rate_and_burst(rate: float, burst: int, asks: list[tuple[float, int]]) -> None:
    limit, at, bucket = Limit(key="l", rate=rate, burst=burst), NOW, None
    taken: list[tuple[datetime, int]] = []
    for wait, units in asks:
        at += timedelta(seconds=wait)
        bucket, key, _ = take(bucket, limit, units, at)
        if not key:
            taken.append((at, units))
    for start, (first, _) in enumerate(taken):
        total = 0
        for when, units in taken[start:]:
            total += units
            # One message larger than the burst may leave from a full bucket; it owes the rest.
            assert total <= burst + rate * (when - first).total_seconds() + max(units - burst, 0) + 3 + 1e-6


def test_what_lacks_room_is_told_when_it_opens() -> None:
    bucket, _, _ = take(None, LANE, 5, NOW)
    _, key, opens = take(bucket, LANE, 2, NOW)
    assert (key, opens) == ("lane", NOW + timedelta(seconds=0.2))
    _, key, _ = take(bucket, LANE, 2, NOW + timedelta(seconds=0.2))
    assert key == ""


def test_a_day_that_is_past_does_not_come_back() -> None:
    """Lanes of Paris and Martinique share the bucket of a campaign: its quota is whole once a day, not at each turn."""
    limit = Limit(key="q", daily_quota=3)
    used = Bucket(key="q", tokens_micro=0, refilled_at=NOW, day=TODAY, used=3)
    yesterday = refill(used, limit, NOW, TODAY - timedelta(days=1))
    assert (yesterday.day, yesterday.used) == (TODAY, 3)
    tomorrow = refill(yesterday, limit, NOW, TODAY + timedelta(days=1))
    assert (tomorrow.day, tomorrow.used) == (TODAY + timedelta(days=1), 0)


def test_a_quota_counts_units_and_is_whole_the_next_day() -> None:
    limit = Limit(key="q", daily_quota=3)
    bucket, key, _ = take(None, limit, 2, NOW)
    assert key == ""
    _, key, opens = take(bucket, limit, 2, NOW)
    assert (key, opens) == ("q", None)
    _, key, _ = take(bucket, limit, 2, NOW + timedelta(days=1))
    assert key == ""


def test_all_limits_or_none_and_the_binding_one_is_named() -> None:
    wide, narrow = Limit(key="wide", rate=100.0, burst=100), Limit(key="narrow", rate=1.0, burst=1)
    taking = Taking({}, NOW, TODAY)
    assert taking.take([(wide, 10), (narrow, 1)]) == ("", None)
    assert taking.take([(wide, 10), (narrow, 1)])[0] == "narrow"
    left = {bucket.key: bucket.tokens_micro for bucket in taking.changed()}
    assert left == {"wide": 90 * MICRO, "narrow": 0}


def test_a_message_larger_than_the_burst_leaves_from_a_full_bucket_and_owes_the_rest() -> None:
    bucket, key, _ = take(None, Limit(key="l", rate=1.0, burst=1), 3, NOW)
    assert key == ""
    assert bucket.tokens_micro == -2 * MICRO


def test_a_clock_that_stepped_back_gives_nothing() -> None:
    empty = Bucket(key="lane", tokens_micro=0, refilled_at=NOW, day=TODAY)
    assert refill(empty, LANE, NOW - timedelta(hours=1), TODAY).tokens_micro == 0
