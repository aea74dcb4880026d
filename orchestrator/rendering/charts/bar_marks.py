"""Lays out `Bars`: a row for each, its name on the left, its figure at the end of its bar."""

from orchestrator.rendering.charts.chart import Bars, Unit
from orchestrator.rendering.charts.figures import NOTHING, value_text
from orchestrator.rendering.charts.frame import heading, listing
from orchestrator.rendering.charts.marks import Box, Drawing, Line, Mark, Words
from orchestrator.rendering.typography import Typography

_ROW, _BAR, _SIZE = 30.0, 18.0, 13.0
_EM = 0.53  # a letter's mean width, in sizes: names are cut where they turn out wider


def bars_drawing(chart: Bars, *, width: float, hand: Typography) -> Drawing:
    """The rows on one scale from zero. A figure below zero has no bar: its number says it."""
    marks, top = heading(chart.title, chart.subtitle, width)
    if not chart.bars:
        marks.append(Words(x=0, y=top + 16, text=NOTHING.get(hand.language, "No data"), color="quiet", size=13))
        return _drawing(chart, width, top + 30, marks, hand)
    figures = [value_text(chart.measure, bar.value, hand) for bar in chart.bars]
    names = min(max(len(bar.label) for bar in chart.bars) * _SIZE * _EM + 26, width * 0.38)
    tail = max(len(f) + (len(b.note) + 2 if b.note else 0) for f, b in zip(figures, chart.bars, strict=True))
    room = max(width - names - tail * _SIZE * _EM - 12, width * 0.15)
    most = max(1.0 if chart.measure.unit is Unit.RATE and _is_share(chart) else 0.0, *(b.value for b in chart.bars), 0)
    for index, (bar, figure) in enumerate(zip(chart.bars, figures, strict=True)):
        y = top + index * _ROW
        middle = y + _ROW / 2 + 4.5
        length = max(bar.value, 0) / most * room if most else 0
        color = "calm" if bar.is_quiet else "first"
        marks.append(Words(x=names - 10, y=middle, text=bar.label, size=_SIZE, anchor="end", most=names - 10))
        if length:
            marks.append(Box(names, y + (_ROW - _BAR) / 2, max(length, 1), _BAR, color))
        marks.append(Words(x=names + length + 8, y=middle, text=figure, size=_SIZE, is_bold=True, after=bar.note))
    bottom = top + len(chart.bars) * _ROW
    marks.append(Line(((names, top), (names, bottom)), "zero"))
    return _drawing(chart, width, bottom + 8, marks, hand)


def _is_share(chart: Bars) -> bool:
    """Rates that are near the whole are drawn on a scale to 100 %; small ones fill the room they have."""
    return max(bar.value for bar in chart.bars) > 0.5


def _drawing(chart: Bars, width: float, height: float, marks: list[Mark], hand: Typography) -> Drawing:
    told = listing(chart.measure, [(bar.label, bar.value) for bar in chart.bars], hand)
    return Drawing(
        width=width, height=height, marks=tuple(marks), title=chart.title, description=told, language=hand.language
    )
