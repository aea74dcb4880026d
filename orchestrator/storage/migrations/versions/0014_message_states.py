"""Messages that neither wait, nor are called, nor left: few, and found by their state. No index of those that flow."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_RARE = sa.text("state NOT IN ('planned', 'calling', 'accepted')")


def upgrade() -> None:
    op.create_index(
        "ix_messages_rare",
        "messages",
        ["state", "updated_at", "id"],
        postgresql_where=_RARE,
        sqlite_where=_RARE,
    )
