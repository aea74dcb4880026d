"""Sending: attempts, the barrier of pauses, token buckets, lanes at rest, slots of ticks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
BUSY = {"fillfactor": "80", "autovacuum_vacuum_scale_factor": "0.02"}


def upgrade() -> None:
    _attempts()
    _barrier()
    _limits()
    _ticks()


def _key(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, KEY, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _small(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _index(name: str, table: str, *columns: str, where: str = "", unique: bool = False) -> None:
    condition = sa.text(where) if where else None
    op.create_index(name, table, list(columns), unique=unique, postgresql_where=condition, sqlite_where=condition)


def _attempts() -> None:
    proved = "state <> 'accepted' OR provider_id IS NOT NULL OR callback_id IS NOT NULL"
    op.create_table(
        "attempts",
        _key("id"),
        _key("message_id"),
        _key("case_id"),
        _small("number"),
        *(_key(name) for name in ("state", "token", "content_hash", "lane", "channel")),
        _text("destination"),
        _text("marker"),
        _small("units"),
        _key("provider_id", nullable=True),
        _key("callback_id", nullable=True),
        _number("epoch"),
        _number("started_at"),
        _number("lease_until"),
        _number("ended_at", nullable=True),
        _number("looked_up_at", nullable=True),
        _text("reason"),
        _primary("attempts", "id"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_attempts_message_id"),
        sa.UniqueConstraint("token", name="uq_attempts_token"),
        sa.UniqueConstraint("message_id", "number", name="uq_attempts_message_id_number"),
        sa.CheckConstraint(proved, name=op.f("ck_attempts_accepted_is_proved")),
        postgresql_with=BUSY,
    )
    live = "state IN ('calling', 'in_doubt', 'accepted')"
    _index("uq_attempts_live", "attempts", "message_id", where=live, unique=True)
    _index("ix_attempts_lease", "attempts", "lease_until", where="state = 'calling'")
    _index("ix_attempts_doubt", "attempts", "started_at", where="state = 'in_doubt'")
    _index("ix_attempts_provider", "attempts", "provider_id", where="provider_id IS NOT NULL")
    _index("ix_attempts_lane", "attempts", "lane", "started_at")


def _barrier() -> None:
    table = op.create_table("barrier", _key("id"), _number("epoch"), _primary("barrier", "id"))
    op.bulk_insert(table, [{"id": "sending", "epoch": 0}])


def _limits() -> None:
    op.create_table(
        "buckets",
        _key("id"),
        _number("tokens_micro"),
        _number("refilled_at"),
        _key("day"),
        _number("used"),
        _primary("buckets", "id"),
        postgresql_with=BUSY,
    )
    op.create_table(
        "lane_states",
        _key("id"),
        _small("failures"),
        _number("rests_until", nullable=True),
        _text("why"),
        _number("updated_at"),
        _primary("lane_states", "id"),
        postgresql_with=BUSY,
    )


def _ticks() -> None:
    op.create_table("ticks", _key("name"), _number("slot"), _number("done_at"), _primary("ticks", "name", "slot"))
