"""A payment finds its case by a document, on both databases, also one that came before documents were noted."""

from datetime import date

from orchestrator.domain.debt import Payment
from orchestrator.domain.events import DebtWithdrawn
from orchestrator.flows.record_payments import Outcome, record_payments
from orchestrator.intake.ledger.payments import PaymentRow
from orchestrator.storage import documents, figures_tables, migrations
from tests.flows.conftest import TUESDAY, World, row


def _pay(world: World, reference: str, number: str) -> tuple[Outcome, str, str]:
    payment = Payment(number, 1000, date(2026, 3, 9), (reference,))
    told = PaymentRow(line=1, creditor="acme-telecom", payment=payment, currency="EUR")
    (result,) = record_payments(world.database, [told], now=TUESDAY, by="test")
    return result.outcome, result.case_id, result.code


def _ids(world: World) -> dict[str, str]:
    return {case.debtor.ref: case.id for case in world.cases()}


def test_a_document_finds_its_case_alone(world: World) -> None:
    world.load(row(), row("F-2", debtor="C-2", phone="+33644631235"))
    ids = _ids(world)
    assert _pay(world, "F-2", "P-1") == (Outcome.STORED, ids["C-2"], "")
    assert _pay(world, "F-9", "P-2") == (Outcome.REFUSED, "", "document_unknown")
    with world.database.read() as conn:
        assert documents.holders(conn, "acme-telecom", ["F-1", "F-2"]) == sorted(ids.values())
        assert documents.holders(conn, "another", ["F-1"]) == []


def test_a_document_that_was_withdrawn_finds_nothing(world: World) -> None:
    world.load(row())
    world.record(DebtWithdrawn(id="w", at=TUESDAY, reference="F-1"), now=TUESDAY)
    assert _pay(world, "F-1", "P-1")[2] == "document_unknown"


def test_what_was_noted_wrongly_finds_nothing_wrong(world: World) -> None:
    world.load(row(), row("F-2", debtor="C-2", phone="+33644631235"))
    with world.database.begin() as conn:
        documents.note(conn, [(case_id, "F-2") for case_id in _ids(world).values()])
    assert _pay(world, "F-2", "P-1")[:2] == (Outcome.STORED, _ids(world)["C-2"])


def test_an_older_database_finds_what_it_had(world: World) -> None:
    world.load(row())
    with world.database.begin() as conn:
        conn.exec_driver_sql("DROP INDEX ix_tasks_kind")
        for later in (
            "portfolios", "absences", "case_work", "case_dates", "owner_changes", "documents", "early_stops",
            "credentials", "invitations", "sessions", "sign_in_tries", "audit", "waiting_replies",
            *(table.name for table in figures_tables.TABLES),
        ):  # fmt: skip
            conn.exec_driver_sql(f"DROP TABLE {later}")
        for later in ("full_name", "language", "zone", "has_keys", "creditors"):
            conn.exec_driver_sql(f"ALTER TABLE users DROP COLUMN {later}")
        conn.exec_driver_sql("DROP INDEX ix_messages_rare")
        conn.exec_driver_sql("ALTER TABLE contacts DROP COLUMN is_conversation")
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0006'")
    migrations.upgrade(world.database)
    assert _pay(world, "F-1", "P-1")[0] is Outcome.STORED
