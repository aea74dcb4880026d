"""An import says when debtors cannot be told how to pay who is owed, or a file names another account (R46)."""

from pathlib import Path

from msgspec.structs import replace

from orchestrator.domain.creditor import Payee
from orchestrator.flows.payee_warnings import with_payee_warnings
from tests.intake.ledger.debts_fixtures import CREDITORS, a_row, debts_of

IBAN, OTHER = "FR7630006000011234567890189", "DE89370400440532013000"


def test_an_import_warns_of_a_payee_without_account_and_of_another_account(tmp_path: Path) -> None:
    acme = replace(CREDITORS["acme-telecom"], payees=(Payee("Factor Exemple", IBAN),))
    file = debts_of(
        tmp_path,
        a_row(payee="", payee_iban=""),
        a_row(reference="F-2", payee="Factor Exemple", payee_iban=""),
        a_row(reference="F-3", payee="FACTOR EXEMPLE", payee_iban=IBAN),
        a_row(reference="F-4", payee="Factor Exemple", payee_iban=OTHER),
        a_row(reference="F-5", payee="Banque Exemple", payee_iban=IBAN),
    )
    found = with_payee_warnings(file, {"acme-telecom": acme})
    said = [(each.line, each.column, each.code) for each in found.warnings]
    assert said == [(5, "payee_iban", "payee_account_differs"), (6, "payee", "payee_unknown")]
    assert IBAN not in str(found.warnings)
    assert OTHER not in str(found.warnings)
