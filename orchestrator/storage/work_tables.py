"""The tables of whose work a case is: portfolios, absences, owners of cases, and the days that call for somebody.

Part of the one metadata of `tables.py`; how a database gets them is `migrations/`.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Integer, Table, Text

from orchestrator.storage.tables import KEY, SEQUENCE, metadata

portfolios = Table(
    "portfolios",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("owner", KEY, ForeignKey("users.name"), nullable=False),
    Column("creditors", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("ended_at", BigInteger),
)

# Days are inclusive. Somebody who is away without a substitute is a row too: their cases show to everybody.
absences = Table(
    "absences",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("absent", KEY, ForeignKey("users.name"), nullable=False),
    Column("substitute", KEY, ForeignKey("users.name")),
    Column("from_on", KEY, nullable=False),
    Column("to_on", KEY, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("ended_at", BigInteger),
)

# One row for each case, `id` being its own; `owner` is empty for nobody's. A case that a person gave to somebody stays
# theirs: `given_by` says so, and `why` is their reason, otherwise the portfolio. `seen_version` is that of the case of
# which the rest was read. No foreign key to the case, for the rows are written in large batches behind it.
case_work = Table(
    "case_work",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("seen_version", BigInteger, nullable=False),
    Column("creditor", KEY, nullable=False),
    Column("campaign", KEY, nullable=False),
    Column("currency", KEY, nullable=False),
    Column("owner", KEY, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("given_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("is_open", Integer, nullable=False),
    Column("stake_cents", BigInteger, nullable=False),
    Column("oldest_due_on", KEY, nullable=False),
    Column("broken", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    Column("care", KEY, nullable=False),
    # What is counted of owners is all in it.
    Index("ix_case_work_owner", "owner", "creditor", "is_open", "currency", "stake_cents"),
)

# Days of a case that no task stands for: promises that fall due or were broken, disputes since when, nobody reachable.
case_dates = Table(
    "case_dates",
    metadata,
    Column("case_id", KEY, primary_key=True),
    Column("kind", KEY, primary_key=True),
    Column("subject", KEY, primary_key=True),
    Column("on_day", KEY, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Index("ix_case_dates_day", "kind", "on_day", "case_id"),
)

# Who gave a case to whom, and why: kept for good.
owner_changes = Table(
    "owner_changes",
    metadata,
    Column("seq", SEQUENCE, Identity(always=True), primary_key=True),
    Column("case_id", KEY, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("owner", KEY, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Index("ix_owner_changes_case", "case_id", "seq"),
)
