"""Whether anybody was wronged or forgotten: wrong reminders, and open cases that nothing would ever wake (R36, R39)."""

from datetime import date, datetime

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, and_, case, distinct, func, select

from orchestrator.storage.figures_tables import case_figures, stock_figures, wrong_reminders
from orchestrator.storage.instants import from_micros, to_micros
from orchestrator.storage.result_reads import Where, visible, within
from orchestrator.storage.tables import cases, tasks

# Above this number it does not matter how many they are.
_MOST_LATE = 10_000


class WrongCount(msgspec.Struct, frozen=True):
    """How many demands were wrong for a reason, in how many cases, and what they asked for."""

    why: str
    messages: int
    cases: int
    amount_cents: int


class WrongRow(msgspec.Struct, frozen=True, kw_only=True):
    """A demand that should not have left, its case, and the fact that says so."""

    case_id: str
    debtor_ref: str
    name: str
    creditor: str
    campaign: str
    step: str
    channel: str
    left_at: datetime
    left_on: date
    why: str
    fact: str
    amount_cents: int


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """Open cases by what will happen to them next; `forgotten` have nothing, `late` should have been judged already."""

    open_cases: int = 0
    scheduled: int = 0
    held: int = 0
    asked: int = 0
    forgotten: int = 0
    late: int = 0
    without_campaign: int = 0
    without_campaign_cents: int = 0
    held_without_end: int = 0
    held_without_end_cents: int = 0
    closed_with_balance: int = 0
    closed_with_balance_cents: int = 0


class Forgotten(msgspec.Struct, frozen=True):
    """An open case that nothing will wake."""

    case_id: str
    debtor_ref: str
    name: str
    creditor: str
    balance_cents: int
    last_left_at: datetime | None


# ------------------------------------------------------------------------------------------------ wrong reminders


def _wrong(where: Where) -> list[ColumnElement[bool]]:
    found = within(wrong_reminders, where, "campaign")
    if where.from_on is not None:
        found.append(wrong_reminders.c.left_on >= where.from_on.isoformat())
    if where.to_on is not None:
        found.append(wrong_reminders.c.left_on <= where.to_on.isoformat())
    return found


def wrong_counts(conn: Connection, where: Where) -> list[WrongCount]:
    """Wrong reminders by reason. One message may count under several."""
    c = wrong_reminders.c
    sums = (func.count(), func.count(distinct(c.case_id)), func.sum(c.amount_cents))
    rows = conn.execute(select(c.why, *sums).where(*_wrong(where)).group_by(c.why).order_by(c.why))
    return [WrongCount(why, messages, several, int(cents or 0)) for why, messages, several, cents in rows]


def wrong_list(conn: Connection, where: Where, *, why: str = "", limit: int, offset: int = 0) -> list[WrongRow]:
    """The wrong reminders themselves, the latest first."""
    c, f = wrong_reminders.c, case_figures.c
    columns = (
        c.case_id, f.debtor_ref, f.name, c.creditor, c.campaign, c.step, c.channel, c.left_at, c.left_on, c.why,
        c.fact, c.amount_cents,
    )  # fmt: skip
    wanted = [*_wrong(where), *([c.why == why] if why else [])]
    statement = select(*columns).join(case_figures, f.case_id == c.case_id).where(*wanted)
    latest = statement.order_by(c.left_on.desc(), c.case_id.desc(), c.message_id, c.why).limit(limit).offset(offset)
    return [
        WrongRow(**{**row._mapping, "left_at": from_micros(row.left_at), "left_on": date.fromisoformat(row.left_on)})
        for row in conn.execute(latest)
    ]


# ------------------------------------------------------------------------------------------------ coverage


def coverage(conn: Connection, where: Where, *, late_before: datetime) -> Coverage:
    """What becomes of every open case. Held without end, without a campaign, and closed while something is open."""
    c = stock_figures.c
    is_open, is_closed = c.state == "open", c.state == "closed"

    def total(measure: Column[int], *conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((and_(*conditions), measure), else_=0))

    parts = {
        "open_cases": total(c.cases, is_open),
        **{name: func.sum(c[name]) for name in ("scheduled", "held", "asked")},
        "without_campaign": total(c.owing, is_open, c.campaign == ""),
        "without_campaign_cents": total(c.owing_cents, is_open, c.campaign == ""),
        "held_without_end": func.sum(c.endless),
        "held_without_end_cents": func.sum(c.endless_cents),
        "closed_with_balance": total(c.owing, is_closed),
        "closed_with_balance_cents": total(c.owing_cents, is_closed),
    }
    mine = within(stock_figures, where, "campaign", "status", "sector")
    found = conn.execute(select(*parts.values()).where(*mine)).one()
    return Coverage(
        **{name: int(value or 0) for name, value in zip(parts, found, strict=True)},
        forgotten=len(forgotten(conn, where, limit=10_000)),
        late=_late(conn, where, late_before),
    )


def _late(conn: Connection, where: Where, before: datetime) -> int:
    """Cases whose instant has come and passed: nobody judges them."""
    # The few that are due are found by their instant first: by the creditor SQLite would read every case.
    due = select(cases.c.creditor).where(cases.c.due_at <= to_micros(before)).order_by(cases.c.due_at).limit(_MOST_LATE)
    few = due.subquery()
    return conn.execute(select(func.count()).select_from(few).where(*visible(few.c.creditor, where))).scalar() or 0


def forgotten(conn: Connection, where: Where, *, limit: int) -> list[Forgotten]:
    """The cases themselves. What the figures suspect is asked again of the cases and tasks as they are."""
    c = case_figures.c
    is_asked = select(tasks.c.id).where(tasks.c.case_id == c.case_id, tasks.c.state == "open").exists()
    statement = (
        select(c.case_id, c.debtor_ref, c.name, c.creditor, c.balance_cents, c.last_left_at)
        .join(cases, cases.c.id == c.case_id)
        .where(*within(case_figures, where, "campaign", "status", "sector"))
        .where(c.state == "open", c.due_at.is_(None), c.open_tasks == 0, c.has_hold_end.is_(False))
        .where(cases.c.state == "open", cases.c.due_at.is_(None), ~is_asked)
        .order_by(c.case_id)
        .limit(limit)
    )
    return [
        Forgotten(*row[:5], last_left_at=None if row.last_left_at is None else from_micros(row.last_left_at))
        for row in conn.execute(statement)
    ]
