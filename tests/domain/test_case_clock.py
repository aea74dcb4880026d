"""The case clock (semantics B2): it stands still in a hold, runs slow in a crisis, and keeps the hour on the wall."""

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.case_clock import Span, add_months, end_of, run, shift, shift_date, stopped_between
from orchestrator.domain.duration import Duration
from orchestrator.domain.place import place_of
from tests.builders import instant

PARIS = place_of("FR", "75001")
REUNION = place_of("FR", "97400")
START = instant("2026-03-02 08:00")
DAY = timedelta(days=1)


def span(start_day: float, end_day: float | None, stretch: int = 0) -> Span:
    """From day to day after START; stretch 0 is a standstill."""
    end = None if end_day is None else START + end_day * DAY
    return Span(START + start_day * DAY, end, stretch)


def ran(days: float, *spans: Span) -> float | None:
    """The day at which `days` have elapsed on the clock since START."""
    at = run(START, days * DAY, spans)
    return None if at is None else (at - START) / DAY


def test_without_spans_the_clock_is_the_calendar() -> None:
    assert ran(10) == 10


def test_a_standstill_ahead_pushes_back_what_comes_after_it() -> None:
    assert ran(10, span(2, 5)) == 13


def test_a_standstill_after_the_end_changes_nothing() -> None:
    assert ran(2, span(5, 9)) == 2


def test_a_standstill_that_began_before_counts_from_the_start() -> None:
    assert ran(10, span(-30, 3)) == 13


def test_a_standstill_that_was_over_before_the_start_changes_nothing() -> None:
    assert ran(10, span(-30, -3)) == 10


def test_a_standstill_without_end_never_arrives() -> None:
    assert ran(10, span(2, None)) is None


def test_what_is_reached_the_instant_a_standstill_begins_is_reached() -> None:
    assert ran(2, span(2, None)) == 2


def test_a_stretch_of_two_makes_each_day_last_two() -> None:
    assert ran(10, span(0, None, 2)) == 20
    assert ran(10, span(0, 10, 2)) == 15


def test_a_stretch_of_one_is_no_stretch() -> None:
    assert ran(10, span(0, None, 1)) == 10


def test_overlapping_standstills_count_once() -> None:
    assert ran(10, span(2, 6), span(4, 8)) == 16
    assert ran(10, span(2, 8), span(4, 6)) == 16


def test_the_largest_stretch_wins_where_crises_overlap() -> None:
    assert ran(10, span(0, None, 2), span(0, None, 3)) == 30
    assert ran(4, span(0, 4, 2), span(2, 8, 3)) == 9


def test_stopped_beats_slow() -> None:
    assert ran(10, span(0, None, 3), span(0, 9)) == 39


def test_nothing_left_to_run_is_now_even_in_a_standstill() -> None:
    assert ran(0, span(-1, None)) == 0


def test_days_keep_the_hour_on_the_wall_over_a_change_of_clocks() -> None:
    before = instant("2026-03-28 08:00")  # 09:00 in Paris, winter
    assert shift(before, Duration.parse("1d"), PARIS) == instant("2026-03-29 07:00")
    assert shift(before, Duration.parse("1w"), PARIS) == instant("2026-04-04 07:00")
    assert shift(before, Duration.parse("1 month"), PARIS) == instant("2026-04-28 07:00")
    assert shift(before, Duration.parse("1 business day"), PARIS) == instant("2026-03-30 07:00")


def test_hours_and_minutes_are_exact_over_a_change_of_clocks() -> None:
    assert shift(instant("2026-03-28 08:00"), Duration.parse("24h"), PARIS) == instant("2026-03-29 08:00")
    assert shift(instant("2026-03-28 08:00"), Duration.parse("90m"), PARIS) == instant("2026-03-28 09:30")


def test_days_are_counted_where_the_debtor_lives() -> None:
    assert shift(instant("2026-03-28 08:00"), Duration.parse("1d"), REUNION) == instant("2026-03-29 08:00")


