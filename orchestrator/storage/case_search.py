"""Lists of cases for people: by their figures, a page at a time, in an order that people ask for; and exact look-ups.

The figures lag by a second or two: they choose and sort candidates. What a condition says of a case, the core judges.
"""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Connection, and_, func, literal, or_, select, tuple_

from orchestrator.domain.condition import Between, Condition, Either, Every, OneOf
from orchestrator.storage.access_tables import documents
from orchestrator.storage.batch import among
from orchestrator.storage.figures_tables import case_figures as figures
from orchestrator.storage.index_steps import values_of
from orchestrator.storage.instants import maybe_instant
from orchestrator.storage.tables import cases
from orchestrator.storage.work_tables import case_work

_LAST_DAY = "9999-12-31"
_LAST_MICROS = 2**62
_MOST_CREDITORS = 2_000
_INDIVIDUAL = ("consumer", "unknown")


# Asked for as a campaign, it is those that follow none.
NONE = "none"


class Sort(StrEnum):
    """The order of a list. `next` is by when a case is looked at next; `name` by the debtor's."""

    OVERDUE = "overdue"
    BALANCE = "balance"
    OLDEST = "oldest"
    NEXT = "next"
    NAME = "name"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases; every field that is given must match. Amounts are minor units of whatever currency the case has.

    `campaign` may be NONE, for cases that follow none. `owner` is whose work they are.
    `creditors` are those that may be seen, None all. `words` are parts of the debtor's folded name, `ids` the only
    cases to look among, `narrowed` a condition that leaves out what it certainly excludes.
    """

    creditors: frozenset[str] | None = None
    ids: frozenset[str] | None = None
    words: tuple[str, ...] = ()
    creditor: str = ""
    campaign: str = ""
    state: str = ""
    status: str = ""
    owner: str = ""
    is_held: bool | None = None
    overdue_before: date | None = None
    balance_from: int | None = None
    balance_below: int | None = None
    narrowed: Condition | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One case in a list, as its figures were last made."""

    case_id: str
    creditor: str
    campaign: str
    state: str
    outcome: str
    currency: str
    debtor_ref: str
    name: str
    status: str
    balance_cents: int
    overdue_cents: int
    oldest_due_on: date | None
    step: str
    last_left_at: datetime | None
    last_channel: str
    due_at: datetime | None
    hold_kind: str
    hold_until: date | None
    open_tasks: int
    is_vulnerable: bool
    promise_on: date | None


_COLUMNS = tuple(figures.c[name] for name in Row.__struct_fields__)

# (expression, whether the greatest comes first). The first one is that of an index, with the state.
_ORDERS: dict[Sort, tuple[ColumnElement[Any], bool]] = {
    Sort.OVERDUE: (figures.c.overdue_cents, True),
    Sort.BALANCE: (figures.c.balance_cents, True),
    Sort.OLDEST: (func.coalesce(figures.c.oldest_due_on, _LAST_DAY), False),
    Sort.NEXT: (func.coalesce(figures.c.due_at, literal(_LAST_MICROS, BigInteger)), False),
    Sort.NAME: (figures.c.name_folded, False),
}


def page(conn: Connection, wanted: Wanted, sort: Sort, *, limit: int, after: str = "") -> list[Row]:
    """At most `limit` cases, from the one behind the case `after` on."""
    order, is_falling = _ORDERS[sort]
    key = (order, figures.c.case_id)
    statement = select(*_COLUMNS).where(*_conditions(conn, wanted)).limit(limit)
    statement = statement.order_by(*(each.desc() if is_falling else each.asc() for each in key))
    if after:
        # The place of a case that may not be seen would tell what is owed on it.
        theirs = [] if wanted.creditors is None else [among(conn, figures.c.creditor, wanted.creditors)]
        last = conn.execute(select(*key).where(figures.c.case_id == after, *theirs)).one_or_none()
        if last is not None:
            behind = tuple_(*key) < tuple_(*last) if is_falling else tuple_(*key) > tuple_(*last)
            statement = statement.where(behind)
    return [_row(dict(row._mapping)) for row in conn.execute(statement)]


