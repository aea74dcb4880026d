"""Charts to draw in tests, of every kind, and what can be read back of a drawing."""

from datetime import date, timedelta
from pathlib import Path

from orchestrator.rendering.charts.chart import Bar, Bars, Chart, Columns, Lines, Measure, Panels, Series, Span, Unit
from orchestrator.rendering.charts.marks import Box, Drawing, Words

FONTS = Path(__file__).parents[3] / "templates" / "letter" / "fonts"
MONTHS = (date(2025, 12, 1), *(date(2026, month, 1) for month in range(1, 12)))
WEEKS = tuple(date(2026, 11, 23) + timedelta(7 * week) for week in range(8))

AGED = Bars(
    title="Balance âgée",
    subtitle="Encours au 22 novembre 2026",
    bars=(
        Bar("Non échu", 6_204_000, "34 %", is_quiet=True),
        Bar("1 à 30 jours", 5_210_000, "28 %"),
        Bar("Plus de 90 jours", 3_153_000, "17 %"),
    ),
)
EXPECTED = Columns(
    title="Encaissements attendus",
    span=Span.WEEK,
    starts=WEEKS,
    series=(
        Series("promis", (640_000, 480_000, 910_000, 220_000, 0, 130_000, 60_000, None)),
        Series("estimé", (310_000, 450_000, 520_000, 610_000, 380_000, 420_000, 460_000, 440_000), is_estimate=True),
    ),
)
RECOVERED = Columns(
    title="Encaissements",
    starts=MONTHS,
    series=(Series("Encaissé", tuple(100_000.0 * (month % 5 + 1) for month in range(12))),),
)
DSO = Lines(
    title="DSO",
    measure=Measure(Unit.DAYS),
    starts=MONTHS,
    series=(
        Series("Particuliers", (48, 47, 49, 46, 44, 43, 44, 42, 43, 41, 40, 39)),
        Series("Secteur public", (58, 59, 57, 58, 60, None, 57, 58, 56, None, 57, 53)),
    ),
)
SEGMENTS = Panels(
    title="Recouvrement par segment",
    measure=Measure(Unit.RATE),
    starts=MONTHS,
    series=tuple(Series(f"Segment {n}", tuple(0.1 * n + 0.01 * m for m in range(12))) for n in range(5)),
)
EVERY: dict[str, Chart] = {
    "aged": AGED, "expected": EXPECTED, "recovered": RECOVERED, "dso": DSO, "segments": SEGMENTS,
}  # fmt: skip


def boxes(drawing: Drawing) -> list[Box]:
    """The rectangles of a drawing, samples of the key left out."""
    return [mark for mark in drawing.marks if isinstance(mark, Box) and mark.width != mark.height]


def texts(drawing: Drawing) -> list[str]:
    """Every text of a drawing with what follows it."""
    return [f"{mark.text} {mark.after}".strip() for mark in drawing.marks if isinstance(mark, Words)]
