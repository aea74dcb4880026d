"""Lays out `Columns`: one column per period, stacked by series, an estimate hatched so that no colour is needed."""

from collections.abc import Sequence
from math import ceil

from orchestrator.rendering.charts.chart import Columns
from orchestrator.rendering.charts.figures import NOTHING, period_text, short_text, value_text
from orchestrator.rendering.charts.frame import Area, heading, listing, scale, time_axis
from orchestrator.rendering.charts.marks import Box, Drawing, Mark, Words
from orchestrator.rendering.charts.palette import SERIES
from orchestrator.rendering.typography import Typography

_PLOT = 168.0
_AXIS = 38.0
_LEFT = 58.0
_SIZE = 12.0
_EM = 0.54
_SAMPLE = 13.0
_APART = 60.0  # two figures stand side by side from here on


def columns_drawing(chart: Columns, *, width: float, hand: Typography) -> Drawing:
    """The columns, their scale and days; each column's sum above it where there is room, else those that matter."""
    marks, top = heading(chart.title, chart.subtitle, width)
    sums = _sums(chart)
    if not any(sums):
        marks.append(Words(x=0, y=top + 16, text=NOTHING.get(hand.language, "No data"), color="quiet", size=13))
        return _drawing(chart, width, top + 30, marks, hand)
    if len(chart.series) > 1:
        top = _key(chart, marks, top, width, hand)
    area = Area(_LEFT, top + 16, width - 4, top + 16 + _PLOT)
    area, lines = scale(chart.measure, [*_reach(chart), 0], area, hand)
    marks += lines
    for index in range(len(chart.starts)):
        marks += _column(chart, index, area)
    marks += _figures(chart, sums, area, hand)
    marks += time_axis(chart.starts, chart.span, area, hand)
    return _drawing(chart, width, area.bottom + _AXIS, marks, hand)


def _sums(chart: Columns) -> list[float]:
    return [sum(each.values[index] or 0 for each in chart.series) for index in range(len(chart.starts))]


def _reach(chart: Columns) -> list[float]:
    """The tops and the bottoms of the stacks: what is below zero hangs from it."""
    reached = []
    for index in range(len(chart.starts)):
        values = [series.values[index] or 0 for series in chart.series]
        reached += [sum(v for v in values if v > 0), sum(v for v in values if v < 0)]
    return reached


def _column(chart: Columns, index: int, area: Area) -> list[Mark]:
    left, room = area.slot(index, len(chart.starts))
    wide = min(room * 0.68, 44)
    x = left + (room - wide) / 2
    up, down = 0.0, 0.0
    marks: list[Mark] = []
    for number, series in enumerate(chart.series):
        value = series.values[index] or 0
        start = up if value > 0 else down
        end = start + value
        if value > 0:
            up = end
        else:
            down = end
        high, low = sorted((area.y(start), area.y(end)))
        if low - high > 0:
            marks.append(Box(x, high, wide, low - high, SERIES[number % len(SERIES)], series.is_estimate))
    return marks


def _key(chart: Columns, marks: list[Mark], top: float, width: float, hand: Typography) -> float:
    """A sample of each series with its name and total, in one line above the plot or one line each."""
    texts = [(each.name, value_text(chart.measure, sum(v or 0 for v in each.values), hand)) for each in chart.series]
    widths = [_SAMPLE + 8 + (len(name) + len(total) + 2) * 13 * _EM + 22 for name, total in texts]
    is_one_line = sum(widths) <= width
    x, y = 0.0, top + 12
    for number, (series, (name, total)) in enumerate(zip(chart.series, texts, strict=True)):
        marks.append(Box(x, y - _SAMPLE + 2, _SAMPLE, _SAMPLE, SERIES[number % len(SERIES)], series.is_estimate))
        marks.append(Words(x=x + _SAMPLE + 8, y=y, text=total, size=13, is_bold=True, after=name))
        if is_one_line:
            x += widths[number]
        else:
            y += 20
    return y + (8 if is_one_line else -12)


def _figures(chart: Columns, sums: Sequence[float], area: Area, hand: Typography) -> list[Mark]:
    """The sum above each column; where columns are narrow only above the highest, and the last if it has the room."""
    _, room = area.slot(0, len(sums))
    texts = [short_text(chart.measure, value, hand) if value else "" for value in sums]
    tops = [sum(v for each in chart.series if (v := each.values[index] or 0) > 0) for index in range(len(sums))]
    highest = max(range(len(sums)), key=lambda index: (sums[index], index))
    shown = [index for index, text in enumerate(texts) if text]
    if max(len(text) for text in texts) * _SIZE * _EM > room:
        last = shown[-1]
        beside = ceil(len(texts[last]) * _SIZE * _EM / room)  # columns below its words: none may be higher
        is_free = (last - highest) * room > _APART and tops[last] >= max(tops[max(last - beside, 0) :])
        shown = [highest, last] if is_free else [highest]
    marks: list[Mark] = []
    for index in shown:
        text = texts[index]
        x = min(area.slot(index, len(sums))[0] + room / 2, area.right - len(text) * _SIZE * _EM / 2)
        marks.append(Words(x=x, y=area.y(tops[index]) - 5, text=text, size=_SIZE, is_bold=True, anchor="middle"))
    return marks


def _drawing(chart: Columns, width: float, height: float, marks: list[Mark], hand: Typography) -> Drawing:
    colon = "\u00a0: " if hand.language == "fr" else ": "
    days = [period_text(start, chart.span, hand) for start in chart.starts]
    told = [f"{each.name}{colon}{listing(chart.measure, list(zip(days, each.values, strict=True)), hand)}."
            for each in chart.series]  # fmt: skip
    return Drawing(
        width=width, height=height, marks=tuple(marks), title=chart.title, description=" ".join(told),
        language=hand.language,
    )  # fmt: skip