@pytest.mark.parametrize(
    "day, duration, expected",
    [
        (date(2026, 1, 31), "1 month", date(2026, 2, 28)),
        (date(2028, 1, 31), "1 month", date(2028, 2, 29)),
        (date(2026, 1, 31), "2 months", date(2026, 3, 31)),
        (date(2026, 11, 30), "3 months", date(2027, 2, 28)),
        (date(2026, 3, 2), "-5d", date(2026, 2, 25)),
        (date(2026, 3, 2), "2w", date(2026, 3, 16)),
        (date(2026, 3, 6), "1 business day", date(2026, 3, 9)),
    ],
)
def test_dates_are_shifted_in_whole_calendar_units(day: date, duration: str, expected: date) -> None:
    assert shift_date(day, Duration.parse(duration), PARIS) == expected


def test_twelve_months_are_a_year_even_from_the_29th_of_february() -> None:
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2024, 2, 29), 48) == date(2028, 2, 29)
    assert add_months(date(2026, 1, 15), -1) == date(2025, 12, 15)


def test_an_until_date_is_inclusive_and_grace_comes_after_it() -> None:
    assert end_of(date(2026, 3, 20), 0, PARIS) == instant("2026-03-20 23:00")
    assert end_of(date(2026, 3, 20), 3, PARIS) == instant("2026-03-23 23:00")
    assert end_of(date(2026, 3, 20), 0, REUNION) == instant("2026-03-20 20:00")


def test_a_stop_is_measured_once_and_only_inside_the_two_instants() -> None:
    spans = (span(2, 6), span(4, 8), span(20, None, 3))
    assert stopped_between(START, START + 10 * DAY, spans) == 6 * DAY
    assert stopped_between(START + 5 * DAY, START + 10 * DAY, spans) == 3 * DAY
    assert stopped_between(START, START + 22 * DAY, spans) == 8 * DAY
    assert stopped_between(START, START + DAY, spans) == timedelta(0)


HOUR = timedelta(hours=1)


@st.composite
def stretches(draw: st.DrawFn) -> tuple[Span, ...]:
    """Up to four spans of whole hours around START, some without end."""
    found = []
    for _ in range(draw(st.integers(0, 4))):
        start = START + draw(st.integers(-60, 120)) * HOUR
        length = draw(st.none() | st.integers(1, 100))
        end = None if length is None else start + length * HOUR
        found.append(Span(start, end, draw(st.sampled_from([0, 0, 1, 2, 3]))))
    return tuple(found)


def slowly(nominal_hours: int, spans: tuple[Span, ...]) -> datetime | None:
    """The same clock, hour by hour: each one adds nothing, one, or a fraction."""
    at, elapsed = START, Fraction(0)
    for _ in range(3000):
        if elapsed >= nominal_hours:
            return at
        running = [s.stretch for s in spans if s.start <= at and (s.end is None or at < s.end)]
        pace = Fraction(1) if not running else Fraction(0) if 0 in running else Fraction(1, max(running))
        if elapsed + pace > nominal_hours:
            return at + HOUR * float((nominal_hours - elapsed) / pace)
        elapsed, at = elapsed + pace, at + HOUR
    return None


@given(st.integers(0, 200), stretches())
def test_the_clock_agrees_with_counting_hour_by_hour(nominal_hours: int, spans: tuple[Span, ...]) -> None:
    fast, slow = run(START, nominal_hours * HOUR, spans), slowly(nominal_hours, spans)
    if slow is None:
        assert fast is None
    else:
        assert fast is not None
        assert abs(fast - slow) < timedelta(seconds=1)


@given(st.integers(0, 200), st.integers(0, 200), stretches())
def test_the_clock_never_runs_backwards(one: int, other: int, spans: tuple[Span, ...]) -> None:
    sooner, later = (run(START, hours * HOUR, spans) for hours in sorted([one, other]))
    assert later is None or (sooner is not None and START <= sooner <= later)
