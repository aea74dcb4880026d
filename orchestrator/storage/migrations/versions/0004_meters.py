"""Meters: what is counted of each campaign and lane, by the minute."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
BUSY = {"fillfactor": "80", "autovacuum_vacuum_scale_factor": "0.02"}


def upgrade() -> None:
    op.create_table(
        "meters",
        sa.Column("slot", sa.BigInteger, nullable=False),
        *(sa.Column(name, KEY, nullable=False) for name in ("campaign", "lane", "metric")),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("slot", "campaign", "lane", "metric", name="pk_meters"),
        postgresql_with=BUSY,
    )
