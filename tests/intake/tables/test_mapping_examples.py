"""Every input has an example file, and every example is read as it stands (semantics D13)."""

from pathlib import Path

import pytest

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.debt import DocumentKind
from orchestrator.intake.ledger.debts import read_debts
from orchestrator.intake.ledger.holds import read_holds
from orchestrator.intake.ledger.payments import read_payments
from orchestrator.intake.tables.mapping import FIELDS, Subject
from orchestrator.intake.tables.mapping_yaml import load_mapping
from tests.intake.ledger.debts_fixtures import CREDITORS, DEFAULT, MAPPINGS, TODAY

EXAMPLES = MAPPINGS / "examples"


def test_the_example_of_debts_is_read_whole() -> None:
    file = read_debts(EXAMPLES / "debts.csv", DEFAULT, today=TODAY, creditors=CREDITORS)
    assert not file.refused, file.refused
    assert len(file.rows) == 5
    assert file.total("acme-telecom", "EUR").accepted_cents == 4_653_990
    assert {row.debt.kind for row in file.rows} == {DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE}
    assert {row.debt.reference: row.debt.history for row in file.rows}["F-2026-0002"] is not None


def test_the_example_of_payments_is_read_whole() -> None:
    mapping = load_mapping(MAPPINGS / "payments.yaml")
    file = read_payments(EXAMPLES / "payments.csv", mapping, today=TODAY, creditors=CREDITORS)
    assert not file.refused, file.refused
    assert [row.payment.amount_cents for row in file.rows] == [2000, 1_000_000, 1990, 10_000]
    assert file.rows[2].payment.reversal_code == "AM04"
    assert file.rows[3].payment.references == ()


def test_the_example_of_holds_is_read_whole() -> None:
    mapping = load_mapping(MAPPINGS / "holds.yaml")
    file = read_holds(EXAMPLES / "holds.csv", mapping, today=TODAY, creditors=CREDITORS)
    assert not file.refused, file.refused
    assert [row.hold.kind for row in file.rows] == [HoldKind.DISPUTE, HoldKind.PLAN, HoldKind.OVER_INDEBTEDNESS]


def test_the_example_of_a_foreign_ledger_reads_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text(
        "countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,"
        "PaperlessBill,DaysToSettle,DaysLate\n"
        "999,0001-AAAAA,2/3/2025,0000000001,1/2/2026,2/1/2026,12.50,No,1/15/2026,Paper,13,0\n"
        "999,0002-BBBBB,2/3/2025,0000000002,1/13/2026,2/12/2026,99.99,Yes,,Electronic,,\n"
    )
    mapping = load_mapping(MAPPINGS / "example-ledger.yaml")
    file = read_debts(path, mapping, today=TODAY, creditors=CREDITORS)
    assert not file.refused, file.refused
    first, second = file.rows
    assert (first.debt.reference, first.debt.open_cents, first.disputed) == ("0000000001", 1250, False)
    assert (str(first.debt.issued_on), str(first.debt.due_on), str(first.settled_on)) == (
        "2026-01-02", "2026-02-01", "2026-01-15",
    )  # fmt: skip
    assert (second.disputed, second.settled_on) == (True, None)
    assert second.debtor.address is not None
    assert second.debtor.address.country == "FR"


@pytest.mark.parametrize("path", sorted(MAPPINGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_mapping_is_valid_and_bears_the_name_of_its_file(path: Path) -> None:
    mapping = load_mapping(path)
    assert mapping.name == path.stem
    assert set(mapping.fields) <= set(FIELDS[mapping.subject])


def test_the_default_mapping_knows_every_field_of_debts_that_a_row_of_ours_may_have() -> None:
    """`debit` and `credit` are another way to give the principal; `settled_on` is of replays alone."""
    assert set(FIELDS[Subject.DEBTS]) - set(DEFAULT.fields) == {"debit", "credit", "settled_on"}
