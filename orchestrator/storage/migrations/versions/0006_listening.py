"""Listening: the inbox of webhooks and mailboxes, replies with their attachments, and endpoints that are told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
BUSY = {"fillfactor": "80", "autovacuum_vacuum_scale_factor": "0.02"}


def upgrade() -> None:
    _inbox()
    _replies()
    _attachments()
    _endpoints()
    _deliveries()


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, KEY, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def _index(name: str, table: str, columns: list[str], condition: str = "") -> None:
    where = sa.text(condition) if condition else None
    op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", SEQUENCE, sa.Identity(always=True), nullable=False),
        _key("source"),
        _key("key"),
        _key("state"),
        _number("received_at"),
        _number("processed_at", nullable=True),
        _number("retry_at", nullable=True),
        _count("tries"),
        _text("reason"),
        _text("body"),
        _primary("inbox", "id"),
        sa.UniqueConstraint("source", "key", name="uq_inbox_source_key"),
        postgresql_with=BUSY,
    )
    _index("ix_inbox_retry", "inbox", ["retry_at", "id"], "retry_at IS NOT NULL")
    _index("ix_inbox_waiting", "inbox", ["id"], "state = 'waiting'")
    _index("ix_inbox_parked", "inbox", ["id"], "state = 'parked'")


def _replies() -> None:
    op.create_table(
        "replies",
        *(_key(name) for name in ("id", "case_id", "channel", "state")),
        *(_text(name) for name in ("sender", "sender_name", "recipient", "subject", "text", "reading")),
        _key("attempt_id"),
        _key("thread"),
        _number("received_at"),
        _number("recorded_at"),
        _primary("replies", "id"),
    )
    _index("ix_replies_case", "replies", ["case_id", "received_at"])
    _index("ix_replies_open", "replies", ["received_at", "id"], "state = 'open'")


def _attachments() -> None:
    op.create_table(
        "attachments",
        _key("reply_id"),
        _count("number"),
        _text("file_name"),
        _key("media_type"),
        _number("size"),
        sa.Column("content", sa.LargeBinary, nullable=False),
        _primary("attachments", "reply_id", "number"),
        _foreign("attachments", "reply_id", "replies.id"),
    )


def _endpoints() -> None:
    op.create_table(
        "endpoints",
        _key("id"),
        _text("url"),
        _key("creditor"),
        _text("events"),
        _count("generation"),
        _number("created_at"),
        _text("created_by"),
        _number("rotated_at", nullable=True),
        _number("disabled_at", nullable=True),
        _text("disabled_why"),
        *(_number(name, nullable=True) for name in ("failing_since", "rests_until", "held_until")),
        _primary("endpoints", "id"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("seq", SEQUENCE, sa.Identity(always=True), nullable=False),
        *(_key(name) for name in ("id", "endpoint_id", "event_type", "state")),
        _number("happened_at"),
        _number("next_at"),
        _count("tries"),
        _number("done_at", nullable=True),
        _text("reason"),
        _text("body"),
        _primary("deliveries", "seq"),
        sa.UniqueConstraint("id", name="uq_deliveries_id"),
        postgresql_with=BUSY,
    )
    _index("ix_deliveries_due", "deliveries", ["endpoint_id", "next_at", "seq"], "state = 'waiting'")
    _index("ix_deliveries_failed", "deliveries", ["endpoint_id", "seq"], "state = 'failed'")
    _index("ix_deliveries_endpoint", "deliveries", ["endpoint_id", "seq"])
