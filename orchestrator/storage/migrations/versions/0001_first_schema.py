"""The first schema: persons, cases, journal, contacts, messages, campaigns, tasks, imports, pauses, crises, facts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
BUSY = {"fillfactor": "80", "autovacuum_vacuum_scale_factor": "0.02"}


def upgrade() -> None:
    _persons()
    _cases()
    _journal()
    _messages()
    _campaigns()
    _tasks()
    _imports()
    _laid_over()
    _compress_on_postgresql()


def _key(name: str, *constraints: sa.ForeignKey, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, KEY, *constraints, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _small(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def _index(name: str, table: str, *columns: str, where: str = "", unique: bool = False) -> None:
    condition = sa.text(where) if where else None
    op.create_index(name, table, list(columns), unique=unique, postgresql_where=condition, sqlite_where=condition)


def _persons() -> None:
    op.create_table("persons", _key("id"), _primary("persons", "id"))
    op.create_table(
        "person_points",
        _key("point"),
        _key("person_id"),
        _primary("person_points", "point"),
        _foreign("person_points", "person_id", "persons.id"),
    )
    _index("ix_person_points_person", "person_points", "person_id")


def _cases() -> None:
    account = ("creditor", "debtor_ref", "currency", "payee")
    op.create_table(
        "cases",
        _key("id"),
        *(_key(name) for name in account),
        *(_key(name) for name in ("person_id", "campaign", "release", "state", "opted_out")),
        _number("due_at", nullable=True),
        _number("version"),
        _number("updated_at"),
        _text("body"),
        _primary("cases", "id"),
        _foreign("cases", "person_id", "persons.id"),
        sa.UniqueConstraint(*account, name="uq_cases_creditor_debtor_ref_currency_payee"),
        postgresql_with=BUSY,
    )
    _index("ix_cases_due", "cases", "due_at", "id", where="due_at IS NOT NULL")
    _index("ix_cases_person", "cases", "person_id")
    _index("ix_cases_campaign", "cases", "campaign", "state", "id", "creditor")


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("seq", SEQUENCE, sa.Identity(always=True), nullable=False),
        _key("case_id"),
        _number("at"),
        _number("recorded_at"),
        _key("kind"),
        _key("type"),
        _key("event_id", nullable=True),
        _key("import_id", nullable=True),
        _text("body"),
        _primary("journal", "seq"),
        sa.CheckConstraint("kind IN ('event', 'decision')", name=op.f("ck_journal_kind")),
        sa.CheckConstraint("(kind = 'event') = (event_id IS NOT NULL)", name=op.f("ck_journal_event_id")),
    )
    _index("uq_journal_event", "journal", "case_id", "event_id", where="event_id IS NOT NULL", unique=True)
    _index("ix_journal_case", "journal", "case_id", "kind", "seq")
    _index("ix_journal_import", "journal", "import_id", "seq", where="import_id IS NOT NULL")
    _append_only()
    op.create_table(
        "contacts",
        *(_key(name) for name in ("message_id", "case_id", "person_id")),
        _number("at"),
        _key("channel"),
        _key("purpose"),
        _text("debts"),
        sa.Column("is_undelivered", sa.Boolean, nullable=False),
        _primary("contacts", "message_id", "case_id"),
        _foreign("contacts", "person_id", "persons.id"),
    )
    _index("ix_contacts_person", "contacts", "person_id", "at")


def _append_only() -> None:
    if op.get_context().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER journal_refuses_{act.lower()} BEFORE {act} ON journal"
                " BEGIN SELECT RAISE(ABORT, 'journal is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION journal_refuses() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'journal is append-only' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER journal_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON journal"
        " FOR EACH STATEMENT EXECUTE FUNCTION journal_refuses()"
    )


def _messages() -> None:
    op.create_table(
        "contents",
        _key("hash"),
        _key("media_type"),
        _text("subject"),
        _text("text"),
        _number("stored_at"),
        _primary("contents", "hash"),
    )
    key = ("case_id", "cycle", "step", "ordinal")
    op.create_table(
        "messages",
        _key("id"),
        _key("case_id"),
        _small("cycle"),
        _key("step"),
        _small("ordinal"),
        *(_key(name) for name in ("campaign", "creditor", "channel", "use", "lane")),
        _small("urgency"),
        _key("state"),
        _number("planned_at"),
        _number("not_before"),
        _number("expires_at", nullable=True),
        _number("left_at", nullable=True),
        _number("updated_at"),
        _key("content_hash"),
        _text("reason"),
        _number("cost_cents"),
        _number("amount_cents"),
        _text("send"),
        _primary("messages", "id"),
        _foreign("messages", "case_id", "cases.id"),
        sa.UniqueConstraint(*key, name="uq_messages_case_id_cycle_step_ordinal"),
        postgresql_with=BUSY,
    )
    order = ("lane", "campaign", "urgency", "not_before", "id")
    _index("ix_messages_due", "messages", *order, where="state = 'planned'")


def _campaigns() -> None:
    op.create_table(
        "releases",
        _key("id"),
        _key("campaign"),
        _text("files"),
        _number("released_at"),
        _text("released_by"),
        _primary("releases", "id"),
    )
    _index("ix_releases_campaign", "releases", "campaign", "released_at")
    op.create_table(
        "campaigns",
        _key("id"),
        _key("release_id"),
        _number("current_since"),
        _text("set_by"),
        _primary("campaigns", "id"),
        _foreign("campaigns", "release_id", "releases.id"),
    )


def _tasks() -> None:
    op.create_table(
        "tasks",
        *(_key(name) for name in ("id", "case_id", "kind", "subject", "role", "state")),
        _number("due_at"),
        _number("opened_at"),
        _number("closed_at", nullable=True),
        _text("closed_by"),
        _key("outcome"),
        _key("step"),
        _text("cause"),
        _number("amount_cents"),
        _primary("tasks", "id"),
    )
    _index("uq_tasks_open", "tasks", "case_id", "kind", "subject", where="state = 'open'", unique=True)
    _index("ix_tasks_open", "tasks", "due_at", "id", where="state = 'open'")
    _index("ix_tasks_case", "tasks", "case_id")


def _imports() -> None:
    op.create_table(
        "imports",
        _key("id"),
        _key("creditor"),
        _text("file_name"),
        *(_key(name) for name in ("file_hash", "mode", "as_of", "state")),
        *(_text(name) for name in ("totals", "counts")),
        _number("imported_at"),
        *(_text(name) for name in ("imported_by", "reason")),
        _primary("imports", "id"),
    )
    _index("ix_imports_creditor", "imports", "creditor", "state", "as_of")
    _index("ix_imports_file", "imports", "creditor", "file_hash")


def _laid_over() -> None:
    op.create_table(
        "pauses",
        _key("id"),
        _number("since"),
        _number("ends_at", nullable=True),
        _number("resumed_at", nullable=True),
        _text("body"),
        _primary("pauses", "id"),
    )
    op.create_table(
        "crises",
        _key("id"),
        _key("from_on"),
        _key("to_on", nullable=True),
        _number("ended_at", nullable=True),
        _text("body"),
        _primary("crises", "id"),
    )
    op.create_table("facts", _key("name"), _text("value"), _number("at"), _primary("facts", "name"))


def _compress_on_postgresql() -> None:
    """Documents over 2 kB are compressed: by lz4 where the server has it, it takes a fifth of the time of pglz."""
    if op.get_context().dialect.name == "sqlite":
        return
    choices = "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
    if not op.get_bind().execute(sa.text(choices)).scalar():
        return
    for table, column in (("cases", "body"), ("journal", "body"), ("contents", "text"), ("releases", "files")):
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET COMPRESSION lz4")
