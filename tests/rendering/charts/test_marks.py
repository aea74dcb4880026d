"""Where the marks of a chart stand: as long, as high and as far apart as the figures say."""

import itertools
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.rendering.charts.chart import Bar, Bars, Columns, Lines, Measure, Panels, Series, Span, Unit
from orchestrator.rendering.charts.draw import NARROW, WIDE, lay_out
from orchestrator.rendering.charts.figures import short_text, ticks, value_text
from orchestrator.rendering.charts.marks import Box, Dot, Line, Words
from orchestrator.rendering.typography import typography
from tests.rendering.charts.figures_drawn import AGED, DSO, EVERY, EXPECTED, MONTHS, RECOVERED, SEGMENTS, boxes, texts

SUMS = st.integers(min_value=0, max_value=10**11)
EUR = Measure()


@given(st.lists(SUMS, min_size=2, max_size=8))
def test_bars_are_as_long_as_their_figures(values: list[int]) -> None:
    drawing = lay_out(Bars(title="t", bars=tuple(Bar("x", value) for value in values)), language="fr")
    drawn = [box.width for box in boxes(drawing)]
    positive = [value for value in values if value > 0]
    assert len(drawn) == len(positive)
    for width, value in zip(drawn, positive, strict=True):
        assert width == pytest.approx(max(value / max(positive) * max(drawn), 1), rel=1e-6)


@given(st.lists(st.tuples(SUMS, SUMS), min_size=1, max_size=12))
def test_columns_are_stacked_and_as_high_as_their_figures(pairs: list[tuple[int, int]]) -> None:
    chart = Columns(
        title="t",
        starts=tuple(date(2026, 1, 1 + index) for index in range(len(pairs))),
        span=Span.DAY,
        series=(Series("a", tuple(a for a, _ in pairs)), Series("b", tuple(b for _, b in pairs), is_estimate=True)),
    )
    drawing = lay_out(chart, language="fr")
    drawn = [mark for mark in drawing.marks if isinstance(mark, Box) and mark.width != mark.height]
    if not any(a + b for a, b in pairs):
        assert not drawn
        return
    highest = max(a + b for a, b in pairs)
    by_column: dict[float, list[Box]] = {}
    for box in drawn:
        by_column.setdefault(round(box.x, 3), []).append(box)
    scale = max(sum(box.height for box in stack) for stack in by_column.values()) / highest
    heights = sorted(sum(box.height for box in stack) for stack in by_column.values())
    assert heights == pytest.approx(sorted((a + b) * scale for a, b in pairs if a + b), rel=1e-6, abs=1e-6)
    for stack in by_column.values():
        for upper, lower in zip(stack[1:], stack, strict=False):
            assert upper.y + upper.height == pytest.approx(lower.y)


def test_every_estimate_is_hatched_and_nothing_else_is() -> None:
    drawing = lay_out(EXPECTED, language="fr")
    hatched = {(box.color, box.is_hatched) for box in drawing.marks if isinstance(box, Box)}
    assert hatched == {("first", False), ("second", True)}
    guessed = msgspec.structs.replace(DSO.series[0], is_estimate=True)
    dashed = lay_out(msgspec.structs.replace(DSO, series=(guessed,)), language="fr")
    assert [mark.is_dashed for mark in dashed.marks if isinstance(mark, Line) and mark.weight == 2] == [True]


def test_what_was_taken_back_hangs_below_zero() -> None:
    starts = (date(2026, 1, 1), date(2026, 2, 1))
    chart = Columns(title="t", starts=starts, series=(Series("a", (50_000, -20_000)),))
    drawing = lay_out(chart, language="fr")
    up, down = boxes(drawing)
    assert up.y + up.height == pytest.approx(down.y)
    assert up.height / down.height == pytest.approx(2.5)


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("name", EVERY)
def test_every_mark_stands_within_the_image(name: str, width: float) -> None:
    drawing = lay_out(EVERY[name], language="fr", width=width)
    assert drawing.width == width
    for mark in drawing.marks:
        if isinstance(mark, Words):
            room = len(f"{mark.text} {mark.after}") * mark.size * 0.6
            reach = min(room, mark.most)
            left = {"start": mark.x, "middle": mark.x - reach / 2, "end": mark.x - reach}[mark.anchor]
            assert left > -12, mark
            assert left + reach < width + 12, mark
            assert 0 < mark.y <= drawing.height
        elif isinstance(mark, Box):
            assert 0 <= mark.x <= mark.x + mark.width <= width
            assert 0 <= mark.y <= mark.y + mark.height <= drawing.height


def test_bars_say_their_name_their_figure_and_their_note() -> None:
    shown = texts(lay_out(AGED, language="fr"))
    assert "Plus de 90 jours" in shown
    assert "31\u00a0530\u00a0€ 17 %" in shown


def test_a_key_gives_each_series_its_name_and_its_sum() -> None:
    shown = texts(lay_out(EXPECTED, language="en"))
    assert "€24,400 promis" in shown
    assert "€35,900 estimé" in shown


def test_a_chart_of_one_series_needs_no_key() -> None:
    assert not [text for text in texts(lay_out(RECOVERED, language="fr")) if "Encaissé" in text.split()]


