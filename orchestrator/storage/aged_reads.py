"""The aged balance: what is open by how long it is overdue, and the cases behind each figure (R48)."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, literal, select

from orchestrator.storage.batch import among
from orchestrator.storage.figures_tables import aged_figures, case_figures, debt_figures, stock_figures
from orchestrator.storage.result_reads import Where, within


class Age(StrEnum):
    """How long a document is overdue on a day. One that is due today is not due yet."""

    NOT_DUE = "not_due"
    D30 = "d30"
    D60 = "d60"
    D90 = "d90"
    OLDER = "older"
    CREDIT = "credit"


_FIRST_DAY_LATE = {Age.D30: 1, Age.D60: 31, Age.D90: 61, Age.OLDER: 91}
OVERDUE = tuple(_FIRST_DAY_LATE)


class AgedRow(msgspec.Struct, frozen=True, kw_only=True):
    """What is open under a heading, in cents by age; credits are negative. The ages add up to the balance."""

    by: str
    ages: dict[Age, int]
    documents: int = 0
    held_cents: int = 0

    @property
    def balance_cents(self) -> int:
        """All that is open, credits deducted."""
        return sum(self.ages.values())

    @property
    def overdue_cents(self) -> int:
        """What is past its day, credits not deducted."""
        return sum(self.ages.get(age, 0) for age in OVERDUE)


class AgedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """An open document or credit, with its case; an unallocated payment has no reference."""

    case_id: str
    debtor_ref: str
    name: str
    creditor: str
    campaign: str
    state: str
    balance_cents: int
    reference: str
    kind: str
    due_on: date | None
    open_cents: int
    held_cents: int
    held_kind: str


class AgedCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case in a list of the aged balance."""

    case_id: str
    debtor_ref: str
    name: str
    creditor: str
    campaign: str
    state: str
    balance_cents: int
    overdue_cents: int
    oldest_due_on: date | None
    hold_kind: str


class DueSum(msgspec.Struct, frozen=True):
    """What is open of the documents that fell due on a day; `free_cents` is neither held nor promised."""

    due_on: date
    open_cents: int
    free_cents: int


AGED_BY = ("creditor", "campaign", "status", "sector")


def bounds(age: Age, today: date) -> tuple[date | None, date | None]:
    """The first and last due day of an age on a day, None where it has no end."""
    if age is Age.NOT_DUE:
        return today, None
    late = _FIRST_DAY_LATE[age]
    return (None if age is Age.OLDER else today - timedelta(days=late + 29)), today - timedelta(days=late)


def aged_balance(conn: Connection, where: Where, *, today: date, by: str) -> list[AgedRow]:
    """One row for each creditor, campaign, status or sector, the largest balance first."""
    key, age = aged_figures.c[by], _age_on(today)
    sums = [func.sum(aged_figures.c[name]) for name in ("open_cents", "documents", "held_cents")]
    statement = select(key, age, *sums).where(*within(aged_figures, where, "campaign", "status", "sector"))
    found: dict[str, dict[Age, int]] = {}
    documents: dict[str, int] = {}
    held: dict[str, int] = {}
    for name, word, cents, count, stopped in conn.execute(statement.group_by(key, age)):
        if count:
            found.setdefault(name, {})[Age(word)] = int(cents)
            documents[name] = documents.get(name, 0) + int(count)
            held[name] = held.get(name, 0) + int(stopped)
    rows = [AgedRow(by=n, ages=ages, documents=documents[n], held_cents=held[n]) for n, ages in found.items()]
    return sorted(rows, key=lambda row: (-row.balance_cents, row.by))


def _age_on(today: date) -> ColumnElement[str]:
    due_on = aged_figures.c.due_on
    return case(
        (aged_figures.c.kind != "open", literal(Age.CREDIT.value)),
        (due_on >= today.isoformat(), literal(Age.NOT_DUE.value)),
        (due_on >= (today - timedelta(days=30)).isoformat(), literal(Age.D30.value)),
        (due_on >= (today - timedelta(days=60)).isoformat(), literal(Age.D60.value)),
        (due_on >= (today - timedelta(days=90)).isoformat(), literal(Age.D90.value)),
        else_=literal(Age.OLDER.value),
    ).label("age")


def due_sums(conn: Connection, where: Where) -> list[DueSum]:
    """What is open by the day it fell or falls due; credits are not among it."""
    c = aged_figures.c
    statement = select(c.due_on, func.sum(c.open_cents), func.sum(c.free_cents))
    wanted = [*within(aged_figures, where, "campaign", "status", "sector"), c.kind == "open"]
    rows = conn.execute(statement.where(*wanted).group_by(c.due_on).order_by(c.due_on))
    return [DueSum(date.fromisoformat(day), int(cents), int(free)) for day, cents, free in rows if cents]


# ------------------------------------------------------------------------------------------------ the cases behind


