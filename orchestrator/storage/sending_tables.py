"""The tables of sending: attempts, the barrier of pauses, token buckets, lanes at rest, slots of ticks, meters.

Beside `tables.py` and under its conventions; in the same metadata.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from orchestrator.storage.tables import BUSY, KEY, metadata, partial

# A message has at most one attempt of these states: the database itself refuses a second.
LIVE = "state IN ('calling', 'in_doubt', 'accepted')"

# `destination` and `marker` are what a provider's ledger is asked for; both are erased with the case.
attempts = Table(
    "attempts",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("message_id", KEY, ForeignKey("messages.id"), nullable=False),
    Column("case_id", KEY, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", KEY, nullable=False),
    Column("token", KEY, nullable=False, unique=True),
    Column("content_hash", KEY, nullable=False),
    Column("lane", KEY, nullable=False),
    Column("channel", KEY, nullable=False),
    Column("destination", Text, nullable=False),
    Column("marker", Text, nullable=False),
    Column("units", Integer, nullable=False),
    Column("provider_id", KEY),
    Column("callback_id", KEY),
    Column("epoch", BigInteger, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("looked_up_at", BigInteger),
    Column("reason", Text, nullable=False),
    UniqueConstraint("message_id", "number"),
    CheckConstraint(
        "state <> 'accepted' OR provider_id IS NOT NULL OR callback_id IS NOT NULL", name="accepted_is_proved"
    ),
    Index("uq_attempts_live", "message_id", unique=True, **partial(LIVE)),
    Index("ix_attempts_lease", "lease_until", **partial("state = 'calling'")),
    Index("ix_attempts_doubt", "started_at", **partial("state = 'in_doubt'")),
    Index("ix_attempts_provider", "provider_id", **partial("provider_id IS NOT NULL")),
    Index("ix_attempts_lane", "lane", "started_at"),
    postgresql_with=BUSY,
)

# One row, which every gate share-locks first and every pause locks alone.
barrier = Table(
    "barrier",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
)

buckets = Table(
    "buckets",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("tokens_micro", BigInteger, nullable=False),
    Column("refilled_at", BigInteger, nullable=False),
    Column("day", KEY, nullable=False),
    Column("used", BigInteger, nullable=False),
    postgresql_with=BUSY,
)

lane_states = Table(
    "lane_states",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("rests_until", BigInteger),
    Column("why", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    postgresql_with=BUSY,
)

# A tick does its work once per slot, however many schedulers run.
ticks = Table(
    "ticks",
    metadata,
    Column("name", KEY, primary_key=True),
    Column("slot", BigInteger, primary_key=True),
    Column("done_at", BigInteger, nullable=False),
)

# A slot is a minute. It leads the key: what is asked, and what is forgotten, is a range of minutes.
meters = Table(
    "meters",
    metadata,
    Column("slot", BigInteger, primary_key=True),
    Column("campaign", KEY, primary_key=True),
    Column("lane", KEY, primary_key=True),
    Column("metric", KEY, primary_key=True),
    Column("number", BigInteger, nullable=False),
    postgresql_with=BUSY,
)
