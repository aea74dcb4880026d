"""Lengths of time as files write them: `90m 12h 3d 2w 1 month 3 business days`. Not instants, not clocks."""

import re
from enum import StrEnum

import msgspec

from orchestrator.domain.errors import InputError


class Unit(StrEnum):
    """Minutes and hours are exact; the others are calendar units in the debtor's zone."""

    MINUTE = "m"
    HOUR = "h"
    DAY = "d"
    WEEK = "w"
    MONTH = "month"
    BUSINESS_DAY = "business_day"


_NAMES = {
    "m": Unit.MINUTE, "min": Unit.MINUTE, "minute": Unit.MINUTE, "minutes": Unit.MINUTE,
    "h": Unit.HOUR, "hour": Unit.HOUR, "hours": Unit.HOUR,
    "d": Unit.DAY, "day": Unit.DAY, "days": Unit.DAY,
    "w": Unit.WEEK, "week": Unit.WEEK, "weeks": Unit.WEEK,
    "month": Unit.MONTH, "months": Unit.MONTH,
    "business day": Unit.BUSINESS_DAY, "business days": Unit.BUSINESS_DAY,
}  # fmt: skip
_FORM = re.compile(r"(-?\d{1,4})\s*([a-z]+(?: [a-z]+)?)")


class Duration(msgspec.Struct, frozen=True):
    """`count` units; negative only where a file may look back (`overdue: {from: -5d}`)."""

    count: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Raises InputError on a bare number or an unknown unit."""
        match = _FORM.fullmatch(text.strip().lower())
        if match is None or match[2] not in _NAMES:
            raise InputError("this is not a duration", hint="write 90m, 12h, 3d, 2w, 1 month or 3 business days")
        return cls(int(match[1]), _NAMES[match[2]])

    def __str__(self) -> str:
        if self.unit is Unit.BUSINESS_DAY:
            return f"{self.count} business day{'s' if abs(self.count) != 1 else ''}"
        if self.unit is Unit.MONTH:
            return f"{self.count} month{'s' if abs(self.count) != 1 else ''}"
        return f"{self.count}{self.unit.value}"

    @property
    def days(self) -> int:
        """Whole days, for comparisons of ages: a month counts 30, hours and minutes are refused."""
        factor = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 30}.get(self.unit)
        if factor is None:
            raise InputError(f"{self} is not a number of days", hint="write it in d, w or months")
        return self.count * factor

    @property
    def seconds(self) -> int:
        """Nominal length: a day is 24 h, a month 30 days, a business day 24 h. For comparisons, never for dates."""
        return self.count * _SECONDS[self.unit]


_SECONDS = {
    Unit.MINUTE: 60,
    Unit.HOUR: 3600,
    Unit.DAY: 86400,
    Unit.WEEK: 7 * 86400,
    Unit.MONTH: 30 * 86400,
    Unit.BUSINESS_DAY: 86400,
}
