"""Durations as files write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.errors import InputError

durations = st.builds(Duration, st.integers(-9999, 9999), st.sampled_from(list(Unit)))


@pytest.mark.parametrize(
    "text, duration",
    [
        ("90m", Duration(90, Unit.MINUTE)),
        ("12h", Duration(12, Unit.HOUR)),
        ("3d", Duration(3, Unit.DAY)),
        ("2w", Duration(2, Unit.WEEK)),
        ("1 month", Duration(1, Unit.MONTH)),
        ("2 months", Duration(2, Unit.MONTH)),
        ("3 business days", Duration(3, Unit.BUSINESS_DAY)),
        ("1 business day", Duration(1, Unit.BUSINESS_DAY)),
        ("-5d", Duration(-5, Unit.DAY)),
        (" 3 Days ", Duration(3, Unit.DAY)),
    ],
)
def test_a_duration_is_read(text: str, duration: Duration) -> None:
    assert Duration.parse(text) == duration


@pytest.mark.parametrize("text", ["3", "", "d", "3 fortnights", "3.5d", "3 business", "1m 2h", "99999d"])
def test_a_bare_number_or_an_unknown_unit_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Duration.parse(text)


@given(durations)
def test_what_is_shown_is_read_back(duration: Duration) -> None:
    assert Duration.parse(str(duration)) == duration


def test_m_is_minutes_and_month_is_written_out() -> None:
    assert Duration.parse("2m").seconds == 120
    assert Duration.parse("2 months").days == 60


@pytest.mark.parametrize("text", ["36h", "90m", "3 business days"])
def test_what_is_not_whole_days_has_no_number_of_days(text: str) -> None:
    with pytest.raises(InputError):
        _ = Duration.parse(text).days


@pytest.mark.parametrize("text, days", [("3d", 3), ("2w", 14), ("1 month", 30), ("-5d", -5)])
def test_days_count_weeks_and_months_nominally(text: str, days: int) -> None:
    assert Duration.parse(text).days == days