def aged_documents(
    conn: Connection, where: Where, *, today: date, age: Age, limit: int, offset: int = 0
) -> list[AgedDocument]:
    """The documents of an age with their cases, the largest first."""
    d, c = debt_figures.c, case_figures.c
    conditions = within(debt_figures, where, "campaign", "status", "sector")
    if age is Age.CREDIT:
        conditions.append(d.due_on.is_(None))
    else:
        first, last = bounds(age, today)
        conditions += [d.due_on >= first.isoformat()] if first else []
        conditions += [d.due_on <= last.isoformat()] if last else []
    # The few that are shown are found in the index first; the table is asked for them alone.
    most = select(d.case_id, d.reference).where(*conditions).order_by(func.abs(d.open_cents).desc(), d.case_id)
    few = most.limit(limit).offset(offset).subquery()
    columns = (
        c.case_id, c.debtor_ref, c.name, c.creditor, c.campaign, c.state, c.balance_cents, d.reference, d.kind,
        d.due_on, d.open_cents, d.held_cents, d.held_kind,
    )  # fmt: skip
    found = conn.execute(
        select(*columns)
        .join_from(few, debt_figures, (d.case_id == few.c.case_id) & (d.reference == few.c.reference))
        .join(case_figures, c.case_id == few.c.case_id)
        .order_by(func.abs(d.open_cents).desc(), d.case_id, d.reference)
    )
    return [
        AgedDocument(**{**row._mapping, "due_on": date.fromisoformat(row.due_on) if row.due_on else None})
        for row in found
    ]


def aged_debtors(
    conn: Connection, where: Where, *, today: date, limit: int, offset: int = 0
) -> list[tuple[AgedCase, AgedRow]]:
    """The cases that owe the most that is overdue and not held, each with its own aged balance."""
    c = case_figures.c
    conditions = [*within(case_figures, where, "campaign", "status", "sector"), c.state == "open", c.overdue_cents > 0]
    most = select(case_figures).where(and_(*conditions)).order_by(c.overdue_cents.desc(), c.case_id.desc())
    rows = conn.execute(most.limit(limit).offset(offset)).all()
    ages = _ages_of(conn, [row.case_id for row in rows], today)
    return [(_case(row), ages.get(row.case_id, AgedRow(by=row.case_id, ages={}))) for row in rows]


def _ages_of(conn: Connection, case_ids: list[str], today: date) -> dict[str, AgedRow]:
    d = debt_figures.c
    columns = (d.case_id, d.kind, d.due_on, d.open_cents, d.held_cents)
    ages: dict[str, dict[Age, int]] = {}
    held: dict[str, int] = {}
    count: dict[str, int] = {}
    for row in conn.execute(select(*columns).where(among(conn, d.case_id, case_ids))):
        age = age_of(row.kind, row.due_on, today)
        mine = ages.setdefault(row.case_id, {})
        mine[age] = mine.get(age, 0) + row.open_cents
        held[row.case_id] = held.get(row.case_id, 0) + row.held_cents
        count[row.case_id] = count.get(row.case_id, 0) + 1
    return {name: AgedRow(by=name, ages=of, documents=count[name], held_cents=held[name]) for name, of in ages.items()}


def age_of(kind: str, due_on: str | None, today: date) -> Age:
    """The age of one document."""
    if kind != "open" or due_on is None:
        return Age.CREDIT
    late = (today - date.fromisoformat(due_on)).days
    return next((age for age in reversed(OVERDUE) if late >= _FIRST_DAY_LATE[age]), Age.NOT_DUE)


def _case(row: Row[Any]) -> AgedCase:
    oldest = row.oldest_due_on
    return AgedCase(
        case_id=row.case_id, debtor_ref=row.debtor_ref, name=row.name, creditor=row.creditor, campaign=row.campaign,
        state=row.state, balance_cents=row.balance_cents, overdue_cents=row.overdue_cents,
        oldest_due_on=date.fromisoformat(oldest) if oldest else None, hold_kind=row.hold_kind,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ the portfolio


class StateSum(msgspec.Struct, frozen=True):
    """The cases of a creditor in a state."""

    creditor: str
    state: str
    cases: int
    balance_cents: int
    overdue_cents: int
    received_cents: int
    cost_cents: int


def state_sums(conn: Connection, where: Where) -> list[StateSum]:
    """Cases, money and cost by creditor and state, of all time."""
    c = stock_figures.c
    keys = (c.creditor, c.state)
    measures = (c.cases, c.balance_cents, c.overdue_cents, c.received_cents, c.cost_cents)
    statement = select(*keys, *(func.sum(measure) for measure in measures))
    wanted = within(stock_figures, where, "campaign", "status", "sector")
    rows = conn.execute(statement.where(*wanted).group_by(*keys).order_by(*keys))
    return [StateSum(row[0], row[1], *(int(value or 0) for value in row[2:])) for row in rows if row[2]]
