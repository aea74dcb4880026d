"""People who sign in: what users are called and may see, their secrets, invitations, sessions, and the audit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _users()
    _credentials()
    _invitations()
    _sessions()
    _tries()
    _audit()


def _users() -> None:
    for column in (
        sa.Column("full_name", sa.Text, nullable=False, server_default=""),
        sa.Column("language", KEY, nullable=False, server_default="fr"),
        sa.Column("zone", KEY, nullable=False, server_default="Europe/Paris"),
        sa.Column("has_keys", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("creditors", sa.Text),
    ):
        op.add_column("users", column)


def _credentials() -> None:
    op.create_table(
        "credentials",
        sa.Column("user", KEY, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("password_set_at", sa.BigInteger, nullable=False),
        sa.Column("totp_sealed", sa.Text),
        sa.Column("totp_step", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("user", name="pk_credentials"),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name="fk_credentials_user"),
    )


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("digest", KEY, nullable=False),
        sa.Column("user", KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("digest", name="pk_invitations"),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name="fk_invitations_user"),
    )
    op.create_index("ix_invitations_user", "invitations", ["user"])


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("digest", KEY, nullable=False),
        sa.Column("user", KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("device", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name="fk_sessions_user"),
    )
    op.create_index("ix_sessions_user", "sessions", ["user", "expires_at"])


def _tries() -> None:
    op.create_table(
        "sign_in_tries",
        sa.Column("key", KEY, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sign_in_tries"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", SEQUENCE, sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", KEY, nullable=False),
        sa.Column("role", KEY, nullable=False),
        sa.Column("act", KEY, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
    op.create_index("ix_audit_who", "audit", ["who", "seq"])
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_refuses_{act.lower()} BEFORE {act} ON audit"
                " BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'audit is append-only' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()"
    )
