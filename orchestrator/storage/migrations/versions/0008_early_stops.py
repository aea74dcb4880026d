"""Early stops: what a number or address that nobody has asked of us, until it is somebody's."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "early_stops",
        sa.Column("point", KEY, nullable=False),
        sa.Column("channel", KEY, nullable=False),
        sa.Column("reply_id", KEY, nullable=False),
        sa.Column("stopped_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("point", name="pk_early_stops"),
    )
