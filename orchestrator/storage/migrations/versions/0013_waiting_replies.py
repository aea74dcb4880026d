"""Replies that wait for a person, in their order, and who has taken which. Those that wait already are lined up."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"

_KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_RISKS = {"distress": 0, "deceased": 0, "cannot_pay": 1, "dispute": 2, "abuse": 2}


def upgrade() -> None:
    table = op.create_table(
        "waiting_replies",
        sa.Column("reply_id", _KEY, sa.ForeignKey("replies.id"), primary_key=True),
        sa.Column("creditor", _KEY, nullable=False),
        sa.Column("place", _KEY, nullable=False),
        sa.Column("taken_by", sa.Text, nullable=False),
        sa.Column("taken_at", sa.BigInteger),
        sa.Column("held_until", sa.BigInteger),
    )
    op.create_index("ix_waiting_replies_place", "waiting_replies", ["place"])
    waiting = sa.text(
        "SELECT r.id, r.reading, r.received_at, coalesce(c.creditor, '') AS creditor"
        " FROM replies r LEFT JOIN cases c ON c.id = r.case_id WHERE r.state = 'open'"
    )
    rows = [
        {"reply_id": row.id, "creditor": row.creditor, "place": _place(row), "taken_by": ""}
        for row in op.get_bind().execute(waiting)
    ]
    if rows:
        op.bulk_insert(table, rows)


def _place(row: Any) -> str:
    """By what was read and by its day; what is owed is not known here."""
    findings = json.loads(row.reading).get("findings", [])
    risks = [0 if found.get("is_danger") else _RISKS.get(found.get("intent"), 3) for found in findings]
    day = datetime.fromtimestamp(row.received_at / 1_000_000, UTC).date().isoformat()
    return f"{min([3, *risks])}|{day}|{10**13 - 1:013d}|{row.id}"
