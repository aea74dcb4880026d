"""Files of payments: money received, taken back, or that names nobody."""

from datetime import date
from pathlib import Path

import pytest

from orchestrator.domain.debt import Payment, PaymentMethod
from orchestrator.domain.errors import InputError
from orchestrator.intake.ledger.payments import PaymentsFile, read_payments
from orchestrator.intake.tables.mapping_yaml import load_mapping
from orchestrator.intake.tables.report import Total
from tests.intake.ledger.debts_fixtures import CREDITORS, DEFAULT, MAPPINGS, TODAY, csv_text

MAPPING = load_mapping(MAPPINGS / "payments.yaml")


def a_payment(**changes: str) -> dict[str, str]:
    row = {
        "creditor": "acme-telecom", "payment": "P-1", "debtor_ref": "C-1", "amount": "20,00", "currency": "EUR",
        "received_on": "2026-03-02", "references": "F-1|F-2", "method": "card", "reversed_on": "", "reversal_code": "",
    }  # fmt: skip
    return row | changes


def payments_of(folder: Path, *rows: dict[str, str]) -> PaymentsFile:
    path = folder / "payments.csv"
    path.write_text(csv_text(rows), encoding="utf-8")
    return read_payments(path, MAPPING, today=TODAY, creditors=CREDITORS)


def codes(folder: Path, **changes: str) -> list[str]:
    file = payments_of(folder, a_payment(**changes))
    assert not file.rows
    return [f"{remark.column}: {remark.code}" for remark in file.refused[0].remarks]


def test_a_row_becomes_a_payment(tmp_path: Path) -> None:
    row = payments_of(tmp_path, a_payment()).rows[0]
    assert row.payment == Payment("P-1", 2000, date(2026, 3, 2), ("F-1", "F-2"))
    assert (row.creditor, row.debtor_ref, row.currency) == ("acme-telecom", "C-1", "EUR")
    assert row.method is PaymentMethod.CARD


def test_a_payment_may_come_back_with_the_code_of_the_bank(tmp_path: Path) -> None:
    row = payments_of(tmp_path, a_payment(reversed_on="2026-03-10", reversal_code="am04")).rows[0]
    assert (row.payment.reversed_on, row.payment.reversal_code) == (date(2026, 3, 10), "AM04")


def test_a_payment_without_documents_is_unallocated_but_needs_its_debtor(tmp_path: Path) -> None:
    assert payments_of(tmp_path, a_payment(references="")).rows[0].payment.references == ()
    assert codes(tmp_path, references="", debtor_ref="") == ["references: missing"]


def test_a_document_named_twice_is_named_once(tmp_path: Path) -> None:
    row = payments_of(tmp_path, a_payment(references="F-1 | F-1|", debtor_ref="")).rows[0]
    assert row.payment.references == ("F-1",)


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"amount": "-20,00"}, "amount: sign_wrong"),
        ({"amount": "0"}, "amount: sign_wrong"),
        ({"amount": ""}, "amount: missing"),
        ({"amount": "20.00"}, "amount: invalid_amount"),
        ({"received_on": "2026-04-02"}, "received_on: date_too_far"),
        ({"received_on": "1989-01-01"}, "received_on: date_too_old"),
        ({"received_on": ""}, "received_on: missing"),
        ({"reversed_on": "2026-03-01"}, "reversed_on: reversed_before_received"),
        ({"reversal_code": "AM04"}, "reversed_on: missing"),
        ({"reversal_code": "4", "reversed_on": "2026-03-03"}, "reversal_code: reject_code_invalid"),
        ({"payment": ""}, "payment: missing"),
        ({"creditor": "nobody"}, "creditor: creditor_unknown"),
        ({"currency": "ABC"}, "currency: currency_unknown"),
        ({"method": "shells"}, "method: word_unknown"),
        ({"references": "=A1"}, "references: formula"),
    ],
)
def test_what_cannot_be_is_refused_in_its_column(tmp_path: Path, changes: dict[str, str], expected: str) -> None:
    assert codes(tmp_path, **changes) == [expected]


def test_a_payment_twice_refuses_both_rows(tmp_path: Path) -> None:
    file = payments_of(tmp_path, a_payment(), a_payment(payment="P-2"), a_payment(amount="30,00"))
    assert [row.payment.id for row in file.rows] == ["P-2"]
    assert [(row.line, row.reference, row.remarks[0].code) for row in file.refused] == [
        (2, "P-1", "duplicate"),
        (4, "P-1", "duplicate"),
    ]
    assert file.totals == (
        Total(
            creditor="acme-telecom", currency="EUR", accepted_rows=1, accepted_cents=2000, refused_rows=2,
            refused_cents=5000,
        ),
    )  # fmt: skip


def test_rows_without_a_number_are_not_doubles_of_each_other(tmp_path: Path) -> None:
    file = payments_of(tmp_path, a_payment(payment=""), a_payment(payment="", amount="1,00"))
    assert [[remark.code for remark in row.remarks] for row in file.refused] == [["missing"], ["missing"]]


def test_json_lists_name_documents_as_lists(tmp_path: Path) -> None:
    path = tmp_path / "payments.json"
    path.write_text(
        '[{"creditor": "acme-telecom", "payment": "P-1", "amount": 12.5, "currency": "EUR", "debtor_ref": "C-1",'
        ' "received_on": "2026-03-02", "references": ["F-1", "F-2"]}]'
    )
    row = read_payments(path, MAPPING, today=TODAY, creditors=CREDITORS).rows[0]
    assert (row.payment.amount_cents, row.payment.references) == (1250, ("F-1", "F-2"))


def test_a_mapping_of_debts_reads_no_payments(tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    path.write_text(csv_text([a_payment()]), encoding="utf-8")
    with pytest.raises(InputError):
        read_payments(path, DEFAULT, today=TODAY, creditors=CREDITORS)
