"""Figures: what screens and reports count, one row per case and per open document, and sums by day and by age."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
BUSY = {"fillfactor": "80", "autovacuum_vacuum_scale_factor": "0.02"}
_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "key": KEY, "text": sa.Text(), "number": sa.BigInteger(), "count": sa.Integer(), "flag": sa.Boolean(),
}  # fmt: skip

# A column is its kind, its name, and `?` where it may be null.
_FIGURE_MARKS = """
    key id, count formula, number seq, key swept_to, number updated_at
"""
_CASE_FIGURES = """
    key case_id, number version, key creditor, key campaign, key state, key outcome, key currency,
    key debtor_ref, text name, key name_folded, key status, key sector, key country, key department,
    number bracket, number balance_cents, number overdue_cents, count open_debts, key oldest_due_on?, key step,
    key voice, number last_left_at?, key last_channel, number due_at?, key hold_kind, key hold_until?,
    flag has_hold_end, count open_tasks, flag is_vulnerable, flag is_hardship, key promise_on?, count sent,
    count wrong, number cost_cents, number received_cents, number stale_at?
"""
_DEBT_FIGURES = """
    key case_id, key reference, key creditor, key currency, key campaign, key status, key sector, key kind,
    key due_on?, key issued_on?, number open_cents, number held_cents, key held_kind, number free_cents
"""
_EXPECTED_FIGURES = """
    key case_id, key kind, key source, key creditor, key currency, key campaign, key expected_on, number cents
"""
_WRONG_REMINDERS = """
    key case_id, key message_id, key why, key creditor, key currency, key campaign, key step, key channel,
    key left_on, number left_at, number amount_cents, text fact
"""
_CASE_SHARES = """
    key case_id, text body
"""
_DAY_FIGURES = """
    key day, key creditor, key currency, key campaign, key step, key channel, key voice, key status,
    key sector, number bracket, number left_count, number delivered, number undelivered, number replied,
    number complaints, number wrong, number cost_cents, number promised, number kept, number broken,
    number disputes, number opt_outs, number payments, number recovered_cents, number invoiced_cents
"""
_AGE_FIGURES = """
    key creditor, key currency, key status, count age, number debts, number open_cents, number paid_cents
"""
_AGED_FIGURES = """
    key creditor, key currency, key campaign, key status, key sector, key kind, key due_on, number documents,
    number open_cents, number held_cents, number free_cents
"""
_STOCK_FIGURES = """
    key creditor, key currency, key campaign, key state, key status, key sector, key department,
    number bracket, number cases, number owing, number owing_cents, number balance_cents, number overdue_cents,
    number received_cents, number cost_cents, number settled_cases, number settled_cents, number settled_days,
    number scheduled, number held, number asked, number endless, number endless_cents
"""
_FIRST_FIGURES = """
    key week, key creditor, key currency, key campaign, key channel, key voice, key status, key sector,
    number bracket, number cases, number demanded_cents, number recovered_cents
"""


def upgrade() -> None:
    _table("figure_marks", _FIGURE_MARKS, ["id"], is_busy=False)
    _table("case_figures", _CASE_FIGURES, ["case_id"])
    _table("debt_figures", _DEBT_FIGURES, ["case_id", "reference"])
    _table("expected_figures", _EXPECTED_FIGURES, ["case_id", "kind", "source"])
    _table("wrong_reminders", _WRONG_REMINDERS, ["case_id", "message_id", "why"])
    _table("case_shares", _CASE_SHARES, ["case_id"])
    _table(
        "day_figures",
        _DAY_FIGURES,
        ["day", "creditor", "currency", "campaign", "step", "channel", "voice", "status", "sector", "bracket"],
    )
    _table("age_figures", _AGE_FIGURES, ["creditor", "currency", "status", "age"])
    _table("aged_figures", _AGED_FIGURES, ["creditor", "currency", "campaign", "status", "sector", "kind", "due_on"])
    _table(
        "stock_figures",
        _STOCK_FIGURES,
        ["creditor", "currency", "campaign", "state", "status", "sector", "department", "bracket"],
    )
    _table(
        "first_figures",
        _FIRST_FIGURES,
        ["week", "creditor", "currency", "campaign", "channel", "voice", "status", "sector", "bracket"],
    )
    _index("ix_case_figures_list", "case_figures", ["state", "overdue_cents", "case_id"])
    _index("ix_case_figures_name", "case_figures", ["name_folded", "case_id"])
    _index(
        "ix_case_figures_silent",
        "case_figures",
        ["state", "has_hold_end", "case_id"],
        "due_at IS NULL AND open_tasks = 0",
    )
    _index("ix_case_figures_stale", "case_figures", ["stale_at"], "stale_at IS NOT NULL")
    _index(
        "ix_debt_figures_due", "debt_figures", ["creditor", "currency", "due_on", "open_cents", "case_id", "reference"]
    )
    _index("ix_wrong_reminders_day", "wrong_reminders", ["left_on", "case_id"])


def _table(name: str, columns: str, key: list[str], *, is_busy: bool = True) -> None:
    made = []
    for column in columns.replace("\n", " ").split(","):
        kind, called = column.split()
        made.append(sa.Column(called.rstrip("?"), _TYPES[kind], nullable=called.endswith("?")))
    storage: dict[str, Any] = {"postgresql_with": BUSY} if is_busy else {}
    op.create_table(name, *made, sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"), **storage)


def _index(name: str, table: str, columns: list[str], condition: str = "") -> None:
    where = sa.text(condition) if condition else None
    op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)
