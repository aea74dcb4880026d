"""The figures of cases as they are kept: which cases changed since, and storing what was counted of them.

Owns how the tables of `figures_tables.py` are written, but for the sums (`sums.py`). Whoever has the row of the mark
stores: two processes never store at once.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, case, delete, select, update

from orchestrator.domain.count_case import Figures
from orchestrator.domain.figures import FORMULA
from orchestrator.domain.wrong_reminders import WrongReminder
from orchestrator.storage import changed_cases, sums
from orchestrator.storage.batch import among, insert_new
from orchestrator.storage.figures_tables import (
    TABLES,
    case_figures,
    debt_figures,
    expected_figures,
    figure_marks,
    wrong_reminders,
)
from orchestrator.storage.instants import from_micros, to_micros

_ONLY = "figures"


class Mark(msgspec.Struct, frozen=True):
    """How far the figures follow: the journal up to `seq`, the round over all cases up to `swept_to`."""

    seq: int
    swept_to: str
    updated_at: datetime


# ------------------------------------------------------------------------------------------------ the mark


def mark(conn: Connection) -> Mark | None:
    """Where the figures stand; None before they were ever made, or made by another formula."""
    found = conn.execute(select(figure_marks).where(figure_marks.c.formula == FORMULA)).one_or_none()
    return None if found is None else Mark(found.seq, found.swept_to, from_micros(found.updated_at))


def lock_mark(conn: Connection, *, now: datetime) -> Mark:
    """Takes the mark for this transaction; figures of another formula are thrown away and begun anew."""
    row = {"id": _ONLY, "formula": FORMULA, "seq": 0, "swept_to": "", "updated_at": to_micros(now)}
    insert_new(conn, figure_marks, [row], key=("id",))
    found = conn.execute(select(figure_marks).with_for_update()).one()
    if found.formula != FORMULA:
        forget(conn)
        conn.execute(figure_marks.insert().values(row))
        return Mark(0, "", now)
    return Mark(found.seq, found.swept_to, from_micros(found.updated_at))


def move_mark(conn: Connection, *, seq: int, swept_to: str, now: datetime) -> None:
    """Moves the mark that this transaction has taken; it never moves back in the journal."""
    further = case((figure_marks.c.seq > seq, figure_marks.c.seq), else_=seq)
    conn.execute(update(figure_marks).values(seq=further, swept_to=swept_to, updated_at=to_micros(now)))


def forget(conn: Connection) -> None:
    """Throws every figure away: they are made again from the cases."""
    for table in TABLES:
        conn.execute(delete(table))


# --------------------------------------------------------------------------------------------- what is behind


def behind(conn: Connection, ids: Iterable[str]) -> list[str]:
    """Those of these cases whose figures are not those of the case as it stands."""
    return changed_cases.behind(conn, ids, key=case_figures.c.case_id, version=case_figures.c.version)


def stale(conn: Connection, *, now: datetime, limit: int) -> list[str]:
    """Cases whose figures the calendar made untrue, those of long ago first."""
    due = select(case_figures.c.case_id).where(case_figures.c.stale_at <= to_micros(now))
    return list(conn.execute(due.order_by(case_figures.c.stale_at).limit(limit)).scalars())


# ------------------------------------------------------------------------------------------------ storing


def store(conn: Connection, counted: Sequence[Figures]) -> int:
    """Stores the figures of cases over what stood of them, within a transaction that has the mark; returns how many.

    Figures of an older version than what stands are left out: somebody else read the case later.
    """
    ids = [item.row.case_id for item in counted]
    made = select(case_figures.c.case_id, case_figures.c.version).where(among(conn, case_figures.c.case_id, ids))
    standing = {row.case_id: row.version for row in conn.execute(made)}
    newer = [item for item in counted if item.row.version >= standing.get(item.row.case_id, 0)]
    if newer:
        kept = [item.row.case_id for item in newer]
        _put(conn, case_figures, kept, [_plain(item.row) for item in newer])
        _put(conn, debt_figures, kept, [_plain(debt) for item in newer for debt in item.debts])
        _put(conn, expected_figures, kept, [_plain(one) for item in newer for one in item.expected])
        _put(conn, wrong_reminders, kept, [_wrong(item, one) for item in newer for one in item.wrong])
        sums.take_over(conn, {item.row.case_id: item.shares for item in newer})
    return len(newer)


def _put(conn: Connection, table: Table, ids: list[str], rows: list[dict[str, Any]]) -> None:
    """Replaces the rows of those cases whose rows are others now; the rest is not touched."""
    names = [column.name for column in table.columns]
    before: dict[str, set[tuple[Any, ...]]] = {}
    for found in conn.execute(select(table).where(among(conn, table.c.case_id, ids))):
        before.setdefault(found.case_id, set()).add(tuple(found))
    after: dict[str, set[tuple[Any, ...]]] = {}
    for row in rows:
        after.setdefault(row["case_id"], set()).add(tuple(row[name] for name in names))
    changed = {case_id for case_id in ids if before.get(case_id) != after.get(case_id)}
    gone = sorted(changed & before.keys())
    if gone:
        conn.execute(delete(table).where(among(conn, table.c.case_id, gone)))
    insert_new(conn, table, [row for row in rows if row["case_id"] in changed], key=("case_id",))


def _plain(row: msgspec.Struct) -> dict[str, Any]:
    """The columns of a row: instants as microseconds, days as text."""
    return {name: _stored(getattr(row, name)) for name in row.__struct_fields__}


def _stored(value: object) -> object:
    if isinstance(value, datetime):
        return to_micros(value)
    return value.isoformat() if isinstance(value, date) else value


def _wrong(item: Figures, one: WrongReminder) -> dict[str, Any]:
    return {
        "case_id": item.row.case_id,
        "message_id": one.departure.message_id,
        "why": one.why.value,
        "creditor": item.row.creditor,
        "currency": item.row.currency,
        "campaign": one.campaign,
        "step": one.step,
        "channel": one.departure.use.value,
        "left_on": one.left_on.isoformat(),
        "left_at": to_micros(one.departure.at),
        "amount_cents": one.departure.amount_cents,
        "fact": one.fact,
    }
