"""A count with which the devices end that an account is known by: it goes up when the account is disabled."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("credentials", sa.Column("device_round", sa.Integer, nullable=False, server_default="0"))
