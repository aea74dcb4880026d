"""Conversations: whether somebody answered a call. Null is a call of before, or of a program that does not know."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("contacts", sa.Column("is_conversation", sa.Boolean))
