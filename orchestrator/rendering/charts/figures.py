"""How figures and days are written in a chart, and the round numbers of its scale."""

import math
from datetime import date

from babel.dates import format_date
from babel.numbers import get_currency_symbol

from orchestrator.domain.money import DECIMALS
from orchestrator.rendering.charts.chart import Measure, Span, Unit
from orchestrator.rendering.typography import NO_BREAK, Typography

NOTHING = {"fr": "Aucune donnée sur la période"}
_DAYS_WORD = {"fr": "j"}


def value_text(measure: Measure, value: float, hand: Typography) -> str:
    """A figure in full: `12 480 €` (without cents), `1 234`, `12,4 %`, `41 j`."""
    match measure.unit:
        case Unit.MONEY:
            return _money(measure, round(value / 10 ** _places(measure)), hand)
        case Unit.RATE:
            return hand.percent(f"{value * 100:.1f}")
        case Unit.DAYS:
            return f"{hand.number(round(value))}{NO_BREAK}{_DAYS_WORD.get(hand.language, 'd')}"
        case _:
            return hand.number(round(value))


def short_text(measure: Measure, value: float, hand: Typography) -> str:
    """A figure for the scale or a crowded place: `12 k€`, `€1.5m`, `40 %`."""
    if measure.unit is Unit.RATE:
        return hand.percent(_trimmed(value * 100))
    if measure.unit is Unit.DAYS:
        return value_text(measure, value, hand)
    units = value / 10 ** _places(measure) if measure.unit is Unit.MONEY else value
    size, letter = next((s for s in _SIZES if abs(units) >= s[0]), (1, ""))
    figure = _trimmed(units / size).replace(".", "," if hand.language == "fr" else ".")
    if measure.unit is not Unit.MONEY:
        return f"{figure}{NO_BREAK if letter and hand.language == 'fr' else ''}{letter}"
    symbol = _symbol(measure, hand)
    if hand.language == "fr":
        return f"{figure}{NO_BREAK}{letter.upper() if letter == 'm' else letter}{symbol}"
    sign, figure = ("-", figure[1:]) if figure.startswith("-") else ("", figure)
    return f"{sign}{symbol}{figure}{letter}"


_SIZES = ((1_000_000, "m"), (1_000, "k"))


def _trimmed(figure: float) -> str:
    """Three digits that matter, without needless zeros."""
    places = 0 if abs(figure) >= 100 else 1
    text = f"{figure:.{places}f}"
    return text.removesuffix(".0")


def _money(measure: Measure, units: int, hand: Typography) -> str:
    if hand.language == "fr":
        return f"{hand.number(units)}{NO_BREAK}{_symbol(measure, hand)}"
    return f"{'-' if units < 0 else ''}{_symbol(measure, hand)}{hand.number(abs(units))}"


def _symbol(measure: Measure, hand: Typography) -> str:
    return str(get_currency_symbol(measure.currency, locale=hand.locale))


def _places(measure: Measure) -> int:
    return DECIMALS.get(measure.currency, 2)


def day_text(day: date, span: Span, hand: Typography) -> str:
    """The name of a period under its axis: `janv.`, `3 nov.`."""
    text = str(format_date(day, "MMM" if span is Span.MONTH else "d MMM", locale=hand.locale))
    return text.replace(" ", NO_BREAK)


def period_text(day: date, span: Span, hand: Typography) -> str:
    """The same with its year, for the description."""
    text = str(format_date(day, "MMMM y" if span is Span.MONTH else "d MMMM y", locale=hand.locale))
    return text.replace(" ", NO_BREAK)


def ticks(low: float, high: float, *, most: int = 4) -> list[float]:
    """Round numbers from at most `low` to at least `high`, in some `most` steps, with zero where it is between."""
    span = high - low
    if not span > 0 or not math.isfinite(span):
        return [0.0, 1.0]
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10, 20) if factor * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, max(last, first + 1) + 1)]