def test_a_line_is_broken_where_nothing_is_known() -> None:
    drawing = lay_out(DSO, language="fr")
    paths = [mark for mark in drawing.marks if isinstance(mark, Line) and mark.weight == 2]
    assert [len(path.points) for path in paths] == [12, 5, 3, 2]


def test_lines_are_named_at_their_ends_without_overlap() -> None:
    chart = Lines(
        title="t",
        measure=Measure(Unit.DAYS),
        starts=MONTHS[:2],
        series=tuple(Series(name, (50, 50)) for name in ("one", "two", "three", "four")),
    )
    drawing = lay_out(chart, language="en")
    ends = [
        mark.y for mark in drawing.marks if isinstance(mark, Words) and mark.text in ("one", "two", "three", "four")
    ]
    assert len(ends) == 4
    assert all(abs(a - b) >= 28 for index, a in enumerate(ends) for b in ends[:index])


def test_panels_share_one_scale() -> None:
    drawing = lay_out(SEGMENTS, language="fr")
    paths = [mark for mark in drawing.marks if isinstance(mark, Line) and mark.weight == 2]
    assert len(paths) == 5
    rises = [path.points[0][1] - path.points[-1][1] for path in paths]
    assert rises == pytest.approx([rises[0]] * 5)


def test_the_last_figure_is_left_out_rather_than_read_for_its_neighbour() -> None:
    starts = tuple(date(2026, 1, 1 + index) for index in range(30))
    values = [112_000.0] * 30
    values[3], values[28], values[29] = 912_000, 512_000, 312_000
    chart = Columns(title="t", starts=starts, span=Span.DAY, series=(Series("a", tuple(values)),))
    shown = [mark.text for mark in lay_out(chart, language="en").marks if isinstance(mark, Words) and mark.is_bold]
    assert shown == ["t", "€9.1k"]


@pytest.mark.parametrize(
    "chart",
    [
        Bars(title="t", bars=()),
        Columns(title="t", starts=(), series=(Series("a", ()),)),
        Columns(title="t", starts=MONTHS[:1], series=(Series("a", (None,)),)),
        Lines(title="t", starts=MONTHS[:1], series=(Series("a", (None,)),)),
        Panels(title="t", starts=(), series=()),
    ],
)
def test_a_chart_without_figures_says_so(chart: Bars | Columns | Lines | Panels) -> None:
    assert "No data" in texts(lay_out(chart, language="en"))
    assert "Aucune donnée sur la période" in texts(lay_out(chart, language="fr"))


def test_a_lone_figure_is_a_dot() -> None:
    chart = Lines(title="t", starts=MONTHS[:3], series=(Series("a", (None, 4_000, None)),))
    assert len([mark for mark in lay_out(chart, language="fr").marks if isinstance(mark, Dot)]) == 2


@given(st.floats(min_value=-1e12, max_value=1e12), st.floats(min_value=-1e12, max_value=1e12))
def test_a_scale_holds_its_figures_in_even_round_steps(one: float, other: float) -> None:
    low, high = sorted((one, other))
    steps = ticks(low, high)
    assert 2 <= len(steps) <= 7
    if high > low and high - low > 1e-6 * max(abs(low), abs(high)):
        step = steps[1] - steps[0]
        assert steps[0] <= low + step * 1e-6
        assert steps[-1] >= high - step * 1e-6
        assert all(later > earlier for earlier, later in itertools.pairwise(steps))


@pytest.mark.parametrize(
    "measure, value, french, english",
    [
        (EUR, 1_248_049, "12 480 €", "€12,480"),
        (EUR, -1_248_050, "-12 480 €", "-€12,480"),
        (Measure(Unit.MONEY, "JPY"), 1_248_000, "1 248 000 JPY", "JP¥1,248,000"),
        (Measure(Unit.COUNT), 1_234, "1 234", "1,234"),
        (Measure(Unit.RATE), 0.1249, "12,5 %", "12.5%"),
        (Measure(Unit.DAYS), 41.4, "41 j", "41 d"),
    ],
)
def test_a_figure_is_written_for_its_reader(measure: Measure, value: float, french: str, english: str) -> None:
    assert value_text(measure, value, typography("fr")).replace("\u00a0", " ") == french
    assert value_text(measure, value, typography("en")).replace("\u00a0", " ") == english


@pytest.mark.parametrize(
    "measure, value, french, english",
    [
        (EUR, 0, "0 €", "€0"),
        (EUR, 95_000, "950 €", "€950"),
        (EUR, 1_250_000, "12,5 k€", "€12.5k"),
        (EUR, -1_000_000, "-10 k€", "-€10k"),
        (EUR, 123_456_789_00, "123 M€", "€123m"),
        (Measure(Unit.COUNT), 12_000, "12 k", "12k"),
        (Measure(Unit.RATE), 0.4, "40 %", "40%"),
    ],
)
def test_a_short_figure_keeps_what_matters(measure: Measure, value: float, french: str, english: str) -> None:
    assert short_text(measure, value, typography("fr")).replace("\u00a0", " ") == french
    assert short_text(measure, value, typography("en")).replace("\u00a0", " ") == english
