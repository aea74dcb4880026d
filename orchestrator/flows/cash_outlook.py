"""What money came in, what is promised, and what the next weeks should bring, each with what it was computed from."""

from collections import Counter
from datetime import date, timedelta

import msgspec

from orchestrator.domain.cash import Curve, Dso, Week, count_back, weeks_ahead
from orchestrator.storage import aged_reads, result_reads
from orchestrator.storage.aged_reads import Age, AgedRow
from orchestrator.storage.database import Connection
from orchestrator.storage.result_reads import AgeRate, DaySum, Where

WEEKS = 6


class CashOutlook(msgspec.Struct, frozen=True, kw_only=True):
    """Cash of one currency. `best` is the DSO if everything that is overdue had been paid on its day.

    `overdue_promises_cents` was expected before today and has not come. `rates` say what the estimate is measured on.
    """

    received: list[DaySum]
    weeks: list[Week]
    dso: Dso
    best: Dso
    open_cents: int
    not_due_cents: int
    first_invoice_on: date | None
    rates: list[AgeRate]
    overdue_promises_cents: int


def cash_outlook(conn: Connection, where: Where, *, today: date) -> CashOutlook:
    """The outlook of what `where` lets be seen; its period bounds what came in, and nothing else."""
    always = msgspec.structs.replace(where, from_on=None, to_on=None)
    balance = aged_reads.aged_balance(conn, always, today=today, by="creditor")
    open_cents = sum(row.balance_cents for row in balance)
    not_due_cents = sum(row.ages.get(Age.NOT_DUE, 0) for row in balance)
    # Invoices are put down to no campaign: whoever looks at one campaign sees its cash, not its share of the sales.
    invoiced_days = result_reads.money_by_day(
        conn, msgspec.structs.replace(always, campaign=""), measure="invoiced_cents"
    )
    invoiced = by_month(invoiced_days)
    rates = result_reads.age_rates(conn, always)
    expected = result_reads.expected(conn, always)
    free = [(item.due_on, item.free_cents) for item in aged_reads.due_sums(conn, always)]
    return CashOutlook(
        received=by_week(result_reads.money_by_day(conn, where)),
        weeks=weeks_ahead(
            today, WEEKS, expected=[(e.kind, e.day, e.cents) for e in expected], free=free, curve=_curve(rates)
        ),
        dso=count_back(open_cents, invoiced, today),
        best=count_back(not_due_cents, invoiced, today),
        open_cents=open_cents,
        not_due_cents=not_due_cents,
        first_invoice_on=min((item.day for item in invoiced_days), default=None),
        rates=rates,
        overdue_promises_cents=sum(item.cents for item in expected if item.day < today),
    )


def by_month(days: list[DaySum]) -> dict[date, int]:
    """Sums by the first day of each month."""
    found: Counter[date] = Counter()
    for item in days:
        found[item.day.replace(day=1)] += item.cents
    return dict(found)


def by_week(days: list[DaySum]) -> list[DaySum]:
    """Sums by the Monday of each week; a week between two others that brought nothing is there too."""
    found: Counter[date] = Counter()
    for item in days:
        found[item.day - timedelta(days=item.day.weekday())] += item.cents
    if not found:
        return []
    first, last = min(found), max(found)
    mondays = (first + timedelta(days=7 * n) for n in range((last - first).days // 7 + 1))
    return [DaySum(monday, found[monday]) for monday in mondays]


def _curve(rates: list[AgeRate]) -> Curve:
    shares = {rate.age: rate.paid_cents / rate.open_cents for rate in rates if rate.open_cents}
    return Curve(shares, {rate.age: rate.debts for rate in rates})


def total(rows: list[AgedRow]) -> AgedRow:
    """The sum of several rows of an aged balance."""
    ages: Counter[Age] = Counter()
    for row in rows:
        ages.update(row.ages)
    return AgedRow(
        by="",
        ages=dict(ages),
        documents=sum(row.documents for row in rows),
        held_cents=sum(row.held_cents for row in rows),
    )