def _row(values: dict[str, Any]) -> Row:
    for name in ("oldest_due_on", "hold_until", "promise_on"):
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    for name in ("last_left_at", "due_at"):
        values[name] = maybe_instant(values[name])
    return Row(**values)


def _conditions(conn: Connection, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.creditors is not None:
        found.append(among(conn, figures.c.creditor, wanted.creditors))
    if wanted.ids is not None:
        found.append(among(conn, figures.c.case_id, wanted.ids))
    for name in ("creditor", "campaign", "state", "status"):
        value = getattr(wanted, name)
        if value:
            found.append(figures.c[name] == ("" if (name, value) == ("campaign", NONE) else value))
    if wanted.owner:
        found.append(figures.c.case_id.in_(select(case_work.c.id).where(case_work.c.owner == wanted.owner)))
    found += [figures.c.name_folded.contains(word, autoescape=True) for word in wanted.words]
    if wanted.is_held is not None:
        found.append(figures.c.hold_kind != "" if wanted.is_held else figures.c.hold_kind == "")
    if wanted.overdue_before is not None:
        found += [figures.c.oldest_due_on <= wanted.overdue_before.isoformat(), figures.c.overdue_cents > 0]
    if wanted.balance_from is not None:
        found.append(figures.c.balance_cents >= wanted.balance_from)
    if wanted.balance_below is not None:
        found.append(figures.c.balance_cents < wanted.balance_below)
    certain = narrowed(wanted.narrowed) if wanted.narrowed is not None else None
    return found if certain is None else [*found, certain]


# ------------------------------------------------------------------------------------------------ conditions

_CHOICES = ("creditor", "campaign", "currency", "sector", "status", "country", "debtor_ref")
_RANGES = {"balance": "balance_cents", "overdue_balance": "overdue_cents", "debts": "open_debts"}


def narrowed(condition: Condition) -> ColumnElement[bool] | None:
    """What rows must satisfy so that the condition can hold; None where the figures cannot tell."""
    match condition:
        case Every(terms):
            known = [each for each in map(narrowed, terms) if each is not None]
            return and_(*known) if known else None
        case Either(terms):
            each = [narrowed(term) for term in terms]
            return or_(*(one for one in each if one is not None)) if all(one is not None for one in each) else None
        case OneOf(field, values) if field in _CHOICES:
            return figures.c[field].in_(sorted(values))
        case OneOf("debtor", values) if len(values) == 1:
            is_individual = figures.c.status.in_(_INDIVIDUAL)
            return is_individual if "individual" in values else ~is_individual
        case Between(field, at_least, below) if field in _RANGES:
            column = figures.c[_RANGES[field]]
            bounds = [column >= at_least] if at_least is not None else []
            return and_(*bounds, *([column < below] if below is not None else []))
    return None


# -------------------------------------------------------------------------------------------- exact look-ups


def creditors(conn: Connection) -> list[str]:
    """Every creditor that has a case."""
    return values_of(conn, cases.c.creditor, most=_MOST_CREDITORS)


def of_debtor_ref(conn: Connection, debtor_ref: str, among_creditors: Iterable[str]) -> list[str]:
    """The cases of whatever creditor of these that knows a debtor by this reference."""
    wanted = among(conn, cases.c.creditor, among_creditors) & (cases.c.debtor_ref == debtor_ref)
    return list(conn.execute(select(cases.c.id).where(wanted).order_by(cases.c.id)).scalars())


def of_document(conn: Connection, reference: str) -> list[str]:
    """The cases of whatever creditor that were ever told of a document of this reference."""
    found = select(documents.c.case_id).where(documents.c.reference == reference).order_by(documents.c.case_id)
    return list(conn.execute(found.limit(_MOST_CREDITORS)).scalars())
