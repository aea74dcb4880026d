"""The tables as this version of the program uses them. How a database gets there is `migrations/`.

Keys sort byte by byte on both databases (COLLATE "C"), so that `smallest`, `after` and Python agree.
Instants are BIGINT microseconds (`instants.py`), days ISO text, documents JSON text. JSON is TEXT, not BYTEA or
JSONB: any client can read it, `body::jsonb` searches it by hand, and the driver passes it as it is, where bytea
travels as hexadecimal and JSONB is parsed at each write.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

KEY = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
# SQLite numbers rows by itself only when the key is INTEGER.
SEQUENCE = BigInteger().with_variant(Integer, "sqlite")

# Rows that change often leave room on their page for the next version, and are swept early.
BUSY = {"fillfactor": "80", "autovacuum_vacuum_scale_factor": "0.02"}


def partial(condition: str) -> dict[str, Any]:
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


# Where messages do not stay long, and those that left: all but the few that people look for by their state.
RARE = "state NOT IN ('planned', 'calling', 'accepted')"

# ---------------------------------------------------------------------------------------------- persons

persons = Table("persons", metadata, Column("id", KEY, primary_key=True))

person_points = Table(
    "person_points",
    metadata,
    Column("point", KEY, primary_key=True),
    Column("person_id", KEY, ForeignKey("persons.id"), nullable=False),
    Index("ix_person_points_person", "person_id"),
)

# ------------------------------------------------------------------------------------------------ cases

cases = Table(
    "cases",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("creditor", KEY, nullable=False),
    Column("debtor_ref", KEY, nullable=False),
    Column("currency", KEY, nullable=False),
    Column("payee", KEY, nullable=False),
    Column("person_id", KEY, ForeignKey("persons.id"), nullable=False),
    Column("campaign", KEY, nullable=False),
    Column("release", KEY, nullable=False),
    Column("state", KEY, nullable=False),
    Column("opted_out", KEY, nullable=False),
    Column("due_at", BigInteger),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("creditor", "debtor_ref", "currency", "payee"),
    Index("ix_cases_due", "due_at", "id", **partial("due_at IS NOT NULL")),
    Index("ix_cases_person", "person_id"),
    # The creditor is there so that `count_by_state` finds all it asks in the index.
    Index("ix_cases_campaign", "campaign", "state", "id", "creditor"),
    postgresql_with=BUSY,
)

# A trigger of the migrations refuses UPDATE, DELETE and TRUNCATE here. No foreign key to the case: it would cost
# as much as the line itself, and the case is always written in the same transaction.
journal = Table(
    "journal",
    metadata,
    Column("seq", SEQUENCE, Identity(always=True), primary_key=True),
    Column("case_id", KEY, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("kind", KEY, nullable=False),
    Column("type", KEY, nullable=False),
    Column("event_id", KEY),
    Column("import_id", KEY),
    Column("body", Text, nullable=False),
    CheckConstraint("kind IN ('event', 'decision')", name="kind"),
    CheckConstraint("(kind = 'event') = (event_id IS NOT NULL)", name="event_id"),
    Index("uq_journal_event", "case_id", "event_id", unique=True, **partial("event_id IS NOT NULL")),
    Index("ix_journal_case", "case_id", "kind", "seq"),
    Index("ix_journal_import", "import_id", "seq", **partial("import_id IS NOT NULL")),
)

# `message_id` is the id of the event for a call, and that is unique within its case only. A call of which nobody knows
# whether it was answered has null in `is_conversation`.
contacts = Table(
    "contacts",
    metadata,
    Column("message_id", KEY, primary_key=True),
    Column("case_id", KEY, primary_key=True),
    Column("person_id", KEY, ForeignKey("persons.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("channel", KEY, nullable=False),
    Column("purpose", KEY, nullable=False),
    Column("debts", Text, nullable=False),
    Column("is_undelivered", Boolean, nullable=False),
    Column("is_conversation", Boolean),
    Index("ix_contacts_person", "person_id", "at"),
)

# --------------------------------------------------------------------------------------------- messages

# The words of each message, once. No foreign key points here: words are erased when their time is over (R33),
# their hash stays as the proof.
contents = Table(
    "contents",
    metadata,
    Column("hash", KEY, primary_key=True),
    Column("media_type", KEY, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("stored_at", BigInteger, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("case_id", KEY, ForeignKey("cases.id"), nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("step", KEY, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("campaign", KEY, nullable=False),
    Column("creditor", KEY, nullable=False),
    Column("channel", KEY, nullable=False),
    Column("use", KEY, nullable=False),
    Column("lane", KEY, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("state", KEY, nullable=False),
    Column("planned_at", BigInteger, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("left_at", BigInteger),
    Column("updated_at", BigInteger, nullable=False),
    Column("content_hash", KEY, nullable=False),
    Column("reason", Text, nullable=False),
    Column("cost_cents", BigInteger, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("send", Text, nullable=False),
    UniqueConstraint("case_id", "cycle", "step", "ordinal"),
    Index("ix_messages_due", "lane", "campaign", "urgency", "not_before", "id", **partial("state = 'planned'")),
    # For people's lists: no message that is planned, called and leaves ever touches it.
    Index("ix_messages_rare", "state", "updated_at", "id", **partial(RARE)),
    postgresql_with=BUSY,
)

# -------------------------------------------------------------------------------------------- campaigns

releases = Table(
    "releases",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("campaign", KEY, nullable=False),
    Column("files", Text, nullable=False),
    Column("released_at", BigInteger, nullable=False),
    Column("released_by", Text, nullable=False),
    Index("ix_releases_campaign", "campaign", "released_at"),
)

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("release_id", KEY, ForeignKey("releases.id"), nullable=False),
    Column("current_since", BigInteger, nullable=False),
    Column("set_by", Text, nullable=False),
)

# ------------------------------------------------------------------------------------------ people's work

# `case_id` is empty for a task about no case, and then no case is asked for.
tasks = Table(
    "tasks",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("case_id", KEY, nullable=False),
    Column("kind", KEY, nullable=False),
    Column("subject", KEY, nullable=False),
    Column("role", KEY, nullable=False),
    Column("state", KEY, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("closed_by", Text, nullable=False),
    Column("outcome", KEY, nullable=False),
    Column("step", KEY, nullable=False),
    Column("cause", Text, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Index("uq_tasks_open", "case_id", "kind", "subject", unique=True, **partial("state = 'open'")),
    Index("ix_tasks_open", "due_at", "id", **partial("state = 'open'")),
    # A work list takes of each kind what falls due first.
    Index("ix_tasks_kind", "kind", "due_at", "id", **partial("state = 'open'")),
    Index("ix_tasks_case", "case_id"),
)

imports = Table(
    "imports",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("creditor", KEY, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_hash", KEY, nullable=False),
    Column("mode", KEY, nullable=False),
    Column("as_of", KEY, nullable=False),
    Column("state", KEY, nullable=False),
    Column("totals", Text, nullable=False),
    Column("counts", Text, nullable=False),
    Column("imported_at", BigInteger, nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_imports_creditor", "creditor", "state", "as_of"),
    Index("ix_imports_file", "creditor", "file_hash"),
)

# ------------------------------------------------------------------------------- laid over the campaigns

pauses = Table(
    "pauses",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("ends_at", BigInteger),
    Column("resumed_at", BigInteger),
    Column("body", Text, nullable=False),
    Column("woken_at", BigInteger),
)

# When what a pause held began to leave again by a lane; `over_at` is the end that it follows.
ramps = Table(
    "ramps",
    metadata,
    Column("pause_id", KEY, primary_key=True),
    Column("lane", KEY, primary_key=True),
    Column("over_at", BigInteger, primary_key=True),
    Column("began_at", BigInteger, nullable=False),
)

crises = Table(
    "crises",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("from_on", KEY, nullable=False),
    Column("to_on", KEY),
    Column("ended_at", BigInteger),
    Column("body", Text, nullable=False),
)

facts = Table(
    "facts",
    metadata,
    Column("name", KEY, primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)
