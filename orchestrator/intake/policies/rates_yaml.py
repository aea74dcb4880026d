"""Legal rates from campaigns/rates/: dated series, each period with who published it. Computes nothing.

A gap between two periods is allowed and means that the rate is not known there; an overlap never is.
"""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Self

import pydantic

from orchestrator.domain.errors import FileError
from orchestrator.domain.rates import RatePeriod, Rates, RateSeries
from orchestrator.intake.policies.kinds import EVIDENCE
from orchestrator.intake.strict_yaml.field_types import Day, FileModel, Percent, Text, Written, one_of
from orchestrator.intake.strict_yaml.source import FileErrors, Source, read, validate
from orchestrator.intake.strict_yaml.wording import refusal, refusal_at


def _series_id(text: str) -> str:
    if not re.fullmatch(r"[a-z]+(\.[a-z0-9_]+)+", text):
        raise ValueError
    return text


class PeriodFile(FileModel):
    """A rate from a day to a day, both included."""

    from_on: Day = pydantic.Field(alias="from", description="the first day of the rate")
    to_on: Day = pydantic.Field(alias="to", description="the last day of the rate, included")
    percent: Percent
    source: Text = pydantic.Field(description="who published it, so that a reader can look it up")
    evidence: Annotated[str, one_of(*EVIDENCE)]

    @pydantic.model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if self.to_on < self.from_on:
            raise refusal("the period ends before it begins", "check from: and to:")
        return self


class SeriesFile(FileModel):
    """A series as written."""

    rates: Annotated[str, Written(_series_id, "the name of a series of rates", "fr.legal.other")]
    title: Text = pydantic.Field(description="what the rate is")
    periods: tuple[PeriodFile, ...]

    @pydantic.model_validator(mode="after")
    def _has_no_overlap(self) -> Self:
        if not self.periods:
            raise refusal("the series has no period", "write at least one under periods:")
        last = date.min
        for index, period in enumerate(self.periods):
            if period.from_on <= last:
                message = f"this period begins before the one above it has ended, on {last}"
                raise refusal_at(("periods", index, "from"), message, "put them in order, without overlap")
            last = period.to_on
        return self

    def series(self) -> RateSeries:
        """The domain's series."""
        periods = (RatePeriod(p.from_on, p.to_on, p.percent, p.source, p.evidence) for p in self.periods)
        return RateSeries(self.rates, self.title, tuple(periods))


def series_of(source: Source) -> RateSeries:
    """One series. Raises FileErrors."""
    return validate(SeriesFile, source).series()


def load_rates(folder: Path) -> Rates:
    """Every series of a folder by name; a file may hold several, separated by `---`.

    Raises FileErrors with the faults of all files together.
    """
    if not folder.is_dir():
        raise FileError("there is no such folder", hint="legal rates are in campaigns/rates", where=str(folder))
    found: Rates = {}
    faults: list[FileError] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            for source in read(path, allow_many=True):
                series = series_of(source)
                if series.id in found:
                    faults.append(source.fault(("rates",), f"{series.id} is already given", hint="merge the two"))
                found.setdefault(series.id, series)
        except FileErrors as error:
            faults += error.errors
        except FileError as error:
            faults.append(error)
    if faults:
        raise FileErrors(faults)
    return found
