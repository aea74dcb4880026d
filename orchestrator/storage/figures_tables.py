"""The tables of figures: what screens and reports count, kept beside the cases and made from them alone.

Beside `tables.py` and under its conventions; in the same metadata. Everything here can be made again from nothing,
so no row has a foreign key; days are ISO text. How rows come about is `domain/count_case.py`, when is
`flows/project_figures.py`.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from orchestrator.storage.tables import BUSY, KEY, metadata, partial

# One row: how far the journal was followed (`seq`), where the round over all cases stands (`swept_to`), by which
# formula the figures were made, and when they were last looked after.
figure_marks = Table(
    "figure_marks",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("formula", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("swept_to", KEY, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

# `version` is that of the case it was made from. `stale_at` is when the calendar alone makes the row untrue: the day
# on which another debt falls due, or a hold ends. `name_folded` is for search. `wrong` counts messages.
case_figures = Table(
    "case_figures",
    metadata,
    Column("case_id", KEY, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("creditor", KEY, nullable=False),
    Column("campaign", KEY, nullable=False),
    Column("state", KEY, nullable=False),
    Column("outcome", KEY, nullable=False),
    Column("currency", KEY, nullable=False),
    Column("debtor_ref", KEY, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_folded", KEY, nullable=False),
    Column("status", KEY, nullable=False),
    Column("sector", KEY, nullable=False),
    Column("country", KEY, nullable=False),
    Column("department", KEY, nullable=False),
    Column("bracket", BigInteger, nullable=False),
    Column("balance_cents", BigInteger, nullable=False),
    Column("overdue_cents", BigInteger, nullable=False),
    Column("open_debts", Integer, nullable=False),
    Column("oldest_due_on", KEY),
    Column("step", KEY, nullable=False),
    Column("voice", KEY, nullable=False),
    Column("last_left_at", BigInteger),
    Column("last_channel", KEY, nullable=False),
    Column("due_at", BigInteger),
    Column("hold_kind", KEY, nullable=False),
    Column("hold_until", KEY),
    Column("has_hold_end", Boolean, nullable=False),
    Column("open_tasks", Integer, nullable=False),
    Column("is_vulnerable", Boolean, nullable=False),
    Column("is_hardship", Boolean, nullable=False),
    Column("promise_on", KEY),
    Column("sent", Integer, nullable=False),
    Column("wrong", Integer, nullable=False),
    Column("cost_cents", BigInteger, nullable=False),
    Column("received_cents", BigInteger, nullable=False),
    Column("stale_at", BigInteger),
    Index("ix_case_figures_stale", "stale_at", **partial("stale_at IS NOT NULL")),
    Index("ix_case_figures_list", "state", "overdue_cents", "case_id"),
    Index("ix_case_figures_name", "name_folded", "case_id"),
    # Few rows: those that nothing would wake. Closed ones are among them, so the state leads.
    Index("ix_case_figures_silent", "state", "has_hold_end", "case_id", **partial("due_at IS NULL AND open_tasks = 0")),
    postgresql_with=BUSY,
)

# One row per open document, one per open credit note, and one without reference for what was paid and no document
# explains: the rows of a case add up to its balance. `free_cents` is neither held nor promised nor to be collected.
# Segments are repeated here, so that one table answers.
debt_figures = Table(
    "debt_figures",
    metadata,
    Column("case_id", KEY, primary_key=True),
    Column("reference", KEY, primary_key=True),
    Column("creditor", KEY, nullable=False),
    Column("currency", KEY, nullable=False),
    Column("campaign", KEY, nullable=False),
    Column("status", KEY, nullable=False),
    Column("sector", KEY, nullable=False),
    Column("kind", KEY, nullable=False),
    Column("due_on", KEY),
    Column("issued_on", KEY),
    Column("open_cents", BigInteger, nullable=False),
    Column("held_cents", BigInteger, nullable=False),
    Column("held_kind", KEY, nullable=False),
    Column("free_cents", BigInteger, nullable=False),
    # All that a list of one age asks: it finds the largest of a hundred thousand without the table.
    Index("ix_debt_figures_due", "creditor", "currency", "due_on", "open_cents", "case_id", "reference"),
    postgresql_with=BUSY,
)

# What a debtor promised or a bank will collect, by its day.
expected_figures = Table(
    "expected_figures",
    metadata,
    Column("case_id", KEY, primary_key=True),
    Column("kind", KEY, primary_key=True),
    Column("source", KEY, primary_key=True),
    Column("creditor", KEY, nullable=False),
    Column("currency", KEY, nullable=False),
    Column("campaign", KEY, nullable=False),
    Column("expected_on", KEY, nullable=False),
    Column("cents", BigInteger, nullable=False),
    postgresql_with=BUSY,
)

# Demands that should not have left, and why; see docs/results.md for what counts.
wrong_reminders = Table(
    "wrong_reminders",
    metadata,
    Column("case_id", KEY, primary_key=True),
    Column("message_id", KEY, primary_key=True),
    Column("why", KEY, primary_key=True),
    Column("creditor", KEY, nullable=False),
    Column("currency", KEY, nullable=False),
    Column("campaign", KEY, nullable=False),
    Column("step", KEY, nullable=False),
    Column("channel", KEY, nullable=False),
    Column("left_on", KEY, nullable=False),
    Column("left_at", BigInteger, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("fact", Text, nullable=False),
    Index("ix_wrong_reminders_day", "left_on", "case_id"),
    postgresql_with=BUSY,
)

# What each case adds to the tables below, as JSON: taken back when the case changes.
case_shares = Table(
    "case_shares",
    metadata,
    Column("case_id", KEY, primary_key=True),
    Column("body", Text, nullable=False),
    postgresql_with=BUSY,
)

# Sums by day and by what they are broken down by. `campaign`, `step`, `channel` and `voice` are of the message that a
# fact is put down to, empty without one. `bracket` is the lower bound in cents of what was demanded.
day_figures = Table(
    "day_figures",
    metadata,
    Column("day", KEY, primary_key=True),
    Column("creditor", KEY, primary_key=True),
    Column("currency", KEY, primary_key=True),
    Column("campaign", KEY, primary_key=True),
    Column("step", KEY, primary_key=True),
    Column("channel", KEY, primary_key=True),
    Column("voice", KEY, primary_key=True),
    Column("status", KEY, primary_key=True),
    Column("sector", KEY, primary_key=True),
    Column("bracket", BigInteger, primary_key=True),
    Column("left_count", BigInteger, nullable=False),
    Column("delivered", BigInteger, nullable=False),
    Column("undelivered", BigInteger, nullable=False),
    Column("replied", BigInteger, nullable=False),
    Column("complaints", BigInteger, nullable=False),
    Column("wrong", BigInteger, nullable=False),
    Column("cost_cents", BigInteger, nullable=False),
    Column("promised", BigInteger, nullable=False),
    Column("kept", BigInteger, nullable=False),
    Column("broken", BigInteger, nullable=False),
    Column("disputes", BigInteger, nullable=False),
    Column("opt_outs", BigInteger, nullable=False),
    Column("payments", BigInteger, nullable=False),
    Column("recovered_cents", BigInteger, nullable=False),
    Column("invoiced_cents", BigInteger, nullable=False),
    postgresql_with=BUSY,
)

# How debts are paid as they age: of what was open when a span of thirty days after the due date began, what came in
# before it ended. Only spans that are over. `age` is the number of the span, from 0.
age_figures = Table(
    "age_figures",
    metadata,
    Column("creditor", KEY, primary_key=True),
    Column("currency", KEY, primary_key=True),
    Column("status", KEY, primary_key=True),
    Column("age", Integer, primary_key=True),
    Column("debts", BigInteger, nullable=False),
    Column("open_cents", BigInteger, nullable=False),
    Column("paid_cents", BigInteger, nullable=False),
    postgresql_with=BUSY,
)

# What is open by the day it fell due: how old it is follows from the day on which one asks. Credits have no day.
aged_figures = Table(
    "aged_figures",
    metadata,
    Column("creditor", KEY, primary_key=True),
    Column("currency", KEY, primary_key=True),
    Column("campaign", KEY, primary_key=True),
    Column("status", KEY, primary_key=True),
    Column("sector", KEY, primary_key=True),
    Column("kind", KEY, primary_key=True),
    Column("due_on", KEY, primary_key=True),
    Column("documents", BigInteger, nullable=False),
    Column("open_cents", BigInteger, nullable=False),
    Column("held_cents", BigInteger, nullable=False),
    Column("free_cents", BigInteger, nullable=False),
    postgresql_with=BUSY,
)

# Cases and their money by what they are broken down by; `owing` are those that owe anything, `endless` those that are
# held without an end or a review.
stock_figures = Table(
    "stock_figures",
    metadata,
    Column("creditor", KEY, primary_key=True),
    Column("currency", KEY, primary_key=True),
    Column("campaign", KEY, primary_key=True),
    Column("state", KEY, primary_key=True),
    Column("status", KEY, primary_key=True),
    Column("sector", KEY, primary_key=True),
    Column("department", KEY, primary_key=True),
    Column("bracket", BigInteger, primary_key=True),
    Column("cases", BigInteger, nullable=False),
    Column("owing", BigInteger, nullable=False),
    Column("owing_cents", BigInteger, nullable=False),
    Column("balance_cents", BigInteger, nullable=False),
    Column("overdue_cents", BigInteger, nullable=False),
    Column("received_cents", BigInteger, nullable=False),
    Column("cost_cents", BigInteger, nullable=False),
    Column("settled_cases", BigInteger, nullable=False),
    Column("settled_cents", BigInteger, nullable=False),
    Column("settled_days", BigInteger, nullable=False),
    Column("scheduled", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("endless", BigInteger, nullable=False),
    Column("endless_cents", BigInteger, nullable=False),
    postgresql_with=BUSY,
)

# What first demands brought within thirty days, by the Monday of the week in which they left.
first_figures = Table(
    "first_figures",
    metadata,
    Column("week", KEY, primary_key=True),
    Column("creditor", KEY, primary_key=True),
    Column("currency", KEY, primary_key=True),
    Column("campaign", KEY, primary_key=True),
    Column("channel", KEY, primary_key=True),
    Column("voice", KEY, primary_key=True),
    Column("status", KEY, primary_key=True),
    Column("sector", KEY, primary_key=True),
    Column("bracket", BigInteger, primary_key=True),
    Column("cases", BigInteger, nullable=False),
    Column("demanded_cents", BigInteger, nullable=False),
    Column("recovered_cents", BigInteger, nullable=False),
    postgresql_with=BUSY,
)

TABLES = (
    figure_marks, case_figures, debt_figures, expected_figures, wrong_reminders, case_shares, day_figures,
    age_figures, aged_figures, stock_figures, first_figures,
)  # fmt: skip
