"""The tables of who may call, and of what was answered: users, API keys, idempotency keys, payments taken.

Part of the one metadata of `tables.py`; how a database gets them is `migrations/`.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, text, true

from orchestrator.storage.tables import KEY, metadata

users = Table(
    "users",
    metadata,
    Column("name", KEY, primary_key=True),
    Column("role", KEY, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("disabled_at", BigInteger),
    Column("full_name", Text, nullable=False, server_default=""),
    Column("language", KEY, nullable=False, server_default="fr"),
    Column("zone", KEY, nullable=False, server_default="Europe/Paris"),
    Column("has_keys", Boolean, nullable=False, server_default=true()),
    Column("creditors", Text),  # null: all of them
)

_IN_USE = "revoked_at IS NULL"

# A name is free again once its key is revoked: the next key of a program bears the same name.
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("name", KEY, nullable=False),
    Column("role", KEY, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("owner", KEY, ForeignKey("users.name")),
    Column("secret_hash", KEY, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", BigInteger),
    Column("last_used_at", BigInteger),
    Column("revoked_at", BigInteger),
    Index("uq_api_keys_name", "name", unique=True, postgresql_where=text(_IN_USE), sqlite_where=text(_IN_USE)),
)

# `status` is null while the first request is at work. One caller never sees the answer of another.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("caller", KEY, primary_key=True),
    Column("route", KEY, primary_key=True),
    Column("key", KEY, primary_key=True),
    Column("request_hash", KEY, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Column("status", Integer),
    Column("body", Text),
    Index("ix_idempotency_keys_taken", "taken_at"),
)

# A payment is one fact, whichever case it went to: its reference is taken once per creditor.
payments = Table(
    "payments",
    metadata,
    Column("creditor", KEY, primary_key=True),
    Column("reference", KEY, primary_key=True),
    Column("case_id", KEY, ForeignKey("cases.id"), nullable=False),
    Column("digest", KEY, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
)

# Two creditors may give two documents one reference. No foreign key to the case: a line of the journal has none either.
documents = Table(
    "documents",
    metadata,
    Column("reference", KEY, primary_key=True),
    Column("case_id", KEY, primary_key=True),
)
