"""Resumes: whether the cases of a pause were made to decide again, and when its ramp began on each lane."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
# Nobody wakes the cases of what was resumed before this step a second time.
_WOKEN = {
    "postgresql": "jsonb_set(body::jsonb, '{woken_at}', body::jsonb -> 'resumed_at')::text",
    "sqlite": "json_set(body, '$.woken_at', json_extract(body, '$.resumed_at'))",
}


def upgrade() -> None:
    op.add_column("pauses", sa.Column("woken_at", sa.BigInteger))
    body = _WOKEN[op.get_bind().dialect.name]
    op.execute(f"UPDATE pauses SET woken_at = resumed_at, body = {body} WHERE resumed_at IS NOT NULL")  # noqa: S608  # words of this file
    op.create_table(
        "ramps",
        sa.Column("pause_id", KEY, nullable=False),
        sa.Column("lane", KEY, nullable=False),
        sa.Column("over_at", sa.BigInteger, nullable=False),
        sa.Column("began_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("pause_id", "lane", "over_at", name="pk_ramps"),
    )
