"""Instants keep the microsecond, and have a time zone."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import StorageError
from orchestrator.storage.instants import from_micros, to_micros

_ZONES = st.builds(lambda minutes: timezone(timedelta(minutes=minutes)), st.integers(-14 * 60, 14 * 60))
_AWARE = st.datetimes(datetime(1901, 1, 1), datetime(2199, 12, 31), timezones=_ZONES)  # noqa: DTZ001 - bounds are naive


@given(_AWARE)
def test_an_instant_comes_back_to_the_microsecond_in_utc(instant: datetime) -> None:
    back = from_micros(to_micros(instant))
    assert back == instant
    assert back.tzinfo is UTC


@given(_AWARE, _AWARE)
def test_numbers_are_in_the_order_of_time(one: datetime, other: datetime) -> None:
    assert (to_micros(one) < to_micros(other)) == (one < other)


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(StorageError) as refused:
        to_micros(datetime.fromisoformat("2026-03-07"))
    assert refused.value.code == "naive_instant"
