"""The tables of people who sign in: their secrets, invitations, sessions, failed tries, and the audit of what they did.

Beside `access_tables.py` and under its conventions; in the same metadata.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Integer, Table, Text

from orchestrator.storage.tables import KEY, SEQUENCE, metadata

# Apart from `users`, so that whoever lists users never meets a secret. `totp_sealed` is sealed by the key of the
# deployment; `totp_step` is the last thirty seconds whose code was taken, so that none is taken twice. With
# `device_round` the proofs of known devices are signed: they end when it goes up.
credentials = Table(
    "credentials",
    metadata,
    Column("user", KEY, ForeignKey("users.name"), primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("password_set_at", BigInteger, nullable=False),
    Column("totp_sealed", Text),
    Column("totp_step", BigInteger, nullable=False),
    Column("device_round", Integer, nullable=False, server_default="0"),
)

# One-time links: `digest` is of what the link holds.
invitations = Table(
    "invitations",
    metadata,
    Column("digest", KEY, primary_key=True),
    Column("user", KEY, ForeignKey("users.name"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("ix_invitations_user", "user"),
)

# `digest` is of what the cookie holds: a reader of this table cannot be anybody.
sessions = Table(
    "sessions",
    metadata,
    Column("digest", KEY, primary_key=True),
    Column("user", KEY, ForeignKey("users.name"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("device", Text, nullable=False),
    Index("ix_sessions_user", "user", "expires_at"),
)

# Failed tries at a password, by account and place, known device or session; a place is a digest. Under `told:` refusals
# are counted that the audit tells in one line: by user and place. Bounded: `flows/sign_in.py` and
# `flows/tell_refusals.py` say by what.
sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    Column("key", KEY, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", BigInteger, nullable=False),
)

# A trigger of the migrations refuses UPDATE, DELETE and TRUNCATE here, as for the journal.
audit = Table(
    "audit",
    metadata,
    Column("seq", SEQUENCE, Identity(always=True), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("who", KEY, nullable=False),
    Column("role", KEY, nullable=False),
    Column("act", KEY, nullable=False),
    Column("subject", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Index("ix_audit_who", "who", "seq"),
)
