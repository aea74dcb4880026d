"""What a chart says: its title, its figures and their unit. Owns no place, colour or font."""

from datetime import date
from enum import StrEnum

import msgspec


class Unit(StrEnum):
    """What the figures are: minor units of a currency, whole numbers, fractions (0.125 is 12.5 %), or days."""

    MONEY = "money"
    COUNT = "count"
    RATE = "rate"
    DAYS = "days"


class Span(StrEnum):
    """How long each period of a time axis is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Measure(msgspec.Struct, frozen=True):
    """The unit of a chart's figures, with the currency (ISO 4217) of money."""

    unit: Unit = Unit.MONEY
    currency: str = "EUR"


class Bar(msgspec.Struct, frozen=True):
    """One row of `Bars`. `note` stands after the value, quieter (`34 %`, `310 sur 2 500`); `is_quiet` draws it grey."""

    label: str
    value: float
    note: str = ""
    is_quiet: bool = False


class Bars(msgspec.Struct, frozen=True, kw_only=True):
    """Rows to compare: aged balance, results by step or channel. In the order given."""

    title: str
    subtitle: str = ""
    measure: Measure = Measure()
    bars: tuple[Bar, ...]


class Series(msgspec.Struct, frozen=True):
    """One figure per period, None where it is unknown. `is_estimate` is hatched in columns, dashed in lines."""

    name: str
    values: tuple[float | None, ...]
    is_estimate: bool = False


class _OverTime(msgspec.Struct, frozen=True, kw_only=True):
    """`starts` are the first days of the periods, ascending, as many as each series has values."""

    title: str
    subtitle: str = ""
    measure: Measure = Measure()
    span: Span = Span.MONTH
    starts: tuple[date, ...]
    series: tuple[Series, ...]


class Columns(_OverTime, frozen=True, kw_only=True):
    """Sums over time, one column per period, series stacked: money recovered, cash expected."""


class Lines(_OverTime, frozen=True, kw_only=True):
    """Levels over time, one line per series, named at its end: DSO, collection rate. At most four read well."""


class Panels(_OverTime, frozen=True, kw_only=True):
    """Small multiples: one small chart per series, all on the same scale, with its last figure."""


Chart = Bars | Columns | Lines | Panels
