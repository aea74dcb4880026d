"""The charts of the page of results: each draws what a table beside it says in figures."""

from collections.abc import Callable, Mapping

from orchestrator.domain.contact import DebtorStatus
from orchestrator.flows.cash_outlook import cash_outlook, total
from orchestrator.rendering.charts.chart import Bar, Bars, Chart, Columns, Measure, Series, Span, Unit
from orchestrator.storage import aged_reads, result_reads
from orchestrator.storage.aged_reads import Age
from orchestrator.web.console.shown_table import Asked, word

STATUSES = tuple(status.value for status in DebtorStatus)


def aged(asked: Asked) -> Chart:
    """What is open by age."""
    sums = total(aged_reads.aged_balance(asked.conn, asked.where, today=asked.today, by="creditor"))
    say = asked.words.say
    bars = tuple(Bar(say(f"results.col_age_{age}"), sums.ages.get(age, 0)) for age in Age if age is not Age.CREDIT)
    return Bars(title=say("results.table_aged"), measure=_money(asked), bars=bars)


def recovered(asked: Asked) -> Chart:
    """What was recovered in the period, by campaign."""
    found = result_reads.results(asked.conn, asked.where, by="campaign")
    bars = tuple(
        Bar(word(asked, "campaign", item.by[0]), item.recovered_cents) for item in found if item.recovered_cents
    )
    return Bars(title=asked.words.say("results.chart_recovered"), measure=_money(asked), bars=bars)


def received(asked: Asked) -> Chart:
    """What came in by week."""
    weeks = cash_outlook(asked.conn, asked.where, today=asked.today).received
    series = Series(asked.words.say("results.col_received"), tuple(week.cents for week in weeks))
    return Columns(
        title=asked.words.say("results.table_received"), measure=_money(asked), span=Span.WEEK,
        starts=tuple(week.day for week in weeks), series=(series,),
    )  # fmt: skip


def expected(asked: Asked) -> Chart:
    """What the next weeks should bring: promised, to be collected, estimated."""
    weeks = cash_outlook(asked.conn, asked.where, today=asked.today).weeks
    say = asked.words.say
    series = [
        Series(say("results.col_promised_cents"), tuple(week.promised_cents for week in weeks)),
        Series(say("results.col_debits"), tuple(week.debit_cents for week in weeks)),
    ]
    if any(week.estimated_cents is not None for week in weeks):
        estimated = tuple(week.estimated_cents for week in weeks)
        series.append(Series(say("results.col_estimated"), estimated, is_estimate=True))
    return Columns(
        title=say("results.table_expected"), measure=_money(asked), span=Span.WEEK,
        starts=tuple(week.starts_on for week in weeks), series=tuple(series),
    )  # fmt: skip


def _money(asked: Asked) -> Measure:
    return Measure(Unit.MONEY, asked.where.currency)


CHARTS: Mapping[str, Callable[[Asked], Chart]] = {
    "aged": aged, "recovered": recovered, "received": received, "expected": expected,
}  # fmt: skip
