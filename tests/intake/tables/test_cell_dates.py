"""Dates are read in the order that the mapping declares, and in no other."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.intake.tables.cell_dates import ORDERS, DateFault, DateReader, pattern_of


def fault_of(cell: object, date_format: str) -> DateFault:
    with pytest.raises(DateFault) as caught:
        DateReader(date_format).read(cell)  # type: ignore[arg-type]  # also what no table gives
    return caught.value


@pytest.mark.parametrize(
    "date_format, day",
    [("day_first", date(2026, 3, 2)), ("month_first", date(2026, 2, 3)), ("DD/MM/YYYY", date(2026, 3, 2))],
)
def test_the_mapping_alone_says_which_of_two_figures_is_the_day(date_format: str, day: date) -> None:
    assert DateReader(date_format).read("02/03/2026") == day


@pytest.mark.parametrize(
    "text, date_format",
    [
        ("31/01/2026", "day_first"),
        ("31.1.2026", "day_first"),
        ("31-01-2026 00:00:00", "day_first"),
        ("1/31/2026", "month_first"),
        ("1/31/2026 12:00:00 AM", "month_first"),
        ("2026-01-31", "iso"),
        ("2026-01-31T10:00:00Z", "iso"),
        ("2026-01-31T10:00:00.123+02:00", "iso"),
        ("20260131", "iso"),
        ("2026-01-31", "day_first"),
        ("2026/01/31", "month_first"),
        ("31.01.26", "DD.MM.YY"),
        ("20260131", "YYYYMMDD"),
        ("31012026", "DDMMYYYY"),
        ("46053", "excel"),
        ("46053,0", "excel"),
        (46053, "excel"),
        (date(2026, 1, 31), "day_first"),
    ],
)
def test_usual_ways_to_write_the_last_of_january(text: str | int | date, date_format: str) -> None:
    assert DateReader(date_format).read(text) == date(2026, 1, 31)


@pytest.mark.parametrize("text", ["31/02/2026", "30/02/2026", "00/01/2026", "31/04/2026", "29/02/2026"])
def test_days_that_do_not_exist_are_refused(text: str) -> None:
    assert fault_of(text, "day_first").code == "date_impossible"


def test_a_leap_day_exists_in_a_leap_year() -> None:
    assert DateReader("day_first").read("29/02/2028") == date(2028, 2, 29)


def test_a_month_beyond_twelve_asks_whether_the_mapping_is_right() -> None:
    fault = fault_of("01/31/2026", "day_first")
    assert fault.code == "date_impossible"
    assert "month_first" in fault.hint


def test_a_serial_number_is_read_only_where_the_mapping_says_so() -> None:
    fault = fault_of("46053", "iso")
    assert fault.code == "date_serial"
    assert "dates: excel" in fault.hint


@pytest.mark.parametrize(
    "text, date_format",
    [
        ("31/01/26", "day_first"),
        ("31 janvier 2026", "day_first"),
        ("2026-1", "iso"),
        ("hier", "iso"),
        ("31/01/2026", "iso"),
        ("١٢/٠١/٢٠٢٦", "day_first"),
        ("31/01/2026 extra", "day_first"),
        ("2026-01-31", "excel"),
        (True, "iso"),
        (("a",), "iso"),
        ("1" * 1000, "iso"),
    ],
)
def test_what_is_not_written_as_declared_is_refused(text: object, date_format: str) -> None:
    assert fault_of(text, date_format).code == "date_unreadable"


@pytest.mark.parametrize("text", ["DD/MM", "DD.MM.YYYY.DD", "day", "JJ/MM/AAAA", "", "DDMM YY Y"])
def test_a_format_needs_day_month_and_year_once(text: str) -> None:
    assert pattern_of(text) is None


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_a_date_written_in_a_declared_order_is_read_back(day: date) -> None:
    written = {
        "day_first": f"{day:%d/%m/%Y}",
        "month_first": f"{day:%m/%d/%Y}",
        "iso": day.isoformat(),
        "excel": str((day - date(1899, 12, 30)) // timedelta(days=1)),
        "DD.MM.YYYY": f"{day:%d.%m.%Y}",
    }
    for date_format, text in written.items():
        assert DateReader(date_format).read(text) == day


@given(st.text(max_size=40), st.sampled_from([*ORDERS, "DD.MM.YYYY", "YYYYMMDD"]))
def test_no_text_does_more_than_be_a_date_or_be_refused(text: str, date_format: str) -> None:
    reader = DateReader(date_format)
    with suppress(DateFault):
        assert isinstance(reader.read(text), date)
