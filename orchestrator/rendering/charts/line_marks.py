"""Lays out `Lines` and `Panels`: levels over time, each line named at its end, each panel by its head."""

from collections.abc import Sequence

import msgspec

from orchestrator.rendering.charts.chart import Lines, Panels, Series
from orchestrator.rendering.charts.figures import NOTHING, day_text, period_text, value_text
from orchestrator.rendering.charts.frame import Area, Timed, heading, listing, scale, time_axis, values_of
from orchestrator.rendering.charts.marks import Dot, Drawing, Line, Mark, Words
from orchestrator.rendering.charts.palette import SERIES
from orchestrator.rendering.typography import Typography

_PLOT, _AXIS, _LEFT = 168.0, 38.0, 58.0
_PANEL_WIDTH, _PANEL_PLOT, _PANEL_HEAD, _PANEL_GAP = 150.0, 56.0, 42.0, 26.0
_PANELS_ACROSS = 3
_NAME_PITCH = 30.0
_EM = 0.54


def lines_drawing(chart: Lines, *, width: float, hand: Typography) -> Drawing:
    """One plot; a scale that begins at zero unless the figures stay far from it."""
    marks, top = heading(chart.title, chart.subtitle, width)
    values = values_of(chart)
    if not values:
        return _nothing(chart, width, top, marks, hand)
    longest = max(len(series.name) for series in chart.series)
    tail = min(max(longest * 12.5 * _EM + 18, 64), width * 0.3)
    area = Area(_LEFT, top + 10, width - tail, top + 10 + _PLOT)
    area, lines = scale(chart.measure, values, area, hand, from_zero=_needs_zero(values))
    marks += lines
    ends: list[tuple[float, Series, str, float]] = []
    for number, series in enumerate(chart.series):
        color = SERIES[number % len(SERIES)]
        marks += _line(series, area, color)
        last = _last(series)
        if last is not None:
            index, value = last
            x = _middle(area, index, len(series.values))
            marks.append(Dot(x, area.y(value), color))
            ends.append((area.y(value), series, color, value))
    for y, (_, series, color, value) in zip(_spread([end[0] for end in ends], area), ends, strict=True):
        x = area.right + 8
        text = value_text(chart.measure, value, hand)
        marks.append(Words(x=x, y=y - 1, text=text, size=13, is_bold=True, color=color))
        marks.append(Words(x=x, y=y + 13, text=series.name, size=12, color="quiet", most=tail - 8))
    marks += time_axis(chart.starts, chart.span, area, hand)
    return _drawing(chart, width, area.bottom + _AXIS, marks, hand)


def panels_drawing(chart: Panels, *, width: float, hand: Typography) -> Drawing:
    """As many panels in a row as there is room for; one scale for all, so that they compare."""
    marks, top = heading(chart.title, chart.subtitle, width)
    values = values_of(chart)
    if not values:
        return _nothing(chart, width, top, marks, hand)
    most = max(1, min(int((width + _PANEL_GAP) // (_PANEL_WIDTH + _PANEL_GAP)), _PANELS_ACROSS))
    rows = -(-len(chart.series) // most)
    across = -(-len(chart.series) // rows)
    wide = (width - (across - 1) * _PANEL_GAP) / across if across > 1 else min(width, 320)
    low, high = min(*values, 0), max(*values, 0)
    pitch = _PANEL_HEAD + _PANEL_PLOT + 30
    for number, series in enumerate(chart.series):
        x = (number % across) * (wide + _PANEL_GAP)
        y = top + (number // across) * pitch
        area = Area(x, y + _PANEL_HEAD, x + wide, y + _PANEL_HEAD + _PANEL_PLOT, low, high if high > low else low + 1)
        marks += _panel(chart, series, area, hand)
    return _drawing(chart, width, top + rows * pitch, marks, hand)


def _panel(chart: Panels, series: Series, area: Area, hand: Typography) -> list[Mark]:
    wide = area.right - area.left
    marks: list[Mark] = [Words(x=area.left, y=area.top - 24, text=series.name, size=12.5, most=wide)]
    last = _last(series)
    if last is not None:
        text = value_text(chart.measure, last[1], hand)
        marks.append(Words(x=area.left, y=area.top - 7, text=text, size=14, is_bold=True))
    zero = area.y(0)
    marks.append(Line(((area.left, zero), (area.right, zero)), "zero"))
    # From edge to edge: the first and last points stand where their days are named.
    apart = wide / (len(series.values) - 1) / 2 if len(series.values) > 1 else 0
    plot = msgspec.structs.replace(area, left=area.left - apart, right=area.right + apart - 4)
    marks += _line(series, plot, "first")
    if last is not None:
        marks.append(Dot(_middle(plot, last[0], len(series.values)), plot.y(last[1]), "first"))
    first, final = (day_text(day, chart.span, hand) for day in (chart.starts[0], chart.starts[-1]))
    y = area.bottom + 15
    marks.append(Words(x=area.left, y=y, text=first, size=11, color="quiet"))
    marks.append(Words(x=area.right, y=y, text=final, size=11, color="quiet", anchor="end"))
    return marks


def _needs_zero(values: Sequence[float]) -> bool:
    """A line may leave zero out where all its figures stay within a third of the highest."""
    return min(values) < max(values) * 2 / 3


def _middle(area: Area, index: int, count: int) -> float:
    left, width = area.slot(index, count)
    return left + width / 2


def _line(series: Series, area: Area, color: str) -> list[Mark]:
    """The line through what is known, broken where nothing is; a point that stands alone is a dot."""
    marks: list[Mark] = []
    run: list[tuple[float, float]] = []
    for index, value in enumerate((*series.values, None)):
        if value is not None:
            run.append((_middle(area, index, len(series.values)), area.y(value)))
            continue
        if len(run) > 1:
            marks.append(Line(tuple(run), color, 2, series.is_estimate))
        elif run:
            marks.append(Dot(*run[0], color, 2.5))
        run = []
    return marks


def _last(series: Series) -> tuple[int, float] | None:
    known = [(index, value) for index, value in enumerate(series.values) if value is not None]
    return known[-1] if known else None


def _spread(heights: list[float], area: Area) -> list[float]:
    """Where names stand that would overlap at the height of their line's end: moved apart, within the plot's height."""
    order = sorted(range(len(heights)), key=lambda index: heights[index])
    placed: list[float] = []
    for index in order:
        placed.append(max(heights[index], placed[-1] + _NAME_PITCH) if placed else heights[index])
    over = max(placed[-1] - (area.bottom - 12), 0) if placed else 0
    at = dict(zip(order, placed, strict=True))
    return [at[index] - over for index in range(len(heights))]


def _nothing(chart: Timed, width: float, top: float, marks: list[Mark], hand: Typography) -> Drawing:
    marks.append(Words(x=0, y=top + 16, text=NOTHING.get(hand.language, "No data"), color="quiet", size=13))
    return _drawing(chart, width, top + 30, marks, hand)


def _drawing(chart: Timed, width: float, height: float, marks: list[Mark], hand: Typography) -> Drawing:
    colon = "\u00a0: " if hand.language == "fr" else ": "
    days = [period_text(start, chart.span, hand) for start in chart.starts]
    told = [
        f"{each.name}{colon}{listing(chart.measure, list(zip(days, each.values, strict=True)), hand)}."
        for each in chart.series
    ]
    return Drawing(
        width=width, height=height, marks=tuple(marks), title=chart.title, description=" ".join(told),
        language=hand.language,
    )  # fmt: skip
