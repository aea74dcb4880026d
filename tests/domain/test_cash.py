"""DSO by count-back, and the weeks ahead: what was said and what is estimated, never the same euro twice."""

from datetime import date, timedelta

import pytest

from orchestrator.domain.cash import FEWEST, Curve, Dso, count_back, weeks_ahead

TODAY = date(2026, 3, 10)
HALF = Curve({0: 0.5, 1: 0.5, 2: 0.5, 3: 0.5}, dict.fromkeys(range(4), FEWEST))


def test_what_is_open_is_taken_off_the_latest_months() -> None:
    invoiced = {date(2026, 3, 1): 1000, date(2026, 2, 1): 2800, date(2026, 1, 1): 3100}
    assert count_back(500, invoiced, TODAY) == Dso(5.0, 10)  # half of ten days of March
    assert count_back(1000, invoiced, TODAY) == Dso(10.0, 10)
    assert count_back(2400, invoiced, TODAY) == Dso(10 + 14.0, 38)  # and half of February
    assert count_back(3800 + 1550, invoiced, TODAY) == Dso(10 + 28 + 15.5, 69)


def test_a_month_without_sales_counts_its_days() -> None:
    invoiced = {date(2026, 3, 1): 1000, date(2026, 1, 1): 3100}
    assert count_back(1000 + 3100, invoiced, TODAY) == Dso(10 + 28 + 31.0, 69)


def test_what_the_known_months_do_not_explain_is_said_to_be_beyond() -> None:
    assert count_back(5000, {date(2026, 3, 1): 1000}, TODAY) == Dso(None, 10, is_beyond=True)
    assert count_back(5000, {}, TODAY) == Dso(None, 0, is_beyond=True)
    assert count_back(5000, {date(2026, 4, 1): 9000}, TODAY).days is None


def test_nothing_open_is_no_day() -> None:
    assert count_back(0, {}, TODAY) == count_back(-5, {}, TODAY) == Dso(0.0, 0)


def test_what_was_said_stands_in_its_week_and_what_is_past_in_none() -> None:
    days = [
        ("promise", TODAY, 100), ("promise", TODAY + timedelta(days=6), 10),
        ("promise", TODAY - timedelta(days=1), 1), ("debit", TODAY + timedelta(days=7), 1000),
    ]  # fmt: skip
    weeks = weeks_ahead(TODAY, 2, expected=days, free=[], curve=HALF)
    assert [(week.promised_cents, week.debit_cents) for week in weeks] == [(110, 0), (0, 1000)]
    assert [week.starts_on for week in weeks] == [TODAY, TODAY + timedelta(days=7)]


def test_half_of_a_debt_is_estimated_to_come_within_a_span_that_brings_half() -> None:
    """In thirty days of the same share, the weeks bring what the span brings."""
    free = [(TODAY - timedelta(days=200), 100_000)]
    weeks = weeks_ahead(TODAY, 4, expected=[], free=free, curve=HALF)
    came = sum(week.estimated_cents or 0 for week in weeks)
    assert came == pytest.approx(100_000 * (1 - 0.5 ** (28 / 30)), abs=4)
    each = [week.estimated_cents or 0 for week in weeks]
    assert each == sorted(each, reverse=True)


def test_a_debt_brings_nothing_before_its_day() -> None:
    weeks = weeks_ahead(TODAY, 3, expected=[], free=[(TODAY + timedelta(days=10), 100_000)], curve=HALF)
    assert weeks[0].estimated_cents == weeks[1].estimated_cents == 0
    assert (weeks[2].estimated_cents or 0) > 0


def test_too_few_debts_give_no_estimate() -> None:
    few = Curve({0: 0.5}, {0: FEWEST - 1})
    free = [(TODAY - timedelta(days=5), 100_000)]
    assert [week.estimated_cents for week in weeks_ahead(TODAY, 1, expected=[], free=free, curve=few)] == [None]
    first_only = Curve({0: 0.5, 1: 0.9}, {0: FEWEST, 1: 3})
    late = [(TODAY - timedelta(days=40), 100_000)]
    assert [week.estimated_cents for week in weeks_ahead(TODAY, 1, expected=[], free=late, curve=first_only)] == [0]
