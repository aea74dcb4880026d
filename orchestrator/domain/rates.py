"""Legal rates as dated series: read for a day, never carried past their period."""

from datetime import date
from decimal import Decimal

import msgspec

from orchestrator.domain.errors import RateMissing


class RatePeriod(msgspec.Struct, frozen=True):
    """A rate in per cent from a day to a day, both inclusive; `source` and `evidence` say who published it."""

    from_on: date
    to_on: date
    percent: str
    source: str = ""
    evidence: str = ""


class RateSeries(msgspec.Struct, frozen=True):
    """A named series, such as fr.legal.other; periods in order and without overlap."""

    id: str
    title: str
    periods: tuple[RatePeriod, ...]

    def on(self, day: date) -> Decimal:
        """The rate in per cent on a day. Raises RateMissing outside the known periods: no rate is ever guessed."""
        for period in self.periods:
            if period.from_on <= day <= period.to_on:
                return Decimal(period.percent)
        raise RateMissing(
            f"the rate {self.id} is not known on {day}",
            hint="add its period to the rates file, with its source",
        )


Rates = dict[str, RateSeries]


def rate_on(rates: Rates, series_id: str, day: date) -> Decimal:
    """The rate of a series on a day; an unknown series is a missing rate."""
    series = rates.get(series_id)
    if series is None:
        raise RateMissing(f"no rate series is named {series_id}", hint="add it to the rates file, with its source")
    return series.on(day)
