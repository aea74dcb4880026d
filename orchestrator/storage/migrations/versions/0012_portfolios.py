"""Portfolios: whose work each case is, absences, and the days of cases that call for somebody."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _portfolios()
    _absences()
    _case_work()
    _case_dates()
    _owner_changes()
    is_open = sa.text("state = 'open'")
    columns = ["kind", "due_at", "id"]
    op.create_index("ix_tasks_kind", "tasks", columns, postgresql_where=is_open, sqlite_where=is_open)


def _key(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, KEY, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _small(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _portfolios() -> None:
    op.create_table(
        "portfolios",
        _key("id"),
        _small("place"),
        _key("owner"),
        _text("creditors"),
        _text("scope"),
        _number("created_at"),
        _text("created_by"),
        _number("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_portfolios"),
        sa.ForeignKeyConstraint(["owner"], ["users.name"], name="fk_portfolios_owner"),
    )


def _absences() -> None:
    op.create_table(
        "absences",
        _key("id"),
        _key("absent"),
        _key("substitute", nullable=True),
        _key("from_on"),
        _key("to_on"),
        _text("reason"),
        _number("created_at"),
        _text("created_by"),
        _number("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_absences"),
        sa.ForeignKeyConstraint(["absent"], ["users.name"], name="fk_absences_absent"),
        sa.ForeignKeyConstraint(["substitute"], ["users.name"], name="fk_absences_substitute"),
    )


def _case_work() -> None:
    op.create_table(
        "case_work",
        _key("id"),
        _number("version"),
        _number("seen_version"),
        _key("creditor"),
        _key("campaign"),
        _key("currency"),
        _key("owner"),
        _number("since"),
        _text("given_by"),
        _text("why"),
        _small("is_open"),
        _number("stake_cents"),
        _key("oldest_due_on"),
        _small("broken"),
        _small("answered"),
        _key("care"),
        sa.PrimaryKeyConstraint("id", name="pk_case_work"),
    )
    op.create_index("ix_case_work_owner", "case_work", ["owner", "creditor", "is_open", "currency", "stake_cents"])


def _case_dates() -> None:
    op.create_table(
        "case_dates",
        _key("case_id"),
        _key("kind"),
        _key("subject"),
        _key("on_day"),
        _number("amount_cents"),
        sa.PrimaryKeyConstraint("case_id", "kind", "subject", name="pk_case_dates"),
    )
    op.create_index("ix_case_dates_day", "case_dates", ["kind", "on_day", "case_id"])


def _owner_changes() -> None:
    op.create_table(
        "owner_changes",
        sa.Column("seq", SEQUENCE, sa.Identity(always=True), nullable=False),
        _key("case_id"),
        _number("at"),
        _key("owner"),
        _text("by"),
        _text("why"),
        sa.PrimaryKeyConstraint("seq", name="pk_owner_changes"),
    )
    op.create_index("ix_owner_changes_case", "owner_changes", ["case_id", "seq"])
