"""What work lists are made of, by index: open tasks of a kind, days of cases, approvals by campaign and step.

Ranks nothing. Whoever asks gives the owners and creditors that the reader may see, and the roles that they answer for.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, func, literal_column, select

from orchestrator.storage.batch import among
from orchestrator.storage.case_work import Work, work_of
from orchestrator.storage.instants import from_micros
from orchestrator.storage.tables import tasks
from orchestrator.storage.tasks import Task, comes_after, task_of
from orchestrator.storage.work_tables import case_dates, case_work

# Answered by the dozen, each campaign and step together.
APPROVE = "approve"
# A partial index serves only a query that says its condition word by word.
_IS_OPEN = tasks.c.state == literal_column("'open'")


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Whose list is read. `owners` None is everybody's, `creditors` None all; `roles` are those answered for."""

    owners: frozenset[str] | None = None
    creditors: frozenset[str] | None = None
    roles: tuple[str, ...] = ("agent",)


class Asked(msgspec.Struct, frozen=True):
    """An open task and its case as work; None for a task about no case, or a case that nobody has looked at yet."""

    task: Task
    work: Work | None


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A line that may be shown: no more of it than its rank needs. `due` is in microseconds for a task, ISO for a day.

    `id` is that of a task, or the subject of a day; what is known of the case is None where nobody has looked at it.
    """

    id: str
    case_id: str
    kind: str
    due: int | str
    amount_cents: int
    creditor: str | None
    campaign: str | None
    currency: str | None
    owner: str | None
    stake_cents: int | None
    oldest_due_on: str | None
    broken: int | None
    answered: int | None
    care: str | None


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Approvals that wait, of one campaign, step, role and currency. `due_at` is when the first of them lapses."""

    kind: str
    campaign: str
    step: str
    role: str
    currency: str
    count: int
    amount_cents: int
    due_at: datetime


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Which approvals: of a campaign and step."""

    campaign: str
    step: str


def kinds(conn: Connection) -> list[str]:
    """The kinds of the open tasks: one step in the index for each."""
    first = select(func.min(tasks.c.kind)).where(_IS_OPEN)
    found: list[str] = []
    last = conn.execute(first).scalar()
    while last is not None:
        found.append(last)
        last = conn.execute(first.where(tasks.c.kind > last)).scalar()
    return found


def asked(conn: Connection, kind: str, reader: Reader, *, limit: int) -> list[Asked]:
    """The open tasks of a kind that fall due first."""
    wanted = _may_see(conn, reader) & _answers(conn, reader)
    statement = (
        select(tasks, *_WORK)
        .select_from(tasks.outerjoin(case_work, case_work.c.id == tasks.c.case_id))
        .where(_IS_OPEN, tasks.c.kind == kind, wanted)
        .order_by(tasks.c.due_at, tasks.c.id)
        .limit(limit)
    )
    return [_asked(row) for row in conn.execute(statement)]


def candidates(conn: Connection, kind: str, reader: Reader, *, limit: int) -> list[Candidate]:
    """The same, with no more than their rank needs."""
    columns = (tasks.c.id, tasks.c.case_id, tasks.c.kind, tasks.c.due_at, tasks.c.amount_cents, *_RANKED)
    statement = (
        select(*columns)
        .select_from(tasks.outerjoin(case_work, case_work.c.id == tasks.c.case_id))
        .where(_IS_OPEN, tasks.c.kind == kind, _may_see(conn, reader) & _answers(conn, reader))
        .order_by(tasks.c.due_at, tasks.c.id)
        .limit(limit)
    )
    return [Candidate(*row) for row in conn.execute(statement)]


def of_cases(conn: Connection, case_ids: Collection[str], reader: Reader) -> list[Candidate]:
    """The open tasks of these cases, with no more than their rank needs."""
    columns = (tasks.c.id, tasks.c.case_id, tasks.c.kind, tasks.c.due_at, tasks.c.amount_cents, *_RANKED)
    statement = (
        select(*columns)
        .select_from(tasks.outerjoin(case_work, case_work.c.id == tasks.c.case_id))
        .where(_IS_OPEN, among(conn, tasks.c.case_id, case_ids))
        .where(_may_see(conn, reader), _answers(conn, reader))
        .order_by(tasks.c.due_at, tasks.c.id)
    )
    return [Candidate(*row) for row in conn.execute(statement)]


def dated(
    conn: Connection, kind: str, reader: Reader, *, first: date = date.min, last: date = date.max, limit: int
) -> list[Candidate]:
    """The days of a kind from `first` to `last`, inclusive, the earliest first."""
    days = case_dates.c
    statement = (
        select(days.subject, days.case_id, days.kind, days.on_day, days.amount_cents, *_RANKED)
        .select_from(case_dates.join(case_work, case_work.c.id == days.case_id))
        .where(days.kind == kind, days.on_day >= first.isoformat(), days.on_day <= last.isoformat())
        .where(_may_see(conn, reader))
        .order_by(days.on_day, days.case_id)
        .limit(limit)
    )
    return [Candidate(*row) for row in conn.execute(statement)]


def batches(conn: Connection, reader: Reader, *, most: int | None = None) -> list[Batch]:
    """The approvals that wait, counted and summed: reads each of them, or the `most` that lapse first."""
    columns = (
        tasks.c.kind, case_work.c.campaign, tasks.c.step, tasks.c.role, case_work.c.currency, tasks.c.amount_cents,
        tasks.c.due_at,
    )  # fmt: skip
    waiting: Select[Any] = (
        select(*columns)
        .select_from(tasks.outerjoin(case_work, case_work.c.id == tasks.c.case_id))
        .where(_IS_OPEN, tasks.c.kind == APPROVE, _may_see(conn, reader), _answers(conn, reader))
    )
    if most is not None:
        waiting = waiting.order_by(tasks.c.due_at, tasks.c.id).limit(most)
    each = waiting.subquery()
    keys = (each.c.kind, each.c.campaign, each.c.step, each.c.role, each.c.currency)
    counted = (func.count(), func.sum(each.c.amount_cents), func.min(each.c.due_at))
    found = [
        Batch(
            kind=kind, campaign=campaign or "", step=step, role=role, currency=currency or "EUR", count=count,
            amount_cents=int(total), due_at=from_micros(due_at),
        )
        for kind, campaign, step, role, currency, count, total, due_at in conn.execute(
            select(*keys, *counted).group_by(*keys)
        )
    ]  # fmt: skip
    return sorted(found, key=lambda batch: (batch.due_at, batch.campaign, batch.step, batch.role))


def of_batch(conn: Connection, chosen: Chosen, reader: Reader, *, limit: int, after: Task | None = None) -> list[Asked]:
    """The approvals of a campaign and step in the order in which they lapse; the next page starts after `after`."""
    campaign = case_work.c.campaign == chosen.campaign
    if not chosen.campaign:
        campaign |= case_work.c.campaign.is_(None)
    statement = (
        select(tasks, *_WORK)
        .select_from(tasks.outerjoin(case_work, case_work.c.id == tasks.c.case_id))
        .where(_IS_OPEN, tasks.c.kind == APPROVE, tasks.c.step == chosen.step, campaign)
        .where(_may_see(conn, reader), _answers(conn, reader))
        .order_by(tasks.c.due_at, tasks.c.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(comes_after(after))
    return [_asked(row) for row in conn.execute(statement)]


def count_open(conn: Connection, owners: Sequence[str], reader: Reader) -> int:
    """How many open cases these owners have, of the creditors that the reader may see."""
    theirs = among(conn, case_work.c.owner, owners) & (case_work.c.is_open == 1)
    if reader.creditors is not None:
        theirs &= among(conn, case_work.c.creditor, reader.creditors)
    return conn.execute(select(func.count()).select_from(case_work).where(theirs)).scalar() or 0


# -------------------------------------------------------------------------------------------- the columns

_WORK = tuple(column.label(f"work_{column.name}") for column in case_work.c)
_NAMES = tuple(column.name for column in case_work.c)
_RANKED = tuple(
    case_work.c[name]
    for name in (
        "creditor", "campaign", "currency", "owner", "stake_cents", "oldest_due_on", "broken", "answered", "care",
    )
)  # fmt: skip


def _may_see(conn: Connection, reader: Reader) -> ColumnElement[bool]:
    """A task about no case is nobody's, and shows only to whoever may see every creditor."""
    wanted: ColumnElement[bool] = literal_column("1") == literal_column("1")
    if reader.owners is not None:
        wanted &= case_work.c.id.is_(None) | among(conn, case_work.c.owner, reader.owners)
    if reader.creditors is not None:
        wanted &= among(conn, case_work.c.creditor, reader.creditors)
    return wanted


def _answers(conn: Connection, reader: Reader) -> ColumnElement[bool]:
    return among(conn, tasks.c.role, reader.roles)


def _asked(row: Row[Any]) -> Asked:
    return Asked(task_of(row), _work(row) if row.work_id is not None else None)


class _Named:
    """The columns of `case_work` of a joined row, under their own names."""

    def __init__(self, row: Row[Any]) -> None:
        for name in _NAMES:
            setattr(self, name, getattr(row, f"work_{name}"))


def _work(row: Row[Any]) -> Work:
    named: Any = _Named(row)
    return work_of(named)
