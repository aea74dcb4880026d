"""The tables of listening: what came in by webhook and mailbox, what people wrote, and whom we tell of it.

Beside `tables.py` and under its conventions; in the same metadata.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from orchestrator.storage.tables import BUSY, KEY, SEQUENCE, metadata, partial

# `(source, key)` stays for ever: it is what makes a fact told a second time a repetition. `body` is the event as it
# came; it is erased with the case, the key is not.
inbox = Table(
    "inbox",
    metadata,
    Column("id", SEQUENCE, Identity(always=True), primary_key=True),
    Column("source", KEY, nullable=False),
    Column("key", KEY, nullable=False),
    Column("state", KEY, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("processed_at", BigInteger),
    Column("retry_at", BigInteger),
    Column("tries", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("source", "key"),
    Index("ix_inbox_retry", "retry_at", "id", **partial("retry_at IS NOT NULL")),
    Index("ix_inbox_waiting", "id", **partial("state = 'waiting'")),
    Index("ix_inbox_parked", "id", **partial("state = 'parked'")),
    postgresql_with=BUSY,
)

# `case_id` is empty while nobody knows whom a reply is from. `reading` is what was understood, as JSON.
replies = Table(
    "replies",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("case_id", KEY, nullable=False),
    Column("channel", KEY, nullable=False),
    Column("state", KEY, nullable=False),
    Column("sender", Text, nullable=False),
    Column("sender_name", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("reading", Text, nullable=False),
    Column("attempt_id", KEY, nullable=False),
    Column("thread", KEY, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Index("ix_replies_case", "case_id", "received_at"),
    Index("ix_replies_open", "received_at", "id", **partial("state = 'open'")),
)

# The open replies in the order in which people take them up (`place`), and who has taken which until when: leases,
# by the real clock. A row goes when its reply is dealt with.
waiting_replies = Table(
    "waiting_replies",
    metadata,
    Column("reply_id", KEY, ForeignKey("replies.id"), primary_key=True),
    Column("creditor", KEY, nullable=False),
    Column("place", KEY, nullable=False),
    Column("taken_by", Text, nullable=False),
    Column("taken_at", BigInteger),
    Column("held_until", BigInteger),
    Index("ix_waiting_replies_place", "place"),
)

attachments = Table(
    "attachments",
    metadata,
    Column("reply_id", KEY, ForeignKey("replies.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("file_name", Text, nullable=False),
    Column("media_type", KEY, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

# A stop from a number or address that nobody had. `point` is its digest, as in `person_points`.
early_stops = Table(
    "early_stops",
    metadata,
    Column("point", KEY, primary_key=True),
    Column("channel", KEY, nullable=False),
    Column("reply_id", KEY, nullable=False),
    Column("stopped_at", BigInteger, nullable=False),
)

# Whom we tell of what happens. No secret stands here: it follows from the deployment's key and `generation`.
# `held_until` is the lease of who tells it something; it, `rests_until` and `failing_since` live by the real clock.
endpoints = Table(
    "endpoints",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("url", Text, nullable=False),
    Column("creditor", KEY, nullable=False),
    Column("events", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("rotated_at", BigInteger),
    Column("disabled_at", BigInteger),
    Column("disabled_why", Text, nullable=False),
    Column("failing_since", BigInteger),
    Column("rests_until", BigInteger),
    Column("held_until", BigInteger),
)

# One event for one endpoint. `id` is the name the endpoint knows it by, at every try. No foreign key: an endpoint is
# never deleted, and the check would lock its row in every transaction that makes a fact.
deliveries = Table(
    "deliveries",
    metadata,
    Column("seq", SEQUENCE, Identity(always=True), primary_key=True),
    Column("id", KEY, nullable=False),
    Column("endpoint_id", KEY, nullable=False),
    Column("event_type", KEY, nullable=False),
    Column("state", KEY, nullable=False),
    Column("happened_at", BigInteger, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("done_at", BigInteger),
    Column("reason", Text, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("id"),
    Index("ix_deliveries_due", "endpoint_id", "next_at", "seq", **partial("state = 'waiting'")),
    Index("ix_deliveries_failed", "endpoint_id", "seq", **partial("state = 'failed'")),
    Index("ix_deliveries_endpoint", "endpoint_id", "seq"),
    postgresql_with=BUSY,
)
