"""Legal rates from files: dated, sourced, never carried over; those shipped end where the sources end."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from orchestrator.domain.errors import RateMissing
from orchestrator.domain.rates import RatePeriod, RateSeries, rate_on
from orchestrator.intake.policies.rates_yaml import load_rates, series_of
from orchestrator.intake.strict_yaml.source import FileErrors, parse

SHIPPED = Path(__file__).resolve().parents[3] / "campaigns" / "rates"
FIRST = "{from: 2026-01-01, to: 2026-06-30, percent: 2.62, source: s, evidence: secondary}"


def series(*periods: str) -> RateSeries:
    lines = "".join(f"  - {each}\n" for each in periods)
    return series_of(parse(f"rates: fr.legal.other\ntitle: t\nperiods:\n{lines}", name="r.yaml"))


def fault(*periods: str) -> str:
    with pytest.raises(FileErrors) as caught:
        series(*periods)
    (error,) = caught.value.errors
    return str(error)


def test_a_series_is_read_with_its_sources() -> None:
    assert series(FIRST).periods == (RatePeriod(date(2026, 1, 1), date(2026, 6, 30), "2.62", "s", "secondary"),)


def test_a_decimal_comma_and_a_sign_are_read() -> None:
    assert series(FIRST.replace("2.62", '"2,62 %"')).periods[0].percent == "2.62"


def test_a_gap_means_that_the_rate_is_not_known_there() -> None:
    found = series(FIRST.replace("2026", "2024"), FIRST)
    assert found.on(date(2024, 6, 30)) == Decimal("2.62")
    with pytest.raises(RateMissing):
        found.on(date(2025, 1, 1))


def test_periods_do_not_overlap() -> None:
    assert fault(FIRST, FIRST.replace("2026-01-01", "2026-06-30")) == (
        "r.yaml:5:12: periods[1].from: this period begins before the one above it has ended, on 2026-06-30"
        " (put them in order, without overlap)"
    )


def test_periods_stand_in_order() -> None:
    assert "before the one above it has ended" in fault(FIRST, FIRST.replace("2026", "2025"))


@pytest.mark.parametrize(
    "change, words",
    [
        (("2026-06-30", "2025-12-31"), "r.yaml:4:5: periods[0]: the period ends before it begins"),
        (("2.62", "much"), 'r.yaml:4:49: periods[0].percent: "much" is not a rate in per cent'),
        (("source: s, ", ""), "r.yaml:4:5: periods[0].source: this key is missing"),
        (("secondary", "sure"), 'r.yaml:4:76: periods[0].evidence: "sure" is not one of statute seen, secondary'),
    ],
)
def test_each_mistake_is_told_at_its_place(change: tuple[str, str], words: str) -> None:
    assert fault(FIRST.replace(*change)).startswith(words)


def test_a_series_is_given_once(tmp_path: Path) -> None:
    text = f"rates: fr.legal.other\ntitle: t\nperiods:\n  - {FIRST}\n"
    (tmp_path / "a.yaml").write_text(f"{text}---\n{text}", encoding="utf-8")
    with pytest.raises(FileErrors, match="is already given") as caught:
        load_rates(tmp_path)
    assert caught.value.where.endswith("a.yaml:6:8")


# -------------------------------------------------------------------------------------- those shipped


@pytest.mark.parametrize(
    "name, day, percent",
    [
        ("fr.legal.individual", date(2026, 1, 1), "6.67"),
        ("fr.legal.other", date(2026, 6, 30), "2.62"),
        ("ecb.refi", date(2026, 1, 1), "2.15"),
        ("fr.legal.other", date(2025, 12, 31), "2.76"),
        ("fr.legal.individual", date(2024, 7, 1), "8.16"),
        ("ecb.refi", date(2024, 1, 1), "4.50"),
    ],
)
def test_the_shipped_rates_are_those_published(name: str, day: date, percent: str) -> None:
    assert rate_on(load_rates(SHIPPED), name, day) == Decimal(percent)


@pytest.mark.parametrize("name", ["fr.legal.individual", "fr.legal.other", "ecb.refi"])
def test_the_second_half_of_2026_is_missing_and_stays_so_until_someone_finds_it(name: str) -> None:
    with pytest.raises(RateMissing):
        rate_on(load_rates(SHIPPED), name, date(2026, 7, 1))


def test_the_shipped_half_years_follow_one_another_without_a_hole() -> None:
    for found in load_rates(SHIPPED).values():
        for one, other in zip(found.periods, found.periods[1:], strict=False):
            assert (other.from_on - one.to_on).days == 1


def test_every_shipped_rate_names_who_published_it() -> None:
    for found in load_rates(SHIPPED).values():
        for period in found.periods:
            assert period.evidence in ("statute seen", "secondary")
            assert "Journal officiel" in period.source or ";" in period.source or " and " in period.source
