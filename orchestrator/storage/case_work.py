"""Whose work each case is, what it weighs, and its days. One row for each case, written behind it, in batches."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, select, update

from orchestrator.domain.case_dates import CaseDate, Weight
from orchestrator.storage import changed_cases
from orchestrator.storage.batch import among, compare_and_set, insert_new
from orchestrator.storage.index_steps import values_of
from orchestrator.storage.instants import from_micros, to_micros
from orchestrator.storage.work_tables import case_dates, case_work, owner_changes

# More people than any house has.
_MOST_OWNERS = 2_000


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A case as work: whose since when and why, and its weight. `version` is that of the row, as `save` asks back.

    `given_by` is the person who gave it by hand, empty when a portfolio did; `why` their reason, or the portfolio.
    """

    case_id: str
    creditor: str
    campaign: str
    currency: str
    owner: str
    since: datetime
    given_by: str = ""
    why: str = ""
    is_open: bool = True
    weight: Weight
    seen_version: int = 0
    version: int = 0


class Seen(msgspec.Struct, frozen=True):
    """A case read again: its work, and its days."""

    work: Work
    dates: tuple[CaseDate, ...]


def load(conn: Connection, case_ids: Iterable[str]) -> dict[str, Work]:
    """The work of these cases, by case id; one that was not read yet is absent."""
    statement = select(case_work).where(among(conn, case_work.c.id, case_ids))
    return {row.id: work_of(row) for row in conn.execute(statement)}


def save(conn: Connection, seen: Sequence[Seen]) -> set[str]:
    """Stores what was read of cases, over the row that was read; returns the ids stored.

    One that somebody gave away meanwhile is left as it is, and is read again.
    """
    new = [_row(each.work) | {"version": 1} for each in seen if not each.work.version]
    known = [
        {**_row(each.work), "expected": each.work.version, "version": each.work.version + 1}
        for each in seen
        if each.work.version
    ]
    stored = {key[0] for key in insert_new(conn, case_work, new, key=("id",))} if new else set()
    if known:
        stored |= compare_and_set(conn, case_work, known, guard="version")
    conn.execute(delete(case_dates).where(among(conn, case_dates.c.case_id, stored)))
    days = [_date_row(each.work.case_id, day) for each in seen if each.work.case_id in stored for day in each.dates]
    if days:
        insert_new(conn, case_dates, days, key=("case_id",))
    return stored


def give(conn: Connection, case_ids: Sequence[str], *, owner: str, by: str, why: str, now: datetime) -> set[str]:
    """Gives cases to somebody by hand, whom no portfolio takes them from; returns the ids of those that are known.

    With `by` empty they go back to their portfolio, at the next look.
    """
    at = to_micros(now)
    these = among(conn, case_work.c.id, case_ids)
    found = list(conn.execute(select(case_work.c.id).where(these).order_by(case_work.c.id).with_for_update()).scalars())
    values = {
        "owner": owner, "since": at, "given_by": by, "why": why, "version": case_work.c.version + 1,
        "seen_version": 0,
    }  # fmt: skip
    conn.execute(update(case_work).where(among(conn, case_work.c.id, found)).values(values))
    return set(found)


def note_change(conn: Connection, case_ids: Iterable[str], *, owner: str, by: str, why: str, now: datetime) -> None:
    """Keeps who gave cases to whom, and why."""
    rows = [{"case_id": each, "at": to_micros(now), "owner": owner, "by": by, "why": why} for each in sorted(case_ids)]
    insert_new(conn, owner_changes, rows, key=("case_id",))


class OwnerChange(msgspec.Struct, frozen=True):
    """A case given by hand."""

    at: datetime
    owner: str
    by: str
    why: str


def changes_of(conn: Connection, case_id: str) -> list[OwnerChange]:
    """To whom a case was given by hand, oldest first."""
    statement = select(owner_changes).where(owner_changes.c.case_id == case_id).order_by(owner_changes.c.seq)
    return [OwnerChange(from_micros(row.at), row.owner, row.by, row.why) for row in conn.execute(statement)]


class Load(msgspec.Struct, frozen=True):
    """How many open cases somebody has, and what is at stake in them, by currency."""

    owner: str
    currency: str
    cases: int
    stake_cents: int


def loads(conn: Connection, *, creditors: frozenset[str] | None = None) -> list[Load]:
    """The open cases of each owner. Reads every row: for the page of portfolios, not for lists."""
    wanted = case_work.c.is_open == 1
    if creditors is not None:
        wanted &= among(conn, case_work.c.creditor, creditors)
    keys = (case_work.c.owner, case_work.c.currency)
    counted = select(*keys, func.count(), func.sum(case_work.c.stake_cents)).where(wanted)
    return [Load(owner, currency, count, int(total)) for owner, currency, count, total in conn.execute(
        counted.group_by(*keys).order_by(*keys)
    )]  # fmt: skip


def owners(conn: Connection) -> list[str]:
    """Everybody who owns a case."""
    return values_of(conn, case_work.c.owner, most=_MOST_OWNERS)


# -------------------------------------------------------------------------------------- what to read again


def changed(conn: Connection, case_ids: Iterable[str]) -> list[str]:
    """Those of these cases that are not as they were when they were last read."""
    return changed_cases.behind(conn, case_ids, key=case_work.c.id, version=case_work.c.seen_version)


# -------------------------------------------------------------------------------------------- the columns


def _row(item: Work) -> dict[str, Any]:
    weight = item.weight
    return {
        "id": item.case_id,
        "seen_version": item.seen_version,
        "creditor": item.creditor,
        "campaign": item.campaign,
        "currency": item.currency,
        "owner": item.owner,
        "since": to_micros(item.since),
        "given_by": item.given_by,
        "why": item.why,
        "is_open": int(item.is_open),
        "stake_cents": weight.stake_cents,
        "oldest_due_on": weight.oldest_due_on.isoformat() if weight.oldest_due_on else "",
        "broken": weight.broken,
        "answered": weight.answered,
        "care": weight.care,
    }


def work_of(row: Row[Any]) -> Work:
    """A row of the table as work."""
    weight = Weight(
        stake_cents=row.stake_cents,
        oldest_due_on=date.fromisoformat(row.oldest_due_on) if row.oldest_due_on else None,
        broken=row.broken,
        answered=row.answered,
        care=row.care,
    )
    return Work(
        case_id=row.id,
        creditor=row.creditor,
        campaign=row.campaign,
        currency=row.currency,
        owner=row.owner,
        since=from_micros(row.since),
        given_by=row.given_by,
        why=row.why,
        is_open=bool(row.is_open),
        weight=weight,
        seen_version=row.seen_version,
        version=row.version,
    )


def _date_row(case_id: str, day: CaseDate) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "kind": day.kind,
        "subject": day.subject,
        "on_day": day.on.isoformat(),
        "amount_cents": day.amount_cents,
    }
