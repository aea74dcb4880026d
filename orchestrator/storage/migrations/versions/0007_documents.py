"""Documents: which cases were ever told of a document, so that a payment finds its case without reading them all."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_REFERENCE = {
    "postgresql": "body::jsonb -> 'debt' ->> 'reference'",
    "sqlite": "json_extract(body, '$.debt.reference')",
}


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("reference", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("reference", "case_id", name="pk_documents"),
    )
    reference = _REFERENCE[op.get_bind().dialect.name]
    op.execute(
        f"INSERT INTO documents (reference, case_id) SELECT DISTINCT {reference}, case_id FROM journal "  # noqa: S608  # words of this file
        "WHERE type = 'debt.recorded'"
    )
