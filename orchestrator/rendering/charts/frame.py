"""What charts share: title and subtitle, vertical scale, time axis, words for who cannot see."""

from collections.abc import Sequence
from datetime import date
from math import ceil

import msgspec

from orchestrator.rendering.charts.chart import Columns, Lines, Measure, Panels, Span
from orchestrator.rendering.charts.figures import day_text, short_text, ticks, value_text
from orchestrator.rendering.charts.marks import Line, Mark, Words
from orchestrator.rendering.typography import Typography

TITLE_Y, SUBTITLE_Y = 18.0, 38.0
_TICK_SIZE = 11.5
_LABEL_ROOM = 54.0  # pixels that the name of a period needs

Timed = Columns | Lines | Panels


class Area(msgspec.Struct, frozen=True):
    """Where figures are drawn: left, top, right and bottom edges, and the figures at bottom and top."""

    left: float
    top: float
    right: float
    bottom: float
    low: float = 0
    high: float = 1

    def y(self, value: float) -> float:
        """The height of a figure."""
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)

    def slot(self, index: int, count: int) -> tuple[float, float]:
        """Left edge and width of a period's share of the axis."""
        width = (self.right - self.left) / max(count, 1)
        return self.left + index * width, width


def heading(title: str, subtitle: str, width: float) -> tuple[list[Mark], float]:
    """Title and subtitle, and where what follows may begin."""
    marks: list[Mark] = [Words(x=0, y=TITLE_Y, text=title, size=15, is_bold=True, most=width)]
    if not subtitle:
        return marks, TITLE_Y + 14
    marks.append(Words(x=0, y=SUBTITLE_Y, text=subtitle, size=12.5, color="quiet", most=width))
    return marks, SUBTITLE_Y + 14


def scale(
    measure: Measure, values: Sequence[float], area: Area, hand: Typography, *, from_zero: bool = True
) -> tuple[Area, list[Mark]]:
    """The area with its scale, and its lines: hair ones with their figure on the left, a stronger one at zero."""
    low, high = min(values, default=0), max(values, default=0)
    steps = ticks(min(low, 0) if from_zero else low, max(high, 0) if from_zero else high)
    scaled = msgspec.structs.replace(area, low=steps[0], high=steps[-1])
    marks: list[Mark] = []
    for step in steps:
        y = scaled.y(step)
        color = "zero" if step == 0 else "hair"
        marks.append(Line(((area.left, y), (area.right, y)), color))
        text = short_text(measure, step, hand)
        marks.append(Words(x=area.left - 8, y=y + 4, text=text, size=_TICK_SIZE, color="quiet", anchor="end"))
    return scaled, marks


def time_axis(starts: Sequence[date], span: Span, area: Area, hand: Typography) -> list[Mark]:
    """The names of as many periods as there is room for, the last one always; years under the first of each."""
    _, width = area.slot(0, len(starts))
    every = max(1, ceil(_LABEL_ROOM / width)) if starts else 1
    marks: list[Mark] = []
    year = None
    for index, start in enumerate(starts):
        if (len(starts) - 1 - index) % every:
            continue
        x = area.slot(index, len(starts))[0] + width / 2
        text = day_text(start, span, hand)
        x = min(x, area.right - len(text) * _TICK_SIZE * 0.27)
        marks.append(Words(x=x, y=area.bottom + 17, text=text, size=_TICK_SIZE, color="quiet", anchor="middle"))
        if start.year != year:
            year = start.year
            marks.append(
                Words(x=x, y=area.bottom + 32, text=str(year), size=_TICK_SIZE, color="quiet", anchor="middle")
            )
    return marks


def values_of(chart: Timed) -> list[float]:
    """Every figure that is known."""
    return [value for series in chart.series for value in series.values if value is not None]


def listing(measure: Measure, named: Sequence[tuple[str, float | None]], hand: Typography) -> str:
    """`0-30 jours : 12 480 € ; …`, for the description."""
    colon = "\u00a0: " if hand.language == "fr" else ": "
    told = [f"{name}{colon}{value_text(measure, value, hand)}" for name, value in named if value is not None]
    return " ; ".join(told) if hand.language == "fr" else "; ".join(told)
