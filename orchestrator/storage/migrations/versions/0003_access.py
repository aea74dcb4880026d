"""Access: users, API keys, idempotency keys, and the references of payments taken."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    _users()
    _api_keys()
    _idempotency_keys()
    _payments()


def _key(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, KEY, nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def _users() -> None:
    op.create_table(
        "users",
        _key("name"),
        _key("role"),
        _number("created_at"),
        _text("created_by"),
        _number("disabled_at", nullable=True),
        _primary("users", "name"),
    )


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        _key("id"),
        _key("name"),
        _key("role"),
        _text("scopes"),
        _key("owner", nullable=True),
        _key("secret_hash"),
        _number("created_at"),
        _text("created_by"),
        _number("expires_at", nullable=True),
        _number("last_used_at", nullable=True),
        _number("revoked_at", nullable=True),
        _primary("api_keys", "id"),
        _foreign("api_keys", "owner", "users.name"),
    )
    in_use = sa.text("revoked_at IS NULL")
    op.create_index("uq_api_keys_name", "api_keys", ["name"], unique=True, postgresql_where=in_use, sqlite_where=in_use)


def _idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        _key("caller"),
        _key("route"),
        _key("key"),
        _key("request_hash"),
        _number("taken_at"),
        sa.Column("status", sa.Integer, nullable=True),
        _text("body", nullable=True),
        _primary("idempotency_keys", "caller", "route", "key"),
    )
    op.create_index("ix_idempotency_keys_taken", "idempotency_keys", ["taken_at"])


def _payments() -> None:
    op.create_table(
        "payments",
        _key("creditor"),
        _key("reference"),
        _key("case_id"),
        _key("digest"),
        _number("taken_at"),
        _primary("payments", "creditor", "reference"),
        _foreign("payments", "case_id", "cases.id"),
    )
