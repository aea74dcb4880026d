"""What came of the messages: sums by campaign, step, channel, voice or segment over a period; money by day.

Reads the sums alone, so that the cost is that of days and segments, never of cases.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, func, select

from orchestrator.storage.figures_tables import (
    age_figures,
    day_figures,
    expected_figures,
    first_figures,
    stock_figures,
)


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at. `creditors` are those that one may see, None all; empty texts match everything.

    Days are inclusive. Sums of money are of one currency.
    """

    creditors: frozenset[str] | None = None
    currency: str = "EUR"
    creditor: str = ""
    campaign: str = ""
    status: str = ""
    sector: str = ""
    from_on: date | None = None
    to_on: date | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What left under a heading, and what came of it. `by` are the values of what it is broken down by."""

    by: tuple[str, ...] = ()
    left: int = 0
    delivered: int = 0
    undelivered: int = 0
    replied: int = 0
    complaints: int = 0
    wrong: int = 0
    cost_cents: int = 0
    promised: int = 0
    kept: int = 0
    broken: int = 0
    disputes: int = 0
    opt_outs: int = 0
    payments: int = 0
    recovered_cents: int = 0


class DaySum(msgspec.Struct, frozen=True):
    """Money of one day."""

    day: date
    cents: int


class Expected(msgspec.Struct, frozen=True):
    """What was promised for a day or will be collected on it, as `kind` says."""

    kind: str
    day: date
    count: int
    cents: int


class AgeRate(msgspec.Struct, frozen=True):
    """Of what was open as a span of thirty days in the age of debts began, what came in before it ended."""

    age: int
    debts: int
    open_cents: int
    paid_cents: int


_MEASURES = tuple(
    func.sum(day_figures.c["left_count" if name == "left" else name])
    for name in Result.__struct_fields__
    if name != "by"
)
BREAKDOWNS: dict[str, tuple[str, ...]] = {
    "all": (),
    "campaign": ("campaign",),
    "step": ("campaign", "step"),
    "channel": ("channel",),
    "voice": ("voice",),
    "status": ("status",),
    "sector": ("sector",),
    "bracket": ("bracket",),
    "creditor": ("creditor",),
}


def visible(column: ColumnElement[Any], where: Where) -> list[ColumnElement[bool]]:
    """The conditions on a column of creditors."""
    found: list[ColumnElement[bool]] = []
    if where.creditors is not None:
        found.append(column.in_(sorted(where.creditors)))
    if where.creditor:
        found.append(column == where.creditor)
    return found


def within(table: Table, where: Where, *names: str) -> list[ColumnElement[bool]]:
    """The conditions on creditor, currency and those of the named columns that the table has."""
    found = visible(table.c.creditor, where)
    found.append(table.c.currency == where.currency)
    found += [table.c[name] == getattr(where, name) for name in names if getattr(where, name)]
    return found


def _in_period(where: Where) -> list[ColumnElement[bool]]:
    found = within(day_figures, where, "campaign", "status", "sector")
    if where.from_on is not None:
        found.append(day_figures.c.day >= where.from_on.isoformat())
    if where.to_on is not None:
        found.append(day_figures.c.day <= where.to_on.isoformat())
    return found


def results(conn: Connection, where: Where, *, by: str = "all") -> list[Result]:
    """One row for each value of a breakdown (a key of `BREAKDOWNS`), in their order; "all" is one row."""
    keys = [day_figures.c[name] for name in BREAKDOWNS[by]]
    rows = conn.execute(select(*keys, *_MEASURES).where(*_in_period(where)).group_by(*keys).order_by(*keys))
    names = [name for name in Result.__struct_fields__ if name != "by"]
    found = []
    for row in rows:
        measures = dict(zip(names, (int(value or 0) for value in row[len(keys) :]), strict=True))
        if any(measures.values()):
            found.append(Result(by=tuple(str(value) for value in row[: len(keys)]), **measures))
    return found or ([Result()] if by == "all" else [])


def money_by_day(conn: Connection, where: Where, *, measure: str = "recovered_cents") -> list[DaySum]:
    """What came in (or was invoiced: `invoiced_cents`) on each day that has anything, in order."""
    cents = func.sum(day_figures.c[measure])
    statement = select(day_figures.c.day, cents).where(*_in_period(where), day_figures.c[measure] != 0)
    rows = conn.execute(statement.group_by(day_figures.c.day).order_by(day_figures.c.day))
    return [DaySum(date.fromisoformat(day), int(sum_)) for day, sum_ in rows]


def expected(conn: Connection, where: Where) -> list[Expected]:
    """What is promised and what banks will collect, by day."""
    keys = (expected_figures.c.kind, expected_figures.c.expected_on)
    statement = select(*keys, func.count(), func.sum(expected_figures.c.cents))
    rows = conn.execute(statement.where(*within(expected_figures, where, "campaign")).group_by(*keys).order_by(*keys))
    return [Expected(kind, date.fromisoformat(day), count, int(cents)) for kind, day, count, cents in rows]


def age_rates(conn: Connection, where: Where) -> list[AgeRate]:
    """How debts were paid as they aged, over everything that was ever followed here."""
    sums = [func.sum(age_figures.c[name]) for name in ("debts", "open_cents", "paid_cents")]
    statement = select(age_figures.c.age, *sums).where(*within(age_figures, where, "status"))
    rows = conn.execute(statement.group_by(age_figures.c.age).order_by(age_figures.c.age))
    return [AgeRate(age, int(debts), int(cents), int(paid)) for age, debts, cents, paid in rows if debts]


# ------------------------------------------------------------------------------------------------ who pays late


class Payers(msgspec.Struct, frozen=True):
    """Debtors of a segment. `settled_days` are days late weighted by the cents settled."""

    by: str
    cases: int
    settled_cases: int
    settled_cents: int
    settled_days: int
    balance_cents: int
    overdue_cents: int


class FirstReminders(msgspec.Struct, frozen=True):
    """Cases whose first demand left more than thirty days ago: what it asked for, what came within thirty days."""

    by: str
    cases: int
    demanded_cents: int
    recovered_cents: int


SEGMENTS = ("status", "sector", "department", "creditor", "bracket")
FIRST_BY = ("channel", "voice", "status", "sector", "creditor", "bracket")


def payers(conn: Connection, where: Where, *, by: str) -> list[Payers]:
    """Segments (one of `SEGMENTS`) with how late they pay."""
    c = stock_figures.c
    measures = (c.cases, c.settled_cases, c.settled_cents, c.settled_days, c.balance_cents, c.overdue_cents)
    statement = select(c[by], *(func.sum(measure) for measure in measures))
    rows = conn.execute(
        statement.where(*within(stock_figures, where, "campaign", "status", "sector")).group_by(c[by]).order_by(c[by])
    )
    return [Payers(str(row[0]), *(int(value or 0) for value in row[1:])) for row in rows if row[1]]


def first_reminders(conn: Connection, where: Where, *, by: str, today: date) -> list[FirstReminders]:
    """What a first demand brought within thirty days, by channel, voice or segment (`FIRST_BY`).

    Whole weeks: those that begin in the period, and whose thirty days are over.
    """
    c = first_figures.c
    last = today - timedelta(days=30 + 7)
    period: list[ColumnElement[bool]] = [c.week <= min(last, where.to_on or last).isoformat()]
    if where.from_on is not None:
        period.append(c.week >= where.from_on.isoformat())
    statement = select(c[by], func.sum(c.cases), func.sum(c.demanded_cents), func.sum(c.recovered_cents))
    wanted = [*within(first_figures, where, "campaign", "status", "sector"), *period]
    rows = conn.execute(statement.where(*wanted).group_by(c[by]).order_by(c[by]))
    return [FirstReminders(str(row[0]), *(int(value or 0) for value in row[1:])) for row in rows if row[1]]


# ------------------------------------------------------------------------------------------------ the choices


def choices(conn: Connection, creditors: frozenset[str] | None) -> dict[str, Sequence[str]]:
    """What there is to choose from: creditors, campaigns and currencies that have anything to count."""
    found: dict[str, set[str]] = {"creditor": set(), "campaign": set(), "currency": set()}
    mine = visible(day_figures.c.creditor, Where(creditors=creditors))
    keys = (day_figures.c.creditor, day_figures.c.campaign, day_figures.c.currency)
    for row in conn.execute(select(*keys).where(*mine).distinct()):
        for name, value in row._mapping.items():
            found[name].add(value)
    return {name: sorted(values - {""}) for name, values in found.items()}
